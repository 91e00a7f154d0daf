import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/router";
import { type ReactNode, useDeferredValue, useSyncExternalStore } from "react";
import { Actions } from "@/components/actions";
import { Due, Elapsed, Heartbeat, Lag } from "@/components/figures";
import { GapBar } from "@/components/gap-bar";
import { Header } from "@/components/header";
import { Player } from "@/components/player";
import { SignIn } from "@/components/sign-in";
import { Sparkline } from "@/components/sparkline";
import { StatusBadge } from "@/components/status-badge";
import { Skeleton } from "@/components/ui/skeleton";
import { ApiError, type Job } from "@/lib/api";
import { chronicle } from "@/lib/chronicle";
import { advice, sentence, verdictWords } from "@/lib/explain";
import { bitrate, bytes, clock, pointInTime, qualityGot, span } from "@/lib/format";
import { missing } from "@/lib/gaps";
import { bitrates } from "@/lib/history";
import { isActive, useJob } from "@/lib/jobs";
import { useEvents } from "@/lib/live";

const COLUMNS = "grid grid-cols-1 gap-8 lg:grid-cols-[minmax(0,2fr)_minmax(20rem,1fr)]";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-4 border-b border-line/70 py-2 text-sm last:border-0">
      <dt className="shrink-0 text-dim">{name}</dt>
      <dd className="min-w-0 text-right [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

function Facts({ job }: { job: Job }) {
  const rate = job.media_ms > 0 ? bitrate((job.bytes * 8000) / job.media_ms) : "–";
  return (
    <dl className="rounded-card border border-line bg-surface px-4 py-1">
      <Fact name="Recorded">{clock(job.media_ms)}</Fact>
      <Fact name="Elapsed">
        <Elapsed job={job} />
      </Fact>
      <Fact name="Size">
        {bytes(job.bytes)} · {rate}
      </Fact>
      {job.status === "RECORDING" && (
        <Fact name="Behind live">
          <Lag job={job} />
        </Fact>
      )}
      <Fact name="Quality">
        {qualityGot(job.quality_got) || "–"} <span className="text-dim">(asked: {job.quality})</span>
      </Fact>
      <Fact name="From the start">{job.from_start ? "asked for" : "no"}</Fact>
      <Fact name="Recorders so far">{job.attempt}</Fact>
      <Fact name="Address">
        <a
          href={job.url}
          rel="noreferrer noopener"
          target="_blank"
          className="text-accent underline underline-offset-4"
        >
          {job.url}
        </a>
      </Fact>
      {job.recordings.map((recording, i) => (
        <Fact key={recording.key} name={job.recordings.length > 1 ? `File ${i + 1}` : "File"}>
          <span className="text-dim">{recording.key}</span>
        </Fact>
      ))}
      <Fact name="Job">
        <code className="text-xs text-dim">{job.id}</code>
      </Fact>
    </dl>
  );
}

