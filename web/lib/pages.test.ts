import { expect, it } from "vitest";
import type { Job, JobPage } from "./api";
import { withHead, withMore } from "./pages";

const jobs = (...numbers: number[]): Job[] =>
  numbers.map(
    (n) => ({ id: `j${n}`, created_at: `2026-11-23T08:00:${String(n).padStart(2, "0")}.000Z` }) as Job,
  );
const page = (next: string | null, ...numbers: number[]): JobPage => ({ jobs: jobs(...numbers), next });
const ids = (list: readonly Job[]) => list.map(({ id }) => id).join(" ");

it("starts with the head", () => {
  const known = withHead(null, page("c", 9, 8));
  expect([ids(known.head), ids(known.older), known.next]).toEqual(["j9 j8", "", "c"]);
});

it("keeps what new jobs push out of the head", () => {
  const known = withMore(withHead(null, page("c", 9, 8)), page("d", 7, 6));
  const after = withHead(known, page("x", 10, 9));
  expect([ids(after.head), ids(after.older), after.next]).toEqual(["j10 j9", "j8 j7 j6", "d"]);
});

it("drops what was deleted from the head, and takes what moved up into it only once", () => {
  const known = withMore(withHead(null, page("c", 9, 8)), page(null, 7, 6));
  const after = withHead(known, page("x", 8, 7));
  expect([ids(after.head), ids(after.older), after.next]).toEqual(["j8 j7", "j6", null]);
});

it("begins anew when there may be unknown jobs in between", () => {
  const known = withMore(withHead(null, page("c", 9, 8)), page("d", 7, 6));
  const after = withHead(known, page("x", 20, 19));
  expect([ids(after.head), ids(after.older), after.next]).toEqual(["j20 j19", "", "x"]);
});

it("has nothing older when the head is all", () => {
  const known = withMore(withHead(null, page("c", 9, 8)), page(null, 7));
  expect(withHead(known, page(null, 9))).toEqual({ head: jobs(9), older: [], next: null });
});
