"""Recording by YouTube's adaptive formats: numbered fragments, video and audio apart, resolved by the real yt-dlp."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from program import Process, Program, wait_until, youtube_options
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.stream import Stream
from tests.world.videos import Video

WATCH = "https://www.youtube.com/watch?v=live0000001"
AVC, AAC = {"itag": 137}, {"itag": 140, "tracks": "a", "bandwidth": 120000}
VP9 = {"itag": 248, "container": "webm", "video": "vp9"}
AV1 = {"itag": 399, "video": "av1"}
OPUS = {"itag": 251, "container": "webm", "tracks": "a", "audio": "opus"}
QUICK_END = ["--stall-timeout", "2s"]


def add(youtube: FakeYouTube, *formats: dict[str, Any], **stream: Any) -> tuple[Video, Stream]:
    video = youtube.add(stream={"adaptive": list(formats or (AVC, AAC)), "window": 6, **stream})
    assert video.stream
    return video, video.stream


def record(aircheck: Program, youtube: FakeYouTube, mkv: Path, *options: object) -> Process:
    return aircheck.record(WATCH, mkv, *youtube_options(youtube), *QUICK_END, *options)


def fetched(stream: Stream, itag: int) -> list[int]:
    return stream.served(f"f{itag}")


def commits(mkv: Path) -> int:
    journal = mkv.with_name(mkv.name + ".journal")
    return journal.read_text().count('"kind":"commit"') if journal.exists() else 0


def end(video: Video, stream: Stream, *itags: int, last: int | None = None) -> None:
    """Waits until the last fragment is there, and says that the stream is over."""
    last = stream.script.start + (stream.script.total or 0) - 1 if last is None else last
    for itag in itags:
        stream.wait_for(lambda it: last in fetched(it, itag), timeout=60)  # noqa: B023
    video.state = "post_live"


def check(mkv: Path, stream: Stream, *itags: int) -> None:
    """Every packet from the first fragment of the video that was asked for."""
    oracle.check(mkv, stream.truth(first=min(fetched(stream, itags[0])), itags=itags))


@pytest.mark.parametrize(
    ("video_format", "audio_format"), [(AVC, AAC), (VP9, OPUS), (AV1, OPUS)], ids=["avc_aac", "vp9_opus", "av1_opus"]
)
def test_every_packet(aircheck: Program, youtube: FakeYouTube, mkv: Path, video_format: Any, audio_format: Any) -> None:
    itags = video_format["itag"], audio_format["itag"]
    video, stream = add(youtube, video_format, audio_format, total=24, speed=8)
    process = record(aircheck, youtube, mkv)
    end(video, stream, *itags)
    process.expect(0)
    check(mkv, stream, *itags)
    beyond = [entry for entry in stream.log if entry["what"] == "missing" and entry["ahead"] > 0]
    assert not beyond, f"asked beyond the newest + 1: {beyond[:3]}"
    for itag in itags:
        numbers = fetched(stream, itag)
        assert len(numbers) == len(set(numbers)), "fetched twice"


@pytest.mark.parametrize("size", ["1920x1080", "3840x2160"])
def test_large_pictures(aircheck: Program, youtube: FakeYouTube, mkv: Path, size: str) -> None:
    video, stream = add(youtube, {**AVC, "size": size}, AAC, total=8, speed=4)
    process = record(aircheck, youtube, mkv)
    end(video, stream, 137, 140)
    process.expect(0)
    check(mkv, stream, 137, 140)


def test_from_the_start(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, total=60, ready=50, speed=8)
    process = record(aircheck, youtube, mkv, "--from-start")
    end(video, stream, 137, 140)
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


def test_from_the_oldest_that_is_held(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, total=None, ready=200, hold=90, speed=0)
    process = record(aircheck, youtube, mkv, "--from-start")
    stream.wait_for(lambda it: 199 in fetched(it, 137) and 199 in fetched(it, 140), timeout=30)
    probes = [entry for entry in stream.log if entry["what"] in ("probe", "missing") and entry["segment"] < 190]
    assert len(probes) < 20, "the oldest is to be found by bisection"
    assert min(fetched(stream, 137)) == 112  # the oldest, and a margin of two
    video.state = "post_live"
    process.expect(0)
    check(mkv, stream, 137, 140)


def test_from_a_time_ago(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, total=None, ready=100, speed=0)
    process = record(aircheck, youtube, mkv, "--from", "30s")
    stream.wait_for(lambda it: 99 in fetched(it, 137) and 99 in fetched(it, 140), timeout=30)
    assert 99 - 31 <= min(fetched(stream, 137)) <= 99 - 29
    video.state = "post_live"
    process.expect(0)
    check(mkv, stream, 137, 140)


def test_from_a_time_ago_by_way_of_a_server(
    aircheck: Program, serve: Callable[..., Server], youtube: FakeYouTube
) -> None:
    """How long the job waits for its recorder does not count."""
    server = serve(*QUICK_END, *youtube_options(youtube))
    video, stream = add(youtube, total=None, ready=100, speed=0)
    words = ["--from", "30s", f"https://www.youtube.com/watch?v={video.id}", "--server", server.address]
    job = json.loads(aircheck.start("submit", "--json", *words).expect(0).output)
    assert job["from_ms"] == 30_000
    stream.wait_for(lambda it: 99 in fetched(it, 137) and 99 in fetched(it, 140), timeout=30)
    begun = server.job(job["id"])["started_at"]
    waited = (datetime.fromisoformat(begun) - datetime.fromisoformat(job["created_at"])).total_seconds()
    assert 99 - 31 - waited - 10 <= min(fetched(stream, 137)) <= 99 - 29 - waited
    video.state = "post_live"
    done = server.wait_for(job["id"], "COMPLETED")
    check(server.file(done), stream, 137, 140)


def test_killed_and_started_again(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, total=50, speed=4)
    for number in (8, 20, 33):
        process = record(aircheck, youtube, mkv, "--from-start")
        stream.wait_for(lambda it: number in fetched(it, 137), timeout=40)  # noqa: B023
        process.kill()
    process = record(aircheck, youtube, mkv, "--from-start")
    end(video, stream, 137, 140)
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


def test_killed_while_the_stream_went_on_beyond_the_hls_window(
    aircheck: Program, youtube: FakeYouTube, mkv: Path
) -> None:
    video, stream = add(youtube, speed=0, ready=10)
    process = record(aircheck, youtube, mkv, "--from-start")
    wait_until(lambda: commits(mkv) >= 8)
    process.kill()
    stream.advance(60)
    process = record(aircheck, youtube, mkv)
    stream.wait_for(lambda it: 69 in fetched(it, 137) and 69 in fetched(it, 140), timeout=30)
    video.state = "post_live"
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


def test_ended_while_nobody_recorded(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = add(youtube, speed=0, ready=10)
    process = record(aircheck, youtube, mkv, "--from-start")
    wait_until(lambda: commits(mkv) >= 8)
    process.kill()
    stream.advance(20)
    video.state = "post_live"
    record(aircheck, youtube, mkv).expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


@pytest.mark.parametrize("kind", ["204", "empty", "404", "503", "truncated", "stall"])
def test_faults_cost_nothing(aircheck: Program, youtube: FakeYouTube, mkv: Path, kind: str) -> None:
    faults = [
        {"kind": kind, "at": at, "times": 2, "seconds": 6, "rendition": f"f{itag}"}
        for at, itag in ((9, 137), (12, 140))
    ]
    video, stream = add(youtube, total=30, speed=4, faults=faults)
    process = record(aircheck, youtube, mkv, "--from-start")
    end(video, stream, 137, 140)
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


@pytest.mark.parametrize("at", [5, pytest.param(0, id="first")])
def test_hole_is_told(aircheck: Program, youtube: FakeYouTube, mkv: Path, at: int) -> None:
    """A fragment that never comes: everything else is there, and the gap is said to be where it is."""
    faults = [{"kind": "204", "at": at, "times": None, "rendition": "f137"}]
    video, stream = add(youtube, speed=0, ready=12, faults=faults)
    process = record(aircheck, youtube, mkv, "--from-start", "--segment-timeout", "4s")
    stream.wait_for(lambda it: 11 in fetched(it, 137) and 11 in fetched(it, 140), timeout=60)
    video.state = "post_live"
    process.expect(3, timeout=90)
    found, truth = oracle.packets(mkv), stream.truth(itags=(137, 140))["tracks"]
    missing = {packet.md5 for packet in truth["video"]} - {packet.md5 for packet in found["video"]}
    assert len(found["video"]) == 11 * 25 and len(missing) <= 25
    assert [packet.md5 for packet in found["audio"]] == [packet.md5 for packet in truth["audio"]]
    oracle.check_mkvmerge(mkv)
    assert [(round(time), title.split(":")[0]) for time, title in oracle.chapters(mkv)] == [
        *([(0, "start")] if at else []),
        (at, "missing"),
        (at + 1, "goes on"),
    ]
    assert f"{at}.0" in process.said or f"0:0{at}" in process.said, process.said


def test_urls_that_expire_are_renewed(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    # Not so often that the way to fragments counts as closed, however many looks at the live edge there are.
    video, stream = add(youtube, total=50, speed=4, expire_requests=50)
    process = record(aircheck, youtube, mkv, "--from-start")
    stream.wait_for(lambda it: len(it.tokens) > 2 and 49 in fetched(it, 137), timeout=60)
    stream.script.expire_requests = None
    end(video, stream, 137, 140)
    process.expect(0, timeout=90)
    assert len(stream.tokens) > 2, "the test must have made URLs expire"
    oracle.check(mkv, stream.truth(itags=(137, 140)))


def test_stop(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    _, stream = add(youtube, speed=4)
    process = record(aircheck, youtube, mkv)
    stream.wait_for(lambda it: len(fetched(it, 137)) > 5, timeout=30)
    process.send(signal.SIGINT)
    process.expect(0, timeout=10)
    oracle.check_packets(oracle.packets(mkv), oracle.packets(mkv))
    oracle.check_layout(mkv)


def test_hls_where_it_has_more_lines(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    variants = [{"name": "v95", "itag": 95, "size": "640x360"}]
    _, stream = add(youtube, AVC, AAC, total=10, speed=8, window=0, variants=variants)
    record(aircheck, youtube, mkv).expect(0)
    assert not fetched(stream, 137)
    oracle.check(mkv, stream.truth())


@pytest.mark.long
def test_pause_longer_than_a_track_waits_for_the_other(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """Sound that comes after the picture when the broadcast goes on is not given up for the time of the pause."""
    late = [{"kind": "404", "at": 9, "rendition": "f140"}]
    video, stream = add(youtube, total=24, speed=4, pause_at=9, pause_seconds=65, faults=late)
    video.ends = True
    record(aircheck, youtube, mkv, "--from-start").expect(0, timeout=110)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


@pytest.mark.long
def test_sound_that_cannot_be_had_for_a_while_is_waited_for(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    faults = [{"kind": "503", "at": 9, "rendition": "f140", "lasts": 65}]
    video, stream = add(youtube, total=24, speed=4, faults=faults)
    video.ends = True
    record(aircheck, youtube, mkv, "--from-start").expect(0, timeout=110)
    oracle.check(mkv, stream.truth(itags=(137, 140)))


def test_encoder_that_begins_anew(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """Another epoch: numbers from 0 again under another id, the clock too. One recording, nothing lost."""
    changes = [{"at": 12, "epoch": True, "reset": 0.0}, {"at": 60, "epoch": True, "reset": 7.0}]
    video, stream = add(youtube, total=72, speed=4, changes=changes)
    process = record(aircheck, youtube, mkv, "--from-start")
    end(video, stream, 137, 140)
    process.expect(0, timeout=90)
    oracle.check(mkv, stream.truth(itags=(137, 140)), timestamps=False)
    oracle.check_steady(oracle.packets(mkv))
    seams = [time for time, title in oracle.chapters(mkv) if "began anew" in title]
    assert [round(time) for time in seams] == [12, 60]


def test_epoch_too_short_to_be_seen(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    changes = [{"at": 6, "epoch": True, "reset": 0.0}, {"at": 8, "epoch": True, "reset": 0.0}]
    video, stream = add(youtube, speed=0, ready=6, changes=changes)
    process = record(aircheck, youtube, mkv, "--from-start")
    stream.wait_for(lambda it: 5 in fetched(it, 137) and 5 in fetched(it, 140), timeout=30)
    stream.advance(6)
    stream.wait_for(lambda it: 11 in fetched(it, 137) and 11 in fetched(it, 140), timeout=60)
    video.state = "post_live"
    process.expect(3, timeout=60)
    assert "several times" in process.said, process.said
    oracle.check(mkv, stream.truth(itags=(137, 140), without=(6, 7)), timestamps=False)


def test_killed_between_two_epochs(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """What was left of the first cannot be asked for any more; that is said, and the rest is there."""
    video, stream = add(youtube, speed=0, ready=6, changes=[{"at": 10, "epoch": True, "reset": 0.0}])
    process = record(aircheck, youtube, mkv, "--from-start")
    wait_until(lambda: commits(mkv) >= 5)
    process.kill()
    stream.advance(10)
    process = record(aircheck, youtube, mkv)
    stream.wait_for(lambda it: 15 in fetched(it, 137) and 15 in fetched(it, 140), timeout=30)
    video.state = "post_live"
    process.expect(3, timeout=60)
    assert "began anew" in process.said, process.said
    found, truth = oracle.packets(mkv), stream.truth(itags=(137, 140), without=(6, 7, 8, 9))["tracks"]
    assert [packet.md5 for packet in found["video"]][-150:] == [packet.md5 for packet in truth["video"]][-150:]


def test_closed_way_is_left_for_the_other(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """Fragments are refused a second after each new URL, as without a token of YouTube's; HLS is served."""
    faults = {"expire_seconds": 1.0, "expire_only": "fragments"}
    video, stream = add(youtube, total=60, speed=2, window=30, **faults)
    process = record(aircheck, youtube, mkv, "--from-start")
    process.expect(0, timeout=120)
    assert fetched(stream, 137) and stream.served("v96"), "both ways must have been taken"
    found, truth = oracle.packets(mkv), stream.truth(itags=(137, 140))["tracks"]
    assert [packet.md5 for packet in found["video"]] == [packet.md5 for packet in truth["video"]]
    assert abs(len(found["audio"]) - len(truth["audio"])) <= 1
    oracle.check_steady(found)
    assert video.state == "live"


