"use client";
import { Download } from "lucide-react";
import { useState } from "react";
import { buttonVariants } from "@/components/ui/button";
import { type Job, recordingUrl } from "@/lib/api";
import { isActive } from "@/lib/jobs";

function Unplayable({ job, file }: { job: Job; file: number }) {
  return (
    <div
      role="alert"
      className="flex aspect-video flex-col items-center justify-center gap-4 p-6 text-center"
    >
      <p className="max-w-md text-dim">
        This browser cannot play the recording’s coding. The file is all right: mpv, VLC and every other
        player of Matroska open it.
      </p>
      <a className={buttonVariants({ variant: "primary" })} href={recordingUrl(job.id, file, true)} download>
        <Download aria-hidden /> Download
      </a>
    </div>
  );
}

/** Plays by byte ranges; the seek index stands in front. What grows is played as far as it was when it was opened. */
export function Player({ job }: { job: Job }) {
  const [file, setFile] = useState(1);
  const [failed, setFailed] = useState("");
  const [opened, setOpened] = useState(0);
  const source = recordingUrl(job.id, file);
  const name = `${source}#${opened}`;
  return (
    <section aria-label="Player" className="overflow-hidden rounded-card border border-line bg-black">
      {failed === name ? (
        <Unplayable job={job} file={file} />
      ) : (
        // biome-ignore lint/a11y/useMediaCaption: live streams bring no captions that are recorded
        <video
          key={name}
          src={source}
          controls
          playsInline
          preload="metadata"
          className="aspect-video w-full bg-black"
          onError={() => setFailed(name)}
        />
      )}
      {(job.recordings.length > 1 || isActive(job)) && (
        <div className="flex flex-wrap items-center gap-2 border-t border-line p-3 text-sm">
          {job.recordings.length > 1 &&
            job.recordings.map((recording, i) => (
              <button
                key={recording.key}
                type="button"
                aria-pressed={file === i + 1}
                className={buttonVariants({ size: "small", variant: file === i + 1 ? "primary" : "outline" })}
                onClick={() => setFile(i + 1)}
              >
                File {i + 1}
              </button>
            ))}
          {isActive(job) && (
            <>
              <span className="grow text-dim">
                It grows while you watch; load it again to see what has come since.
              </span>
              <button
                type="button"
                className={buttonVariants({ size: "small" })}
                onClick={() => setOpened(opened + 1)}
              >
                Load again
              </button>
            </>
          )}
        </div>
      )}
    </section>
  );
}
