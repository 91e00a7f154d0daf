// Figures as people read them. Pure; the language and time zone are the viewer's.
import type { Job } from "./api";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 1234567 → "1.23 MB" */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** 5400000 → "5.4 Mb/s" */
export function bitrate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${(bitsPerSecond / 1e6).toFixed(1)} Mb/s`;
  return `${Math.round(bitsPerSecond / 1e3)} kb/s`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** 3723000 → "1:02:03" */
export function clock(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** 4200 → "4.2 s"; 95000 → "1 min 35 s" */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "3 s ago", "in 2 h 5 min" */
export function ago(then: number, now: number): string {
  const distance = now - then;
  if (Math.abs(distance) < 1000) return "now";
  const text =
    Math.abs(distance) < 60_000 ? `${Math.round(Math.abs(distance) / 1000)} s` : span(Math.abs(distance));
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A point in time in the viewer's zone, "21:36:15"; the day only when it is not today, "26 Nov, 21:36:15", the year only when
 * it is another. Not by Intl, whose first use holds the page up for 25 ms, a tenth of a second on a phone.
 */
export function pointInTime(iso: string, now = Date.now()): string {
  const then = new Date(iso);
  const today = new Date(now);
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(":");
  if (then.toDateString() === today.toDateString()) return time;
  const day = `${then.getDate()} ${MONTHS[then.getMonth()]}`;
  return then.getFullYear() === today.getFullYear()
    ? `${day}, ${time}`
    : `${day} ${then.getFullYear()}, ${time}`;
}

/** Names what a frame of the recording would show; null when there is none to be shown. */
export const frameKey = (job: Job): string | null =>
  job.recordings.length > 0 && job.media_ms > 0 && hasPicture(job)
    ? `${job.id} ${job.completed_at ?? job.attempt}`
    : null;

export const hasPicture = (job: Pick<Job, "quality_got">): boolean => /^\d+x\d+/.test(job.quality_got);

/** "1920x1080@60 h264+aac" → "1080p60 · h264+aac"; anything else as it is. */
export function qualityGot(text: string): string {
  const match = /^\d+x(\d+)(?:@([\d.]+))?\s*(.*)$/.exec(text);
  if (!match) return text;
  const rate = match[2] && Number(match[2]) > 30 ? String(Math.round(Number(match[2]))) : "";
  return [`${match[1]}p${rate}`, match[3]].filter(Boolean).join(" · ");
}
