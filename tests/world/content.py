"""Test media: a short encode by ffmpeg, cut into segments, that can be looped without a seam.

A loop's length is a whole number of video frames, of audio frames and of segments, so that packet counts are exact
however long a stream runs. What ffmpeg makes is kept under build/test-media/, keyed by the parameters.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import shutil
import subprocess
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

from tests.world.fmp4 import Fmp4Segment, timescales
from tests.world.packed import START, PackedSegment, frames, payload
from tests.world.ts import TsSegment
from tests.world.webm import WebmSegment, cluster, header
from tests.world.webm import frames as webm_frames

CACHE = Path(__file__).parents[2] / "build" / "test-media"
VERSION = 1  # of what is stored there
AUDIO_RATE = 48000
AUDIO_FRAME = {"aac": 1024, "mp3": 1152, "opus": 960}  # samples a packet
VIDEO_ENCODER = {
    "h264": ["libx264", "-preset", "ultrafast", "-x264-params", "bframes=2:b-adapt=0:scenecut=0:cabac=1"],
    "hevc": [
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "bframes=2:b-adapt=0:scenecut=0:open-gop=0:log-level=1",
    ],
    "av1": ["libaom-av1", "-usage", "realtime", "-cpu-used", "8"],
    "vp9": ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
}
# Hashes leave parameter sets, delimiters and SEI out: they are the container's business, muxers may move or drop them.
BARE_VIDEO = {
    "h264": "h264_mp4toannexb,filter_units=remove_types=6-9",
    "hevc": "hevc_mp4toannexb,filter_units=remove_types=32-35|39-40",
    "av1": "filter_units=remove_types=1-2",
    "vp9": "null",
}


@dataclass(frozen=True)
class Media:
    """What to encode, and how it is cut and packed."""

    container: str = "ts"  # or fmp4; webm: one track; packed: audio alone as bare AAC
    tracks: str = "av"  # or "v", "a"
    video: str = "h264"  # or hevc; in fmp4 also av1, vp9
    audio: str = "aac"  # or mp3; in fmp4 also opus
    size: str = "320x180"
    fps: str = "25"
    segment_frames: int = 25  # video frames a segment, each of which begins with a key frame
    bitrate: str = ""  # of the video; empty: what comes
    channels: int = 1
    tone: int = 440  # Hz

    @property
    def segment_seconds(self) -> Fraction:
        return self.segment_frames / Fraction(self.fps)

    @property
    def segments(self) -> int:
        """In one loop: at least eight seconds, and such that no audio frame is cut."""
        count = 1
        while self.loop_audio_frames(count).denominator != 1 or count * self.segment_seconds < 8:
            count += 1
        return count

    @property
    def loop_seconds(self) -> Fraction:
        return self.segments * self.segment_seconds

    def loop_audio_frames(self, segments: int) -> Fraction:
        return segments * self.segment_seconds * AUDIO_RATE / AUDIO_FRAME[self.audio]

    @property
    def key(self) -> str:
        text = json.dumps([VERSION, asdict(self)], sort_keys=True)
        return (
            f"{self.container}-{self.tracks}-{self.video}-{self.size}-" + hashlib.sha256(text.encode()).hexdigest()[:12]
        )


PROFILES = {
    "small": Media(),
    "720p": Media(size="1280x720", segment_frames=50),
    "ntsc": Media(fps="60000/1001", segment_frames=64),
    "hevc": Media(video="hevc"),
    "mp3": Media(audio="mp3"),
    # The content of the measurements: 320 segments of it are 640 s, 19,200 video and 30,000 audio packets.
    "1080p": Media(size="1920x1080", fps="30", segment_frames=60, bitrate="5350k", channels=2),
}


def media(profile: str = "small", **changes: object) -> Media:
    return replace(PROFILES[profile], **changes)


@dataclass(frozen=True)
class Packet:
    pts: float  # seconds, in the loop's own time
    dts: float
    md5: str  # of the coded picture or audio frame alone


Body = TsSegment | Fmp4Segment | PackedSegment | WebmSegment


class Segment:
    """One segment of the loop, and what an honest recorder gets out of it."""

    def __init__(self, body: Body, seconds: float, packets: dict[str, list[Packet]]):
        self.body = body
        self.seconds = seconds  # as its playlist says
        self.packets = packets  # by "video" and "audio"


class Loop:
    """The segments of one Media, for any round of the loop. Immutable; safe to share between threads."""

    def __init__(self, media: Media, folder: Path):
        self.media = media
        index = json.loads((folder / "index.json").read_text())
        self.init = (folder / "init.mp4").read_bytes() if media.container in ("fmp4", "webm") else b""
        self.scales = timescales(self.init) if media.container == "fmp4" else {}
        self.segments = [self.load(folder, entry) for entry in index["segments"]]
        self.counters = [Counter() for _ in self.segments]
        self.round: Counter[int] = Counter()
        for segment in self.segments:
            if isinstance(segment.body, TsSegment):
                self.round += segment.body.packets_of
        # Streams of the same media share what was rendered: a hundred clients cost the work of one.
        self.render = lru_cache(maxsize=48)(self.render_now)

    def load(self, folder: Path, entry: dict) -> Segment:
        data = (folder / entry["file"]).read_bytes()
        packets = {kind: [Packet(*packet) for packet in listed] for kind, listed in entry["packets"].items()}
        return Segment(self.body(data, packets), entry["seconds"], packets)

    def body(self, data: bytes, packets: dict[str, list[Packet]]) -> Body:
        if self.media.container == "packed":
            return PackedSegment(data, packets["audio"][0].pts)
        if self.media.container == "webm":
            return WebmSegment(data)
        return TsSegment(data) if self.media.container == "ts" else Fmp4Segment(data, self.scales)

    def segment(self, number: int) -> Segment:
        return self.segments[number % len(self.segments)]

    def render_now(self, number: int, base: Fraction = Fraction(0)) -> bytes | bytearray:
        """Segment `number` of the endless stream whose first timestamp is moved by `base` seconds."""
        times = number // len(self.segments)
        shift = times * self.media.loop_seconds + base
        body = self.segment(number).body
        if isinstance(body, Fmp4Segment):
            return body.moved(shift, number + 1)
        if isinstance(body, (PackedSegment, WebmSegment)):
            return body.moved(shift)
        return body.moved(round(shift * 90000), {pid: times * count for pid, count in self.round.items()})


def ffmpeg(*arguments: object) -> str:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


def encode_video(media: Media, target: Path) -> None:
    frames = media.segments * media.segment_frames
    source = f"testsrc2=size={media.size}:rate={media.fps}"
    rate = ["-b:v", media.bitrate, "-maxrate", media.bitrate, "-bufsize", media.bitrate] if media.bitrate else []
    coded = ["-pix_fmt", "yuv420p", "-g", media.segment_frames, "-keyint_min", media.segment_frames, "-bf", 2]
    name, *options = VIDEO_ENCODER[media.video]
    ffmpeg("-f", "lavfi", "-i", source, "-frames:v", frames, "-c:v", name, *options, *coded, *rate, target)


def encode_audio(media: Media, target: Path) -> None:
    source = f"sine=frequency={media.tone}:beep_factor=4:sample_rate={AUDIO_RATE}"
    options = {
        "aac": ["-c:a", "aac", "-f", "adts"],
        "mp3": ["-c:a", "libmp3lame", "-reservoir", 0, "-f", "mp3"],
        "opus": ["-c:a", "libopus", "-f", "ogg"],
    }
    plain = ["-write_xing", 0, "-id3v2_version", 0] if media.audio == "mp3" else []
    ffmpeg(
        *("-f", "lavfi", "-i", source, "-frames:a", int(media.loop_audio_frames(media.segments))),
        *("-ac", media.channels, "-b:a", "128k", *options[media.audio], *plain, target),
    )


def cut(media: Media, folder: Path) -> None:
    """Encodes one loop and cuts it with ffmpeg's HLS muxer into `folder`."""
    inputs: list[object] = []
    if "v" in media.tracks:
        encode_video(media, folder / "video.mp4")
        inputs += ["-i", folder / "video.mp4"]
    if "a" in media.tracks:
        encode_audio(media, folder / f"audio.{media.audio}")
        inputs += ["-i", folder / f"audio.{media.audio}"]
    maps = [word for index in range(len(media.tracks)) for word in ("-map", index)]
    kind = {"ts": ["mpegts"], "fmp4": ["fmp4", "-hls_fmp4_init_filename", "init.mp4"]}[media.container]
    if media.container == "fmp4" and media.audio == "aac" and "a" in media.tracks:
        maps += ["-bsf:a", "aac_adtstoasc"]
    length = float(media.segment_seconds) * (0.98 if "v" in media.tracks else 1)  # video is cut at key frames only
    ffmpeg(
        *(*inputs, *maps, "-c", "copy", "-f", "hls", "-hls_time", length, "-hls_list_size", 0, "-hls_segment_type"),
        *(*kind, "-hls_segment_filename", folder / "segment%03d", folder / "index.m3u8"),
    )


