"""Fragmented MP4 whose decode times can be moved, so that a looped recording looks like one without end."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction

CONTAINERS = {b"moov", b"trak", b"mdia", b"moof", b"traf"}


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """(type, start of the content, end) of every box, containers before what they hold."""
    at, end = start, len(data) if end is None else end
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at + 8, at + size
        if kind in CONTAINERS:
            yield from boxes(data, at + 8, at + size)
        at += size


def timescales(init: bytes) -> dict[int, int]:
    """Track id → ticks per second."""
    scales, track = {}, 0
    for kind, at, _ in boxes(init):
        long = kind in (b"tkhd", b"mdhd") and init[at] == 1
        if kind == b"tkhd":
            track = struct.unpack_from(">I", init, at + (20 if long else 12))[0]
        elif kind == b"mdhd":
            scales[track] = struct.unpack_from(">I", init, at + (20 if long else 12))[0]
    return scales


class Fmp4Segment:
    """One segment as ffmpeg wrote it, with the places of its decode times and sequence numbers."""

    def __init__(self, data: bytes, scales: dict[int, int]):
        self.data = data
        self.times: list[tuple[int, int]] = []  # (place of a 64-bit time, its ticks per second)
        self.sequences: list[int] = []
        track = 0
        for kind, at, _ in boxes(data):
            if kind == b"mfhd":
                self.sequences.append(at + 4)
            elif kind == b"tfhd":
                track = struct.unpack_from(">I", data, at + 4)[0]
            elif kind == b"tfdt":
                assert data[at] == 1, "decode times must be of 64 bits to be moved"
                self.times.append((at + 4, scales[track]))
            elif kind == b"sidx":
                assert data[at] == 1
                self.times.append((at + 12, struct.unpack_from(">I", data, at + 8)[0]))

    def moved(self, seconds: Fraction, sequence: int) -> bytearray:
        data = bytearray(self.data)
        for place, scale in self.times:
            value = struct.unpack_from(">Q", data, place)[0] + round(seconds * scale)
            struct.pack_into(">Q", data, place, value)
        for place in self.sequences:
            struct.pack_into(">I", data, place, sequence)
        return data
