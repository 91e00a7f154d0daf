import { Badge, type Tone } from "@/components/ui/badge";
import type { Job } from "@/lib/api";
import { statusWord } from "@/lib/explain";

const TONES: Record<Job["status"], Tone> = {
  PENDING: "calm",
  STARTED: "calm",
  WAITING: "calm",
  RECORDING: "live",
  UPLOADING: "live",
  COMPLETED: "good",
  FAILED: "bad",
  CANCELLED: "calm",
};

export function StatusBadge({ job }: { job: Job }) {
  const holes = job.status === "COMPLETED" && job.verdict?.complete === false;
  return (
    <Badge tone={holes ? "warn" : TONES[job.status]} data-status={job.status}>
      {job.status === "RECORDING" && <span aria-hidden className="pulse size-2 rounded-full bg-bad" />}
      {statusWord(job)}
    </Badge>
  );
}
