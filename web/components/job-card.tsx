import Link from "next/link";
import { memo, type ReactNode } from "react";
import { Actions } from "@/components/actions";
import { Due, Elapsed, Heartbeat, Lag } from "@/components/figures";
import { GapBar } from "@/components/gap-bar";
import { Poster } from "@/components/poster";
import { Sparkline } from "@/components/sparkline";
import { StatusBadge } from "@/components/status-badge";
import { Trouble } from "@/components/trouble";
import { Card } from "@/components/ui/card";
import type { Job } from "@/lib/api";
import { milestones, verdictWords } from "@/lib/explain";
import { bitrate, bytes, clock, pointInTime, qualityGot } from "@/lib/format";
import { bitrates } from "@/lib/history";
import { isActive } from "@/lib/jobs";
import { cn } from "@/lib/utils";

function Milestones({ job }: { job: Job }) {
  return (
    <ol className="flex flex-wrap gap-x-3 gap-y-1 text-xs text-dim">
      {milestones(job)
        .filter(({ passed }) => passed)
        .map(({ name, at }) => (
          <li key={name}>
            {name} <time dateTime={at ?? ""}>{at && pointInTime(at)}</time>
          </li>
        ))}
    </ol>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-dim">{name}</dt>
      <dd className="truncate">{children}</dd>
    </div>
  );
}

function Figures({ job }: { job: Job }) {
  const rates = bitrates(job.id);
  const rate = rates.at(-1) ?? (job.media_ms > 0 ? (job.bytes * 8000) / job.media_ms : 0);
  const recording = job.status === "RECORDING";
  return (
    <>
      <dl className={cn("grid gap-x-3 text-sm", recording ? "grid-cols-4" : "grid-cols-3")}>
        <Figure name={isActive(job) ? "Elapsed" : "Length"}>
          {isActive(job) ? <Elapsed job={job} /> : clock(job.media_ms)}
        </Figure>
        <Figure name="Size">{bytes(job.bytes)}</Figure>
        <Figure name="Bitrate">{rate > 0 ? bitrate(rate) : "–"}</Figure>
        {recording && (
          <Figure name="Behind">
            <Lag job={job} />
          </Figure>
        )}
      </dl>
      {recording && <Sparkline values={rates} />}
    </>
  );
}

// What was got, and what was asked where that is another thing to say.
function quality(job: Job): string {
  const asked = /^\d+$/.test(job.quality) ? `at most ${job.quality}p` : job.quality;
  if (!job.quality_got) return job.quality === "best" ? "best quality" : asked;
  return qualityGot(job.quality_got) + (job.quality === "best" ? "" : ` (${asked} asked)`);
}

/** One job at a glance. Drawn again only when the job itself has changed. */
export const JobCard = memo(function JobCard({ job }: { job: Job }) {
  const name = job.title || job.video_id || job.url;
  return (
    <Card aria-label={name} data-job={job.id} className="flex h-full flex-col">
      <Link href={`/job?id=${job.id}`} prefetch={false} tabIndex={-1} aria-hidden className="relative block">
        <Poster job={job} className="aspect-[2/1] w-full" />
        <span className="absolute top-2 left-2">
          <StatusBadge job={job} />
        </span>
      </Link>
      <div className="flex grow flex-col gap-3 p-4">
        <div>
          <h2 className="line-clamp-2 leading-snug font-semibold break-words">
            <Link href={`/job?id=${job.id}`} prefetch={false} className="hover:text-accent-strong">
              {name}
            </Link>
          </h2>
          <p className="mt-0.5 truncate text-sm text-dim">
            {[job.channel, quality(job)].filter(Boolean).join(" · ")}
          </p>
        </div>
        <Figures job={job} />
        <GapBar mediaMs={job.media_ms} gaps={job.gaps} />
        {job.error && <Trouble error={job.error} />}
        {job.verdict && (
          <p className={job.verdict.complete ? "text-sm text-accent" : "text-sm text-warn"}>
            {verdictWords(job)}
          </p>
        )}
        <div className="mt-auto flex flex-col gap-2 text-xs">
          {isActive(job) && (
            <p className="flex flex-wrap gap-x-3 text-dim">
              <Heartbeat job={job} />
              <Due job={job} />
              {job.attempt > 1 && <span>recorder no. {job.attempt}</span>}
            </p>
          )}
          <Milestones job={job} />
        </div>
        <Actions job={job} />
      </div>
    </Card>
  );
});
