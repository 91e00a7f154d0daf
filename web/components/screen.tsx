import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, buttonVariants } from "@/components/ui/button";
import { type Job, recordingUrl } from "@/lib/api";
import { hasPicture } from "@/lib/format";
import { isActive } from "@/lib/jobs";

type Reason = { text: string; inFile: boolean };

const CODING: Reason = {
  text: "This browser cannot play the recording’s coding. The file is all right: mpv, VLC and every other player of Matroska open it.",
  inFile: true,
};
const NOT_YET: Reason = {
  text: "A recording that still grows can be played from its beginning, but not wound. That comes when it has ended.",
  inFile: false,
};

/** Why nothing plays: a player only says that it does not. */
async function reasonFor(job: Job, source: string): Promise<Reason> {
  try {
    const answer = await fetch(source, { headers: { Range: "bytes=0-0" } });
    void answer.body?.cancel();
    if (answer.ok) return CODING;
    if (answer.status === 404 && isActive(job))
      return { text: "Here a recording can be watched only when it has ended.", inFile: false };
    return {
      text: `The server does not give the recording out: it answers ${answer.status}.`,
      inFile: false,
    };
  } catch {
    return { text: "The recording cannot be reached just now.", inFile: false };
  }
}

function Unplayable({
  reason,
  download,
  onAgain,
}: {
  reason: Reason;
  download: string;
  onAgain: () => void;
}) {
  return (
    <div
      role="alert"
      className="flex aspect-video flex-col items-center justify-center gap-4 p-6 text-center"
    >
      <p className="max-w-md text-dim">{reason.text}</p>
      {reason.inFile ? (
        <a className={buttonVariants({ variant: "primary" })} href={download} download>
          <Download aria-hidden /> Download
        </a>
      ) : (
        <Button onClick={onAgain}>Try again</Button>
      )}
    </div>
  );
}

type ScreenProps = { job: Job; source: string; onAgain: () => void; onEnded?: () => void; plays?: boolean };

/** Plays one source by byte ranges, or says why it does not. */
export function Screen({ job, source, onAgain, onEnded, plays = true }: ScreenProps) {
  const [failed, setFailed] = useState<Reason | null>(null);
  const video = useRef<HTMLVideoElement>(null);
  // What had the focus, a button or the film before, made way for this.
  useEffect(() => {
    if (document.activeElement === document.body) video.current?.focus();
  }, []);
  const fail = async (reason: Reason | Promise<Reason>) => setFailed(await reason);
  if (failed)
    return (
      <Unplayable reason={failed} download={recordingUrl(job.id, { download: true })} onAgain={onAgain} />
    );
  return (
    // biome-ignore lint/a11y/useMediaCaption: live streams bring no captions that are recorded
    <video
      ref={video}
      src={source}
      controls
      playsInline
      autoPlay={plays}
      preload="metadata"
      className="aspect-video w-full bg-black"
      onLoadedMetadata={({ currentTarget: player }) => {
        // Some browsers play the sound alone when they do not know the picture's coding.
        if (player.videoWidth === 0 && hasPicture(job)) void fail(CODING);
      }}
      onEnded={onEnded}
      onError={({ currentTarget: player }) =>
        fail(isActive(job) && player.currentTime > 0 ? NOT_YET : reasonFor(job, source))
      }
    />
  );
}

/** The last seconds of what grows; at their end it goes on with what has come since. */
export function Latest({ job, file, seconds }: { job: Job; file: number; seconds: number }) {
  const url = recordingUrl(job.id, { file });
  const [round, setRound] = useState(0);
  const [shown, setShown] = useState<{ source: string; reason: Reason | null }>();
  const rate = job.media_ms > 0 ? (job.bytes * 1000) / job.media_ms : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a round; the job itself changes with every heartbeat
  useEffect(() => {
    let source = "";
    let over = false;
    void (async () => {
      try {
        const { latest } = await import("@/lib/tail");
        source = await latest(url, rate, seconds);
        if (!over) return setShown({ source, reason: null });
        URL.revokeObjectURL(source);
      } catch {
        const reason = await reasonFor(job, url);
        const early = { text: "There is nothing to be watched yet.", inFile: false };
        if (!over) setShown({ source: "", reason: reason === CODING ? early : reason });
      }
    })();
    return () => {
      over = true;
      if (source) URL.revokeObjectURL(source);
    };
  }, [url, round]);
  const again = () => setRound(round + 1);
  if (!shown) return <div className="aspect-video" />;
  if (shown.reason) return <Unplayable reason={shown.reason} download="" onAgain={again} />;
  return <Screen key={shown.source} job={job} source={shown.source} onAgain={again} onEnded={again} />;
}
