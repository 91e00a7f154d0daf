"""What ffmpeg, ffprobe, mkvmerge and a walk over the EBML elements say about a finished recording.

`check(file, truth)` raises AssertionError with the first difference from what an honest recording must hold.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from tests.world.content import BARE_VIDEO, Packet, hashed

SEGMENT, INFO, TRACKS, CUES, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1F43B675
CUE_POINT, CUE_POSITIONS, CUE_CLUSTER, CUE_TIME = 0xBB, 0xB7, 0xF1, 0xB3
MASTERS = {CUES, CUE_POINT, CUE_POSITIONS}
# FFmpeg 5 wonders about attached text.
NO_CODEC_FOR_TEXT = re.compile(
    r".*Could not find codec parameters for stream \d+ \(Attachment: none\).*\nConsider increasing.*\n"
)
TOLERANCE = 0.0015  # Matroska's ticks are milliseconds


def run(*command: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} failed: {done.stderr[-2000:]}"
    return done.stdout


def once_for_each_state(ask: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """Asks of a file anew only when it has changed: to start ffmpeg takes longer than what it is asked."""

    @lru_cache(maxsize=4)
    def answer(file: Path, _changed: int, _size: int) -> Any:
        return ask(file)

    @wraps(ask)
    def asked(file: Path) -> Any:
        assert file.exists(), f"there is no {file}"
        status = file.stat()
        return answer(file, status.st_mtime_ns, status.st_size)

    return asked


@once_for_each_state
def described(file: Path) -> dict[str, Any]:
    """What ffprobe says of streams, chapters and the whole."""
    what = ("-show_streams", "-show_format", "-show_chapters")
    return json.loads(run("ffprobe", "-v", "error", "-of", "json", *what, file))


def streams(file: Path) -> list[dict[str, Any]]:
    return described(file)["streams"]


def duration(file: Path) -> float:
    """Seconds, as the file's head says."""
    return float(described(file)["format"]["duration"])


def chapters(file: Path) -> list[tuple[float, str]]:
    return [(float(chapter["start_time"]), chapter["tags"]["title"]) for chapter in described(file)["chapters"]]


def tags(file: Path) -> dict[str, str]:
    """What ffprobe shows of the whole file, names in upper case."""
    shown = described(file)["format"].get("tags", {})
    return {name.upper(): value for name, value in shown.items()}


def attachments(file: Path, folder: Path) -> dict[str, tuple[str, bytes]]:
    """Media type and content of each, by name, as MKVToolNix takes them out."""
    found = {}
    for listed in json.loads(run("mkvmerge", "-J", file))["attachments"]:
        out = folder / "attachment"
        run("mkvextract", "-q", file, "attachments", f"{listed['id']}:{out}")
        assert listed["file_name"] not in found, "twice"
        found[listed["file_name"]] = (listed["content_type"], out.read_bytes())
    return found


def is_media(stream: dict[str, Any]) -> bool:
    """No attachment; ffprobe takes a cover for a video."""
    return stream["codec_type"] in ("video", "audio") and not stream["disposition"]["attached_pic"]


@once_for_each_state
def packets(file: Path) -> dict[str, list[Packet]]:
    """Every packet of each track in file order, hashed without what muxers may change (see content.BARE_VIDEO)."""
    kinds, maps = [], []
    for stream in filter(is_media, streams(file)):
        kind = stream["codec_type"]
        kinds.append(kind)
        bare = BARE_VIDEO[stream["codec_name"]] if kind == "video" else "null"
        maps += ["-map", f"0:{stream['index']}", f"-bsf:{stream['index']}", bare]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", file, *maps, "-c", "copy", "-f", "framemd5", "-"]
    return hashed(kinds, run(*command))


