// Calls to the API. Answers are the types that are generated from api/openapi.yaml; errors say what to do.
import { noteServerTime } from "./now";
import { byNewest } from "./pages";
import type { components } from "./schema";
import { forgetToken, readToken } from "./token";

export type Job = components["schemas"]["Job"];
export type JobStatus = components["schemas"]["JobStatus"];
export type JobPage = components["schemas"]["JobPage"];
export type NewJob = { url: string; quality?: string; from_start?: boolean; title?: string };
type Problem = components["schemas"]["Problem"];

export const API_URL = (process.env.NEXT_PUBLIC_API_URL || "/api").replace(/\/+$/, "");
export const POLL_INTERVAL = Math.max(1000, Number(process.env.NEXT_PUBLIC_POLL_INTERVAL) || 5000);

/** What the API refused, in its own words. `status` 0: it could not be reached at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint = "",
  ) {
    super(message);
    this.name = "ApiError";
  }
}

async function toError(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError(response.status, problem.detail || problem.title, problem.hint ?? "");
  } catch {
    return new ApiError(response.status, `The API answered ${response.status}.`);
  }
}

function headersFor(init: RequestInit): Headers {
  const headers = new Headers(init.headers);
  const token = readToken();
  if (token) headers.set("Authorization", `Bearer ${token}`);
  if (init.body) headers.set("Content-Type", "application/json");
  return headers;
}

/** Throws what the API refused. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${API_URL}${path}`, {
      ...init,
      headers: headersFor(init),
      credentials: "same-origin",
      signal: init.signal ?? AbortSignal.timeout(20_000),
    });
  } catch {
    throw new ApiError(0, "The API cannot be reached.", "Is the server running, and the network there?");
  }
  noteServerTime(response.headers.get("Date"));
  if (response.status === 401) forgetToken();
  if (!response.ok && response.status !== 304) throw await toError(response);
  return response;
}

type Kept = { etag: string; data: unknown };
const kept = new Map<string, Kept>();
const MOST_KEPT = 200;

/** GET with a conditional request: what has not changed comes back as the very same object. */
export async function get<T>(path: string): Promise<T> {
  const known = kept.get(path);
  const response = await send(path, known ? { headers: { "If-None-Match": known.etag } } : {});
  if (response.status === 304 && known) return known.data as T;
  const data = (await response.json()) as T;
  const etag = response.headers.get("ETag");
  kept.delete(path);
  if (etag) kept.set(path, { etag, data });
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
  return data;
}

export function forgetAnswers(): void {
  kept.clear();
}

// json-server, which `npm run mock` starts, answers with the bare array of its file, and filters by equality only: all of it is
// asked for and filtered here.
let bare = false;

export function asPage(answer: JobPage | Job[]): JobPage {
  if (!Array.isArray(answer)) return answer;
  bare = true;
  return { jobs: [...answer].sort(byNewest), next: null };
}

export type Filter = { statuses: JobStatus[]; search: string };
export const PAGE_SIZE = 50;

export function listPath({ statuses, search }: Filter, cursor?: string | null): string {
  if (bare) return "/jobs";
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (statuses.length > 0) query.set("status", statuses.join(","));
  if (search) query.set("q", search);
  if (cursor) query.set("cursor", cursor);
  return `/jobs?${query}`;
}

export const jobPath = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

/** Sent once, whatever becomes of the answer: the key lets a repetition find the job that the first one made. */
export async function createJob(job: NewJob, key: string): Promise<Job> {
  const response = await send("/jobs", {
    method: "POST",
    body: JSON.stringify(job),
    headers: { "Idempotency-Key": key },
  });
  return (await response.json()) as Job;
}

export type Action = "stop" | "cancel" | "retry";

export async function act(id: string, action: Action): Promise<Job> {
  return (await (await send(`${jobPath(id)}/${action}`, { method: "POST" })).json()) as Job;
}

export async function deleteJob(id: string): Promise<void> {
  await send(jobPath(id), { method: "DELETE" });
}

export type View = { file?: number; download?: boolean; until?: number };

/**
 * Where a recording's file can be played or, with `download`, saved. Files are counted from 1. `until`: as it was when it had so many
 * bytes.
 */
export function recordingUrl(id: string, { file = 1, download = false, until }: View = {}): string {
  const query = new URLSearchParams();
  if (file > 1) query.set("file", String(file));
  if (download) query.set("download", "1");
  if (until) query.set("until", String(until));
  const text = query.toString();
  return `${API_URL}${jobPath(id)}/recording${text ? `?${text}` : ""}`;
}

/** Whether a token is wanted and the present one, if any, is refused. */
export const isUnauthorized = (error: unknown): boolean => error instanceof ApiError && error.status === 401;
