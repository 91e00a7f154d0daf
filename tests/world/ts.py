"""MPEG-TS segments whose clocks and counters can be moved, so that a looped recording looks like one without end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

PACKET = 188
WRAP = 1 << 33  # of the 90 kHz timestamps
# For each shift of the continuity counter, the table that applies it to a packet's fourth byte.
SHIFTED = [bytes((byte & 0xF0) | ((byte + shift) & 0x0F) for byte in range(256)) for shift in range(16)]


def read_timestamp(data: bytes | bytearray, at: int) -> int:
    return (
        (data[at] >> 1 & 7) << 30 | data[at + 1] << 22 | data[at + 2] >> 1 << 15 | data[at + 3] << 7 | data[at + 4] >> 1
    )


def write_timestamp(data: bytearray, at: int, value: int) -> None:
    data[at] = data[at] & 0xF1 | (value >> 30) << 1
    data[at + 1] = value >> 22 & 0xFF
    data[at + 2] = value >> 14 & 0xFE | 1
    data[at + 3] = value >> 7 & 0xFF
    data[at + 4] = value << 1 & 0xFE | 1


def write_pcr(data: bytearray, at: int, base: int) -> None:
    data[at : at + 4] = (base >> 1).to_bytes(4, "big")
    data[at + 4] = data[at + 4] & 0x7F | (base & 1) << 7


class TsSegment:
    """One segment as ffmpeg wrote it, with the places of everything that changes from loop to loop."""

    def __init__(self, data: bytes):
        self.data = data
        self.packets_of: Counter[int] = Counter()  # pid → packets with payload, which count the continuity counter up
        self.timestamps: list[tuple[int, int]] = []  # (place, value)
        self.pcrs: list[tuple[int, int]] = []
        self.pids: list[int] = []
        for at in range(0, len(data), PACKET):
            self.scan(at)
        self.main_pid = self.packets_of.most_common(1)[0][0]
        self.other = [(index, pid) for index, pid in enumerate(self.pids) if pid != self.main_pid]

    def scan(self, at: int) -> None:
        data = self.data
        assert data[at] == 0x47, "not a transport stream packet"
        pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
        self.pids.append(pid)
        payload = at + 4
        if data[at + 3] & 0x20:  # adaptation field
            payload += 1 + data[at + 4]
            if data[at + 4] and data[at + 5] & 0x10:
                self.pcrs.append((at + 6, int.from_bytes(data[at + 6 : at + 10], "big") << 1 | data[at + 10] >> 7))
        if data[at + 3] & 0x10:
            self.packets_of[pid] += 1
            if data[at + 1] & 0x40 and data[payload : payload + 3] == b"\0\0\1":
                self.scan_pes(payload)

    def scan_pes(self, at: int) -> None:
        flags = self.data[at + 7] >> 6
        for index in range({0: 0, 2: 1, 3: 2}[flags]):
            place = at + 9 + 5 * index
            self.timestamps.append((place, read_timestamp(self.data, place)))

    def moved(self, ticks: int, counters: Mapping[int, int]) -> bytearray:
        """A copy with all clocks `ticks` (90 kHz) later and the continuity counters of each pid counted up."""
        data = bytearray(self.data)
        for place, value in self.timestamps:
            write_timestamp(data, place, (value + ticks) % WRAP)
        for place, value in self.pcrs:
            write_pcr(data, place, (value + ticks) % WRAP)
        column = data[3::PACKET]
        moved = column.translate(SHIFTED[counters[self.main_pid] % 16])
        for index, pid in self.other:
            moved[index] = SHIFTED[counters[pid] % 16][column[index]]
        data[3::PACKET] = moved
        return data
