import { Ban, Download, Link2, RotateCcw, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, buttonVariants } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { complain, toast } from "@/components/ui/toast";
import { canCancel, canDelete, canDownload, canRetry, canStop, remove, wish } from "@/components/wishes";
import { type Job, recordingUrl } from "@/lib/api";
import { bytes, clock } from "@/lib/format";
import { isActive } from "@/lib/jobs";

async function copyLink(job: Job): Promise<void> {
  try {
    await navigator.clipboard.writeText(job.url);
    toast("The stream's address is copied.");
  } catch {
    complain(new Error("The browser does not let this page copy."));
  }
}

const what = (job: Job): string =>
  job.bytes > 0 ? `${clock(job.media_ms)} of recording, ${bytes(job.bytes)}` : "nothing recorded yet";

const QUESTIONS = {
  cancel: (job: Job) => ({
    title: "Cancel and discard?",
    description: `The recording ends now and its file goes: ${what(job)}. To keep it, stop it instead.`,
    confirm: "Discard it",
  }),
  delete: (job: Job) => ({
    title: "Delete this recording?",
    description: `Gone for good: ${what(job)}${job.recordings.length > 1 ? `, ${job.recordings.length} files` : ""}, and all that is known of the job.`,
    confirm: "Delete it",
  }),
};

export function Actions({ job, onRemoved }: { job: Job; onRemoved?: () => void }) {
  const [asking, setAsking] = useState<{ what: keyof typeof QUESTIONS; open: boolean } | null>(null);
  const ask = (what: keyof typeof QUESTIONS) => setAsking({ what, open: true });
  const name = job.title || job.url;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {canStop(job) && (
        <Button size="small" onClick={() => wish(job, "stop")}>
          <Square aria-hidden /> Stop &amp; keep
        </Button>
      )}
      {canCancel(job) && !canStop(job) && (
        <Button size="small" onClick={() => ask("cancel")}>
          <Ban aria-hidden /> Cancel
        </Button>
      )}
      {canRetry(job) && (
        <Button size="small" onClick={() => wish(job, "retry")}>
          <RotateCcw aria-hidden /> Retry
        </Button>
      )}
      {canDownload(job) && !isActive(job) && (
        <a
          className={buttonVariants({ size: "small" })}
          href={recordingUrl(job.id, { download: true })}
          download
        >
          <Download aria-hidden /> Download
        </a>
      )}
      <span className="grow" />
      {canDownload(job) && isActive(job) && (
        <a
          className={buttonVariants({ variant: "ghost", size: "icon" })}
          href={recordingUrl(job.id, { download: true })}
          download
          aria-label={`Download what there is of ${name}`}
        >
          <Download aria-hidden />
        </a>
      )}
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Copy the address of ${name}`}
        onClick={() => copyLink(job)}
      >
        <Link2 aria-hidden />
      </Button>
      {canCancel(job) && canStop(job) && (
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Cancel and discard ${name}`}
          onClick={() => ask("cancel")}
        >
          <Ban aria-hidden />
        </Button>
      )}
      {canDelete(job) && (
        <Button variant="ghost" size="icon" aria-label={`Delete ${name}`} onClick={() => ask("delete")}>
          <Trash2 aria-hidden />
        </Button>
      )}
      {/* A list has many of these: what asks is made when it is wanted, and stays so that the focus finds back. */}
      {asking && (
        <Confirm
          open={asking.open}
          onClose={() => setAsking({ ...asking, open: false })}
          onConfirm={async () => {
            if (asking.what === "cancel") return wish(job, "cancel");
            if (await remove(job)) onRemoved?.();
          }}
          {...QUESTIONS[asking.what](job)}
        />
      )}
    </div>
  );
}
