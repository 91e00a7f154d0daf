"""What each recorder keeps of a YouTube live stream in which something goes wrong, and what that takes.

The YouTube is the tests' own; each recorder resolves the video's address by itself: aircheck and yt-dlp by yt-dlp's
extractor, streamlink by its own. aircheck and `--live-from-start` record the adaptive formats' numbered fragments, the
others HLS.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from bench import faults
from bench.faults import MEDIA, SEGMENT_SECONDS, SEGMENTS, Fault
from bench.tools import Tool, find_tools, then_remuxed

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from bench.report import Target

FROM_START = "yt-dlp --live-from-start"
FORMATS = [{"itag": 137}, {"itag": 140, "tracks": "a", "bandwidth": 128000}]
HLS = {"name": "v96", "itag": 96}
WINDOW = 30 // SEGMENT_SECONDS  # segments: YouTube lists 30 s
READY = 3
PAUSE = 60  # s


def at(kind: str, number: int, **more: float) -> dict:
    """The same fault on whichever way a tool takes."""
    renditions = [HLS["name"], *(f"f{plan['itag']}" for plan in FORMATS)]
    return {"faults": [{"kind": kind, "at": number, "rendition": name, **more} for name in renditions]}


FAULTS = [
    Fault("nothing goes wrong", {"profile": "1080p", "media": {}, "total": 90}),  # what it takes is measured here
    Fault("a segment is 404 three times", at("404", 18, times=3)),
    Fault("a segment is 403 three times", at("403", 18, times=3)),
    Fault("a segment is 503 for ten seconds", at("503", 18, lasts=10)),
    Fault("a segment breaks off in the middle", at("truncated", 18)),
    Fault("a segment's connection hangs", at("stall", 18, seconds=120)),
    Fault("nothing is broadcast for a minute", {"pause_at": 18, "pause_seconds": PAUSE}),
    Fault("the URLs expire", {"expire_seconds": 35}),
    Fault("the encoder begins anew", {"changes": [{"at": 18, "epoch": True, "reset": 0}]}),
    Fault("the recorder is killed and started again", killed_after=30),
    Fault("it is killed, and started again after 40 s", {"total": SEGMENTS + 15}, killed_after=30, away=40),
    Fault("it is started a minute late, for all of it", {"ready": 30, "total": 60}, from_start=True),
]


class Broadcasts:
    """Videos of the fake YouTube."""

    title = "What is kept of a YouTube stream when something goes wrong"
    faults = FAULTS
    stagger = 0.5  # resolving takes a second of CPU

    def __init__(self, bench, tools: list[Tool]):
        self.origin, self.tools = bench.origin, tools
        self.yt_dlp = next(tool.program for tool in tools if tool.name == FROM_START)
        self.numbers = itertools.count()

    def stream(self, fault: Fault) -> dict:
        stream = {**MEDIA, "adaptive": FORMATS, "variants": [HLS], "window": WINDOW}
        stream |= {"total": SEGMENTS, "ready": READY, **fault.script}
        made = self.origin.video(id=f"fault{next(self.numbers):06}", https=True, ends=True, stream=stream)
        return {**made, "live": (stream["total"] - stream["ready"]) * SEGMENT_SECONDS + stream.get("pause_seconds", 0)}

    def command(self, tool: Tool, stream: dict, file: Path, fault: Fault) -> list[str]:
        proxy, ca_file = self.origin.addresses["youtube"], self.origin.addresses["ca_file"]
        if tool.name == "aircheck":
            words = ["--proxy", proxy, "--ca-file", ca_file, "--yt-dlp", self.yt_dlp]
            start = ["--from-start"] if fault.from_start else []
            return [tool.program, "record", stream["url"], "-o", str(file), *words, *start]
        if tool.name == "streamlink":
            trusting = ["env", f"REQUESTS_CA_BUNDLE={ca_file}", tool.program]
            words = ["--no-config", "--loglevel", "error", "--http-proxy", proxy, "--hls-live-restart"]
            return then_remuxed([*trusting, *words], stream["url"], file)
        words = ["--ignore-config", "--no-cache-dir", "--no-check-certificates", "--proxy", proxy, "-q"]
        start = ["--live-from-start"] if tool.name == FROM_START else []
        out = ["--remux-video", "mkv", "-o", str(file.with_suffix(".%(ext)s"))]
        return [tool.program, *words, *start, *out, stream["url"]]

    def had(self, stream: dict, fault: Fault) -> Counter[str]:
        """From where it joined, unless it was asked for everything; by the way that it took first."""
        asked = [entry for entry in self.origin.log(stream) if entry["what"] == "segment"]
        if not asked:
            return self.origin.hashes(stream)
        by_fragments = asked[0]["rendition"] != HLS["name"]
        query = f"&itags={','.join(str(plan['itag']) for plan in FORMATS)}" if by_fragments else ""
        if not fault.from_start:
            video = f"f{FORMATS[0]['itag']}" if by_fragments else HLS["name"]
            query += f"&first={min(entry['segment'] for entry in asked if entry['rendition'] == video)}"
        return self.origin.hashes(stream, query)

    def ended_at(self, stream: dict) -> float:
        """By the stream's clock, as the adaptive formats do not tell; it starts at the first request."""
        log = self.origin.log(stream)
        if not log:
            raise ValueError("nobody has asked for it")
        return log[0]["time"] + stream["live"]


def find(aircheck: str) -> tuple[list[Tool], list[str]]:
    tools, missing = find_tools(aircheck, ["aircheck", "yt-dlp", "streamlink"])
    at = next((index for index, tool in enumerate(tools) if tool.name == "yt-dlp"), None)
    if at is not None:
        tools.insert(at + 1, Tool(FROM_START, tools[at].program, resumes=True))
    return tools, missing


def measure_all(bench, say: Callable) -> tuple[str, list[Target]]:
    tools, missing = find(bench.options.aircheck)
    for line in missing:
        say(line)
    if not any(tool.name == FROM_START for tool in tools):
        return "", []
    contest = Broadcasts(bench, tools)
    runs = faults.run_all(contest, bench.place, say)
    prints = [run.footprint for run in runs[0]]
    return faults.tell(
        contest,
        runs,
        ["CPU s, when nothing goes wrong", *(f"{run.cpu:.1f}" for run in runs[0])],
        ["MiB while it records, all processes", *(f"{one.median:.0f}" for one in prints)],
        ["MiB at the most", *(f"{one.most:.0f}" for one in prints)],
    )
