// What a person may do with a job: shown at once, taken back with a message when the server refuses.
import { complain, toast } from "@/components/ui/toast";
import { type Action, act, deleteJob, type Job } from "@/lib/api";
import { isActive } from "@/lib/jobs";
import { optimistically } from "@/lib/store";

const SAID: Record<Action, string> = {
  stop: "Stopping; what was recorded is kept.",
  cancel: "Cancelling.",
  retry: "Trying again.",
};

function wished(job: Job, action: Action): Job {
  if (action === "retry") return { ...job, status: "PENDING", error: null, stop_requested: "NONE" };
  return { ...job, stop_requested: action === "stop" ? "STOP" : "CANCEL" };
}

export async function wish(job: Job, action: Action): Promise<void> {
  try {
    await optimistically(job.id, wished(job, action), () => act(job.id, action));
    toast(SAID[action]);
  } catch (error) {
    complain(error);
  }
}

/** Whether it is gone. */
export async function remove(job: Job): Promise<boolean> {
  try {
    await optimistically(job.id, null, async () => {
      await deleteJob(job.id);
      return null;
    });
    toast("Deleted.");
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export const canStop = (job: Job): boolean =>
  isActive(job) && job.stop_requested === "NONE" && (job.bytes > 0 || job.status === "RECORDING");
export const canCancel = (job: Job): boolean => isActive(job) && job.stop_requested !== "CANCEL";
export const canRetry = (job: Job): boolean => job.status === "FAILED" || job.status === "CANCELLED";
export const canDelete = (job: Job): boolean => !isActive(job);
export const canDownload = (job: Job): boolean => job.recordings.length > 0;
