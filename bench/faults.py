"""What each recorder keeps of a live stream in which something goes wrong. All of them at once, in real time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench import report
from bench.report import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.tools import Tool

SEGMENTS, WINDOW = 30, 8
PATIENCE = 90  # s after the end of the stream, for a tool to notice


@dataclass(frozen=True)
class Fault:
    name: str
    script: dict = field(default_factory=dict)
    killed_after: float | None = None  # s; the same command is started again


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


class Run(threading.Thread):
    """One tool on a stream of its own."""

    def __init__(self, bench, tool: Tool, fault: Fault):
        super().__init__(daemon=True)
        self.bench, self.tool, self.fault = bench, tool, fault
        self.place = bench.place()
        self.place.mkdir(parents=True)
        self.stream = bench.origin.stream(profile="small", total=SEGMENTS, window=WINDOW, ready=3, **fault.script)
        self.ended_at = 0.0

    def run(self) -> None:
        process = self.start_tool()
        if self.fault.killed_after:
            time.sleep(self.fault.killed_after)
            kill(process)
            process = self.start_tool()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SEGMENTS * 2 + PATIENCE)
        self.ended_at = time.time()
        kill(process)

    def start_tool(self) -> subprocess.Popen:
        # What was there before a restart is kept: ours goes on in the same file, the others get a new one.
        again = self.fault.killed_after and any(self.place.iterdir()) and self.tool.name != "aircheck"
        command = self.tool.command(self.stream["url"], self.place / ("again.mkv" if again else "file.mkv"), "")
        with open(self.place.parent / f"{self.place.name}.log", "a") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def kept(self, packets_in: Callable[[Path], dict[str, int]]) -> float:
        """Of the packets that the stream had, those in the fullest file that a player opens."""
        had = sum(self.bench.origin.packets(self.stream).values())
        files = [path for path in self.place.iterdir() if path.suffix in (".mkv", ".ts", ".mp4", ".part")]
        return max((sum(packets_in(path).values()) for path in files), default=0) / had

    def waited(self) -> float | None:
        """Seconds from the end's being told to the program's exit; nothing where it never saw it."""
        try:
            return self.ended_at - self.bench.origin.end_told_at(self.stream)
        except ValueError:
            return None


def kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def measure_all(bench, packets_in: Callable[[Path], dict[str, int]], say: Callable) -> tuple[str, list[Target]]:
    say(f"{len(FAULTS)} faults, {SEGMENTS * 2} s of stream each, all at once")
    runs = [[Run(bench, tool, fault) for tool in bench.tools] for fault in FAULTS]
    for run in (run for row in runs for run in row):
        run.start()
    for run in (run for row in runs for run in row):
        run.join()
    kept = [[run.kept(packets_in) for run in row] for row in runs]
    rows = [
        [fault.name, *(f"{100 * share:.1f} %" for share in shares)] for fault, shares in zip(FAULTS, kept, strict=True)
    ]
    waits = [[run.waited() for run in column] for column in zip(*runs, strict=True)]
    rows.append(["end of stream → exit, s, the longest", *(longest(column) for column in waits)])
    names = [tool.name for tool in bench.tools]
    ours = names.index("aircheck")
    targets = [
        Target(f"kept when {fault.name}, %", 100, 100 * shares[ours], at_least=True)
        for fault, shares in zip(FAULTS, kept, strict=True)
    ]
    return f"### What is kept when something goes wrong\n\n{report.table(['', *names], rows)}", targets


def longest(waits: list[float | None]) -> str:
    known = [wait for wait in waits if wait is not None]
    missing = len(waits) - len(known)
    text = f"{max(known):.1f}" if known else "–"
    return f"{text} ({missing} never saw it)" if missing else text
