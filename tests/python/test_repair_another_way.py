"""Holes filled by another way than they were recorded by: by fragments instead of HLS, and the other way round."""

from __future__ import annotations

from collections.abc import Callable
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
OPUS = {"itag": 251, "container": "webm", "tracks": "a", "audio": "opus"}
QUICK = ["--stall-timeout", "2s", "--segment-timeout", "2s"]


def refuse(rendition: str, *segments: int) -> list[dict[str, Any]]:
    """Faults that never end by themselves."""
    return [{"kind": "404", "at": at, "times": None, "rendition": rendition} for at in segments]


class Broadcast:
    """One of YouTube's that is told by one way only while it is recorded, a few segments at a time."""

    def __init__(self, server: Server, youtube: FakeYouTube, withheld: str, *formats: dict[str, Any], **stream: Any):
        self.server, self.youtube = server, youtube
        plan = {"adaptive": list(formats or (AVC, AAC)), "window": 4, "keep": 0, "speed": 0, "ready": 3, **stream}
        self.video: Video = youtube.add(stream=plan, withheld=(withheld,))
        assert self.video.stream
        self.stream: Stream = self.video.stream
        self.names = ("v96",) if withheld == "fragments" else tuple(f"f{plan['itag']}" for plan in plan["adaptive"])
        self.id = server.submit(WATCH, from_start=withheld == "hls")

    def record(self, segments: int = 12) -> None:
        """All of them, one by one; what is refused leaves the playlist meanwhile."""
        refused = {(fault.rendition, fault.at) for fault in self.stream.script.faults}
        while True:
            newest = self.stream.end_number() - 1
            for name in self.names:
                if (name, newest) not in refused:
                    self.stream.wait_for(lambda it: newest in it.served(name), timeout=60)  # noqa: B023
            if newest == segments - 1:
                break
            self.stream.advance(1)

    def end(self, *withheld: str) -> dict[str, Any]:
        """The job, when the broadcast is over; these ways are not told any more."""
        self.video.withheld = withheld
        self.video.state = "post_live"
        return self.server.wait_for(self.id, "COMPLETED", timeout=60)

    def repair(self) -> Process:
        arguments = ["repair", self.id, "--data", self.server.data, *youtube_options(self.youtube)]
        return self.server.program.start("--log-level=info", *arguments, "--segment-timeout", "5s")

    def check_whole(self, *itags: int) -> None:
        job = self.server.job(self.id)
        assert job["gaps"] == [] and job["verdict"] == {"complete": True, "ended_by": "broadcaster"}
        file = self.server.file(job)
        oracle.check(file, self.stream.truth(itags=itags))
        oracle.check_steady(oracle.packets(file))


@pytest.fixture
def broadcast(serve: Callable[..., Server], youtube: FakeYouTube) -> Callable[..., Broadcast]:
    def make(withheld: str, *formats: dict[str, Any], refill: bool = False, **stream: Any) -> Broadcast:
        options = [] if refill else ["--no-refill"]
        return Broadcast(serve(*youtube_options(youtube), *QUICK, *options), youtube, withheld, *formats, **stream)

    return make


@pytest.mark.parametrize("holes", [(4,), (4, 5, 8)], ids=str)
def test_hls_is_filled_by_fragments(broadcast: Callable[..., Broadcast], holes: tuple[int, ...]) -> None:
    """Picture and sound come apart; what has left the playlist is still held as fragments."""
    made = broadcast("fragments", faults=refuse("v96", *holes))
    made.record()
    gaps = made.end()["gaps"]
    assert gaps[0]["segments"] == {
        "track": "muxed",
        "format_id": "96",
        "epoch": 1,
        "first": holes[0],
        "last": holes[-1] if len(holes) == 1 else 5,
    }
    said = made.repair().expect(0)
    assert "by another way" in said.errors
    assert set(made.stream.served("f137")) >= set(holes) and not set(made.stream.served("v96")) & set(holes)
    made.check_whole()


def test_by_the_recorder_at_the_end(broadcast: Callable[..., Broadcast]) -> None:
    made = broadcast("fragments", refill=True, faults=refuse("v96", 4))
    made.record()
    made.end("hls")
    wait_until(lambda: made.server.job(made.id)["gaps"] == [], timeout=60, what="the hole is filled")
    made.check_whole()


