"""Recording into a bucket over TLS: against ffmpeg into a file, and how long the end of it takes."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import measure, report
from bench.report import Runs, Target

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
SEGMENT_SECONDS = 2
MOST_MEMORY = 28e6 / 2**20  # MiB


@dataclass
class Bucket:
    """bench/bucket.py as a process of its own; a context manager."""

    folder: Path
    ca_file: str

    def __enter__(self) -> Bucket:
        self.folder.mkdir(parents=True)
        here = Path(self.ca_file).parent
        command = [sys.executable, "-m", "bench.bucket", "--folder", str(self.folder)]
        command += ["--certificate", str(here / "server.pem"), "--key", str(here / "server.key")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)

    @property
    def environment(self) -> dict[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "eu-central-1"}
        return {**keys, "AWS_ENDPOINT_URL": self.address, "AWS_CA_BUNDLE": self.ca_file}

    def ask(self, path: str) -> dict:
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(self.address + path, context=context) as answer:
            return json.load(answer)

    def completed_at(self, key: str) -> float:
        return self.ask("/_completed")[f"/bucket/{key}"]

    def fetch(self, key: str, to: Path) -> None:
        """The parts lie beside us: no need to carry gigabytes through TLS."""
        with open(to, "wb") as out:
            for part in self.ask("/_parts")[f"/bucket/{key}"]:
                with open(part, "rb") as file:
                    shutil.copyfileobj(file, out, 1 << 20)


def command(program: str, url: str, key: str, ca_file: str) -> list[str]:
    return [program, "record", url, "-o", f"s3://bucket/{key}", "--ca-file", ca_file]


def realtime(bench, bucket: Bucket, seconds: int, say: Callable) -> tuple[str, list[Target]]:
    """Both at once, on streams of their own, over https."""
    say(f"into a bucket at real time, https: {seconds} s, beside ffmpeg into a file")
    started = []
    for name in ("aircheck", "ffmpeg"):
        stream = bench.origin.stream(profile="1080p", total=seconds // SEGMENT_SECONDS, ready=1)
        place = bench.place()
        url, ca_file = stream["https_url"], bucket.ca_file
        if name == "aircheck":
            words = command(bench.tool(name).program, url, "realtime.mkv", ca_file)
        else:
            words = bench.tool(name).command(url, place / "file.mkv", ca_file)
        began = time.monotonic()
        process = measure.start(words, place, bucket.environment)
        sampler = measure.Sampler(process.pid, place, True)
        sampler.start()
        started.append((Runs(name), stream, process, place, began, sampler))
    for runs, stream, process, place, began, sampler in started:
        file = place / "file.mkv"
        cost = measure.finish(process, place, file, began, sampler)
        ended = cost.ended_at
        if runs.tool == "aircheck":
            ended = bucket.completed_at("realtime.mkv")
            cost.disk, cost.size = cost.disk or 0, 1
            bucket.fetch("realtime.mkv", file)
        bench.judge(cost, file, runs, stream)
        runs.finishes.append(ended - bench.origin.end_told_at(stream))
        shutil.rmtree(place)
    ours, theirs = (entry[0] for entry in started)
    targets = [
        Target("into a bucket over TLS: CPU × ffmpeg into a file", 0.5, ours.cpu / theirs.cpu),
        Target("into a bucket: peak memory, MiB", MOST_MEMORY, ours.memory),
        Target("into a bucket: bytes on disk", 0, ours.costs[0].disk),
    ]
    ours.tool, theirs.tool = "aircheck into a bucket", "ffmpeg into a file"
    title = f"### Into a bucket at real time, https\n\n{seconds} s of stream, both at the same time.\n"
    return f"{title}\n{report.live_table([ours, theirs], seconds)}{bench.complaints([ours, theirs])}", targets


def catch_up(bench, bucket: Bucket, scheme: str, say: Callable) -> tuple[str, list[Target]]:
    """What is all there at once: without the waiting between segments, which costs as much as the bytes do."""
    total = 40 if bench.options.quick else 320
    stream = bench.origin.stream(profile="1080p", total=total, ready=total, type="event")
    url = stream["url" if scheme == "http" else "https_url"]
    ours, theirs = Runs("aircheck into a bucket"), Runs("ffmpeg into a file")
    say(f"into a bucket, {scheme}: {total * SEGMENT_SECONDS} s that are all there")
    for turn in range(bench.options.runs):
        bench.record(bench.tool("ffmpeg"), stream, theirs, scheme)
        place, key = bench.place(), f"{scheme}-{turn}.mkv"
        file = place / "file.mkv"
        words = command(bench.tool("aircheck").program, url, key, bucket.ca_file)
        cost = measure.measure(words, place, file, own_memory_only=True, environment=bucket.environment)
        say(f"  aircheck … {cost.cpu:.2f} s CPU, {cost.memory:.0f} MiB, {cost.wall:.1f} s")
        cost.size = 1
        bucket.fetch(key, file)
        bench.judge(cost, file, ours, stream)
        shutil.rmtree(place)
    size = bench.origin.bytes_served(stream)
    what = f"catch-up over {scheme} into a bucket over TLS"
    targets = [
        Target(f"{what}: CPU × ffmpeg into a file", 0.5, ours.cpu / theirs.cpu),
        Target(f"{what}: peak memory, MiB", MOST_MEMORY, ours.memory),
    ]
    content = f"{total * SEGMENT_SECONDS} s of 1080p30, {size / 1e6:.0f} MB, all there at once."
    title = f"### Catch-up over {scheme}, into a bucket over TLS\n\n{content}\n"
    return f"{title}\n{report.catch_up_table([ours, theirs], size)}{bench.complaints([ours, theirs])}", targets


def finish(bench, bucket: Bucket, lengths: list[tuple[str, int]], say: Callable) -> tuple[str, list[Target]]:
    rows, targets = [], []
    for label, length in lengths:
        total = length // SEGMENT_SECONDS
        say(f"finishing an object after {label}")
        stream = bench.origin.stream(
            profile="small", media={"segment_frames": 50}, total=total, ready=total - 30, speed=1
        )
        place, key, runs = bench.place(), f"{length}.mkv", Runs("aircheck")
        began = time.monotonic()
        words = command(bench.tool("aircheck").program, stream["https_url"], key, bucket.ca_file)
        process = measure.start(words, place, bucket.environment)
        sampler = measure.Sampler(process.pid, place, True)
        sampler.start()
        cost = measure.finish(process, place, place / "file.mkv", began, sampler)
        took = bucket.completed_at(key) - bench.origin.end_told_at(stream)
        bucket.fetch(key, place / "file.mkv")
        size = (place / "file.mkv").stat().st_size
        bench.judge(cost, place / "file.mkv", runs, stream)
        shutil.rmtree(place)
        rows.append([label, f"{size / 1e6:.0f}", f"{took:.2f}", f"{cost.memory:.0f}", f"{cost.cpu:.1f}"])
        rows += [[f"{label}: {failure}", "", "", "", ""] for failure in runs.failures]
        targets.append(Target(f"after {label}: end of stream → object complete, s", 3, took))
        targets.append(Target(f"after {label}: peak memory, MiB", MOST_MEMORY, cost.memory))
    head = ["length", "MB", "end → object complete, s", "peak MiB", "CPU s"]
    return f"### Finishing an object\n\n{report.table(head, rows)}", targets
