"""Lighthouse as on a mid-range phone with a slow network, against a real server with recordings in it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
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


@pytest.fixture(scope="session")
def lighthouse() -> Path:
    program = TOOL / "node_modules/lighthouse/cli/index.js"
    if not program.exists():
        path = f"{os.environ['PATH']}:{VENV}"
        command = ["npm", "install", "--no-package-lock", "--silent"]
        subprocess.run(command, cwd=TOOL, check=True, env=os.environ | {"PATH": path}, timeout=300)
    return program


def measure(tool: Path, url: str) -> dict[str, int]:
    arguments = [url, "--quiet", "--output=json", f"--chrome-flags=--headless=new {' '.join(QUIET)}"]
    environment = os.environ | {"CHROME_PATH": CHROMIUM, "PATH": f"{os.environ['PATH']}:{VENV}"}
    done = subprocess.run(["node", tool, *arguments], capture_output=True, text=True, env=environment, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    marks = {name: round(100 * report["categories"][name]["score"]) for name in WANTED}
    short = [
        name
        for name, audit in report["audits"].items()
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative"
    ]
    print(marks, short)
    return marks


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", ["list", "recording"])
def test_lighthouse(lighthouse: Path, serve: Callable[..., Server], origin: Origin, page: str) -> None:
    server = serve(*ANY_HOST, "--web", WEB)
    job = server.submit(origin.url(origin.add(type="vod", total=6)), title="A talk")
    server.wait_for(job, "COMPLETED")
    seed(server, [completed(n, recordings=[]) for n in range(20)])
    url = server.address + ("/" if page == "list" else f"/job?id={job}")
    seen = []
    while len(seen) < RUNS and (not seen or seen[-1]["performance"] < WANTED["performance"]):
        seen.append(measure(lighthouse, url))
        timeless = {name: mark for name, mark in seen[-1].items() if name != "performance"}
        assert all(mark >= WANTED[name] for name, mark in timeless.items()), seen
    assert seen[-1]["performance"] >= WANTED["performance"], seen
