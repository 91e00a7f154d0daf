"""`aircheck record` of a YouTube URL, by way of the real yt-dlp and its own YouTube extractor."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from program import VENV, Program, youtube_options
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube

WATCH = "https://www.youtube.com/watch?v=live0000001"


@pytest.mark.parametrize(
    "url",
    [
        WATCH,
        "https://youtu.be/live0000001",
        "https://www.youtube.com/live/live0000001",
        "https://www.youtube.com/@testchannel/live",
    ],
    ids=["watch", "short", "live", "channel"],
)
def test_live(aircheck: Program, youtube: FakeYouTube, mkv: Path, url: str) -> None:
    stream = youtube.add(stream={"total": 20, "speed": 8}).stream
    assert stream
    aircheck.record(url, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, stream.truth())


def test_yt_dlp_arguments(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    stream = youtube.add(stream={"total": 6, "speed": 8}).stream
    assert stream
    options = [
        "--proxy",
        youtube.proxy.address,
        "--yt-dlp-args",
        "--no-check-certificates",
        "--yt-dlp",
        VENV / "yt-dlp",
    ]
    aircheck.record(WATCH, mkv, *options).expect(0)
    oracle.check(mkv, stream.truth())


def test_options_from_the_environment(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    stream = youtube.add(stream={"total": 6, "speed": 8}).stream
    assert stream
    environment = {"AIRCHECK_PROXY": youtube.proxy.address, "AIRCHECK_YT_DLP_ARGS": "--no-check-certificates"}
    aircheck.record(WATCH, mkv, environment=environment).expect(0)
    oracle.check(mkv, stream.truth())


def test_media_over_https(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    stream = youtube.add(stream={"total": 10, "speed": 8}, https=True).stream
    assert stream
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, stream.truth())


def test_best_of_several(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    variants = [{"name": "low", "itag": 93, "size": "640x360"}, {"name": "high", "itag": 95, "size": "1280x720"}]
    stream = youtube.add(stream={"total": 4, "speed": 8, "variants": variants}).stream
    assert stream
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    assert {entry["rendition"] for entry in stream.log if entry["what"] == "segment"} == {"high"}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ended", ["over", "ended"]),
        ("was_live", ["over", "archive", "not available"]),
        ("private", ["private"]),
        ("members_only", ["members"]),
        ("bot_check", ["bot"]),
        ("geo_blocked", ["country", "blocked"]),
        ("age_restricted", ["age"]),
        ("unavailable", ["no such", "unavailable", "not there"]),
    ],
)
def test_refusals_are_told(aircheck: Program, youtube: FakeYouTube, mkv: Path, state: str, words: list[str]) -> None:
    youtube.add(state=state)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(1)
    assert any(word in process.errors.lower() for word in words), process.errors
    assert not mkv.exists()


def test_channel_that_is_not_live(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    youtube.add(state="ended")
    process = aircheck.record("https://www.youtube.com/@testchannel/live", mkv, *youtube_options(youtube)).expect(1)
    assert "live" in process.errors.lower()


def test_urls_that_expire_are_renewed(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video = youtube.add(stream={"total": 30, "speed": 4, "window": 25, "expire_requests": 25})
    assert video.stream
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    assert len(video.stream.tokens) > 1, "the test must have made URLs expire"
    oracle.check(mkv, video.stream.truth())


@pytest.mark.parametrize("adaptive", [[], [{"itag": 137}, {"itag": 140, "tracks": "a"}]], ids=["hls", "fragments"])
def test_urls_are_renewed_before_they_expire(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, adaptive: list[dict[str, Any]]
) -> None:
    """By what they say of themselves: nobody has to refuse one first."""
    video = youtube.add(stream={"speed": 4, "window": 40, "adaptive": adaptive, "stated_life": 8})
    stream = video.stream
    assert stream
    options = [*youtube_options(youtube), "--stall-timeout", "2s", "--log-level=info"]
    process = aircheck.record(WATCH, mkv, *options)
    # Of each run yt-dlp itself asks for a list or two; more than that only a recorder does.
    stream.wait_for(lambda it: sum(requests > 8 for _, requests in it.tokens.values()) > 1, timeout=60)
    stream.end()
    video.state = "post_live"
    process.expect(0)
    assert "asking yt-dlp again: its URLs are about to expire" in process.errors
    assert not [entry for entry in stream.log if entry["status"] == 403]
    oracle.check(mkv, stream.truth(first=min(stream.served()), itags=tuple(plan["itag"] for plan in adaptive)))


def test_stall_does_not_end_it(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    stream = youtube.add(stream={"speed": 0, "ready": 4}).stream
    assert stream
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
    stream.wait_for(lambda it: 3 in it.served(), timeout=30)
    polls = len(stream.log)
    stream.wait_for(lambda it: len(it.log) > polls + 4)  # nothing new for some polls
    assert process.running()
    stream.advance(4)
    stream.end()
    process.expect(0)
    oracle.check(mkv, stream.truth())


@pytest.mark.parametrize("adaptive", [[], [{"itag": 137}, {"itag": 140, "tracks": "a"}]], ids=["hls", "fragments"])
def test_silence_ends_it_where_that_is_wished(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, adaptive: list[dict[str, Any]]
) -> None:
    stream = youtube.add(stream={"speed": 0, "ready": 4, "adaptive": adaptive}).stream
    assert stream
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--silence-limit", "3s").expect(0)
    assert "nothing new has come" in process.said
    oracle.check(mkv, stream.truth(first=min(stream.served()), itags=tuple(plan["itag"] for plan in adaptive)))


@pytest.mark.long
def test_end_without_endlist(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """The playlist just stops growing; yt-dlp says that the stream is over."""
    video = youtube.add(stream={"speed": 0, "ready": 6})
    assert video.stream
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
    video.stream.wait_for(lambda it: 5 in it.served(), timeout=30)
    video.state = "ended"
    process.expect(0, timeout=110)
    oracle.check(mkv, video.stream.truth())


def test_killed_and_started_again(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    stream = youtube.add(stream={"speed": 4, "total": 30}).stream
    assert stream
    for number in (3, 12):
        process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
        stream.wait_for(lambda it: number in it.served(), timeout=30)  # noqa: B023
        process.kill()
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, stream.truth())


def test_upcoming_is_waited_for(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video = youtube.add(state="upcoming", starts_in=2, stream={"total": 8, "speed": 8})
    assert video.stream
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
    while video.requests == 0 and process.running():
        youtube.origin.http.closing.wait(0.05)
    video.state = "live"
    process.expect(0)
    oracle.check(mkv, video.stream.truth())


def test_upcoming_can_be_left(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video = youtube.add(state="upcoming", starts_in=7200)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
    while "scheduled" not in process.errors and process.running():
        youtube.origin.http.closing.wait(0.05)
    process.send(signal.SIGINT)
    process.wait(timeout=5)
    assert video.requests and not mkv.exists()