@pytest.mark.long
def test_better_way_is_taken_again(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """The same, until fragments are served again."""
    video, stream = add(youtube, speed=2, window=30, expire_seconds=1.0, expire_only="fragments")
    options = [*youtube_options(youtube), "--from-start", "--stall-timeout", "1s"]
    process = aircheck.record(WATCH, mkv, *options)
    stream.wait_for(lambda it: it.served("v96"), timeout=60)
    stream.script.expire_seconds = None
    once = len(fetched(stream, 137))
    stream.wait_for(lambda it: len(fetched(it, 137)) > once + 10, timeout=90)
    stream.end()
    end(video, stream, 137, 140, last=stream.end_number() - 1)
    process.expect(0, timeout=60)
    found, truth = oracle.packets(mkv), stream.truth(itags=(137, 140))["tracks"]
    assert [packet.md5 for packet in found["video"]] == [packet.md5 for packet in truth["video"]]
    assert abs(len(found["audio"]) - len(truth["audio"])) <= 2
    oracle.check_steady(found)


def test_private_for_a_while(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """The player refuses, the URLs serve on."""
    video, stream = add(youtube, speed=0, ready=6)
    process = record(aircheck, youtube, mkv)
    stream.wait_for(lambda it: 5 in fetched(it, 137), timeout=30)
    asked = video.requests
    video.state = "private"
    while video.requests < asked + 2 and process.running():
        youtube.origin.http.closing.wait(0.05)
    wait_until(lambda: "private" in process.said, what="the refusal is told")
    stream.advance(6)
    stream.wait_for(lambda it: 11 in fetched(it, 137) and 11 in fetched(it, 140), timeout=30)
    video.state = "post_live"
    process.expect(0, timeout=60)
    check(mkv, stream, 137, 140)
