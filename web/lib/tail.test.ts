import { expect, it } from "vitest";
import { clusters, shortFile } from "./tail";

// Elements with sizes of one byte.
const made = (id: number[], body: number[]) => [...id, 0x80 | body.length, ...body];
const cluster = (time: number) =>
  made([0x1f, 0x43, 0xb6, 0x75], [...made([0xe7], [time >> 8, time & 255]), ...made([0xa3], [1, 2, 3, 4])]);
const HEAD = Uint8Array.from([
  ...made([0x1a, 0x45, 0xdf, 0xa3], [0x42, 0x86, 0x81, 1]),
  ...[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ...made([0x11, 0x4d, 0x9b, 0x74], [9, 9]), // SeekHead: left out
  ...made(
    [0x15, 0x49, 0xa9, 0x66],
    [...made([0x2a, 0xd7, 0xb1], [15, 66, 64]), ...made([0x44, 0x89], [0, 0, 0, 0])],
  ),
  ...made([0x16, 0x54, 0xae, 0x6b], [7, 7, 7]),
  ...made([0xec], [0, 0]),
]);
const END = Uint8Array.from([
  1,
  0x1f,
  0x43,
  0,
  ...cluster(1000),
  ...cluster(3000),
  ...cluster(5000).slice(0, 10),
]);

it("finds the whole clusters in the middle of a file", () => {
  expect(clusters(END).map(({ time }) => time)).toEqual([1000, 3000]);
  expect(clusters(Uint8Array.from([1, 2, 3]))).toEqual([]);
});

it("makes a file of them that begins at nought, with an index and a duration", () => {
  const file = Uint8Array.from(shortFile(HEAD, END)?.flatMap((part) => [...part]) ?? []);
  expect(clusters(file).map(({ time }) => time)).toEqual([0, 2000]);
  const hex = Array.from(file, (byte) => byte.toString(16).padStart(2, "0")).join("");
  expect(hex).not.toContain("114d9b74");
  expect(hex).toContain("1654ae6b83070707");
  expect(hex).toContain(`448910000008${"40af400000000000"}`); // 4000 ms
  const position = (hex.indexOf("1f43b675") - hex.indexOf("1853806701ffffffffffffff") - 24) / 2;
  expect(hex).toContain(`f110000004${position.toString(16).padStart(8, "0")}`);
});

it("is nothing without a whole cluster", () => {
  expect(shortFile(HEAD, END.slice(0, 10))).toBeNull();
});
