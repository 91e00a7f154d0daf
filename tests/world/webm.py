"""WebM fragments as YouTube's live origin cuts them: a header of its own in front of each, and one cluster."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

EBML, SEGMENT, INFO, TRACKS, CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
UNKNOWN = b"\x01" + b"\xff" * 7
MASTERS = {SEGMENT, CLUSTER}


def id_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def element(number: int, body: bytes) -> bytes:
    return id_bytes(number) + (len(body) | 1 << 56).to_bytes(8, "big") + body


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int, int]]:
    """(id, start, start of the content, end) of every element; masters before what they hold."""
    at, end = start, len(data) if end is None else end
    while at < end:
        id_length = 9 - data[at].bit_length()
        number = int.from_bytes(data[at : at + id_length], "big")
        size_length = 9 - data[at + id_length].bit_length()
        content = at + id_length + size_length
        size = int.from_bytes(data[at + id_length : content], "big") & ((1 << 7 * size_length) - 1)
        stop = end if size == (1 << 7 * size_length) - 1 else content + size
        yield number, at, content, stop
        if number in MASTERS:
            yield from walk(data, content, stop)
        at = stop


@dataclass
class Frame:
    time: int  # ms
    key: bool
    data: bytes


def frames(data: bytes) -> Iterator[Frame]:
    """Of a file with one track."""
    cluster = 0
    for number, _, start, end in walk(data):
        if number == TIMESTAMP:
            cluster = int.from_bytes(data[start:end], "big")
        elif number == SIMPLE_BLOCK:
            yield frame(data[start:end], cluster, bool(data[start + 3] & 0x80))
        elif number == BLOCK_GROUP:  # ffmpeg writes the last block of Opus so
            block = next((first, last) for inner, _, first, last in walk(data, start, end) if inner == BLOCK)
            yield frame(data[slice(*block)], cluster, True)


def frame(block: bytes, cluster: int, key: bool) -> Frame:
    return Frame(cluster + struct.unpack_from(">h", block, 1)[0], key, block[4:])


def header(data: bytes) -> bytes:
    """What stands in front of the clusters, but for indexes."""
    parts = {number: data[start:end] for number, start, _, end in walk(data) if number in (EBML, INFO, TRACKS)}
    return parts[EBML] + id_bytes(SEGMENT) + UNKNOWN + parts[INFO] + parts[TRACKS]


def cluster(listed: list[Frame], start: int, unknown_size: bool) -> bytes:
    """The time first, in a field of fixed size, so that it can be moved."""
    body = element(TIMESTAMP, start.to_bytes(8, "big"))
    for frame in listed:
        flags = 0x80 if frame.key else 0
        body += element(SIMPLE_BLOCK, b"\x81" + struct.pack(">hB", frame.time - start, flags) + frame.data)
    return id_bytes(CLUSTER) + UNKNOWN + body if unknown_size else element(CLUSTER, body)


class WebmSegment:
    """One cluster; its time can be moved, so that a looped recording looks like one without end."""

    PLACE = 4 + 8 + 1 + 8  # of the time

    def __init__(self, data: bytes):
        self.data = data

    def moved(self, seconds: Fraction) -> bytearray:
        data = bytearray(self.data)
        time = struct.unpack_from(">Q", data, self.PLACE)[0] + round(seconds * 1000)
        struct.pack_into(">Q", data, self.PLACE, time)
        return data
