"""Turns measurements into the tables of the README: medians, ratios, targets met or missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from bench.measure import Cost

GB = 1e9


@dataclass
class Runs:
    """All runs of one tool in one discipline."""

    tool: str
    costs: list[Cost] = field(default_factory=list)
    finishes: list[float] = field(default_factory=list)  # s from the end being told to the program's exit
    failures: list[str] = field(default_factory=list)

    def of(self, value: Callable[[Cost], float]) -> float:
        return median(map(value, self.costs)) if self.costs else float("nan")

    @property
    def cpu(self) -> float:
        return self.of(lambda cost: cost.cpu)

    @property
    def memory(self) -> float:
        return self.of(lambda cost: cost.memory)

    @property
    def wall(self) -> float:
        return self.of(lambda cost: cost.wall)

    @property
    def disk(self) -> float:
        return self.of(lambda cost: cost.disk / cost.size if cost.size else float("nan"))

    @property
    def finish(self) -> float:
        return median(self.finishes) if self.finishes else float("nan")


@dataclass
class Target:
    what: str
    limit: float
    measured: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def row(self) -> list[str]:
        bound = f"{'≥' if self.at_least else '≤'} {self.limit:g}"
        return [self.what, bound, f"{self.measured:.3g}", "met" if self.met else "**missed**"]


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def cpu_of_ffmpeg(runs: list[Runs]) -> float:
    return next((one.cpu for one in runs if one.tool.startswith("ffmpeg")), float("nan"))


def catch_up_table(runs: list[Runs], size: int) -> str:
    base = cpu_of_ffmpeg(runs)
    rows = [
        [one.tool, f"{one.cpu:.2f}", f"{one.cpu / size * GB:.2f}", f"{one.cpu / base:.2f}", f"{one.memory:.0f}",
         f"{one.wall:.1f}", f"{size / 1e6 / one.wall:.0f}", f"{one.disk:.2f}"]
        for one in runs
    ]  # fmt: skip
    return table(["", "CPU s", "CPU s per GB", "× ffmpeg", "peak MiB", "wall s", "MB/s", "disk ×"], rows)


def live_table(runs: list[Runs], seconds: float) -> str:
    base = cpu_of_ffmpeg(runs)
    rows = [
        [one.tool, f"{one.cpu:.2f}", f"{one.cpu * 3600 / seconds:.1f}", f"{one.cpu / base:.2f}", f"{one.memory:.0f}",
         f"{one.disk:.2f}", f"{one.finish:.2f}"]
        for one in runs
    ]  # fmt: skip
    return table(["", "CPU s", "per hour of stream", "× ffmpeg", "peak MiB", "disk ×", "end → file, s"], rows)