function Holes({ job }: { job: Job }) {
  if (job.gaps.length === 0) return <p className="text-sm text-dim">No hole is known.</p>;
  return (
    <>
      <p className="text-sm text-warn">{span(missing(job.gaps))} missing in all.</p>
      <ul className="flex flex-col gap-1 text-sm">
        {job.gaps.map((gap) => (
          <li key={`${gap.start_ms}-${gap.end_ms}`} className="flex flex-wrap gap-x-3">
            <span>
              {clock(gap.start_ms)} – {clock(gap.end_ms)}
            </span>
            <span className="text-dim">
              {span(gap.end_ms - gap.start_ms)}: {gap.reason}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** `job` undefined: it is on its way. */
function Timeline({ job }: { job?: Job }) {
  if (job?.media_ms === 0 && job.gaps.length === 0) return null;
  return (
    <section aria-labelledby="timeline" className="flex flex-col gap-3">
      <h2 id="timeline" className="font-semibold">
        Timeline
      </h2>
      {job ? (
        <GapBar mediaMs={job.media_ms} gaps={job.gaps} detailed />
      ) : (
        <Skeleton className="h-4 rounded" />
      )}
      <p className="text-sm text-dim">
        The recording from its beginning to its end. What could not be had is marked, with how much it is and
        why.
      </p>
      {job ? <Holes job={job} /> : <Skeleton className="h-5 w-40" />}
    </section>
  );
}

function Chronicle({ job }: { job: Job }) {
  return (
    <section aria-labelledby="events">
      <h2 id="events" className="mb-3 font-semibold">
        Events
      </h2>
      <ol className="flex flex-col gap-2 border-l border-line pl-4 text-sm">
        {chronicle(job).map(({ at, place, text, tone }) => (
          <li key={`${at}-${place}-${text}`} className="flex flex-wrap gap-x-3">
            {at ? (
              <time dateTime={at} className="text-dim">
                {pointInTime(at)}
              </time>
            ) : (
              <span className="text-dim">at {clock(place ?? 0)}</span>
            )}
            <span className={tone === "bad" ? "text-bad" : tone === "warn" ? "text-warn" : undefined}>
              {text}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Body({ job, onRemoved }: { job: Job; onRemoved: () => void }) {
  return (
    <>
      <div className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="min-w-0 text-2xl font-semibold break-words">{job.title || job.video_id || job.url}</h1>
        <StatusBadge job={job} />
        <p className="w-full text-dim">{job.channel}</p>
      </div>
      <div className={COLUMNS}>
        <div className="flex min-w-0 flex-col gap-8">
          {job.recordings.length > 0 && <Player job={job} />}
          {job.error && (
            <p role="alert" className="rounded-lg border border-bad/40 bg-bad/5 p-4">
              {sentence(job.error.message)}
              <span className="mt-1 block text-dim">{advice(job.error.kind)}</span>
            </p>
          )}
          {job.verdict && (
            <p className={job.verdict.complete ? "text-accent" : "text-warn"}>{verdictWords(job)}</p>
          )}
          <Timeline job={job} />
          <Chronicle job={job} />
        </div>
        <aside className="flex min-w-0 flex-col gap-6">
          <Actions job={job} onRemoved={onRemoved} />
          {isActive(job) && (
            <p className="flex flex-wrap items-center gap-3 text-sm">
              <Heartbeat job={job} />
              <Due job={job} />
            </p>
          )}
          {job.status === "RECORDING" && <Sparkline values={bitrates(job.id)} />}
          <Facts job={job} />
        </aside>
      </div>
    </>
  );
}

/** The page before anything is known: what will stand where. */
function Outline() {
  return (
    <>
      <h1 className="sr-only">Recording</h1>
      <div className="mb-6 flex flex-col gap-2" aria-hidden>
        <Skeleton className="h-8 w-2/3 max-w-96" />
        <Skeleton className="h-6 w-40" />
      </div>
      <div className={COLUMNS}>
        <div className="flex min-w-0 flex-col gap-8">
          <Skeleton className="aspect-video rounded-card" />
          <Skeleton className="h-6 w-72 max-w-full" />
          <Timeline />
        </div>
        <Skeleton className="h-96 rounded-card" />
      </div>
    </>
  );
}

// The exported page knows no query; the browser does at once, and the router only later.
const never = () => () => {};
const idOf = (search: string): string => new URLSearchParams(search).get("id") ?? "";
const useJobId = (): string | null =>
  useSyncExternalStore(
    never,
    () => idOf(window.location.search),
    () => null,
  );

export function JobDetails() {
  const id = useJobId();
  const router = useRouter();
  const { job: known, error, wantsToken, loading, refresh } = useJob(id ?? "");
  const job = useDeferredValue(known); // drawn piece by piece, so that the page answers meanwhile
  useEvents(!wantsToken && Boolean(id));
  const gone = id === "" || job === null || (error instanceof ApiError && error.status === 404);
  return (
    <>
      <Header />
      <main className="mx-auto max-w-[90rem] px-4 py-6" aria-busy={loading || id === null}>
        <Link
          href="/"
          className="mb-5 inline-flex items-center gap-1.5 text-sm text-dim hover:text-foreground"
        >
          <ArrowLeft aria-hidden className="size-4" /> All recordings
        </Link>
        {wantsToken ? (
          <SignIn onToken={refresh} />
        ) : job && !gone ? (
          <Body job={job} onRemoved={() => router.push("/")} />
        ) : gone ? (
          <h1 className="py-16 text-center text-xl">There is no such recording.</h1>
        ) : (
          <Outline />
        )}
      </main>
    </>
  );
}
