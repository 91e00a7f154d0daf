// What changes while a job is under way: only these parts count seconds.
import { TriangleAlert } from "lucide-react";
import type { Job } from "@/lib/api";
import { heartbeatIsLate, isBeating } from "@/lib/explain";
import { ago, clock, span } from "@/lib/format";
import { isActive } from "@/lib/jobs";
import { useNow } from "@/lib/now";

function since(from: string | null, to: string | null, now: number): number {
  if (!from) return 0;
  return (to ? Date.parse(to) : now || Date.parse(from)) - Date.parse(from);
}

function Ticking({ job }: { job: Job }) {
  return <>{clock(since(job.started_at ?? job.created_at, job.completed_at, useNow()))}</>;
}

/** How long the job has been at it. */
export function Elapsed({ job }: { job: Job }) {
  if (isActive(job)) return <Ticking job={job} />;
  return <>{clock(since(job.started_at ?? job.created_at, job.completed_at, 0))}</>;
}

/** When the recorder was last heard of. */
export function Heartbeat({ job }: { job: Job }) {
  const now = useNow();
  if (!job.heartbeat_at || now === 0 || !isBeating(job)) return null;
  const text = ago(Date.parse(job.heartbeat_at), now);
  if (!heartbeatIsLate(job, now)) return <span className="text-dim">heartbeat {text}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 text-warn" data-late="">
      <TriangleAlert aria-hidden className="size-3.5" />
      no heartbeat for {text.replace(" ago", "")}; another recorder takes over
    </span>
  );
}

/** When a scheduled stream is expected. */
export function Due({ job }: { job: Job }) {
  const now = useNow();
  if (job.status !== "WAITING" || !job.not_before || now === 0) return null;
  return <span>looks again {ago(Date.parse(job.not_before), now)}</span>;
}

export function Lag({ job }: { job: Job }) {
  return <span className={job.lag_ms > 30_000 ? "text-warn" : undefined}>{span(job.lag_ms)}</span>;
}
