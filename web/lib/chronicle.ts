// A job's story, oldest first, out of what the job knows of itself. Pure.
import type { Job } from "./api";
import { sentence, verdictWords } from "./explain";
import { span } from "./format";

/** `at` a point in time, or at a `place` of the recording in ms: when a hole was noticed is not known. */
export type Entry = { at?: string; place?: number; text: string; tone?: "warn" | "bad" };

function end(job: Job): Entry[] {
  if (!job.completed_at) return [];
  if (job.status === "FAILED")
    return [{ at: job.completed_at, text: sentence(job.error?.message ?? "Failed"), tone: "bad" }];
  if (job.status === "CANCELLED") return [{ at: job.completed_at, text: "Cancelled" }];
  const tone = job.verdict?.complete === false ? "warn" : undefined;
  return [{ at: job.completed_at, text: verdictWords(job) || "Complete", tone }];
}

export function chronicle(job: Job): Entry[] {
  const entries: Entry[] = [];
  const add = (at: string | null, text: string, tone?: Entry["tone"]) => {
    if (at) entries.push({ at, text, tone });
  };
  add(job.created_at, "Asked for");
  add(job.started_at, job.attempt > 1 ? `A recorder takes it (no. ${job.attempt})` : "A recorder takes it");
  add(job.recording_at, "The first segment is written");
  for (const gap of job.gaps) {
    const text = `Hole of ${span(gap.end_ms - gap.start_ms)}: ${gap.reason}`;
    entries.push({ place: gap.start_ms, text, tone: "warn" });
  }
  add(job.uploading_at, "The stream is over; the file is finished");
  return [...entries, ...end(job)];
}
