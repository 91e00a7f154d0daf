// Jobs as the page needs them: fetched, kept fresh, with what events and wishes have changed meanwhile.

import { useMemo } from "react";
import useSWR from "swr";
import useSWRInfinite from "swr/infinite";
import {
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
import { merged, newer, useOverlay } from "./store";

const ACTIVE: readonly JobStatus[] = ["PENDING", "STARTED", "WAITING", "RECORDING", "UPLOADING"];
export const isActive = (job: Job): boolean => ACTIVE.includes(job.status);

async function fetchAndNote<T>(path: string): Promise<T> {
  try {
    const answer = await get<T>(path);
    heard();
    return answer;
  } catch (error) {
    if (error instanceof Error && "status" in error && error.status === 0) missed();
    else heard();
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

export function useJobs(filter: Filter) {
  const overlay = useOverlay();
  const answer = useSWRInfinite<JobPage>(
    (index, before: JobPage | null) => (index > 0 && !before?.next ? null : listPath(filter, before?.next)),
    fetchAndNote,
    { ...useFreshness(), revalidateAll: true, initialSize: 1 },
  );
  const { data, error, size, setSize, isLoading, isValidating, mutate } = answer;
  const complete = data ? !data.at(-1)?.next : false;
  const jobs = useMemo(() => {
    const fetched = data?.flatMap((page) => page.jobs) ?? [];
    for (const job of fetched) observe(job);
    return merged(fetched, overlay, filter, complete);
  }, [data, overlay, filter, complete]);
  return {
    jobs,
    error: error as unknown,
    wantsToken: isUnauthorized(error),
    loading: isLoading && !data,
    loadingMore: isValidating && size > (data?.length ?? 0),
    complete,
    more: () => setSize(size + 1),
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
  if (data) observe(data);
  return {
    job: newer(data, overlay.get(id)),
    error: error as unknown,
    wantsToken: isUnauthorized(error),
    loading: isLoading,
    refresh: () => mutate(),
  };
}
