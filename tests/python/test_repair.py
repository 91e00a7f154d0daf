"""`aircheck repair`: the holes of finished recordings, filled from what the origin serves after the end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from program import Process, Program, wait_until, youtube_options
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin
from tests.world.stream import Stream
from tests.world.videos import Video

WATCH = "https://www.youtube.com/watch?v=live0000001"
AVC, AAC = {"itag": 137}, {"itag": 140, "tracks": "a", "bandwidth": 120000}
VP9 = {"itag": 248, "container": "webm", "video": "vp9"}
OPUS = {"itag": 251, "container": "webm", "tracks": "a", "audio": "opus"}
USUAL = ("tv_samsung", "visionos", "web", "web_embedded")  # whom yt-dlp asks by itself
QUICK = ["--stall-timeout", "2s", "--segment-timeout", "2s"]


def refuse(*segments: tuple[int, int], kind: str = "204") -> list[dict[str, Any]]:
    """Faults that never end by themselves, of (itag, segment)."""
    return [{"kind": kind, "at": at, "times": None, "rendition": f"f{itag}"} for itag, at in segments]


def serve_all(stream: Stream) -> None:
    for fault in stream.script.faults:
        fault.times = 0


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


class Recorded:
    """A broadcast of YouTube that has ended, and the job that has recorded it."""

    def __init__(self, server: Server, youtube: FakeYouTube, formats: list[dict[str, Any]], more: int, stream: Any):
        self.server, self.youtube = server, youtube
        self.video: Video = youtube.add(stream={"adaptive": formats, "window": 6, "speed": 0, "ready": 12, **stream})
        assert self.video.stream
        self.stream: Stream = self.video.stream
        self.itags = tuple(plan["itag"] for plan in formats)
        self.id = server.submit(WATCH, from_start=True)
        self.wait_for_newest()
        if more:
            self.stream.advance(more)
            self.wait_for_newest()
        self.video.state = "post_live"
        self.job = server.wait_for(self.id, "COMPLETED", timeout=60)
        self.file = server.file(self.job)

    def wait_for_newest(self) -> None:
        last = self.stream.end_number() - 1
        for itag in self.itags:
            self.stream.wait_for(lambda it: last in it.served(f"f{itag}"), timeout=60)  # noqa: B023

    def repair(self, *options: object, patience: str = "5s") -> Process:
        arguments = ["repair", self.id[:13], "--data", self.server.data, *youtube_options(self.youtube)]
        return self.server.program.start("--log-level=info", *arguments, "--segment-timeout", patience, *options)

    def check_whole(self) -> None:
        """The file has every packet, and both it and the job say so."""
        oracle.check(self.file, self.stream.truth(itags=self.itags))
        oracle.check_steady(oracle.packets(self.file))
        assert oracle.chapters(self.file) == []
        assert "MISSING" not in oracle.tags(self.file)
        job = self.server.job(self.id)
        assert job["gaps"] == [] and job["verdict"] == {"complete": True, "ended_by": "broadcaster"}
        assert job["bytes"] == self.file.stat().st_size == job["recordings"][0]["bytes"]
        assert job["status"] == "COMPLETED" and job["version"] > self.job["version"]
        assert sorted(path.name for path in self.file.parent.iterdir()) == [self.file.name], "nothing is left behind"


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """One that leaves the holes to these tests."""
    return serve("--allow-any-host", "--allow-private-hosts", "--no-refill")


@pytest.fixture
def recorded(serve: Callable[..., Server], youtube: FakeYouTube) -> Callable[..., Recorded]:
    def make(*formats: dict[str, Any], more: int = 0, **stream: Any) -> Recorded:
        server = serve(*youtube_options(youtube), *QUICK, "--no-refill")
        return Recorded(server, youtube, list(formats or (AVC, AAC)), more, stream)

    return make


def test_holes_are_filled(recorded: Callable[..., Recorded]) -> None:
    """Of picture, of sound, of both, one and several segments long."""
    made = recorded(faults=refuse((137, 3), (140, 5), (137, 7), (137, 8), (140, 8)))
    gaps = sorted(made.job["gaps"], key=lambda gap: gap["start_ms"])
    assert [gap["segments"] for gap in gaps[:2]] == [
        {"track": "video", "format_id": "137", "epoch": 1, "first": 3, "last": 3},
        {"track": "audio", "format_id": "140", "epoch": 1, "first": 5, "last": 5},
    ]
    assert len(gaps) == 4 and not made.job["verdict"]["complete"]
    assert "MISSING" in oracle.tags(made.file) and len(oracle.chapters(made.file)) > 4
    serve_all(made.stream)
    said = made.repair().expect(0)
    made.check_whole()
    assert said.output.count("filled ") == 4 and "nothing is missing" in said.output
    assert said.errors.count("filled ") == 4 and "(audio)" in said.errors, "the log tells"
    before = digest(made.file)
    assert "nothing is missing" in made.repair().expect(0).output
    assert digest(made.file) == before


def test_holes_of_vp9_and_opus_are_filled(recorded: Callable[..., Recorded]) -> None:
    made = recorded(VP9, OPUS, faults=refuse((248, 4), (251, 4), (251, 9)))
    serve_all(made.stream)
    made.repair().expect(0)
    made.check_whole()


def test_what_is_still_not_served_stays_missing(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse((137, 4), kind="404"))
    before, job = digest(made.file), made.job
    said = made.repair("--json").expect(3)
    answer = json.loads(said.output)
    assert answer["filled"] == [] and answer["job"]["gaps"] == job["gaps"]
    assert digest(made.file) == before
    assert made.server.job(made.id) == job
    assert list(made.file.parent.iterdir()) == [made.file]


def test_what_is_served_in_part_is_filled_in_part(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse((137, 4), (137, 5), (137, 6), kind="404"))
    made.stream.script.faults[0].times = made.stream.script.faults[2].times = 0
    said = made.repair().expect(3)
    assert said.output.count("filled ") == 2 and "still missing 1.0 s from 0:05" in said.output, said.output
    job = made.server.job(made.id)
    (gap,) = job["gaps"]
    assert gap["segments"] == {"track": "video", "format_id": "137", "epoch": 1, "first": 5, "last": 5}
    assert abs(gap["start_ms"] - 5000) < 100 and abs(gap["end_ms"] - 6000) < 100
    assert job["verdict"]["complete"] is False
    titles = [(round(time), title.split(":")[0]) for time, title in oracle.chapters(made.file)]
    assert titles == [(0, "start"), (5, "missing"), (6, "goes on")]
    assert oracle.tags(made.file)["MISSING"].startswith("00:00:05.0")
    truth = made.stream.truth(itags=(137,), without=(5,))["tracks"] | made.stream.truth(itags=(140,))["tracks"]
    oracle.check_packets(oracle.packets(made.file), truth)
    oracle.check_layout(made.file)
    serve_all(made.stream)
    made.repair().expect(0)
    made.check_whole()


def test_killed_in_the_midst(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse((137, 4), (137, 5)))
    before = digest(made.file)
    # The second one is being sent, for very long, when the end comes.
    made.stream.script.faults[0].times = 0
    slow = made.stream.script.faults[1]
    slow.kind, slow.seconds, slow.times = "slow", 60.0, 1
    process = made.repair()
    wait_until(lambda: slow.times == 0, what="the hole's segment is asked for")
    process.kill()
    assert digest(made.file) == before and made.server.job(made.id) == made.job
    made.repair().expect(0)
    made.check_whole()


def test_killed_before_the_job_was_told(recorded: Callable[..., Recorded]) -> None:
    """The file is whole, the job knows nothing of it: no packet comes in twice."""
    made = recorded(faults=refuse((137, 4), (140, 6), (137, 8), (140, 8)))
    serve_all(made.stream)
    made.repair().expect(0)
    with contextlib.closing(sqlite3.connect(made.server.data / "aircheck.db")) as database, database:
        job = made.server.job(made.id) | {"gaps": made.job["gaps"], "verdict": made.job["verdict"]}
        database.execute("UPDATE jobs SET body = ? WHERE id = ?", (json.dumps(job), made.id))
    assert not made.server.job(made.id)["verdict"]["complete"]
    made.repair().expect(0)
    made.check_whole()


def test_full_disk(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse((137, 4)))
    before = digest(made.file)
    serve_all(made.stream)
    program = made.server.program
    words = ["repair", made.id, "--data", made.server.data, *youtube_options(made.youtube)]
    limit = f"--fsize={made.file.stat().st_size // 2}"
    Process(["prlimit", limit, program.binary, *words], program.folder / "logs").expect(1)
    assert digest(made.file) == before and list(made.file.parent.iterdir()) == [made.file]
    made.repair().expect(0)
    made.check_whole()


def test_urls_that_expire_are_renewed(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse(*((137, at) for at in range(3, 9))))
    serve_all(made.stream)
    made.stream.script.expire_requests = 4
    tokens = len(made.stream.tokens)
    made.repair(patience="1s").expect(0)  # less than yt-dlp takes
    assert len(made.stream.tokens) > tokens + 1, "the test must have made URLs expire"
    made.stream.script.expire_requests = None
    made.check_whole()


def test_another_client_is_asked_where_one_is_refused(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse((137, 4)))
    serve_all(made.stream)
    made.stream.script.refuse_clients = USUAL
    made.repair().expect(0)
    assert "tv" in made.video.clients
    made.check_whole()


def test_origin_that_serves_nothing_any_more(recorded: Callable[..., Recorded]) -> None:
    made = recorded(faults=refuse((137, 4)))
    made.video.state = "was_live"
    said = made.repair().expect(1)
    assert "over" in said.errors or "not available" in said.errors, said.errors
    assert made.server.job(made.id) == made.job


def test_numbers_of_an_earlier_epoch(recorded: Callable[..., Recorded]) -> None:
    """Only the last run of the encoder can be asked for; the hole in it is filled, the other is told."""
    changes = [{"at": 6, "epoch": True, "reset": 7.0}]
    made = recorded(faults=refuse((137, 3), (137, 9)), ready=6, more=6, changes=changes)
    assert [gap["segments"]["epoch"] for gap in made.job["gaps"]] == [1, 2]
    assert [gap["segments"]["first"] for gap in made.job["gaps"]] == [3, 3], "each counts from 0"
    serve_all(made.stream)
    said = made.repair().expect(3)
    assert "began anew" in said.errors, said.errors
    (gap,) = made.server.job(made.id)["gaps"]
    assert gap == made.job["gaps"][0]
    truth = made.stream.truth(itags=(137,), without=(3,))["tracks"] | made.stream.truth(itags=(140,))["tracks"]
    oracle.check_packets(oracle.packets(made.file), truth, timestamps=False)


def record_hls(server: Server, origin: Origin, holes: tuple[int, ...], **options: Any) -> tuple[Stream, dict[str, Any]]:
    """A window that moves while the broadcast is live, and past what the origin refuses."""
    faults = [{"kind": "404", "at": at, "times": None} for at in holes]
    stream = origin.add(total=12, speed=2, window=4, keep=0, faults=faults, **options)
    job = server.wait_for(server.submit(origin.url(stream)), "COMPLETED", timeout=60)
    serve_all(stream)
    return stream, job


HLS = {
    "ts": {},
    "fmp4": {"kind": "fmp4"},
    "separate_audio": {"kind": "fmp4", "separate_audio": True},
    "encrypted": {"encryption": {"every": 3}},
}


@pytest.mark.parametrize("options", HLS.values(), ids=HLS)
def test_hls(aircheck: Program, server: Server, origin: Origin, options: dict[str, Any]) -> None:
    """The playlist lists all of it, its hole too, when it has ended."""
    stream, job = record_hls(server, origin, (4,), **options)
    tracks = ["audio", "video"] if "separate_audio" in options else ["muxed"]
    segments = sorted((gap["segments"] for gap in job["gaps"]), key=lambda it: it["track"])
    assert segments == [{"track": track, "first": 4, "last": 4} for track in tracks]
    assert "still missing" in aircheck.start("repair", job["id"], "--data", server.data).expect(3).output
    stream.script.window = 0
    aircheck.start("repair", job["id"], "--data", server.data).expect(0)
    oracle.check(server.file(job), stream.truth())
    assert server.job(job["id"])["verdict"]["complete"] is True


@pytest.mark.parametrize("holes", [(4,), (5,), (4, 5), (3, 4, 5, 6)], ids=str)
def test_hole_at_a_discontinuity(aircheck: Program, server: Server, origin: Origin, holes: tuple[int, ...]) -> None:
    """The source's clock leaps within the hole, or at one of its ends."""
    stream, job = record_hls(server, origin, holes, changes=[{"at": 5, "reset": 70.0}])
    assert len(job["gaps"]) == 1
    stream.script.window = 0
    aircheck.start("repair", job["id"], "--data", server.data).expect(0)
    file = server.file(job)
    oracle.check(file, stream.truth(), timestamps=False)
    oracle.check_steady(oracle.packets(file))


