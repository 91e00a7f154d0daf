// A picture out of a recording, for its card: the browser plays a moment of the file, muted and out of sight, and keeps one
// frame. So nobody else is asked for thumbnails, and they show what was recorded. One after another, and only for cards in sight.
import { type Job, recordingUrl } from "./api";
import { frameKey } from "./format";

const WIDTH = 480;
const PATIENCE = 10_000; // ms
const MOST_KEPT = 120;

const kept = new Map<string, ImageBitmap | null>(); // null: there is none to be had
let last: Promise<unknown> = Promise.resolve();

const isGrowing = (job: Job): boolean => job.completed_at === null;

function once(video: HTMLVideoElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener("error", () => reject(new Error("not to be played")), { once: true });
    setTimeout(() => reject(new Error("too slow")), PATIENCE);
  });
}

async function grab(job: Job): Promise<ImageBitmap | null> {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  try {
    video.src = recordingUrl(job.id, { until: isGrowing(job) ? job.bytes : undefined });
    await once(video, "loadeddata");
    if (video.videoWidth === 0) return null;
    // What grows has no seek index yet: its beginning must do.
    if (!isGrowing(job)) {
      video.currentTime = (job.recordings[0]?.duration_ms ?? 0) / 3000;
      await once(video, "seeked");
    }
    const height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
    return await createImageBitmap(video, {
      resizeWidth: WIDTH,
      resizeHeight: height,
      resizeQuality: "medium",
    });
  } catch {
    return null;
  } finally {
    video.removeAttribute("src");
    video.load(); // gives the connection back
  }
}

/** The frame, now or after those that were asked for before; null when there is none, or nobody `wants` it any more. */
export function frame(job: Job, wanted: () => boolean): Promise<ImageBitmap | null> {
  const key = frameKey(job);
  if (!key) return Promise.resolve(null);
  const turn = last.then(async () => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (!wanted()) return null;
    const made = await grab(job);
    kept.set(key, made);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
    return made;
  });
  last = turn.catch(() => {});
  return turn;
}
