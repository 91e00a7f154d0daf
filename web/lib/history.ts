// Bitrates as they were seen while the page was open: the API tells totals only.
import type { Job } from "./api";

type Sample = { bytes: number; mediaMs: number };
const MOST = 60;
const samples = new Map<string, Sample[]>();

/** Takes note of a job's totals. */
export function observe(job: Pick<Job, "id" | "bytes" | "media_ms">): void {
  // The first look tells the average until then.
  const known = samples.get(job.id) ?? [{ bytes: 0, mediaMs: 0 }];
  const last = known.at(-1);
  if (last && job.media_ms <= last.mediaMs) {
    if (job.media_ms < last.mediaMs) samples.set(job.id, [{ bytes: job.bytes, mediaMs: job.media_ms }]);
    return;
  }
  samples.set(job.id, [...known, { bytes: job.bytes, mediaMs: job.media_ms }].slice(-MOST - 1));
}

/** Bits per second between one look and the next, oldest first. */
export function bitrates(id: string): number[] {
  const known = samples.get(id) ?? [];
  return known.slice(1).map((sample, i) => {
    const before = known[i] as Sample;
    return ((sample.bytes - before.bytes) * 8000) / (sample.mediaMs - before.mediaMs);
  });
}

export function forget(id: string): void {
  samples.delete(id);
}