@pytest.mark.parametrize("part", [0.3, 0.55])
def test_segment_that_came_cut_short(aircheck: Program, server: Server, origin: Origin, part: float) -> None:
    """With the length that its header announced. What the file lacks of it comes in, and nothing twice."""
    short = {"kind": "short", "at": 4, "part": part, "times": None}
    stream = origin.add(total=12, speed=2, window=4, keep=0, faults=[short])
    job = server.wait_for(server.submit(origin.url(stream)), "COMPLETED", timeout=60)
    (gap,) = job["gaps"]
    assert gap["segments"] == {"track": "muxed", "first": 4, "last": 4} and "shorter" in gap["reason"]
    stream.script.window = 0
    before = digest(server.file(job))
    said = aircheck.start("repair", job["id"], "--data", server.data).expect(3)
    assert "still missing" in said.output and "filled" not in said.output, said.output
    assert digest(server.file(job)) == before and server.job(job["id"]) == job
    serve_all(stream)
    aircheck.start("repair", job["id"], "--data", server.data).expect(0)
    oracle.check(server.file(job), stream.truth())
    oracle.check_steady(oracle.packets(server.file(job)))
    assert server.job(job["id"])["verdict"]["complete"] is True


def test_hole_in_the_second_file(aircheck: Program, server: Server, origin: Origin) -> None:
    """A recording that goes on in another file, for its picture is coded otherwise from some time on."""
    stream, job = record_hls(server, origin, (8,), changes=[{"at": 5, "media": {"video": "hevc"}}])
    assert len(job["recordings"]) == 2 and len(job["gaps"]) == 1
    first = digest(server.file(job))
    stream.script.window = 0
    aircheck.start("repair", job["id"], "--data", server.data).expect(0)
    assert digest(server.file(job)) == first
    oracle.check(server.file(job, 1), stream.truth(first=5))
    repaired = server.job(job["id"])
    assert repaired["bytes"] == sum(server.file(job, index).stat().st_size for index in (0, 1))


