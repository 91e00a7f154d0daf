// The end of a recording that still grows, as a small file of its own that a browser plays and winds: the description of the tracks
// from the front, the last clusters, and an index made for them. The growing file itself has no index yet. See RFC 9559.

const ID = {
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  duration: 0x4489,
  empty: 0xec,
};
const HEAD = 64 * 1024; // the tracks stand in the first of these bytes
const MOST = 96 << 20; // bytes

type Element = { id: number; start: number; body: number; end: number };

// One element's id and size at `at`; nothing where its bytes end or make no sense.
function element(bytes: Uint8Array, at: number): Element | null {
  const first = bytes[at] ?? 0;
  const idLength = Math.clz32(first) - 23;
  const mark = bytes[at + idLength] ?? 0;
  const sizeLength = Math.clz32(mark) - 23;
  if (idLength > 4 || sizeLength > 8 || at + idLength + sizeLength > bytes.length) return null;
  let id = 0;
  for (let i = 0; i < idLength; i++) id = id * 256 + (bytes[at + i] as number);
  let size = mark & (0xff >> sizeLength);
  for (let i = 1; i < sizeLength; i++) size = size * 256 + (bytes[at + idLength + i] as number);
  const body = at + idLength + sizeLength;
  return { id, start: at, body, end: body + size };
}

function number(bytes: Uint8Array, { body, end }: Element): number {
  let value = 0;
  for (let i = body; i < end; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

// The file's own Info, but for its duration. Ticks are those of clusters.
function info(head: Uint8Array, own: Element, duration: number): number[] {
  const kept: number[] = [];
  for (let child = element(head, own.body); child && child.end <= own.end; child = element(head, child.end))
    if (child.id !== ID.duration && child.id !== ID.empty) kept.push(...head.slice(child.start, child.end));
  const value = new DataView(new ArrayBuffer(8));
  value.setFloat64(0, duration);
  return sized(
    [0x15, 0x49, 0xa9, 0x66],
    [...kept, ...sized([0x44, 0x89], [...new Uint8Array(value.buffer)])],
  );
}

/** `stamp`: where its time stands. */
type Cluster = { start: number; end: number; time: number; stamp: Element };

// The whole clusters in `bytes`, which begin somewhere in the middle of one.
export function clusters(bytes: Uint8Array): Cluster[] {
  const found: Cluster[] = [];
  for (let at = 0; at + 8 < bytes.length; ) {
    const here = bytes[at] === 0x1f ? element(bytes, at) : null;
    const time = here?.id === ID.cluster ? element(bytes, here.body) : null;
    if (here && time?.id === 0xe7 && here.end <= bytes.length) {
      found.push({ start: at, end: here.end, time: number(bytes, time), stamp: time });
      at = here.end;
    } else if (found.length > 0) break;
    else at += 1;
  }
  return found;
}

const sized = (id: number[], body: number[]): number[] => {
  // Sizes of four bytes: long enough for all that is made here.
  const size = [0x10 | (body.length >> 24), body.length >> 16, body.length >> 8, body.length];
  return [...id, ...size.map((byte) => byte & 0xff), ...body];
};
const integer = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);

function cues(places: { time: number; position: number }[]): number[] {
  const points = places.flatMap(({ time, position }) =>
    sized(
      [0xbb],
      [
        ...sized([0xb3], integer(time)),
        ...sized([0xb7], [...sized([0xf7], [1]), ...sized([0xf1], integer(position))]),
      ],
    ),
  );
  return sized([0x1c, 0x53, 0xbb, 0x6b], points);
}

// A player begins at nought: clusters tell their time from the first one on.
function fromZero(bytes: Uint8Array, kept: readonly Cluster[]): Uint8Array<ArrayBuffer> {
  const moved = new Uint8Array(bytes);
  for (const { time, stamp } of kept) {
    let left = time - (kept[0]?.time ?? 0);
    for (let at = stamp.end - 1; at >= stamp.body; at--) {
      moved[at] = left % 256;
      left = Math.floor(left / 256);
    }
  }
  return moved;
}

/** The file, or nothing when `end` holds no whole cluster. */
export function shortFile(head: Uint8Array, end: Uint8Array): Uint8Array<ArrayBuffer>[] | null {
  const kept = clusters(end);
  const [first, last] = [kept[0], kept.at(-1)];
  const header = element(head, 0);
  const segment = header && element(head, header.end);
  if (!first || !last || !segment || segment.id !== ID.segment) return null;
  const parts: number[][] = [];
  const lastSpan = last.time - (kept.at(-2)?.time ?? last.time);
  for (
    let child = element(head, segment.body);
    child && child.id !== ID.cluster;
    child = element(head, child.end)
  )
    if (child.id === ID.tracks) parts.push([...head.slice(child.start, child.end)]);
    else if (child.id === ID.info) parts.push(info(head, child, last.time - first.time + lastSpan));
  const front = parts.flat();
  // The index has the same length wherever it points to.
  const place = (offset: number) =>
    kept.map(({ start, time }) => ({ time: time - first.time, position: offset + start - first.start }));
  const index = cues(place(front.length + cues(place(0)).length));
  const unknownSize = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  return [
    head.slice(0, header.end),
    new Uint8Array([0x18, 0x53, 0x80, 0x67, ...unknownSize, ...front, ...index]),
    fromZero(end, kept).slice(first.start, last.end),
  ];
}

async function range(url: string, wanted: string): Promise<Uint8Array> {
  const answer = await fetch(url, { headers: { Range: `bytes=${wanted}` } });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** What was recorded last, about `seconds` of it; to be given back with URL.revokeObjectURL. */
export async function latest(url: string, bytesPerSecond: number, seconds: number): Promise<string> {
  const wanted = Math.round(Math.min(MOST, Math.max(1 << 20, bytesPerSecond * seconds)));
  const [head, end] = await Promise.all([range(url, `0-${HEAD - 1}`), range(url, `-${wanted}`)]);
  const file = shortFile(head, end);
  if (!file) throw new Error("there is no whole cluster yet");
  return URL.createObjectURL(new Blob(file, { type: "video/x-matroska" }));
}
