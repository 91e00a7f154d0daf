// Short messages at the edge of the page, read out by screen readers.
import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { cn } from "@/lib/utils";

type Toast = { id: number; text: string; hint?: string; tone: "good" | "bad" };

let toasts: readonly Toast[] = [];
let last = 0;
const NONE: readonly Toast[] = [];
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

const dismiss = (id: number): void => set(toasts.filter((toast) => toast.id !== id));

/** Says something; what went wrong stays longer. */
export function toast(text: string, options: { hint?: string; tone?: Toast["tone"] } = {}): void {
  const { hint, tone = "good" } = options;
  const id = ++last;
  set([...toasts, { id, text, hint, tone }].slice(-4));
  setTimeout(() => dismiss(id), tone === "bad" ? 12_000 : 4_000);
}

export function complain(error: unknown): void {
  const hint = error instanceof Error && "hint" in error ? String(error.hint) : "";
  toast(error instanceof Error ? error.message : String(error), { hint, tone: "bad" });
}

export function Toaster() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
    () => NONE,
  );
  return (
    <div
      aria-live="polite"
      className="fixed inset-x-3 bottom-3 z-50 flex flex-col items-end gap-2 sm:left-auto"
    >
      {shown.map(({ id, text, hint, tone }) => (
        <div
          key={id}
          className={cn(
            "flex w-full max-w-sm items-start gap-3 rounded-lg border bg-raised p-3 text-sm shadow-lg",
            tone === "bad" ? "border-bad/60" : "border-accent/50",
          )}
        >
          <p className="grow">
            {text}
            {hint && <span className="mt-1 block text-dim">{hint}</span>}
          </p>
          <button
            type="button"
            aria-label="Dismiss"
            className="text-dim hover:text-foreground"
            onClick={() => dismiss(id)}
          >
            <X aria-hidden className="size-4" />
          </button>
        </div>
      ))}
    </div>
  );
}
