// Watched channels: what they broadcast is recorded whenever they go live.
import useSWR from "swr";
import { isUnauthorized, POLL_INTERVAL, send } from "./api";
import { fetchAndNote } from "./jobs";
import type { components } from "./schema";

export type Watch = components["schemas"]["Watch"];
export type NewWatch = Partial<components["schemas"]["NewWatch"]> & { channel: string };
type WatchList = components["schemas"]["WatchList"];

const PATH = "/watches";

export function useWatches() {
  const { data, error, isLoading, mutate } = useSWR<WatchList>(PATH, fetchAndNote, {
    refreshInterval: POLL_INTERVAL,
    keepPreviousData: true,
    shouldRetryOnError: false,
  });
  return {
    watches: data?.watches ?? [],
    error: error as unknown,
    wantsToken: isUnauthorized(error),
    loading: isLoading && !data,
    refresh: () => mutate(),
    /** Throws what the API refused. */
    add: async (watch: NewWatch): Promise<void> => {
      await send(PATH, { method: "POST", body: JSON.stringify(watch) });
      await mutate();
    },
    /** Throws what the API refused. */
    remove: async (id: string): Promise<void> => {
      await send(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE" });
      await mutate();
    },
  };
}

/** What of the channel is recorded. */
export function wanted({ title, quality, from_start }: Watch): string {
  return [
    title ? `Broadcasts whose title has ${title}` : "Every broadcast",
    quality === "best" ? "" : /^\d+$/.test(quality) ? `at most ${quality}p` : quality,
    from_start ? "from its beginning" : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** The channel's name, or of its address what names it. */
export const nameOf = ({ channel, channel_name }: Watch): string =>
  channel_name || channel.replace(/^https:\/\/www\.youtube\.com\/(channel\/)?/, "");
