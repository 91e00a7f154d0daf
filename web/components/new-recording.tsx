import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox, Field, Input, QualitySelect } from "@/components/ui/input";
import { complain } from "@/components/ui/toast";
import { ApiError, createJob, type Job, type NewJob } from "@/lib/api";
import { applyJob } from "@/lib/store";
import { recognise } from "@/lib/youtube";

type Props = {
  open: boolean;
  onClose: () => void;
  initialUrl: string;
  onMade: (job: Job) => void;
};

export function NewRecording({ open, onClose, initialUrl, onMade }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New recording"
      description="Paste the address of a live stream, or of a channel that is live."
    >
      <Form onClose={onClose} initialUrl={initialUrl} onMade={onMade} />
    </Dialog>
  );
}

function Form({ onClose, initialUrl, onMade }: Omit<Props, "open">) {
  const id = useId();
  const [url, setUrl] = useState(initialUrl);
  const [touched, setTouched] = useState(initialUrl !== "");
  const [quality, setQuality] = useState("best");
  const [fromStart, setFromStart] = useState(false);
  const [title, setTitle] = useState("");
  const [sending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const [key] = useState(() => crypto.randomUUID());
  const found = recognise(url);
  // An operator may have allowed other hosts: what looks like an address is left to the API to judge.
  const hopeless = !found.ok && !/^https?:\/\/[^\s@]+$/i.test(url.trim());
  const problem = refusal
    ? `${refusal.message}${refusal.hint ? ` ${refusal.hint}` : ""}`
    : touched && !found.ok
      ? found.reason
      : "";

  async function submit(): Promise<void> {
    setTouched(true);
    if (hopeless) return;
    setSending(true);
    const job: NewJob = { url: found.ok ? found.url : url.trim(), quality };
    if (fromStart) job.from_start = true;
    if (title.trim()) job.title = title.trim();
    try {
      const made = await createJob(job, key);
      applyJob(made);
      onMade(made);
      onClose();
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) setRefusal(error);
      else complain(error);
      setSending(false);
    }
  }

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field id={`${id}-url`} label="Address">
        <Input
          id={`${id}-url`}
          type="text"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-autofocus=""
          required
          placeholder="https://www.youtube.com/watch?v=…"
          value={url}
          aria-invalid={problem !== ""}
          aria-describedby={`${id}-word`}
          onChange={(event) => {
            setUrl(event.target.value);
            setRefusal(null);
            setTouched(event.target.value.length > 8);
          }}
        />
        <p
          id={`${id}-word`}
          aria-live="polite"
          className={problem ? "min-h-5 text-sm text-bad" : "min-h-5 text-sm text-dim"}
        >
          {problem || (found.ok ? found.url : "")}
        </p>
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field id={`${id}-quality`} label="Quality">
          <QualitySelect
            id={`${id}-quality`}
            value={quality}
            onChange={(event) => setQuality(event.target.value)}
          />
        </Field>
        <Field id={`${id}-title`} label="Name (until the stream tells its own)">
          <Input
            id={`${id}-title`}
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
      </div>
      <Checkbox checked={fromStart} onChange={setFromStart}>
        From the stream’s beginning, where that is still offered
      </Checkbox>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Not now</Button>
        <Button variant="primary" type="submit" disabled={sending || (touched && hopeless)}>
          {sending ? "Asking …" : "Record"}
        </Button>
      </div>
    </form>
  );
}
