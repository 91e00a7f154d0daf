"""Runs one program and says what it cost: CPU of it and its children, peak memory, time, disk."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Cost:
    cpu: float  # s, user and system, of the process and all its children that ended
    memory: float  # MiB, the highest of any of its processes
    wall: float  # s
    disk: int  # bytes, the most that lay in its folder
    size: int  # bytes of the finished file
    ended_at: float  # time.time()
    status: int
    output: str


def disk_usage(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            info = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            total += info.st_blocks * 512
    return total


def children_of(pid: int) -> list[int]:
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += children_of(int(child))
    except OSError:
        pass
    return found


def peak_of(pid: int) -> float:
    """VmHWM in MiB. getrusage's figure would hold this Python's own memory: it is kept across exec."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


class Sampler(threading.Thread):
    """Looks at a process every 20 ms, and at its folder every 100 ms, until told that it has ended."""

    def __init__(self, pid: int, folder: Path, own_memory_only: bool):
        super().__init__(daemon=True)
        self.pid = pid
        self.folder = folder
        self.own_memory_only = own_memory_only
        self.memory = 0.0
        self.disk = 0
        self.ended = threading.Event()

    def run(self) -> None:
        rounds = 0
        while not self.ended.wait(0.02):
            pids = [self.pid] if self.own_memory_only else children_of(self.pid)
            self.memory = max([self.memory, *map(peak_of, pids)])
            if rounds % 5 == 0:
                self.disk = max(self.disk, disk_usage(self.folder))
            rounds += 1


def resident(pid: int) -> int:
    """Bytes."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


class Footprint(threading.Thread):
    """What a process and all its children take together in memory, looked at four times a second while it runs."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid = pid
        self.samples: list[float] = []  # MiB
        self.start()

    def run(self) -> None:
        while taken := sum(map(resident, children_of(self.pid))):
            self.samples.append(taken / MIB)
            time.sleep(0.25)

    @property
    def median(self) -> float:
        return statistics.median(self.samples) if self.samples else float("nan")

    @property
    def most(self) -> float:
        return max(self.samples, default=float("nan"))


def wait(process: subprocess.Popen, seconds: float) -> resource.struct_rusage | None:
    """What it and its children took, once it has ended; None when it has not by then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        time.sleep(0.05)
    return None


def start(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> subprocess.Popen:
    """`environment` is added to ours."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**os.environ, **(environment or {})}
    with open(folder.parent / f"{folder.name}.log", "w") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=whole)


def finish(process: subprocess.Popen, folder: Path, file: Path, began: float, sampler: Sampler) -> Cost:
    _, status, usage = os.wait4(process.pid, 0)
    wall, ended_at = time.monotonic() - began, time.time()
    sampler.ended.set()
    sampler.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    output = (folder.parent / f"{folder.name}.log").read_text(errors="replace")
    size = file.stat().st_size if file.exists() else 0
    disk = max(sampler.disk, disk_usage(folder))
    return Cost(usage.ru_utime + usage.ru_stime, sampler.memory, wall, disk, size, ended_at, process.returncode, output)


def measure(
    command: list[str],
    folder: Path,
    file: Path,
    own_memory_only: bool = False,
    environment: dict[str, str] | None = None,
) -> Cost:
    began = time.monotonic()
    process = start(command, folder, environment)
    sampler = Sampler(process.pid, folder, own_memory_only)
    sampler.start()
    return finish(process, folder, file, began, sampler)