def listed_segments(playlist: str) -> list[tuple[str, float]]:
    lines = playlist.splitlines()
    seconds = [float(line[8:].rstrip(",")) for line in lines if line.startswith("#EXTINF:")]
    return list(zip([line for line in lines if line and not line.startswith("#")], seconds, strict=True))


def hashed(kinds: list[str], framemd5: str) -> dict[str, list[Packet]]:
    """What ffmpeg's framemd5 tells of streams of these kinds."""
    packets: dict[str, list[Packet]] = {kind: [] for kind in kinds}
    ticks = []
    for line in framemd5.splitlines():
        if line.startswith("#tb"):
            ticks.append(Fraction(line.split()[-1]))
        elif not line.startswith("#"):
            stream, dts, pts, _, _, md5 = line.split(",")[:6]
            tick = ticks[int(stream)]
            packets[kinds[int(stream)]].append(Packet(float(int(pts) * tick), float(int(dts) * tick), md5.strip()))
    return packets


def packets_of(media: Media, file: str | Path) -> dict[str, list[Packet]]:
    """Every packet of each track in decode order, as ffmpeg demuxes it."""
    kinds = [{"v": "video", "a": "audio"}[track] for track in media.tracks]
    bare = {"video": BARE_VIDEO[media.video], "audio": "aac_adtstoasc" if media.audio == "aac" else "null"}
    maps = [word for kind in kinds for word in ("-map", f"0:{kind[0]}", f"-bsf:{kind[0]}", bare[kind])]
    return hashed(kinds, ffmpeg("-copyts", "-i", file, *maps, "-c", "copy", "-f", "framemd5", "-"))


