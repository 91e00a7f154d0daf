"use client";
import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { Actions } from "@/components/actions";
import { Due, Elapsed, Heartbeat, Lag } from "@/components/figures";
import { GapBar } from "@/components/gap-bar";
import { Poster } from "@/components/poster";
import { Sparkline } from "@/components/sparkline";
import { StatusBadge } from "@/components/status-badge";
import { Card } from "@/components/ui/card";
import type { Job } from "@/lib/api";
import { advice, milestones, verdictWords } from "@/lib/explain";
import { bitrate, bytes, clock, pointInTime, qualityGot } from "@/lib/format";
import { bitrates } from "@/lib/history";
import { isActive } from "@/lib/jobs";

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

function Figures({ job }: { job: Job }) {
  const rates = bitrates(job.id);
  return (
    <div className="flex items-end justify-between gap-3">
      <dl className="grid grow grid-cols-3 gap-x-3 text-sm [&_dt]:text-xs [&_dt]:text-dim">
        <div>
          <dt>{isActive(job) ? "Elapsed" : "Length"}</dt>
          <dd>{isActive(job) ? <Elapsed job={job} /> : clock(job.media_ms)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{bytes(job.bytes)}</dd>
        </div>
        <div>
          <dt>{job.status === "RECORDING" ? "Behind live" : "Bitrate"}</dt>
          <dd>
            {job.status === "RECORDING" ? (
              <Lag job={job} />
            ) : job.media_ms > 0 ? (
              bitrate((job.bytes * 8000) / job.media_ms)
            ) : (
              "–"
            )}
          </dd>
        </div>
      </dl>
      {job.status === "RECORDING" && <Sparkline values={rates} />}
    </div>
  );
}

function Trouble({ job }: { job: Job }) {
  if (!job.error) return null;
  return (
    <p className="flex gap-2 rounded-lg border border-bad/40 bg-bad/5 p-2.5 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <span>
        {job.error.message}
        <span className="block text-dim">{advice(job.error.kind)}</span>
      </span>
    </p>
  );
}

export function JobCard({ job }: { job: Job }) {
  const name = job.title || job.video_id || job.url;
  const asked = job.quality === "best" ? "best quality" : job.quality;
  return (
    <Card aria-label={name} data-job={job.id} className="flex h-full flex-col">
      <Link href={`/job?id=${job.id}`} tabIndex={-1} aria-hidden className="relative block">
        <Poster name={job.channel + job.video_id + job.url} className="h-24 sm:h-28" />
        <span className="absolute top-2 left-2">
          <StatusBadge job={job} />
        </span>
      </Link>
      <div className="flex grow flex-col gap-3 p-4">
        <div>
          <h2 className="line-clamp-2 leading-snug font-semibold break-words">
            <Link href={`/job?id=${job.id}`} className="hover:text-accent-strong">
              {name}
            </Link>
          </h2>
          <p className="mt-0.5 truncate text-sm text-dim">
            {[job.channel, qualityGot(job.quality_got) || asked].filter(Boolean).join(" · ")}
          </p>
        </div>
        <Figures job={job} />
        <GapBar mediaMs={job.media_ms} gaps={job.gaps} />
        <Trouble job={job} />
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
}
