import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useId, useState } from "react";
import { Header } from "@/components/header";
import { SignIn } from "@/components/sign-in";
import { Trouble } from "@/components/trouble";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Checkbox, Field, Input, QualitySelect } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { complain, toast } from "@/components/ui/toast";
import { ApiError } from "@/lib/api";
import { ago } from "@/lib/format";
import { useEvents } from "@/lib/live";
import { useNow } from "@/lib/now";
import { type NewWatch, nameOf, useWatches, type Watch, wanted } from "@/lib/watches";

const REFUSED = new Set([400, 409, 413, 422]);

function Form({ onAdd }: { onAdd: (watch: NewWatch) => Promise<void> }) {
  const id = useId();
  const [channel, setChannel] = useState("");
  const [title, setTitle] = useState("");
  const [quality, setQuality] = useState("best");
  const [fromStart, setFromStart] = useState(false);
  const [sending, setSending] = useState(false);
  const [refusal, setRefusal] = useState("");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setSending(true);
    setRefusal("");
    try {
      await onAdd({ channel: channel.trim(), title: title.trim(), quality, from_start: fromStart });
      setChannel("");
      setTitle("");
    } catch (error) {
      if (error instanceof ApiError && REFUSED.has(error.status))
        setRefusal(`${error.message} ${error.hint}`);
      else complain(error);
    }
    setSending(false);
  }

  return (
    <form
      onSubmit={submit}
      className="mt-6 flex flex-col gap-4 rounded-card border border-line bg-surface p-4"
    >
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-[2fr_2fr_1fr]">
        <Field id={`${id}-channel`} label="Channel">
          <Input
            id={`${id}-channel`}
            autoCapitalize="off"
            autoComplete="off"
            spellCheck={false}
            required
            maxLength={2000}
            placeholder="@name, its id, or its address"
            value={channel}
            aria-invalid={refusal !== ""}
            aria-describedby={`${id}-word`}
            onChange={(event) => setChannel(event.target.value)}
          />
        </Field>
        <Field id={`${id}-title`} label="Only titles with (a regular expression)">
          <Input
            id={`${id}-title`}
            autoCapitalize="off"
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            placeholder="all"
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
        <Field id={`${id}-quality`} label="Quality">
          <QualitySelect
            id={`${id}-quality`}
            value={quality}
            onChange={(event) => setQuality(event.target.value)}
          />
        </Field>
      </div>
      <p id={`${id}-word`} role="alert" className="text-sm text-bad empty:hidden">
        {refusal}
      </p>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Checkbox checked={fromStart} onChange={setFromStart}>
          From each broadcast’s beginning, where that is still offered
        </Checkbox>
        <Button variant="primary" type="submit" disabled={sending}>
          {sending ? "Asking …" : "Watch"}
        </Button>
      </div>
    </form>
  );
}

function LastLook({ watch }: { watch: Watch }) {
  const now = useNow();
  if (watch.last_error) return <Trouble error={watch.last_error} />;
  if (!watch.last_checked_at) return <p className="text-sm text-dim">Not looked at yet.</p>;
  return (
    <p className="text-sm text-dim">
      Looked at {now > 0 ? ago(Date.parse(watch.last_checked_at), now) : ""}
      {watch.last_seen ? `; its newest video is “${watch.last_seen.title}”.` : "; it has no video."}
    </p>
  );
}

function WatchCard({ watch, onRemove }: { watch: Watch; onRemove: () => void }) {
  const name = nameOf(watch);
  return (
    <Card aria-label={name} className="flex h-full flex-col gap-3 p-4">
      <div>
        <h2 className="font-semibold break-words">
          <a
            href={watch.channel}
            rel="noreferrer noopener"
            target="_blank"
            className="hover:text-accent-strong"
          >
            {name}
          </a>
        </h2>
        <p className="mt-0.5 text-sm text-dim [overflow-wrap:anywhere]">{wanted(watch)}.</p>
      </div>
      <LastLook watch={watch} />
      <div className="mt-auto flex flex-wrap items-center justify-between gap-2 text-sm">
        {watch.last_job_id && (
          <Link
            href={`/job?id=${watch.last_job_id}`}
            prefetch={false}
            className="text-accent underline underline-offset-4"
          >
            Its last recording
          </Link>
        )}
        <span className="grow" />
        <Button size="small" aria-label={`Stop watching ${name}`} onClick={onRemove}>
          Stop watching
        </Button>
      </div>
    </Card>
  );
}

function List({ watches, onRemove }: { watches: Watch[]; onRemove: (id: string) => Promise<void> }) {
  if (watches.length === 0) return <p className="py-16 text-center text-dim">No channel is watched yet.</p>;
  return (
    <ul className="mt-6 grid grid-cols-[repeat(auto-fill,minmax(min(100%,22rem),1fr))] gap-4">
      {watches.map((watch) => (
        <li key={watch.id}>
          <WatchCard
            watch={watch}
            onRemove={() => {
              onRemove(watch.id).then(
                () => toast("It is watched no longer. What was recorded stays."),
                complain,
              );
            }}
          />
        </li>
      ))}
    </ul>
  );
}

/** In place of the list: a server that watches no channels says so, and what does. */
function Refusal({ error }: { error: unknown }) {
  const { message, hint } = error instanceof ApiError ? error : { message: String(error), hint: "" };
  return (
    <p role="alert" className="mt-6 rounded-card border border-line bg-surface p-6">
      {message} <span className="text-dim">{hint}</span>
    </p>
  );
}

export function Watches() {
  const { watches, error, wantsToken, loading, refresh, add, remove } = useWatches();
  useEvents(!wantsToken);
  return (
    <>
      <Header />
      <main className="px-4 py-6" aria-busy={loading}>
        <Link
          href="/"
          className="mb-5 inline-flex items-center gap-1.5 text-sm text-dim hover:text-foreground"
        >
          <ArrowLeft aria-hidden className="size-4" /> All recordings
        </Link>
        {wantsToken ? (
          <SignIn onToken={refresh} />
        ) : (
          <>
            <h1 className="text-2xl font-semibold tracking-tight">Watched channels</h1>
            <p className="mt-1 text-sm text-dim sm:text-base">
              Whenever one of these goes live, it is recorded by itself, once for each broadcast. A scheduled
              one is waited for.
            </p>
            {loading && !error ? (
              // No form before the page can do anything with what is entered.
              <Skeleton className="mt-6 h-92 rounded-card sm:h-64 lg:h-40" />
            ) : error && watches.length === 0 ? (
              <Refusal error={error} />
            ) : (
              <>
                <Form onAdd={add} />
                <List watches={watches} onRemove={remove} />
              </>
            )}
          </>
        )}
      </main>
    </>
  );
}
