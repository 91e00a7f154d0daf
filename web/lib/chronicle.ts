// A job's story, oldest first, out of what the job knows of itself. Pure.
import type { Job } from "./api";
import { verdictWords } from "./explain";
import { span } from "./format";

export type Entry = { at: string; text: string; tone?: "warn" | "bad" };

// Where on the wall clock a place on the recording's timeline lies, roughly: media time runs with the clock.
function wall(job: Job, mediaMs: number): string | null {
  if (!job.recording_at) return null;
  return new Date(Date.parse(job.recording_at) + mediaMs).toISOString();
}

function end(job: Job): Entry[] {
  if (!job.completed_at) return [];
  if (job.status === "FAILED")
    return [{ at: job.completed_at, text: job.error?.message ?? "Failed", tone: "bad" }];
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
    add(wall(job, gap.start_ms), `Hole of ${span(gap.end_ms - gap.start_ms)}: ${gap.reason}`, "warn");
  }
  add(job.uploading_at, "The stream is over; the file is finished");
  return [...entries.sort((a, b) => a.at.localeCompare(b.at)), ...end(job)];
}
