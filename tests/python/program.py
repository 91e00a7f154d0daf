"""aircheck as a black box: the program started, watched and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.world.fake_youtube import FakeYouTube

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "build" / "venv" / "bin"


def find_program() -> Path:
    """AIRCHECK_BIN, or the release build, or the development build."""
    named = os.environ.get("AIRCHECK_BIN")
    places = [Path(named)] if named else [ROOT / "build" / preset / "bin" / "aircheck" for preset in ("release", "dev")]
    for place in places:
        if place.exists():
            return place.resolve()
    raise FileNotFoundError(f"no program at {' or '.join(map(str, places))}; run ./run build")


def wait_until(condition: Callable[[], Any], timeout: float = 20.0, what: str = "it") -> Any:
    """For what can only be asked again and again; returns the first true answer. A fifth of the time goes into asking
    at most: the machine has something to do for what is waited for, too."""
    deadline = time.monotonic() + timeout
    while True:
        asked = time.monotonic()
        if result := condition():
            return result
        now = time.monotonic()
        if now > deadline:
            raise TimeoutError(f"{what} did not happen within {timeout} s")
        time.sleep(min(max(0.02, 4 * (now - asked)), 0.5))


def youtube_options(youtube: FakeYouTube) -> list[object]:
    """Makes the program, and the real yt-dlp that it calls, take the fake for YouTube."""
    return ["--proxy", youtube.proxy.address, "--ca-file", youtube.addresses["ca_file"], "--yt-dlp", VENV / "yt-dlp"]


class Process:
    """One run of the program. Its output is kept in files, so that it never blocks."""

    def __init__(self, arguments: list[object], logs: Path, environment: dict[str, str] | None = None):
        logs.mkdir(parents=True, exist_ok=True)
        number = len(list(logs.glob("*.out")))
        self.out, self.err = logs / f"{number}.out", logs / f"{number}.err"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AIRCHECK_")}
        clean |= {"PATH": f"{VENV}:{clean['PATH']}", "XDG_CONFIG_HOME": str(logs), **(environment or {})}
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.popen = subprocess.Popen(
                [str(word) for word in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=clean, cwd=logs
            )

    @property
    def output(self) -> str:
        return self.out.read_text(errors="replace")

    @property
    def errors(self) -> str:
        return self.err.read_text(errors="replace")

    @property
    def said(self) -> str:
        return self.output + self.errors

    def running(self) -> bool:
        return self.popen.poll() is None

    def wait(self, timeout: float = 60.0) -> int:
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {timeout} s; it said: {self.said[-2000:]}") from None

    def expect(self, status: int, timeout: float = 60.0) -> Process:
        got = self.wait(timeout)
        assert got == status, f"exit status {got} instead of {status}; it said: {self.said[-3000:]}"
        return self

    def send(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()


class Program:
    """Starts the program in a folder of the test's own, and leaves nothing running."""

    def __init__(self, binary: Path, folder: Path):
        self.binary = binary
        self.folder = folder
        self.started: list[Process] = []

    def start(self, *arguments: object, environment: dict[str, str] | None = None) -> Process:
        process = Process([self.binary, *arguments], self.folder / "logs", environment)
        self.started.append(process)
        return process

    def record(self, url: str, file: Path, *options: object, environment: dict[str, str] | None = None) -> Process:
        return self.start("record", url, "-o", file, *options, environment=environment)

    def close(self) -> None:
        for process in self.started:
            if process.running():
                process.kill()
