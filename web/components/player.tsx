"use client";
import { Download } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
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
const SECONDS = 30; // what "latest" shows

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
function Screen({ job, source, onAgain, onEnded, plays = false }: ScreenProps) {
  const [failed, setFailed] = useState<Reason | null>(null);
  const fail = async (reason: Reason | Promise<Reason>) => setFailed(await reason);
  if (failed)
    return (
      <Unplayable reason={failed} download={recordingUrl(job.id, { download: true })} onAgain={onAgain} />
    );
  return (
    // biome-ignore lint/a11y/useMediaCaption: live streams bring no captions that are recorded
    <video
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

const Bar = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap items-center gap-2 border-t border-line p-3 text-sm">{children}</div>
);

function Choice({
  pressed,
  onPress,
  children,
}: {
  pressed: boolean;
  onPress: () => void;
  children: ReactNode;
}) {
  return (
    <Button size="small" aria-pressed={pressed} variant={pressed ? "primary" : "outline"} onClick={onPress}>
      {children}
    </Button>
  );
}

/** The last seconds of what grows; at their end it goes on with what has come since. */
function Latest({ job, file }: { job: Job; file: number }) {
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
        source = await latest(url, rate, SECONDS);
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
  return (
    <Screen
      key={shown.source}
      job={job}
      source={shown.source}
      plays={round > 0}
      onAgain={again}
      onEnded={again}
    />
  );
}

/** Plays by byte ranges; the seek index stands in front. Of what grows: its latest seconds, or all of it from the beginning. */
export function Player({ job }: { job: Job }) {
  const [file, setFile] = useState(1);
  const [live, setLive] = useState(() => isActive(job));
  const [opened, setOpened] = useState({ count: 0, until: job.recordings.at(-1)?.bytes });
  const again = () => setOpened({ count: opened.count + 1, until: job.recordings.at(-1)?.bytes });
  const growing = isActive(job);
  const number = live && growing ? job.recordings.length : file;
  // What grows between two of a player's requests would be a broken file to it.
  const source = recordingUrl(job.id, {
    file: number,
    until: growing && number === job.recordings.length ? opened.until : undefined,
  });
  return (
    <section aria-label="Player" className="overflow-hidden rounded-card border border-line bg-black">
      {live && growing ? (
        <Latest job={job} file={number} />
      ) : (
        <Screen key={`${source} ${opened.count}`} job={job} source={source} onAgain={again} />
      )}
      {(job.recordings.length > 1 || growing) && (
        <Bar>
          {growing && (
            <Choice pressed={live} onPress={() => setLive(true)}>
              Latest {SECONDS} s
            </Choice>
          )}
          {job.recordings.map((recording, i) => (
            <Choice
              key={recording.key}
              pressed={!(live && growing) && file === i + 1}
              onPress={() => {
                setLive(false);
                setFile(i + 1);
                again();
              }}
            >
              {job.recordings.length > 1 ? `File ${i + 1}` : "From the beginning"}
            </Choice>
          ))}
        </Bar>
      )}
    </section>
  );
}
