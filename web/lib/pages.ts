// The list as far as it was asked for: its head, which is asked for again and again, and the older jobs behind it, which came once
// by cursors. Pure.
import type { Job, JobPage } from "./api";

export type Pages = {
  head: readonly Job[];
  older: readonly Job[];
  next: string | null; // cursor of what comes behind all of these
};

/** Newest first; ids grow with time. Plain comparison: the order must not depend on the viewer's language, and is quick. */
export function byNewest(a: Job, b: Job): number {
  const [left, right] = [a.created_at ?? "", b.created_at ?? ""];
  if (left !== right) return left > right ? -1 : 1;
  return a.id > b.id ? -1 : a.id < b.id ? 1 : 0;
}

/** A new answer for the head. Jobs that newer ones have pushed out of it go to the older ones. */
export function withHead(known: Pages | null, page: JobPage): Pages {
  const last = page.jobs.at(-1);
  const started = { head: page.jobs, older: [], next: page.next };
  if (!known || known.older.length === 0 || !last || !page.next) return started;
  const newest = known.head[0];
  // So many new ones that there may be others between them and what is known: begin anew.
  if (newest && byNewest(last, newest) < 0) return started;
  const behind = (job: Job) => byNewest(last, job) < 0;
  return {
    head: page.jobs,
    older: [...known.head.filter(behind), ...known.older.filter(behind)],
    next: known.next,
  };
}

export function withMore(known: Pages, page: JobPage): Pages {
  return { ...known, older: [...known.older, ...page.jobs], next: page.next };
}
