"""`./run`, as whoever has just cloned the project types it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import shutil
import signal
import socket
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from program import ROOT, Process, wait_until
from tests.world import oracle

MARK = "AIRCHECKS_TEST_OF_RUN"  # a variable that is found again in every process that `./run` begins

Start = Callable[..., Process]


def begun_with(mark: str) -> list[str]:
    """Command lines of the processes that have the variable."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Start]:
    """Only where it has built before, for that takes minutes; and one at a time, for all build in one folder."""
    build = ROOT / "build"
    place = build / "venv" / ".place"
    if not (build / "release" / ".configured").exists() or place.read_text().strip() != str(ROOT):
        pytest.skip("./run has not built this tree yet")
    mark = uuid.uuid4().hex
    started: list[Process] = []

    def start(*words: object) -> Process:
        started.append(Process([ROOT / "run", *words], tmp_path / "logs", {MARK: mark}))
        return started[-1]

    with open(build / ".run-test-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield start
        for process in started:
            if process.running():
                process.kill()
    assert not begun_with(mark), "a process is left"


def test_starts_the_server(run: Start, tmp_path: Path) -> None:
    process = run("--listen", "127.0.0.1:0", "--data", "of-its-own")
    address = wait_until(
        lambda: re.search(r"^http://127\.0\.0\.1:\d+$", process.output, re.MULTILINE) or not process.running(),
        timeout=90,
        what="the address",
    )
    assert process.running(), process.said
    with urllib.request.urlopen(f"{address[0]}/api/health", timeout=10) as answer:
        assert answer.status == 200 and json.load(answer)
    with urllib.request.urlopen(address[0], timeout=10) as answer:
        assert b"<html" in answer.read()
    assert (process.out.parent / "of-its-own" / "aircheck.db").exists(), "paths are the caller's"
    process.send(signal.SIGTERM)
    process.expect(0, timeout=20)


@pytest.fixture
def usual_port_taken() -> Iterator[None]:
    """So that this is seen to be no trouble, and the test is none for others."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # taken by somebody else: just as well
            stack.enter_context(socket.create_server(("127.0.0.1", 8470)))
        yield


def test_demo_leaves_a_recording(run: Start, usual_port_taken: None) -> None:
    process = run("demo", "--for", "8").expect(0, timeout=110)
    found = re.search(r"The recording: (build/demo/[^/]+)/(\S+\.mkv)", process.output)
    assert found, process.said
    home = ROOT / found[1]
    file = home / found[2]
    oracle.check_layout(file)
    oracle.decode(file)
    assert set(oracle.packets(file)) == {"video", "audio"} and len(oracle.packets(file)["video"]) >= 2 * 30
    assert not (home / "channel").exists(), "the channel's segments are to be removed"
    shutil.rmtree(home)
