import { Play } from "lucide-react";
import dynamic, { type DynamicOptionsLoadingProps } from "next/dynamic";
import { type ReactNode, useState } from "react";
import { Poster } from "@/components/poster";
import { Button } from "@/components/ui/button";
import { type Job, recordingUrl } from "@/lib/api";
import { isActive } from "@/lib/jobs";

const SECONDS = 30; // what "latest" shows

function Pending({ error, retry }: DynamicOptionsLoadingProps) {
  return (
    <div className="grid aspect-video place-items-center">
      {error && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}
const Latest = dynamic(() => import("@/components/screen").then((module) => module.Latest), {
  ssr: false,
  loading: Pending,
});
const Screen = dynamic(() => import("@/components/screen").then((module) => module.Screen), {
  ssr: false,
  loading: Pending,
});

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

/** A frame of the recording, until somebody wants to see it. */
function Still({ job, onPlay }: { job: Job; onPlay: () => void }) {
  return (
    <button type="button" aria-label="Play" className="group relative block w-full" onClick={onPlay}>
      <Poster job={job} className="aspect-video w-full" />
      <span className="absolute inset-0 grid place-items-center">
        <span className="grid size-16 place-items-center rounded-full bg-accent text-on-accent transition-colors group-hover:bg-accent-strong">
          <Play aria-hidden className="size-7 translate-x-0.5 fill-current" />
        </span>
      </span>
    </button>
  );
}

/** Plays by byte ranges; the seek index stands in front. Of what grows: its latest seconds, or all of it from the beginning. */
export function Player({ job }: { job: Job }) {
  const [started, setStarted] = useState(false);
  const [file, setFile] = useState(1);
  const [live, setLive] = useState(() => isActive(job));
  const [opened, setOpened] = useState({ count: 0, until: job.recordings.at(-1)?.bytes });
  const again = () => setOpened({ count: opened.count + 1, until: job.recordings.at(-1)?.bytes });
  const play = () => {
    setStarted(true);
    again();
  };
  const growing = isActive(job);
  const number = live && growing ? job.recordings.length : file;
  // What grows between two of a player's requests would be a broken file to it.
  const source = recordingUrl(job.id, {
    file: number,
    until: growing && number === job.recordings.length ? opened.until : undefined,
  });
  return (
    <section aria-label="Player" className="overflow-hidden rounded-card border border-line bg-black">
      {!started ? (
        <Still job={job} onPlay={play} />
      ) : live && growing ? (
        <Latest job={job} file={number} seconds={SECONDS} />
      ) : (
        // Who watched its end while it grew is not sent back to its beginning.
        <Screen key={`${source} ${opened.count}`} job={job} source={source} onAgain={again} plays={!live} />
      )}
      {(job.recordings.length > 1 || growing) && (
        <Bar>
          {growing && (
            <Choice
              pressed={live}
              onPress={() => {
                setLive(true);
                setStarted(true);
              }}
            >
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
                play();
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
