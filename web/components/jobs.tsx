import dynamic from "next/dynamic";
import Link from "next/link";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Filters, GROUPS } from "@/components/filters";
import { Header } from "@/components/header";
import { JobCard } from "@/components/job-card";
import { SignIn } from "@/components/sign-in";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { complain } from "@/components/ui/toast";
import { ApiError, type Filter } from "@/lib/api";
import { useJobs } from "@/lib/jobs";
import { useEvents } from "@/lib/live";
import { matches } from "@/lib/store";

// Not needed to show what is being recorded: it comes when the page stands.
const NewRecording = dynamic(
  () => import("@/components/new-recording").then((module) => module.NewRecording),
  { ssr: false },
);

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

// `n` anywhere, or an address pasted anywhere but into a field.
function useShortcuts(onNew: (url: string) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || isField(event.target))
        return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      onNew("");
    };
    const onPaste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData("text") ?? "";
      if (isField(event.target) || document.querySelector("dialog[open]")) return;
      void import("@/lib/youtube").then(
        ({ recognise }) => recognise(text).ok && onNew(text.trim()),
        complain,
      );
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("paste", onPaste);
    };
  }, [onNew]);
}

/** Asks for older jobs before the end of the list comes into sight. */
function Older({ loading, onMore }: { loading: boolean; onMore: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const ask = useRef(onMore);
  ask.current = onMore;
  useEffect(() => {
    const target = place.current;
    if (!target || loading) return;
    const observer = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && ask.current(), {
      rootMargin: "1000px",
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [loading]);
  return (
    <div ref={place} className="mt-8 text-center">
      <Button onClick={onMore} disabled={loading}>
        {loading ? "Loading …" : "Older recordings"}
      </Button>
    </div>
  );
}

/** Nothing has ever come from the API. */
function Unknown({ error }: { error: unknown }) {
  const { message, hint } = error instanceof ApiError ? error : { message: String(error), hint: "" };
  return (
    <section className="mx-auto max-w-lg py-16 text-center">
      <h2 className="text-xl font-semibold">The recordings cannot be shown</h2>
      <p className="mt-3 text-dim">
        {message} {hint} This page asks again by itself.
      </p>
    </section>
  );
}

function Empty({ filtered, onNew }: { filtered: boolean; onNew: () => void }) {
  if (filtered) return <p className="py-16 text-center text-dim">No recording is like that.</p>;
  return (
    <section className="mx-auto max-w-lg py-16 text-center">
      <h2 className="text-xl font-semibold">Nothing recorded yet</h2>
      <p className="mt-3 text-dim">
        Copy the address of a live stream and paste it here with Ctrl-V, anywhere on this page, or press{" "}
        <kbd className="rounded border border-line bg-raised px-1.5">n</kbd>. It is recorded in the best
        quality into one file that plays while it grows; should anything be missing at the end, it says what.
      </p>
      <Button variant="primary" className="mt-6" onClick={onNew}>
        New recording
      </Button>
    </section>
  );
}

// Stands in the exported page already, and says what the page is for while the list is on its way.
function Title() {
  return (
    <div className="pt-5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h1 className="text-2xl font-semibold tracking-tight">Recordings</h1>
        <Link
          href="/watches"
          prefetch={false}
          className="text-sm text-dim underline underline-offset-4 hover:text-accent-strong"
        >
          Watched channels
        </Link>
      </div>
      <p className="mt-1 text-sm text-dim sm:text-base">
        Give the address of a live stream, or paste it anywhere on this page: it is recorded whole, or with a
        word on what is missing.
      </p>
    </div>
  );
}

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,22rem),1fr))] gap-4";

function Skeletons() {
  return (
    <div className={GRID} aria-hidden>
      {["a", "b", "c", "d", "e", "f"].map((name) => (
        <Skeleton key={name} className="h-116 rounded-card" />
      ))}
    </div>
  );
}

export function Jobs() {
  const [group, setGroup] = useState("All");
  const [search, setSearch] = useState("");
  const [adding, setAdding] = useState<{ url: string } | null>(null);
  const deferred = useDeferredValue(search.trim());
  const filter = useMemo<Filter>(
    () => ({ statuses: GROUPS.find(({ name }) => name === group)?.statuses ?? [], search: deferred }),
    [group, deferred],
  );
  const { jobs, error, wantsToken, loading, loadingMore, complete, more, refresh } = useJobs(filter);
  // Many cards at once are drawn piece by piece, so that the page answers meanwhile.
  const shown = useDeferredValue(jobs);
  const open = useCallback((url: string) => setAdding({ url }), []);
  useEvents(!wantsToken);
  useShortcuts(open);

  if (wantsToken) {
    return (
      <>
        <Header />
        <main className="px-4">
          <SignIn onToken={refresh} />
        </main>
      </>
    );
  }
  const filtered = group !== "All" || deferred !== "";
  return (
    <>
      <Header onNew={() => open("")} />
      <main className="px-4 pb-16" aria-busy={loading}>
        <Title />
        <Filters group={group} onGroup={setGroup} search={search} onSearch={setSearch} />
        {(loading && !error) || (shown.length === 0 && jobs.length > 0) ? (
          <Skeletons />
        ) : jobs.length === 0 && error ? (
          <Unknown error={error} />
        ) : jobs.length === 0 ? (
          <Empty filtered={filtered} onNew={() => open("")} />
        ) : (
          <ul className={GRID}>
            {shown.map((job) => (
              <li key={job.id} className="card-slot">
                <JobCard job={job} />
              </li>
            ))}
          </ul>
        )}
        {!complete && shown.length > 0 && !error && (
          <Older loading={loadingMore} onMore={() => more().catch(complain)} />
        )}
      </main>
      <NewRecording
        open={adding !== null}
        onClose={() => setAdding(null)}
        initialUrl={adding?.url ?? ""}
        onMade={(job) => {
          if (matches(job, filter)) return;
          setGroup("All");
          setSearch("");
        }}
      />
    </>
  );
}