def describe(media: Media, folder: Path, file: str, seconds: float) -> dict:
    source: str | Path = folder / file
    if media.container in ("fmp4", "webm"):
        source = f"concat:{folder / 'init.mp4'}|{folder / file}"
    packets = packets_of(media, source)
    listed = {kind: [(packet.pts, packet.dts, packet.md5) for packet in packets[kind]] for kind in packets}
    return {"file": file, "seconds": seconds, "packets": listed}


def pack(media: Media, folder: Path) -> list[dict]:
    """Packed audio, which ffmpeg does not write: the frames that begin within each segment's time."""
    encode_audio(media, folder / "audio.aac")
    coded, tick = frames((folder / "audio.aac").read_bytes()), Fraction(AUDIO_FRAME["aac"], AUDIO_RATE)
    bounds = [math.ceil(number * media.segment_seconds / tick) for number in range(media.segments + 1)]
    entries = []
    for number, (first, end) in enumerate(zip(bounds, bounds[1:], strict=False)):
        (folder / f"segment{number:03}").write_bytes(b"".join(coded[first:end]))
        times = [float(Fraction(START, 90000) + at * tick) for at in range(first, end)]
        hashes = [hashlib.md5(payload(frame)).hexdigest() for frame in coded[first:end]]
        packets = {"audio": [(time, time, md5) for time, md5 in zip(times, hashes, strict=True)]}
        entries.append({"file": f"segment{number:03}", "seconds": float((end - first) * tick), "packets": packets})
    return entries


def cut_webm(media: Media, folder: Path) -> list[dict]:
    """Clusters of a segment's time each, every other of unknown size."""
    whole = folder / "whole.webm"
    if media.tracks == "v":
        encode_video(media, whole)
    else:
        encode_audio(media, folder / "audio.opus")
        ffmpeg("-i", folder / "audio.opus", "-c", "copy", whole)
    data = whole.read_bytes()
    (folder / "init.mp4").write_bytes(header(data))
    listed, length = list(webm_frames(data)), int(media.segment_seconds * 1000)
    entries = []
    for number in range(media.segments):
        inside = [frame for frame in listed if frame.time // length == number]
        part = cluster(inside, number * length, unknown_size=number % 2 == 1)
        (folder / f"segment{number:03}").write_bytes(part)
        entries.append(describe(media, folder, f"segment{number:03}", float(media.segment_seconds)))
    whole.unlink()
    return entries


def segment_entries(media: Media, folder: Path) -> list[dict]:
    if media.container == "packed":
        return pack(media, folder)
    if media.container == "webm":
        return cut_webm(media, folder)
    cut(media, folder)
    listed = listed_segments((folder / "index.m3u8").read_text())
    return [describe(media, folder, Path(file).name, seconds) for file, seconds in listed]


def make(media: Media, folder: Path) -> None:
    index = {"segments": segment_entries(media, folder)}
    expected = {"video": media.segments * media.segment_frames, "audio": media.loop_audio_frames(media.segments)}
    assert len(index["segments"]) == media.segments, f"{len(index['segments'])} segments, not {media.segments}"
    for kind in index["segments"][0]["packets"]:
        count = sum(len(entry["packets"][kind]) for entry in index["segments"])
        assert count == expected[kind], f"{count} {kind} packets instead of {expected[kind]}"
    (folder / "index.json").write_text(json.dumps(index))


@cache
def load(media: Media) -> Loop:
    """Makes the media unless it is there. Several processes may ask at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / media.key
    with open(CACHE / f".{media.key}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "index.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=".making-", dir=CACHE) as making:
                whole = Path(making, "loop")
                whole.mkdir()
                make(media, whole)
                whole.rename(folder)
    return Loop(media, folder)
