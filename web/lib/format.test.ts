import { expect, it } from "vitest";
import { ago, bitrate, bytes, clock, pointInTime, qualityGot, span } from "./format";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1234567, "1.23 MB"],
  [45_600_000, "45.6 MB"],
  [734_003_200, "734 MB"],
  [20e12, "20.0 TB"],
])("writes %d bytes as %s", (count, text) => expect(bytes(count)).toBe(text));

it.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [3_723_000, "1:02:03"],
])("writes %d ms as the clock does, %s", (ms, text) => expect(clock(ms)).toBe(text));

it.each([
  [4_200, "4.2 s"],
  [42_000, "42 s"],
  [95_000, "1 min 35 s"],
  [7_500_000, "2 h 5 min"],
])("writes %d ms as a span, %s", (ms, text) => expect(span(ms)).toBe(text));

it("tells past from future", () => {
  expect(ago(1_000, 4_000)).toBe("3 s ago");
  expect(ago(4_000, 1_000)).toBe("in 3 s");
  expect(ago(1_000, 1_500)).toBe("now");
});

const at = (...parts: [number, number, number, number, number, number]) => new Date(...parts);
const EVENING = at(2026, 10, 26, 21, 36, 5);
it.each([
  [at(2026, 10, 26, 9, 5, 0), "09:05:00"],
  [at(2026, 10, 25, 23, 59, 59), "25 Nov, 23:59:59"],
  [at(2025, 0, 1, 0, 0, 0), "1 Jan 2025, 00:00:00"],
])("writes %s in the viewer's zone as %s", (then, text) =>
  expect(pointInTime(then.toISOString(), EVENING.getTime())).toBe(text),
);

it("writes bitrates", () => {
  expect(bitrate(5_400_000)).toBe("5.4 Mb/s");
  expect(bitrate(128_400)).toBe("128 kb/s");
});

it("shortens the quality that was got", () => {
  expect(qualityGot("1920x1080@60 h264+aac")).toBe("1080p60 · h264+aac");
  expect(qualityGot("1280x720@29.97 h264+aac")).toBe("720p · h264+aac");
  expect(qualityGot("aac")).toBe("aac");
});
