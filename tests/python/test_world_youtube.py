"""The real yt-dlp's own YouTube extractor believes the fake."""

from __future__ import annotations

import json
import subprocess
import urllib.parse

import pytest

from program import VENV
from tests.world.fake_youtube import FakeYouTube

WATCH = "https://www.youtube.com/watch?v=live0000001"


def yt_dlp(youtube: FakeYouTube, url: str, *options: str) -> tuple[dict, str]:
    command = [VENV / "yt-dlp", "--ignore-config", "--no-cache-dir", "--proxy", youtube.proxy.address]
    command += ["--no-check-certificates", *options, "-J", "--", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return json.loads(done.stdout or "null") or {}, done.stderr


@pytest.mark.parametrize(
    "url",
    [
        WATCH,
        "https://www.youtube.com/@testchannel/live",
        "https://youtu.be/live0000001",
        "https://www.youtube.com/live/live0000001",
    ],
)
def test_live(youtube: FakeYouTube, url: str) -> None:
    youtube.add(stream={"variants": [{"name": "a", "itag": 96}, {"name": "b", "itag": 95, "size": "160x90"}]})
    info, complaint = yt_dlp(youtube, url)
    assert info["id"] == "live0000001", complaint
    assert info["live_status"] == "is_live" and info["channel"] == "Test Channel"
    assert {(each["format_id"], each["height"], each["protocol"]) for each in info["formats"]} == {
        ("96", 180, "m3u8_native"),
        ("95", 90, "m3u8_native"),
    }


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("upcoming", "live event will begin"),
        ("ended", "live event has ended"),
        ("was_live", "recording is not available"),
        ("private", "Private video"),
        ("members_only", "Join this channel to get access to members-only"),
        ("bot_check", "confirm you’re not a bot"),
        ("geo_blocked", "not made this video available in your country"),
        ("age_restricted", "confirm your age"),
        ("unavailable", "Video unavailable"),
    ],
)
def test_refusals(youtube: FakeYouTube, state: str, words: str) -> None:
    youtube.add(state=state)
    info, complaint = yt_dlp(youtube, WATCH)
    assert not info and words in complaint


def test_upcoming_tells_when(youtube: FakeYouTube) -> None:
    video = youtube.add(state="upcoming", starts_in=7200)
    info, complaint = yt_dlp(youtube, WATCH, "--ignore-no-formats-error")
    assert info["live_status"] == "is_upcoming", complaint
    assert info["release_timestamp"] == pytest.approx(video.begins().timestamp(), abs=2)


def test_channel_that_is_not_live(youtube: FakeYouTube) -> None:
    youtube.add(state="ended")
    info, complaint = yt_dlp(youtube, "https://www.youtube.com/@testchannel/live")
    assert not info and "not currently live" in complaint


def test_state_can_be_changed(youtube: FakeYouTube) -> None:
    video = youtube.add(stream={"dash": True})
    video.state = "post_live"
    assert yt_dlp(youtube, WATCH)[0]["live_status"] == "post_live"
    command = ["curl", "-sf", "-d", '{"state": "live"}', f"{youtube.proxy.address}/videos/{video.id}/state"]
    assert json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["state"] == "live"


def test_ends_with_its_stream(youtube: FakeYouTube) -> None:
    video = youtube.add(stream={"dash": True, "speed": 0}, ends=True)
    assert yt_dlp(youtube, WATCH)[0]["live_status"] == "is_live"
    assert video.stream
    video.stream.end()
    assert yt_dlp(youtube, WATCH)[0]["live_status"] == "post_live"


def test_adaptive_formats(youtube: FakeYouTube) -> None:
    youtube.add(stream={"dash": True})
    info, complaint = yt_dlp(youtube, WATCH, "--extractor-args", "youtube:formats=incomplete")
    assert {"137", "140", "96"} <= {each["format_id"] for each in info["formats"]}, complaint


def test_every_answer_has_urls_of_its_own(youtube: FakeYouTube) -> None:
    youtube.add()
    urls = {yt_dlp(youtube, WATCH)[0]["formats"][0]["url"] for _ in range(2)}
    assert len(urls) == 2


@pytest.mark.parametrize(("state", "status"), [("live", 200), ("private", 401), ("unavailable", 404)])
def test_oembed(youtube: FakeYouTube, state: str, status: int) -> None:
    youtube.add(state=state)
    url = f"https://www.youtube.com/oembed?format=json&url={urllib.parse.quote(WATCH, safe='')}"
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-x", youtube.proxy.address]
    command += ["--cacert", youtube.addresses["ca_file"], url]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == str(status)


def test_media_through_the_proxy(youtube: FakeYouTube) -> None:
    stream = youtube.add(stream={"ready": 3, "speed": 0}).stream
    assert stream
    for https in (False, True):
        url = youtube.origin.url(stream, https, "t1").replace("index.m3u8", "itag/96/v96/0.ts")
        command = [
            "curl",
            "-sf",
            "--noproxy",
            "",
            "-x",
            youtube.proxy.address,
            "--cacert",
            youtube.addresses["ca_file"],
            url,
        ]
        assert subprocess.run(command, capture_output=True, check=True).stdout == bytes(stream.main.render(0))
