// One clock for everything that counts seconds, so that all figures change together.
import { useSyncExternalStore } from "react";

let now = 0;
let ahead = 0; // of the viewer's clock, how far the server's is
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    timer = setInterval(() => {
      now = Date.now() + ahead;
      for (const tell of listeners) tell();
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Takes the server's clock for the right one: ages and lateness must not depend on how the viewer's is set. */
export function noteServerTime(date: string | null): void {
  const difference = date ? Date.parse(date) + 500 - Date.now() : 0; // the header has whole seconds
  ahead = Math.abs(difference) > 2000 ? difference : 0;
}

/** The server's time in ms since 1970, new each second; 0 in the exported page, before the browser takes over. */
export const useNow = (): number =>
  useSyncExternalStore(
    subscribe,
    () => (now ||= Date.now() + ahead),
    () => 0,
  );