def decode(file: Path) -> None:
    """Decodes everything; any complaint of the decoders is an error."""
    maps = ["-map", "0:V?", "-map", "0:a?"]
    command = ["ffmpeg", "-nostdin", "-v", "warning", "-i", str(file), *maps, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    complaints = NO_CODEC_FOR_TEXT.sub("", done.stderr).strip()
    assert done.returncode == 0 and not complaints, f"decoding {file}: {complaints[:2000]}"


def check_mkvmerge(file: Path) -> None:
    """mkvmerge reads it without a warning."""
    found = json.loads(run("mkvmerge", "-J", file))
    assert not found["errors"] and not found["warnings"], found
    assert found["container"]["recognized"] and found["container"]["supported"]


@dataclass
class Element:
    id: int
    start: int  # of its header
    content: int
    end: int


def elements(data: memoryview, start: int, end: int) -> Iterator[Element]:
    """EBML elements side by side; an unknown size reaches to `end`."""
    at = start
    while at < end:
        id_length = 9 - data[at].bit_length()
        size_length = 9 - data[at + id_length].bit_length()
        content = at + id_length + size_length
        size = int.from_bytes(data[at + id_length : content], "big") & ((1 << 7 * size_length) - 1)
        unknown = size == (1 << 7 * size_length) - 1
        element = Element(
            int.from_bytes(data[at : at + id_length], "big"), at, content, end if unknown else content + size
        )
        yield element
        at = element.end


@dataclass
class Layout:
    order: list[int]  # ids of the segment's children, runs of clusters counted once
    clusters: list[int]  # their positions, from the segment's start
    cues: list[tuple[int, int]]  # (time, cluster position)
    trailing: int  # bytes after the last complete element


def layout(file: Path) -> Layout:
    data = memoryview(file.read_bytes())
    segment = next(element for element in elements(data, 0, len(data)) if element.id == SEGMENT)
    found = Layout([], [], [], len(data) - segment.end)
    for child in elements(data, segment.content, segment.end):
        if not found.order or found.order[-1] != child.id:
            found.order.append(child.id)
        if child.id == CLUSTER:
            found.clusters.append(child.start - segment.content)
        elif child.id == CUES:
            found.cues = [
                cue(data, point) for point in elements(data, child.content, child.end) if point.id == CUE_POINT
            ]
    return found


def cue(data: memoryview, point: Element) -> tuple[int, int]:
    time = position = -1
    for child in elements(data, point.content, point.end):
        if child.id == CUE_TIME:
            time = int.from_bytes(data[child.content : child.end], "big")
        elif child.id == CUE_POSITIONS:
            for inner in elements(data, child.content, child.end):
                if inner.id == CUE_CLUSTER:
                    position = int.from_bytes(data[inner.content : inner.end], "big")
    return time, position


def check_layout(file: Path) -> None:
    """Cues in front of the clusters, each once, in order, and pointing at a cluster."""
    found = layout(file)
    assert CUES in found.order, "no cues"
    assert found.order.index(CUES) < found.order.index(CLUSTER), "the cues are not in front"
    assert found.order.count(CUES) == 1 and found.trailing == 0
    times = [time for time, _ in found.cues]
    assert times == sorted(set(times)), "cues are doubled or out of order"
    stray = [position for _, position in found.cues if position not in found.clusters]
    assert not stray, f"cues that point at no cluster: {stray[:5]}"


def seeks(file: Path | str, times: list[float]) -> list[float]:
    """Timestamps of the first video frames that a player shows after seeking to each of the times, decoded."""
    shown = run(
        *("ffprobe", "-v", "error", "-read_intervals", ",".join(f"{time}%+#1" for time in times)),
        *("-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", file),
    )
    return [float(line.strip(",")) for line in shown.split()]


def check_seeks(file: Path, key_distance: float = 2.5) -> None:
    length = duration(file)
    times = [length * part for part in (0.25, 0.5, 0.9)]
    for time, shown in zip(times, seeks(file, times), strict=True):
        assert abs(shown - time) <= key_distance, f"a seek to {time:.2f} s shows {shown:.2f} s"


def check_packets(found: dict[str, list[Packet]], truth: dict[str, list[Packet]], timestamps: bool = True) -> None:
    """The same packets in the same order; and unless told otherwise at the same times, but for one common shift."""
    assert found.keys() == truth.keys(), f"tracks {sorted(found)} instead of {sorted(truth)}"
    for kind, wanted in truth.items():
        got = [packet.md5 for packet in found[kind]]
        want = [packet.md5 for packet in wanted]
        assert got == want, difference(kind, got, want)
    if timestamps:
        check_timestamps(found, truth)


def difference(kind: str, got: list[str], want: list[str]) -> str:
    at = next((i for i, (a, b) in enumerate(zip(got, want, strict=False)) if a != b), min(len(got), len(want)))
    return f"{kind}: {len(got)} packets instead of {len(want)}, the first difference is packet {at}"


def check_timestamps(found: dict[str, list[Packet]], truth: dict[str, list[Packet]]) -> None:
    shift = min(track[0].pts for track in truth.values()) - min(track[0].pts for track in found.values())
    for kind, wanted in truth.items():
        for index, (got, want) in enumerate(zip(found[kind], wanted, strict=True)):
            error = got.pts + shift - want.pts
            assert abs(error) < TOLERANCE, f"{kind} packet {index} is {error * 1000:.2f} ms off (at {got.pts:.3f} s)"


def check_steady(found: dict[str, list[Packet]], longest: float = 0.2) -> None:
    """No jump in the timeline, as a discontinuity would leave that was not rebased."""
    for kind, track in found.items():
        times = sorted(packet.pts for packet in track)
        jumps = [(a, b) for a, b in zip(times, times[1:], strict=False) if b - a > longest]
        assert not jumps, f"{kind} jumps: {jumps[:3]}"
        assert len(set(times)) == len(times), f"{kind}: two packets at one time"


def check(file: Path, truth: dict[str, Any], timestamps: bool = True) -> None:
    """Everything at once: layout, readers, seeks, packets; decodes it too."""
    check_layout(file)
    check_mkvmerge(file)
    found = packets(file)
    check_packets(found, truth["tracks"], timestamps)
    length = max(packet.pts for track in found.values() for packet in track)
    assert abs(duration(file) - length) < 0.2, f"the head says {duration(file)} s, the last packet is at {length} s"
    check_seeks(file)
    decode(file)
