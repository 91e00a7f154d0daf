"""Lighthouse as on a mid-range phone with a slow network, against a real server with recordings in it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dashboard import ANY_HOST, CHROMIUM, QUIET, WEB
from seeding import completed, seed

from program import VENV
from server import Server
from tests.world.origin import Origin

TOOL = WEB.parent / "tools/lighthouse"
WANTED = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
# Performance is a simulation over times that were measured, and whoever else is busy on the machine spoils them: the
# best of some runs counts. The other marks do not depend on time: each run has to bring them.
RUNS = 5
# By default Lighthouse takes its host for a fast desktop, four times as fast as a mid-range phone. For a slower one its
# documentation (docs/throttling.md, "Calibrating the CPU slowdown") has a calculator: BenchmarkIndex and slowdown.
DEFAULT_SLOWDOWN = 4.0
CALIBRATION = ((150, 1.0), (800, 2.0), (1300, 3.0), (2000, 6.0))


def slowdown_for(index: float) -> float:
    """What makes a phone of a host with this BenchmarkIndex; never more than Lighthouse's default."""
    for (low, less), (high, more) in itertools.pairwise(CALIBRATION):
        if index < high:
            return min(DEFAULT_SLOWDOWN, max(1.0, less + (more - less) * (index - low) / (high - low)))
    return DEFAULT_SLOWDOWN


@dataclass
class Report:
    marks: dict[str, int]
    index: float  # BenchmarkIndex of the host, as it was during this run
    slowdown: float
    figures: dict[str, str]  # what the mark for performance is made of
    short: list[str]  # audits that cost marks

    def says(self) -> str:
        figures = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        return f"{self.marks} at {self.slowdown:.1f}x, BenchmarkIndex {self.index:.0f}: {figures}; {self.short}"


@pytest.fixture(scope="session")
def lighthouse() -> Path:
    program = TOOL / "node_modules/lighthouse/cli/index.js"
    if not program.exists():
        path = f"{os.environ['PATH']}:{VENV}"
        command = ["npm", "install", "--no-package-lock", "--silent"]
        subprocess.run(command, cwd=TOOL, check=True, env=os.environ | {"PATH": path}, timeout=300)
    return program


FIGURES = {
    "FCP": "first-contentful-paint",
    "LCP": "largest-contentful-paint",
    "TBT": "total-blocking-time",
    "SI": "speed-index",
    "CLS": "cumulative-layout-shift",
}


def measure(tool: Path, url: str, slowdown: float) -> Report:
    flags = f"--chrome-flags=--headless=new {' '.join(QUIET)}"
    arguments = [url, "--quiet", "--output=json", f"--throttling.cpuSlowdownMultiplier={slowdown}", flags]
    environment = os.environ | {"CHROME_PATH": CHROMIUM, "PATH": f"{os.environ['PATH']}:{VENV}"}
    done = subprocess.run(["node", tool, *arguments], capture_output=True, text=True, env=environment, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    if folder := os.environ.get("AIRCHECK_LIGHTHOUSE_REPORTS"):
        Path(folder, f"{time.time():.0f}.json").write_text(done.stdout)
    audits = found["audits"]
    report = Report(
        marks={name: round(100 * found["categories"][name]["score"]) for name in WANTED},
        index=found["environment"]["benchmarkIndex"],
        slowdown=slowdown,
        figures={short: audits[name]["displayValue"] for short, name in FIGURES.items()},
        short=[
            name
            for name, audit in audits.items()
            if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative"
        ],
    )
    print(report.says())
    return report


def best_of(tool: Path, url: str, slowdown: float) -> Report:
    reports: list[Report] = []
    while len(reports) < RUNS and (not reports or reports[-1].marks["performance"] < WANTED["performance"]):
        reports.append(measure(tool, url, slowdown))
        timeless = {name: mark for name, mark in reports[-1].marks.items() if name != "performance"}
        assert all(mark >= WANTED[name] for name, mark in timeless.items()), reports[-1].says()
    return max(reports, key=lambda report: report.marks["performance"])


@pytest.mark.parametrize(
    ("index", "slowdown"), [(100, 1.0), (475, 1.5), (800, 2.0), (1050, 2.5), (1533, 4.0), (3000, 4.0)]
)
def test_slowdown(index: float, slowdown: float) -> None:
    assert slowdown_for(index) == pytest.approx(slowdown, abs=0.01)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", ["list", "recording"])
def test_lighthouse(lighthouse: Path, serve: Callable[..., Server], origin: Origin, page: str) -> None:
    server = serve(*ANY_HOST, "--web", WEB)
    job = server.submit(origin.url(origin.add(type="vod", total=6)), title="A talk")
    server.wait_for(job, "COMPLETED")
    seed(server, [completed(n, recordings=[]) for n in range(20)])
    url = server.address + ("/" if page == "list" else f"/job?id={job}")
    report = best_of(lighthouse, url, DEFAULT_SLOWDOWN)
    if report.marks["performance"] < WANTED["performance"] and slowdown_for(report.index) < DEFAULT_SLOWDOWN:
        report = best_of(lighthouse, url, slowdown_for(report.index))
    assert report.marks["performance"] >= WANTED["performance"], report.says()
