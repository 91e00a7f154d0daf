"""What yt-dlp costs whenever a recorder asks it: the very command that aircheck runs, at a YouTube on loopback."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

from bench import measure, report
from bench.report import Runs
from tests.world.fake_youtube import FakeYouTube

WATCH = "https://www.youtube.com/watch?v=live0000001"


def command_of(program: str, yt_dlp: str, youtube: FakeYouTube, folder: Path) -> list[str]:
    """As a recording of the stream runs it, overheard by a script in yt-dlp's place."""
    overheard, script = folder / "command", folder / "yt-dlp"
    quoted = shlex.quote(str(overheard))
    script.write_text(f'#!/bin/sh\n[ -e {quoted} ] || printf "%s\\0" "$@" >{quoted}\nexec {shlex.quote(yt_dlp)} "$@"\n')
    script.chmod(0o755)
    options = ["--proxy", youtube.proxy.address, "--ca-file", youtube.addresses["ca_file"], "--yt-dlp", str(script)]
    process = measure.start([program, "record", WATCH, "-o", str(folder / "file.mkv"), *options], folder)
    if status := process.wait():
        raise RuntimeError(f"no recording: status {status}, see {folder}.log")
    return [yt_dlp, *overheard.read_text().rstrip("\0").split("\0")]


def measure_all(bench, say: Callable) -> str:
    yt_dlp, runs = bench.tool("yt-dlp").program, Runs("yt-dlp")
    with FakeYouTube() as youtube:
        youtube.add(stream={"total": 2, "ready": 2})
        place = bench.place()
        place.mkdir()
        command = command_of(bench.tool("aircheck").program, yt_dlp, youtube, place)
        shutil.rmtree(place)
        for _ in range(bench.options.runs):
            place = bench.place()
            trust = {"SSL_CERT_FILE": youtube.addresses["ca_file"]}  # as aircheck tells it
            cost = measure.measure(command, place, place / "none", environment=trust)
            if cost.status or "live0000001" not in cost.output:
                runs.failures.append(f"exit status {cost.status}: {cost.output[-300:].strip()}")
            runs.costs.append(cost)
    say(f"  yt-dlp: {runs.cpu:.2f} s CPU, {runs.memory:.0f} MiB, {runs.wall:.1f} s")
    row = ["one run of yt-dlp", f"{runs.cpu:.2f}", f"{runs.memory:.0f}", f"{runs.wall:.1f}"]
    content = "When a recording begins, and every 4½ hours. The other tables are of playlists and hold none of it."
    table = report.table(["", "CPU s", "peak MiB", "wall s"], [row])
    return f"### Asking yt-dlp\n\n{content}\n\n{table}{bench.complaints([runs])}"
