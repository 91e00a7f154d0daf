"""When a recording by fragments ends: counted by what was asked for it, not by time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from program import Process, Program, wait_until, youtube_options
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.stream import Stream
from tests.world.videos import Video

WATCH = "https://www.youtube.com/watch?v=live0000001"
FORMATS = [{"itag": 137}, {"itag": 140, "tracks": "a", "bandwidth": 120000}]


def add(youtube: FakeYouTube, **stream: Any) -> tuple[Video, Stream]:
    video = youtube.add(stream={"adaptive": FORMATS, "window": 6, **stream})
    assert video.stream
    return video, video.stream


def record(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> Process:
    """With the times that users have."""
    return aircheck.record(WATCH, mkv, *youtube_options(youtube), "--from-start")


def questions(youtube: FakeYouTube) -> int:
    """How often yt-dlp has asked YouTube."""
    return youtube.requests.count("GET /watch")


def looks(stream: Stream) -> list[dict[str, Any]]:
    return [entry for entry in list(stream.log) if entry["what"] == "playlist"]


def both_have(stream: Stream, number: int) -> None:
    stream.wait_for(lambda it: all(number in it.served(name) for name in ("f137", "f140")), timeout=60)


def check(process: Process, mkv: Path, stream: Stream) -> None:
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


def test_one_question_confirms_what_the_playlist_says(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, total=24, speed=4)
    video.ends = True
    process = record(aircheck, youtube, mkv)
    check(process, mkv, stream)
    assert questions(youtube) == 2, "one to open it, one to end it"
    assert 1 <= len(looks(stream)) <= 3 and looks(stream)[-1]["ended"]
    polls = [entry for entry in stream.log if entry["what"] == "missing" and entry["rendition"] == "f137"]
    assert len(polls) < 120, "it is not silence that is waited for"


def test_silence_asks_the_playlist_and_not_yt_dlp(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, speed=0, ready=6)
    process = record(aircheck, youtube, mkv)
    stream.wait_for(lambda it: len(looks(it)) == 3, timeout=60)
    assert questions(youtube) == 1
    stream.advance(6)
    both_have(stream, 11)
    seen = len(looks(stream))
    video.state = "post_live"
    stream.end()
    check(process, mkv, stream)
    assert questions(youtube) == 2 and len(looks(stream)) - seen <= 3


def test_what_yt_dlp_denies_is_no_end(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """ENDLIST where the broadcast goes on: yt-dlp is asked, once, and nothing ends."""
    video, stream = add(youtube, speed=0, ready=6)
    process = record(aircheck, youtube, mkv)
    both_have(stream, 5)
    stream.end()
    wait_until(lambda: questions(youtube) == 2, timeout=60)
    stream.wait_for(lambda it: sum(entry["ended"] for entry in looks(it)) == 1)
    stream.total = None
    stream.advance(6)
    both_have(stream, 11)
    assert questions(youtube) == 2 and process.running()
    video.state = "post_live"
    stream.end()
    check(process, mkv, stream)


def test_what_is_still_to_come_is_waited_for(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """The last fragment cannot be had for a while, though playlist and yt-dlp say that all is over."""
    faults = [{"kind": "503", "at": 23, "rendition": "f137", "lasts": 12}]
    video, stream = add(youtube, total=24, speed=4, faults=faults)
    video.ends = True
    check(record(aircheck, youtube, mkv), mkv, stream)


def test_without_a_playlist_yt_dlp_says_so_twice(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, total=12, speed=4)
    video.withheld, video.ends = ("hls",), True
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--from-start", "--stall-timeout", "4s")
    check(process, mkv, stream)
    assert questions(youtube) == 3 and not looks(stream)
