"use client";
import dynamic from "next/dynamic";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { Filters, GROUPS } from "@/components/filters";
import { Header } from "@/components/header";
import { JobCard } from "@/components/job-card";
import { SignIn } from "@/components/sign-in";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Filter } from "@/lib/api";
import { useJobs } from "@/lib/jobs";
import { useEvents } from "@/lib/live";
import { readToken } from "@/lib/token";
import { recognise } from "@/lib/youtube";

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
      if (isField(event.target) || !recognise(text).ok) return;
      event.preventDefault();
      onNew(text.trim());
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("paste", onPaste);
    };
  }, [onNew]);
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

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,22rem),1fr))] gap-4";

function Skeletons() {
  return (
    <div className={GRID} aria-hidden>
      {["a", "b", "c", "d", "e", "f"].map((name) => (
        <Skeleton key={name} className="h-76 rounded-card" />
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
  const open = useMemo(() => (url: string) => setAdding({ url }), []);
  useEvents(!wantsToken);
  useShortcuts(open);

  if (wantsToken) {
    return (
      <>
        <Header />
        <main className="px-4">
          <SignIn refused={readToken() !== ""} onToken={refresh} />
        </main>
      </>
    );
  }
  const filtered = group !== "All" || deferred !== "";
  return (
    <>
      <Header onNew={() => open("")} />
      <Filters group={group} onGroup={setGroup} search={search} onSearch={setSearch} />
      <main className="mx-auto max-w-[110rem] px-4 pb-16" aria-busy={loading}>
        <h1 className="sr-only">Recordings</h1>
        {loading && !error ? (
          <Skeletons />
        ) : jobs.length === 0 ? (
          !error && <Empty filtered={filtered} onNew={() => open("")} />
        ) : (
          <ul className={GRID}>
            {jobs.map((job) => (
              <li key={job.id} className="card-slot">
                <JobCard job={job} />
              </li>
            ))}
          </ul>
        )}
        {!complete && jobs.length > 0 && (
          <div className="mt-8 text-center">
            <Button onClick={more} disabled={loadingMore}>
              {loadingMore ? "Loading …" : "Older recordings"}
            </Button>
          </div>
        )}
      </main>
      <NewRecording open={adding !== null} onClose={() => setAdding(null)} initialUrl={adding?.url ?? ""} />
    </>
  );
}
