"""Packed audio: ADTS frames with an ID3 tag in front that tells their time (RFC 8216, section 3.4)."""

from __future__ import annotations

from fractions import Fraction

from tests.world.ts import WRAP

OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
START = 126_000  # 90 kHz: ffmpeg's transport streams, which lie beside, begin at 1.4 s too


def frames(adts: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(adts):
        size = (adts[at + 3] & 3) << 11 | adts[at + 4] << 3 | adts[at + 5] >> 5
        found.append(adts[at : at + size])
        at += size
    return found


def payload(frame: bytes) -> bytes:
    return frame[7 if frame[1] & 1 else 9 :]


def tag(ticks: int) -> bytes:
    private = OWNER + (ticks % WRAP).to_bytes(8, "big")
    frame = b"PRIV" + synchsafe(len(private)) + b"\0\0" + private
    return b"ID3\4\0\0" + synchsafe(len(frame)) + frame


def synchsafe(value: int) -> bytes:
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))


class PackedSegment:
    """The frames of one segment, and when the first of them sounds."""

    def __init__(self, data: bytes, seconds: float):
        self.data = tag(0) + data  # of the size that moved() gives
        self.frames = data
        self.start = round(Fraction(seconds) * 90000)

    def moved(self, seconds: Fraction) -> bytes:
        return tag(self.start + round(seconds * 90000)) + self.frames
