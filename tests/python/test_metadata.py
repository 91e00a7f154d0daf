"""What goes with a recording: tags, cover, description and the titles it had, by way of the real yt-dlp."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud import Account
from program import Program, youtube_options
from tests.world import oracle
from tests.world.content import ffmpeg
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin

WATCH = "https://www.youtube.com/watch?v=live0000001"
DESCRIPTION = "What it is about: größer 🎬\nand a second line."


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("picture") / "cover.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=480x360", "-frames:v", 1, file)
    return file.read_bytes()


def check_attachments(mkv: Path, picture: bytes) -> None:
    assert oracle.attachments(mkv, mkv.parent) == {
        "cover.jpg": ("image/jpeg", picture),
        "description.txt": ("text/plain", DESCRIPTION.encode()),
    }
    covers = [it for it in oracle.streams(mkv) if it["disposition"]["attached_pic"]]
    assert [it["codec_name"] for it in covers] == ["mjpeg"], "players find no cover"


def test_tags(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    began = datetime(2026, 11, 1, 18, 30, tzinfo=UTC)
    video = youtube.add(stream={"total": 10, "speed": 8}, title="Größe <&> 🎬", channel="A Channel", started=began)
    assert video.stream
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, video.stream.truth())
    tags = oracle.tags(mkv)
    assert tags["TITLE"] == "Größe <&> 🎬"
    assert tags["ARTIST"] == "A Channel"
    assert tags["PURL"] == WATCH
    assert tags["VIDEO_ID"] == "live0000001"
    assert tags["DATE_RELEASED"] == "2026-11-01 18:30:00"
    assert re.fullmatch(r"aircheck \d+\.\d+\.\d+", tags["ENCODER"])
    recorded = datetime.fromisoformat(tags["DATE_RECORDED"]).replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - recorded).total_seconds()) < 120
    assert "MISSING" not in tags
    assert not oracle.chapters(mkv)


def test_tags_tell_what_is_missing(aircheck: Program, origin: Origin, mkv: Path) -> None:
    stream = origin.add(total=12, speed=8, window=5, faults=[{"kind": "404", "at": 4, "times": None}])
    aircheck.record(origin.url(stream) + "?token=secret", mkv, "--segment-timeout", "1s").expect(3)
    tags = oracle.tags(mkv)
    assert re.match(r"00:00:0\d\.\d{3}-00:00:\d\d\.\d{3} .*404", tags["MISSING"]), tags
    assert tags["PURL"] == origin.url(stream), "a file is handed on: no token in it"


def test_cover_and_description(aircheck: Program, youtube: FakeYouTube, mkv: Path, picture: bytes) -> None:
    video = youtube.add(stream={"total": 10, "speed": 8}, thumbnail=picture, description=DESCRIPTION)
    assert video.stream
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, video.stream.truth())
    check_attachments(mkv, picture)


@pytest.mark.parametrize("thumbnail", [None, b"<html>no picture</html>", b"\xff\xd8\xff" + bytes(3 << 20)])
def test_no_cover_is_no_matter(aircheck: Program, youtube: FakeYouTube, mkv: Path, thumbnail: bytes | None) -> None:
    video = youtube.add(stream={"total": 10, "speed": 8}, thumbnail=thumbnail, description="")
    assert video.stream
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    assert any("hqdefault" in request for request in youtube.requests)
    oracle.check(mkv, video.stream.truth())
    assert oracle.attachments(mkv, mkv.parent) == {}


def test_killed_and_started_again(aircheck: Program, youtube: FakeYouTube, mkv: Path, picture: bytes) -> None:
    video = youtube.add(stream={"speed": 4, "total": 30}, thumbnail=picture, description=DESCRIPTION)
    assert video.stream
    for number in (0, 3, 12):
        process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
        video.stream.wait_for(lambda it: number in it.served(), timeout=30)  # noqa: B023
        process.kill()
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, video.stream.truth())
    check_attachments(mkv, picture)
    assert mkv.read_bytes().count(picture) == 1


def test_another_title_is_a_chapter(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """Heard when yt-dlp is asked again, here because the URLs expire."""
    video = youtube.add(stream={"total": 40, "speed": 4, "window": 30, "expire_requests": 25}, title="Morning show")
    assert video.stream
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube))
    video.stream.wait_for(lambda it: 2 in it.served(), timeout=30)
    video.title = "News at noon"
    process.expect(0)
    oracle.check(mkv, video.stream.truth())
    (start, first), (changed, second) = oracle.chapters(mkv)
    assert (start, first, second) == (0.0, "Morning show", "News at noon")
    assert 0 < changed < oracle.duration(mkv)
    assert oracle.tags(mkv)["TITLE"] == "News at noon"


def test_in_a_bucket(aircheck: Program, account: Account, youtube: FakeYouTube, picture: bytes, tmp_path: Path) -> None:
    """Killed on the way, in parts: what was attached is there once."""
    video = youtube.add(stream={"speed": 4, "total": 24}, thumbnail=picture, description=DESCRIPTION)
    assert video.stream
    environment = {**account.moto.environment, "no_proxy": "127.0.0.1"}
    arguments = ["record", WATCH, "-o", f"s3://{account.bucket}/one.mkv", *youtube_options(youtube)]
    process = aircheck.start(*arguments, environment=environment)
    video.stream.wait_for(lambda it: 6 in it.served(), timeout=30)
    process.kill()
    aircheck.start(*arguments, environment=environment).expect(0)
    mkv = account.download("one.mkv", tmp_path / "got.mkv")
    oracle.check(mkv, video.stream.truth())
    check_attachments(mkv, picture)
    assert mkv.read_bytes().count(picture) == 1
