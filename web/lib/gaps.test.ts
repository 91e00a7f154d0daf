import { expect, it } from "vitest";
import { marks, missing } from "./gaps";

const gap = (start_ms: number, end_ms: number) => ({ start_ms, end_ms, reason: "404" });

it("puts holes where they are", () => {
  const [mark] = marks(10_000, [gap(2_000, 4_000)]);
  expect(mark).toMatchObject({ left: 20, width: 20 });
});

it("keeps the smallest hole in sight, and inside", () => {
  const [first, last] = marks(36_000_000, [gap(0, 10), gap(35_999_990, 36_000_000)]);
  expect(first?.width).toBeGreaterThan(0.5);
  expect((last?.left ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(100);
});

it("counts a hole at the end although nothing came after it", () => {
  const [mark] = marks(8_000, [gap(8_000, 10_000)]);
  expect(mark).toMatchObject({ left: 80, width: 20 });
});

it("has none where nothing was recorded", () => expect(marks(0, [])).toEqual([]));
it("adds up what is missing", () => expect(missing([gap(0, 10), gap(20, 25)])).toBe(15));
