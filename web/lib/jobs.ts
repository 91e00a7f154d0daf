// Jobs as the page needs them: fetched, kept fresh, with what events and wishes have changed meanwhile.

import { useCallback, useEffect, useMemo, useState } from "react";
import useSWR from "swr";
import {
  ApiError,
  asPage,
  type Filter,
  get,
  isUnauthorized,
  type Job,
  type JobPage,
  type JobStatus,
  jobPath,
  listPath,
  POLL_INTERVAL,
} from "./api";
import { observe } from "./history";
import { heard, missed, useLink } from "./live";
import { type Pages, withHead, withMore } from "./pages";
import { applyJob, applyRemoved, merged, newer, useOverlay } from "./store";

const NONE: readonly Job[] = [];

const ACTIVE: readonly JobStatus[] = ["PENDING", "STARTED", "WAITING", "RECORDING", "UPLOADING"];
export const isActive = (job: Job): boolean => ACTIVE.includes(job.status);

/** GET, whose outcome tells how the link to the server is. */
export async function fetchAndNote<T>(path: string): Promise<T> {
  try {
    const answer = await get<T>(path);
    heard();
    return answer;
  } catch (error) {
    missed(error instanceof ApiError ? error.status : 0);
    throw error;
  }
}

// Events bring every change; a rare look makes up for one that got lost.
function useFreshness() {
  const { events } = useLink();
  return {
    refreshInterval: events ? 6 * POLL_INTERVAL : POLL_INTERVAL,
    keepPreviousData: true,
    revalidateOnFocus: true,
    shouldRetryOnError: false,
  };
}

// What changed after the last answer and before events came would be seen only at the next rare look.
function useCatchUp(look: () => Promise<unknown>): void {
  const { events } = useLink();
  useEffect(() => {
    if (events) void look();
  }, [events, look]);
}

const fetchPage = async (path: string): Promise<JobPage> => asPage(await fetchAndNote<JobPage | Job[]>(path));

async function lookAgain(id: string): Promise<void> {
  try {
    applyJob(await fetchAndNote<Job>(jobPath(id)));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    applyRemoved(id);
  }
}

// Without events only the head is asked for again; what runs further down is looked at one by one. It is never many.
function useOlderOnes(older: readonly Job[]): void {
  const { events } = useLink();
  const overlay = useOverlay();
  const running = events
    ? []
    : older.map((job) => newer(job, overlay.get(job.id))).filter((job) => job && isActive(job));
  const ids = running.map((job) => job?.id).join();
  useSWR(ids || null, () => Promise.all(ids.split(",").map(lookAgain)), useFreshness());
}

export function useJobs(filter: Filter) {
  const overlay = useOverlay();
  const path = listPath(filter);
  const { data, error, isLoading, mutate } = useSWR<JobPage>(path, fetchPage, useFreshness());
  useCatchUp(mutate);
  const [list, setList] = useState<{ path: string; pages: Pages } | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);
  // While another filter's answer is awaited the page before stays, and is filtered here.
  const [shown, setShown] = useState<JobPage>();
  if (data && data !== shown) {
    setShown(data);
    setList((known) => ({ path, pages: withHead(known?.path === path ? known.pages : null, data) }));
  }
  const pages = list?.pages;
  const complete = list?.path === path && !pages?.next;
  useOlderOnes(pages?.older ?? NONE);
  const jobs = useMemo(() => {
    const fetched = [...(pages?.head ?? NONE), ...(pages?.older ?? NONE)];
    for (const job of fetched) observe(job);
    return merged(fetched, overlay, filter, complete);
  }, [pages, overlay, filter, complete]);

  /** Throws what the API refused. */
  const more = useCallback(async () => {
    if (!pages?.next || loadingMore) return;
    setLoadingMore(true);
    try {
      const page = await fetchPage(listPath(filter, pages.next));
      setList((known) => (known?.path === path ? { path, pages: withMore(known.pages, page) } : known));
    } finally {
      setLoadingMore(false);
    }
  }, [pages, loadingMore, filter, path]);

  return {
    jobs,
    error: error as unknown,
    wantsToken: isUnauthorized(error),
    loading: isLoading && !data,
    loadingMore,
    complete,
    more,
    refresh: () => mutate(),
  };
}

export function useJob(id: string) {
  const overlay = useOverlay();
  const { data, error, isLoading, mutate } = useSWR<Job>(
    id ? jobPath(id) : null,
    fetchAndNote,
    useFreshness(),
  );
  useCatchUp(mutate);
  if (data) observe(data);
  return {
    job: newer(data, overlay.get(id)),
    error: error as unknown,
    wantsToken: isUnauthorized(error),
    loading: isLoading,
    refresh: () => mutate(),
  };
}
