// What a job's state means in words, and what to do about an error. Pure.
import type { Job } from "./api";

type Kind = NonNullable<Job["error"]>["kind"];

const ADVICE: Partial<Record<Kind, string>> = {
  not_live: "Retry when the stream is live, or paste the address of one that is.",
  ended: "The broadcast is over. What was recorded until then is kept.",
  private_video: "Ask the owner for access, then give yt-dlp your cookies (--cookies) and retry.",
  members_only: "Give yt-dlp the cookies of an account that is a member (--cookies), then retry.",
  login_required: "Give yt-dlp the cookies of a signed-in browser (--cookies), then retry.",
  bot_check: "YouTube doubts this address. Use cookies, another proxy, or a machine at home.",
  geo_blocked: "Use a proxy in a country where the stream can be seen (--proxy).",
  no_resolver: "Run `aircheck doctor`: yt-dlp is missing, too old, or broken.",
  disk_full: "Make room. The recording goes on by itself.",
  not_found: "Check the address; the video may have been removed.",
  rate_limited: "Too many requests. Wait some minutes, then retry.",
  unavailable: "The site does not answer. Retry when the network is back.",
  timeout: "The site answers too slowly. Retry.",
};

export const advice = (kind: Kind): string =>
  ADVICE[kind] ?? "Retry; if it happens again, look into the recorder's log.";

const WORDS: Record<Job["status"], string> = {
  PENDING: "Queued",
  STARTED: "Starting",
  WAITING: "Scheduled",
  RECORDING: "Recording",
  UPLOADING: "Finishing",
  COMPLETED: "Complete",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
};

export function statusWord(job: Pick<Job, "status" | "verdict" | "stop_requested">): string {
  if (job.status === "COMPLETED" && job.verdict && !job.verdict.complete) return "Kept, with holes";
  if (job.stop_requested === "STOP" && job.status !== "COMPLETED") return "Stopping";
  if (job.stop_requested === "CANCEL" && job.status !== "CANCELLED") return "Cancelling";
  return WORDS[job.status];
}

export function verdictWords(job: Job): string {
  if (!job.verdict) return "";
  const end = job.verdict.ended_by === "user" ? "stopped by you" : "ended by the broadcaster";
  if (job.verdict.complete) return `Nothing is missing; ${end}.`;
  const count = job.gaps.length;
  return `${count} ${count === 1 ? "hole" : "holes"}; ${end}.`;
}

export type Milestone = { name: string; at: string | null; passed: boolean };

export function milestones(job: Job): Milestone[] {
  const all: [string, string | null][] = [
    ["Queued", job.created_at],
    ["Started", job.started_at],
    ["Recording", job.recording_at],
    ["Finishing", job.uploading_at],
    [
      job.status === "FAILED" ? "Failed" : job.status === "CANCELLED" ? "Cancelled" : "Complete",
      job.completed_at,
    ],
  ];
  return all.map(([name, at]) => ({ name, at, passed: at !== null }));
}

/** Whether a recorder holds it. */
export const isBeating = (job: Job): boolean =>
  job.status === "RECORDING" || job.status === "UPLOADING" || job.status === "STARTED";

/** As a sentence begins. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * When half of the lease is over a heartbeat is worth a warning: some were missed then, on one machine (every 10 s, lease of 60) as
 * in an account (every minute, a longer lease).
 */
export function heartbeatIsLate(job: Job, now: number): boolean {
  if (!job.heartbeat_at || now === 0) return false;
  const last = Date.parse(job.heartbeat_at);
  const lease = job.lease_expires_at ? Date.parse(job.lease_expires_at) - last : 60_000;
  return isBeating(job) && now - last > Math.max(lease / 2, 15_000);
}