class TestAtTheEnd:
    """What is missing is asked for once more by the recorder itself."""

    def test_job(self, serve: Callable[..., Server], youtube: FakeYouTube) -> None:
        server = serve(*youtube_options(youtube), *QUICK)
        faults = refuse((137, 3), (140, 5), (137, 7), (137, 8))
        video = youtube.add(stream={"adaptive": [AVC, AAC], "window": 6, "speed": 0, "ready": 12, "faults": faults})
        assert video.stream
        job_id = server.submit(WATCH, from_start=True)
        wait_until(lambda: len(server.job(job_id)["gaps"]) == 3, timeout=60, what="three holes")
        serve_all(video.stream)
        video.state = "post_live"
        server.wait_for(job_id, "COMPLETED", timeout=60)
        job = wait_until(lambda: (it := server.job(job_id))["gaps"] == [] and it, what="the holes are filled")
        assert job["verdict"] == {"complete": True, "ended_by": "broadcaster"}
        oracle.check(server.file(job), video.stream.truth(itags=(137, 140)))
        assert [path.name for path in server.file(job).parent.iterdir()] == [server.file(job).name]

    @pytest.mark.parametrize("options", [(), ("--no-refill",)], ids=["usual", "no-refill"])
    def test_on_the_command_line(
        self, aircheck: Program, origin: Origin, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        fault = {"kind": "404", "at": 3, "times": None}
        stream = origin.add(total=9, speed=0, ready=8, faults=[fault])
        file = tmp_path / "a.mkv"
        process = aircheck.record(origin.url(stream), file, "--json", "--segment-timeout", "1s", *options)
        wait_until(lambda: '"gaps":1' in process.output, what="the hole is told")
        serve_all(stream)
        stream.advance(1)
        process.expect(3 if options else 0)
        assert ("once more" in process.errors) != bool(options)
        oracle.check(file, stream.truth(without=(3,) if options else ()))
        assert not list(tmp_path.glob("*.repair"))


class TestRefusals:
    def test_running_job(self, aircheck: Program, server: Server, origin: Origin) -> None:
        job_id = server.submit(origin.url(origin.add(speed=2)))
        server.wait_for(job_id, "RECORDING")
        said = aircheck.start("repair", job_id, "--data", server.data).expect(1)
        assert "RECORDING" in said.errors
        server.ask("POST", f"/api/jobs/{job_id}/cancel")

    def test_unknown_job_and_folder(self, aircheck: Program, server: Server, tmp_path: Path) -> None:
        said = aircheck.start("repair", "0190", "--data", server.data).expect(1)
        assert "aircheck list" in said.errors
        said = aircheck.start("repair", "0190", "--data", tmp_path / "elsewhere").expect(1)
        assert "--data" in said.errors
        assert not (tmp_path / "elsewhere").exists()

    def test_elsewhere(self, aircheck: Program, tmp_path: Path) -> None:
        said = aircheck.start("repair", "0190", "--data", tmp_path, "--server", "https://aircheck.example").expect(1)
        assert "machine" in said.errors
