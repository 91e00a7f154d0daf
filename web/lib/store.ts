// What is newer than the last answer: jobs that events brought, and wishes that the server has not confirmed yet. It lies over
// the pages that were fetched; a job's `version` tells which is the newer. One store for the whole page.
import { useSyncExternalStore } from "react";
import type { Filter, Job } from "./api";
import { forget, observe } from "./history";
import { byNewest } from "./pages";

/** null: it is gone. */
export type Overlay = ReadonlyMap<string, Job | null>;

let overlay: Overlay = new Map();
const listeners = new Set<() => void>();
const EMPTY: Overlay = new Map();

function change(id: string, job: Job | null | undefined): void {
  const next = new Map(overlay);
  if (job === undefined) next.delete(id);
  else next.set(id, job);
  overlay = next;
  for (const listener of listeners) listener();
}

export function applyJob(job: Job): void {
  const known = overlay.get(job.id);
  if (known && known.version > job.version) return;
  observe(job);
  change(job.id, job);
}

export function applyRemoved(id: string): void {
  forget(id);
  change(id, null);
}

/** Shows `wish` until the server has answered; what was there before comes back when it refuses. */
export async function optimistically(
  id: string,
  wish: Job | null,
  ask: () => Promise<Job | null>,
): Promise<void> {
  const before = overlay.get(id);
  change(id, wish);
  try {
    const answer = await ask();
    if (answer) change(id, answer);
  } catch (error) {
    if (overlay.get(id) === wish) change(id, before);
    throw error;
  }
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useOverlay = (): Overlay =>
  useSyncExternalStore(
    subscribe,
    () => overlay,
    () => EMPTY,
  );

export function newer(fetched: Job | undefined, over: Job | null | undefined): Job | null | undefined {
  if (over === undefined) return fetched;
  if (over === null || !fetched) return over;
  return over.version >= fetched.version ? over : fetched;
}

export function matches(job: Job, { statuses, search }: Filter): boolean {
  if (statuses.length > 0 && !statuses.includes(job.status)) return false;
  const needle = search.toLowerCase();
  return [job.title, job.channel, job.url, job.video_id].some((text) => text.toLowerCase().includes(needle));
}

/** The fetched jobs with what is newer; jobs that only events know come in where they belong. */
export function merged(fetched: readonly Job[], over: Overlay, filter: Filter, complete: boolean): Job[] {
  const out = new Map<string, Job>();
  for (const job of fetched) {
    const best = newer(job, over.get(job.id));
    if (best && matches(best, filter)) out.set(job.id, best);
  }
  const oldest = fetched.at(-1);
  for (const [id, job] of over) {
    if (!job || out.has(id) || !matches(job, filter)) continue;
    if (complete || !oldest || byNewest(job, oldest) < 0) out.set(id, job);
  }
  return [...out.values()].sort(byNewest);
}
