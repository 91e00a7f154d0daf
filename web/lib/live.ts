// The link to the server: events where it has them, else only polling. Says how things stand.
import { useEffect, useSyncExternalStore } from "react";
import { API_URL, type Job } from "./api";
import { applyJob, applyRemoved } from "./store";

/** What became of the last request: no answer at all, or one that only says that the server has a fault. */
export type Trouble = "" | "silent" | "failing";

export type Link = {
  events: boolean; // changes come by themselves
  trouble: Trouble;
  contact: number; // when the server was last heard of, ms since 1970; 0: never
};

let link: Link = { events: false, trouble: "", contact: 0 };
const SERVER_LINK = link;
const listeners = new Set<() => void>();

function set(change: Partial<Link>): void {
  const next = { ...link, ...change };
  const same =
    next.events === link.events && next.trouble === link.trouble && next.contact - link.contact < 1000;
  if (same) return;
  link = next;
  for (const listener of listeners) listener();
}

export const heard = (): void => set({ trouble: "", contact: Date.now() });

/** `status` of the answer, 0 when there was none. What is refused or not offered is an answer like another. */
export function missed(status: number): void {
  if (status === 0) set({ trouble: "silent", events: false });
  else if (status >= 500 && status !== 501) set({ trouble: "failing" });
  else heard();
}

export const useLink = (): Link =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => link,
    () => SERVER_LINK,
  );

// Events cannot carry a token to another origin, and an API behind API Gateway has none.
const mayHaveEvents = (): boolean => typeof EventSource !== "undefined" && API_URL.startsWith("/");

function open(): EventSource {
  const source = new EventSource(`${API_URL}/events`);
  source.onopen = () => set({ events: true, trouble: "", contact: Date.now() });
  source.addEventListener("job", (event) => {
    heard();
    applyJob(JSON.parse((event as MessageEvent<string>).data) as Job);
  });
  source.addEventListener("removed", (event) => {
    applyRemoved((JSON.parse((event as MessageEvent<string>).data) as { id: string }).id);
  });
  // It comes back by itself after a broken connection, but not after a refusal.
  source.onerror = () => set({ events: false });
  return source;
}

/** Keeps events coming while `wanted`. */
export function useEvents(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !mayHaveEvents()) return;
    const source = open();
    return () => source.close();
  }, [wanted]);
}