def test_fragments_are_filled_by_hls(broadcast: Callable[..., Broadcast]) -> None:
    """Of segments that have picture and sound what is missing is taken, and no more."""
    made = broadcast("hls", faults=[*refuse("f137", 4), *refuse("f140", 6), *refuse("f137", 8), *refuse("f140", 8)])
    made.record()
    assert len(made.end("fragments")["gaps"]) == 4
    made.stream.script.window = 0
    made.repair().expect(0)
    made.check_whole(137, 140)


def test_what_the_other_way_has_not_stays_missing(broadcast: Callable[..., Broadcast]) -> None:
    faults = [*refuse("v96", 4, 5, 6), *refuse("f137", 5)]
    made = broadcast("fragments", faults=faults)
    made.record()
    made.end("hls")
    made.repair().expect(3)
    job = made.server.job(made.id)
    (gap,) = job["gaps"]
    assert gap["segments"] == {"track": "muxed", "format_id": "96", "epoch": 1, "first": 5, "last": 5}
    assert abs(gap["start_ms"] - 5000) < 100 and abs(gap["end_ms"] - 6000) < 100
    found, truth = oracle.packets(made.server.file(job)), made.stream.truth(without=(5,))["tracks"]
    assert [packet.md5 for packet in found["video"]] == [packet.md5 for packet in truth["video"]]
    for fault in made.stream.script.faults[3:]:
        fault.times = 0
    made.repair().expect(0)
    made.check_whole()


def test_sound_of_another_codec_stays_missing(broadcast: Callable[..., Broadcast]) -> None:
    """The picture is filled; that the sound is not is said, and it can be asked for by itself."""
    made = broadcast("fragments", AVC, OPUS, faults=refuse("v96", 4))
    made.record()
    made.end("hls")
    made.repair().expect(3)
    job = made.server.job(made.id)
    (gap,) = job["gaps"]
    assert gap["segments"] == {"track": "audio", "format_id": "96", "epoch": 1, "first": 4, "last": 4}
    found, truth = oracle.packets(made.server.file(job)), made.stream.truth()["tracks"]
    assert [packet.md5 for packet in found["video"]] == [packet.md5 for packet in truth["video"]]
    assert len(found["audio"]) < len(truth["audio"])
    made.video.withheld = ()
    made.stream.script.window, made.stream.script.faults = 0, []
    made.repair().expect(0)
    made.check_whole()


def test_numbers_of_their_own_are_not_taken_for_the_others(broadcast: Callable[..., Broadcast]) -> None:
    made = broadcast("fragments", own_numbers=True, faults=refuse("v96", 4))
    made.record()
    job = made.end()
    assert "epoch" not in job["gaps"][0]["segments"]
    made.repair().expect(3)
    assert not made.stream.served("f137") and not made.stream.served("f140")
    assert made.server.job(made.id) == job


def test_numbers_of_another_epoch_are_not_taken(broadcast: Callable[..., Broadcast]) -> None:
    """The encoder began anew after the hole; its fragments count from 0 again."""
    made = broadcast("fragments", faults=refuse("v96", 2), changes=[{"at": 7, "epoch": True, "reset": 7.0}])
    made.record()
    job = made.end()
    assert [gap["segments"]["epoch"] for gap in job["gaps"]] == [1]
    made.repair().expect(3)
    assert not made.stream.served("f137") and not made.stream.served("f140")
    assert made.server.job(made.id) == job


def test_on_the_command_line(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """`record` fills by itself what it can when it is at the end."""
    plan = {"adaptive": [AVC, AAC], "window": 4, "keep": 0, "speed": 2, "total": 16, "faults": refuse("v96", 6)}
    video = youtube.add(stream=plan, withheld=("fragments",))
    assert video.stream
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), *QUICK)
    video.stream.wait_for(lambda it: 9 in it.served("v96"), timeout=60)
    video.withheld = ()
    process.expect(0)
    oracle.check(mkv, video.stream.truth(first=min(video.stream.served("v96"))))
    assert 6 in video.stream.served("f137") and 6 not in video.stream.served("v96")
