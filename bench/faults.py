"""What each recorder keeps of a live stream in which something goes wrong. All of them at once, in real time."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bench import measure, report
from bench.packets import hashes_in
from bench.report import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.tools import Tool

SEGMENT_SECONDS = 2
MEDIA = {"profile": "small", "media": {"segment_frames": 50}}  # segments of that length
SEGMENTS = 30
PATIENCE = 90  # s after the end of the stream, for a tool to notice
KEPT_IN = (".mkv", ".ts", ".mp4", ".part")


@dataclass(frozen=True)
class Fault:
    name: str
    script: dict = field(default_factory=dict)
    killed_after: float | None = None  # s; the same command is started again
    away: float = 0.0  # s until that
    from_start: bool = False  # the tools are asked for what was there before them

    @property
    def seconds(self) -> float:
        """The most that a tool may take."""
        live = self.script.get("total", SEGMENTS) * SEGMENT_SECONDS + self.script.get("pause_seconds", 0)
        return live + self.away + PATIENCE


FAULTS = [
    Fault("nothing goes wrong"),
    Fault("a segment is 404 three times", {"faults": [{"kind": 404, "at": 12, "times": 3}]}),
    Fault("a segment is 503 five times", {"faults": [{"kind": 503, "at": 12, "times": 5}]}),
    Fault("a segment breaks off in the middle", {"faults": [{"kind": "truncated", "at": 12}]}),
    Fault("a segment's connection hangs", {"faults": [{"kind": "stall", "at": 12, "seconds": 120}]}),
    Fault("the playlist is 503 five times", {"playlist_faults": [{"kind": 503, "at": n} for n in range(8, 13)]}),
    Fault("the encoder begins anew", {"changes": [{"at": 15, "reset": 0}]}),
    Fault("the recorder is killed and started again", killed_after=25),
]


class Contest(Protocol):
    """Where the streams are, who records them, and what there was to keep."""

    title: str
    faults: list[Fault]
    tools: list[Tool]
    stagger: float  # s between two starts

    def stream(self, fault: Fault) -> dict: ...
    def command(self, tool: Tool, stream: dict, file: Path, fault: Fault) -> list[str]: ...
    def had(self, stream: dict, fault: Fault) -> Counter[str]: ...
    def ended_at(self, stream: dict) -> float:
        """time.time(); ValueError when there was no end."""
        ...


class Playlists:
    """HLS by the address of the playlist, from the oldest segment on."""

    title = "What is kept when something goes wrong"
    faults = FAULTS
    stagger = 0.0

    def __init__(self, bench):
        self.origin, self.tools = bench.origin, bench.tools

    def stream(self, fault: Fault) -> dict:
        return self.origin.stream(**{**MEDIA, "total": SEGMENTS, "window": 8, "ready": 3, **fault.script})

    def command(self, tool: Tool, stream: dict, file: Path, _: Fault) -> list[str]:
        return tool.command(stream["url"], file, "")

    def had(self, stream: dict, _: Fault) -> Counter[str]:
        return self.origin.hashes(stream)

    def ended_at(self, stream: dict) -> float:
        return self.origin.end_told_at(stream)


class Run(threading.Thread):
    """One tool on a stream of its own."""

    def __init__(self, contest: Contest, tool: Tool, fault: Fault, place: Path):
        super().__init__(daemon=True)
        self.contest, self.tool, self.fault, self.place = contest, tool, fault, place
        self.place.mkdir(parents=True)
        self.stream = contest.stream(fault)
        self.footprint: measure.Footprint | None = None
        self.cpu = float("nan")  # s, of the last process and its children
        self.ended_at: float | None = None  # time.time(); None: it had to be killed

    def run(self) -> None:
        process = self.start_tool()
        if self.fault.killed_after:
            time.sleep(self.fault.killed_after)
            kill(process)
            time.sleep(self.fault.away)
            process = self.start_tool()
        elif self.fault is self.contest.faults[0]:
            self.footprint = measure.Footprint(process.pid)
        if usage := measure.wait(process, self.fault.seconds):
            self.ended_at, self.cpu = time.time(), usage.ru_utime + usage.ru_stime
        else:
            kill(process)

    def start_tool(self) -> subprocess.Popen:
        # What was there before a restart is kept: who can goes on in the same file, the others get a new one.
        again = self.fault.killed_after and any(self.place.iterdir()) and not self.tool.resumes
        file = self.place / ("again.mkv" if again else "file.mkv")
        command = self.contest.command(self.tool, self.stream, file, self.fault)
        with open(self.place.parent / f"{self.place.name}.log", "a") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def kept(self) -> float:
        """Of the packets that the stream had, those in the fullest file that a player opens."""
        had = self.contest.had(self.stream, self.fault)
        files = [path for path in self.place.iterdir() if path.suffix in KEPT_IN]
        return max(((hashes_in(path) & had).total() for path in files), default=0) / had.total()

    def waited(self) -> float | None:
        """Seconds from the end to the program's exit; nothing where it left before or had to be killed."""
        try:
            waited = (self.ended_at or 0) - self.contest.ended_at(self.stream)
        except ValueError:
            return None
        return waited if waited >= 0 else None


def kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run_all(contest: Contest, place: Callable[[], Path], say: Callable) -> list[list[Run]]:
    """A row of runs for each fault."""
    say(f"{len(contest.faults)} faults, {SEGMENTS * SEGMENT_SECONDS} s of stream each, all at once")
    rows = [[Run(contest, tool, fault, place()) for tool in contest.tools] for fault in contest.faults]
    runs = [run for row in rows for run in row]
    for run in runs:
        run.start()
        time.sleep(contest.stagger)
    for run in runs:
        run.join()
    return rows


def tell(contest: Contest, runs: list[list[Run]], *more: list[str]) -> tuple[str, list[Target]]:
    """The table, with `more` rows below, and the targets."""
    names = [tool.name for tool in contest.tools]
    rows, targets = [], []
    for fault, row in zip(contest.faults, runs, strict=True):
        kept = [run.kept() for run in row]
        rows.append([fault.name, *map(percent, kept)])
        ours = 100 * kept[names.index("aircheck")]
        targets.append(Target(f"kept when {fault.name}, %", 100, ours, at_least=True))
    waits = [[run.waited() for run in column] for column in zip(*runs, strict=True)]
    rows += [["end of stream → exit, s, the longest", *map(longest, waits)], *more]
    return f"### {contest.title}\n\n{report.table(['', *names], rows)}", targets


def measure_all(bench, say: Callable) -> tuple[str, list[Target]]:
    contest = Playlists(bench)
    return tell(contest, run_all(contest, bench.place, say))


def percent(share: float) -> str:
    """Rounded down: 100.0 is all."""
    return f"{math.floor(1000 * share) / 10:.1f} %"


def longest(waits: list[float | None]) -> str:
    known = [wait for wait in waits if wait is not None]
    missing = len(waits) - len(known)
    text = f"{max(known):.1f}" if known else "–"
    return f"{text} ({missing} never saw it)" if missing else text
