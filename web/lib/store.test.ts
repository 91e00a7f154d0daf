import { expect, it } from "vitest";
import type { Job } from "./api";
import { applyJob, matches, merged, optimistically } from "./store";

const job = (id: string, change: Partial<Job> = {}): Job =>
  ({
    id,
    url: "https://www.youtube.com/watch?v=jfKfPfyJRdk",
    video_id: "",
    title: "",
    channel: "",
    status: "RECORDING",
    created_at: `2026-11-23T08:00:0${id}.000Z`,
    version: 1,
    bytes: 0,
    media_ms: 0,
    ...change,
  }) as Job;

const ALL = { statuses: [], search: "" };
const ids = (jobs: Job[]) => jobs.map(({ id }) => id);

it("lets the newer version win", () => {
  const over = new Map([["1", job("1", { version: 3, title: "new" })]]);
  expect(merged([job("1", { version: 2, title: "old" })], over, ALL, true)[0]?.title).toBe("new");
  expect(merged([job("1", { version: 4, title: "newest" })], over, ALL, true)[0]?.title).toBe("newest");
});

it("brings in jobs that only events know, newest first", () => {
  const over = new Map([["3", job("3")]]);
  expect(ids(merged([job("2"), job("1")], over, ALL, false))).toEqual(["3", "2", "1"]);
});

it("leaves a job of a later page to that page", () => {
  const over = new Map([["1", job("1")]]);
  expect(ids(merged([job("3"), job("2")], over, ALL, false))).toEqual(["3", "2"]);
  expect(ids(merged([job("3"), job("2")], over, ALL, true))).toEqual(["3", "2", "1"]);
});

it("drops what is gone and what the filter does not want any more", () => {
  const over = new Map<string, Job | null>([
    ["1", null],
    ["2", job("2", { status: "COMPLETED", version: 2 })],
  ]);
  expect(merged([job("2"), job("1")], over, { statuses: ["RECORDING"], search: "" }, true)).toEqual([]);
});

it("searches title, channel and address in either case", () => {
  expect(matches(job("1", { title: "Rocket" }), { statuses: [], search: "rock" })).toBe(true);
  expect(matches(job("1"), { statuses: [], search: "JFKF" })).toBe(true);
  expect(matches(job("1"), { statuses: [], search: "moon" })).toBe(false);
});

it("takes a refused wish back", async () => {
  applyJob(job("7", { version: 5 }));
  const refusal = optimistically("7", job("7", { version: 5, stop_requested: "STOP" }), async () => {
    throw new Error("no");
  });
  await expect(refusal).rejects.toThrow("no");
});
