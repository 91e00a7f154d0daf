import { LogOut, Plus } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { forgetAnswers, POLL_INTERVAL } from "@/lib/api";
import { ago } from "@/lib/format";
import { useLink } from "@/lib/live";
import { useNow } from "@/lib/now";
import { forgetToken, onToken, readToken } from "@/lib/token";

function Logo() {
  return (
    <svg
      aria-hidden
      viewBox="0 0 32 32"
      className="size-7"
      fill="none"
      strokeWidth="2.4"
      strokeLinecap="round"
    >
      <circle cx="16" cy="16" r="4.5" className="fill-accent" />
      <path d="M9.6 9.6a9 9 0 0 0 0 12.8M22.4 9.6a9 9 0 0 1 0 12.8" className="stroke-accent" />
      <path
        d="M5.8 5.8a14.4 14.4 0 0 0 0 20.4M26.2 5.8a14.4 14.4 0 0 1 0 20.4"
        className="stroke-accent/45"
      />
    </svg>
  );
}

function LinkState() {
  const { events, trouble, contact } = useLink();
  const text = trouble
    ? "offline"
    : events
      ? "live"
      : contact
        ? `every ${POLL_INTERVAL / 1000} s`
        : "connecting";
  const tone = trouble ? "bg-bad" : events ? "bg-accent" : "bg-warn";
  return (
    <span role="status" className="inline-flex items-center gap-2 text-sm text-dim">
      <span aria-hidden className={`size-2 rounded-full ${tone}`} />
      {text}
    </span>
  );
}

/** Unmistakable, and the last truth stays below it. */
function OfflineBanner() {
  const { trouble, contact } = useLink();
  const now = useNow();
  if (!trouble) return null;
  return (
    <p
      role="alert"
      className="border-b border-bad/60 bg-bad/15 px-4 py-2 text-center text-sm text-foreground"
    >
      <strong>{trouble === "silent" ? "The server does not answer." : "The server has a fault."}</strong>{" "}
      {contact > 0 && now > 0 ? `What you see is as it was ${ago(contact, now)}.` : "Nothing is known yet."}{" "}
      Recordings under way go on without it.
    </p>
  );
}

export function Header({ onNew, children }: { onNew?: () => void; children?: ReactNode }) {
  const token = useSyncExternalStore(onToken, readToken, () => "");
  return (
    <>
      <header className="sticky top-0 z-30 border-b border-line bg-black/90 backdrop-blur">
        <div className="flex items-center gap-3 px-4 py-2.5">
          <Link href="/" className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
            <Logo />
            aircheck
          </Link>
          <LinkState />
          <span className="grow" />
          {children}
          {token && (
            <Button
              variant="ghost"
              size="icon"
              aria-label="Sign out"
              onClick={() => {
                forgetToken();
                forgetAnswers();
                window.location.reload();
              }}
            >
              <LogOut aria-hidden />
            </Button>
          )}
          {onNew && (
            <Button variant="primary" onClick={onNew} aria-keyshortcuts="n">
              <Plus aria-hidden /> <span className="max-sm:sr-only">New recording</span>
            </Button>
          )}
        </div>
      </header>
      <OfflineBanner />
    </>
  );
}
