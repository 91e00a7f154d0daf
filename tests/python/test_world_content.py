"""The looped media is seamless: ffmpeg reads it without a complaint and finds every packet."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from tests.world import content, ts
from tests.world.content import Media, media

ROUNDS = 2


def write(item: Media, file: Path, segments: int, base: float = 0) -> content.Loop:
    loop = content.load(item)
    file.write_bytes(loop.init + b"".join(bytes(loop.render(number, Fraction(base))) for number in range(segments)))
    return loop


@pytest.mark.parametrize(
    "item",
    [
        media(),
        media(container="fmp4"),
        media("ntsc"),
        media("hevc"),
        media("hevc", container="fmp4"),
        media("mp3"),
        media(tracks="a"),
        media(container="fmp4", video="av1", audio="opus"),
        media(container="fmp4", video="vp9", audio="opus"),
        media(container="fmp4", tracks="v"),
    ],
    ids=lambda item: f"{item.container}-{item.tracks}-{item.video}-{item.audio}-{item.fps.replace('/', ':')}",
)
def test_loop_has_no_seam(item: Media, tmp_path: Path) -> None:
    file = tmp_path / "looped"
    loop = write(item, file, ROUNDS * item.segments)
    found = content.packets_of(item, file)
    for kind, packets in found.items():
        wanted = [packet.md5 for segment in loop.segments for packet in segment.packets[kind]] * ROUNDS
        assert [packet.md5 for packet in packets] == wanted
        times = sorted(packet.pts for packet in packets)
        assert times[-1] - times[0] == pytest.approx(float(ROUNDS * item.loop_seconds), abs=0.1)
        assert max(b - a for a, b in zip(times, times[1:], strict=False)) < 0.05


def test_ts_counters_and_clocks_go_on(tmp_path: Path) -> None:
    file = tmp_path / "looped.ts"
    write(media(), file, 3 * media().segments)
    command = ["ffmpeg", "-v", "warning", "-i", file, "-map", "0", "-c", "copy", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""  # ffmpeg complains of wrong continuity counters and of times that do not grow


def test_timestamps_wrap(tmp_path: Path) -> None:
    loop = content.load(media())
    base = Fraction(ts.WRAP, 90000) - 4
    first = [ts.TsSegment(bytes(loop.render(number, base))).timestamps[0][1] for number in range(8)]
    assert first[0] > ts.WRAP // 2 > first[-1]
    assert (first[-1] - first[0]) % ts.WRAP == pytest.approx(7 * 90000, abs=9000)


def test_measured_content_has_exact_counts() -> None:
    item = media("1080p")
    rounds = 320 // item.segments
    assert 320 % item.segments == 0
    assert rounds * item.segments * item.segment_frames == 19_200
    assert rounds * item.loop_audio_frames(item.segments) == 30_000
