"""`aircheck record PLAYLIST -o FILE`: every packet, whatever happens on the way."""

from __future__ import annotations

import random
import resource
import signal
import time
from pathlib import Path

import pytest

from program import Process, Program, wait_until
from tests.world import oracle, ts
from tests.world.origin import Origin
from tests.world.stream import Stream

COMPLETE, FAILED, USAGE, HOLES = 0, 1, 2, 3
LEFT = 128 + signal.SIGINT

KINDS = {
    "ts": {},
    "fmp4": {"kind": "fmp4"},
    "ts-audio-apart": {"separate_audio": True},
    "ts-audio-packed": {"separate_audio": "packed"},
    "fmp4-audio-apart": {"kind": "fmp4", "separate_audio": True},
    "encrypted": {"encryption": {}},
    "encrypted-fmp4": {"kind": "fmp4", "encryption": {}},
    "encrypted-iv-by-sequence": {"encryption": {"iv": "sequence", "every": 3}, "start": 70},
    "byteranges": {"byteranges": 4},
    "byteranges-fmp4": {"kind": "fmp4", "byteranges": 4},
    "map-renamed": {"kind": "fmp4", "maps": [4, 8]},
    "hevc": {"profile": "hevc"},
    "hevc-fmp4": {"profile": "hevc", "kind": "fmp4"},
    "mp3": {"profile": "mp3"},
    "av1-opus": {"kind": "fmp4", "media": {"video": "av1", "audio": "opus"}},
    "vp9-opus": {"kind": "fmp4", "media": {"video": "vp9", "audio": "opus"}},
    "ntsc": {"profile": "ntsc"},
    "ntsc-fmp4": {"profile": "ntsc", "kind": "fmp4"},
    "audio-only": {"media": {"tracks": "a"}},
    "event": {"type": "event", "program_date_time": True},
    "wrap": {"offset": ts.WRAP / 90000 - 6},
    "large-sequence": {"start": 2**40},
}


def recorded(mkv: Path, stream: Stream, *, without: tuple[int, ...] = (), timestamps: bool = True) -> None:
    """The file holds just what the stream had."""
    oracle.check(mkv, stream.truth(without=without), timestamps)


def pictures_in(growing: Path) -> int:
    """So far; none while there is hardly more than a head."""
    if not growing.exists() or growing.stat().st_size < 100_000:
        return 0
    return len(oracle.packets(growing)["video"])


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_catch_up(aircheck: Program, origin: Origin, mkv: Path, options: dict) -> None:
    stream = origin.add(**{"type": "vod", "total": 12, **options})
    aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
    if "tracks" in options.get("media", {}):
        oracle.check_packets(oracle.packets(mkv), stream.truth()["tracks"])
    else:
        recorded(mkv, stream)


@pytest.mark.parametrize("options", [{}, {"kind": "fmp4", "separate_audio": True}], ids=["ts", "fmp4-audio-apart"])
def test_live(aircheck: Program, origin: Origin, mkv: Path, options: dict) -> None:
    stream = origin.add(total=40, speed=10, window=20, **options)
    aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
    recorded(mkv, stream)


@pytest.mark.parametrize("options", [{"type": "vod", "total": 1300}, {"type": "event", "total": 1300, "ready": 1280}])
def test_a_playlist_longer_than_the_queue(aircheck: Program, origin: Origin, mkv: Path, options: dict) -> None:
    stream = origin.add(speed=20, media={"segment_frames": 5}, **options)
    aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
    recorded(mkv, stream)


def test_begins_with_the_oldest_segment_on_offer(aircheck: Program, origin: Origin, mkv: Path) -> None:
    stream = origin.add(total=20, ready=15, speed=5, window=10)
    aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
    oracle.check(mkv, stream.truth(first=min(stream.served())))
    assert min(stream.served()) == 5


def test_https(aircheck: Program, origin: Origin, mkv: Path) -> None:
    stream = origin.add(type="vod", total=6)
    url = origin.url(stream, https=True)
    assert "certificate" in aircheck.record(url, mkv).expect(FAILED).said.lower()
    origin.https.ciphers.clear()
    aircheck.record(url, mkv, "--ca-file", origin.certificates.ca_file).expect(COMPLETE)
    recorded(mkv, stream)
    assert origin.https.ciphers == {"TLS_AES_128_GCM_SHA256"}, "the cheapest of those that are good is offered first"


@pytest.mark.parametrize(("quality", "name"), [("best", "fast"), ("720", "middle"), ("worst", "low")])
def test_quality(aircheck: Program, origin: Origin, mkv: Path, quality: str, name: str) -> None:
    variants = [
        {"name": "low", "size": "256x144", "bandwidth": 9_000_000},
        {"name": "slow", "size": "1920x1080", "bandwidth": 6_000_000},
        {"name": "fast", "size": "1920x1080", "fps": "50", "segment_frames": 50, "bandwidth": 5_000_000},
        {"name": "middle", "size": "1280x720", "bandwidth": 8_000_000},
    ]
    stream = origin.add(type="vod", total=3, variants=variants)
    aircheck.record(origin.url(stream), mkv, "--quality", quality).expect(COMPLETE)
    assert {entry["rendition"] for entry in stream.log if entry["what"] == "segment"} == {name}


class TestDiscontinuities:
    def test_timestamps_begin_anew(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        changes = [{"at": 4, "reset": 0}, {"at": 7, "reset": 50_000}, {"at": 9, "reset": 3}]
        stream = origin.add(type="vod", total=12, changes=changes)
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream, timestamps=False)
        oracle.check_steady(oracle.packets(mkv))

    @pytest.mark.parametrize("kind", ["ts", "fmp4"])
    def test_resolution_changes(self, aircheck: Program, origin: Origin, mkv: Path, kind: str) -> None:
        stream = origin.add(
            kind=kind, type="vod", total=9, changes=[{"at": 5, "reset": 0, "media": {"size": "480x270"}}]
        )
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        found = oracle.packets(mkv)
        oracle.check_packets(found, stream.truth()["tracks"], timestamps=False)
        oracle.check_steady(found)
        oracle.decode(mkv)

    @pytest.mark.parametrize("change", [{"channels": 2}, {"video": "hevc"}, {"audio": "mp3"}], ids=str)
    def test_codec_changes_begin_a_new_file(self, aircheck: Program, origin: Origin, mkv: Path, change: dict) -> None:
        stream = origin.add(type="vod", total=9, changes=[{"at": 5, "reset": 0, "media": change}])
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        oracle.check(mkv, stream.truth(end=5))
        oracle.check(mkv.with_stem(f"{mkv.stem}-2"), stream.truth(first=5))


class TestFaults:
    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": 404, "times": 2},
            {"kind": 503, "times": 3},
            {"kind": 500},
            {"kind": "truncated", "times": 2},
            {"kind": "slow", "seconds": 3},
            {"kind": "stall", "seconds": 3},
            {"kind": "short"},
            {"kind": "html"},
            {"kind": "codec"},
        ],
        ids=lambda fault: str(fault["kind"]),
    )
    def test_passing(self, aircheck: Program, origin: Origin, mkv: Path, fault: dict) -> None:
        stream = origin.add(total=20, speed=10, ready=3, window=15, keep=5, faults=[{**fault, "at": 5}])
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream)

    def test_several_at_once(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        kinds = [(404, 2), (503, 3), ("truncated", 1), ("slow", 1), ("short", 1), (500, 2), ("html", 1), ("stall", 1)]
        faults = [{"kind": kind, "times": times, "at": 3 + at} for at, (kind, times) in enumerate(kinds)]
        stream = origin.add(total=40, speed=5, window=30, faults=faults, separate_audio=True)
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream)

    def test_connection_that_hangs(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(total=12, speed=10, faults=[{"kind": "stall", "at": 5, "seconds": 60}])
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE, timeout=50)
        recorded(mkv, stream)

    @pytest.mark.parametrize(
        "faults",
        [
            {"faults": [{"kind": 404, "at": 8, "times": None}]},
            {"gaps": [8]},
            {"faults": [{"kind": "html", "at": 8, "times": None}]},
        ],
        ids=["not-found", "announced-gap", "html"],
    )
    def test_segment_lost_for_good(self, aircheck: Program, origin: Origin, mkv: Path, faults: dict) -> None:
        stream = origin.add(total=30, speed=5, window=8, **faults)
        said = aircheck.record(origin.url(stream), mkv).expect(HOLES).said
        recorded(mkv, stream, without=(8,))
        assert "gap" in said.lower() or "hole" in said.lower() or "missing" in said.lower()

    def test_short_for_good_is_kept_and_told(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(total=30, speed=5, window=8, faults=[{"kind": "short", "at": 8, "times": None}])
        aircheck.record(origin.url(stream), mkv).expect(HOLES)
        oracle.check_layout(mkv)
        found, whole = oracle.packets(mkv), stream.truth(without=(8,))["tracks"]
        for kind, packets in whole.items():
            wanted = [packet.md5 for packet in packets]
            assert set(wanted) <= {packet.md5 for packet in found[kind]}

    def test_the_best_of_several_short_copies_is_kept(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        copies = [{"kind": "short", "at": 8, "part": part} for part in (0.3, 0.6, 0.5)]
        rest = {"kind": "short", "at": 8, "part": 0.4, "times": None}
        stream = origin.add(total=30, speed=5, window=20, faults=[*copies, rest])
        aircheck.record(origin.url(stream), mkv).expect(HOLES)
        of_the_segment = len(stream.truth(8, 9)["tracks"]["video"])
        found = len(oracle.packets(mkv)["video"]) - len(stream.truth(without=(8,))["tracks"]["video"])
        assert 0.55 * of_the_segment < found < of_the_segment

    @pytest.mark.long
    def test_sound_that_is_gone_for_long_is_put_in_when_it_is_back(
        self, aircheck: Program, origin: Origin, mkv: Path
    ) -> None:
        """The picture goes on without it; what has come too late is asked for once more at the end."""
        gone = {"kind": 503, "at": 5, "onwards": True, "lasts": 75, "rendition": "audio"}
        stream = origin.add(total=110, separate_audio=True, playlist_faults=[gone])
        said = aircheck.record(origin.url(stream), mkv).expect(COMPLETE, timeout=180).said
        assert "the picture goes on without it" in said
        recorded(mkv, stream)

    @pytest.mark.parametrize("kind", [404, 503, "html", "empty", "backwards", "stall"])
    def test_playlist_that_fails_for_a_while(self, aircheck: Program, origin: Origin, mkv: Path, kind: object) -> None:
        faults = [{"kind": kind, "at": at, "seconds": 2} for at in (3, 4, 5)]
        stream = origin.add(total=30, speed=4, window=20, playlist_faults=faults)
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream)

    def test_origin_that_goes_and_comes_back(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        down = [{"kind": 503, "times": 8}]
        stream = origin.add(
            total=24, speed=4, faults=down, playlist_faults=[{"kind": 503, "at": at} for at in range(2, 7)]
        )
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream)


class TestInterrupted:
    """By signals: nothing that was recorded may be lost, nothing doubled."""

    def test_killed_again_and_again(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        self.kill_often(aircheck, origin.add(speed=8), origin, mkv, kills=8, seed=1)

    @pytest.mark.parametrize(
        "options",
        [{"kind": "fmp4"}, {"separate_audio": True}, {"encryption": {}}, {"offset": ts.WRAP / 90000 - 20}],
        ids=["fmp4", "audio-apart", "encrypted", "wrap"],
    )
    def test_killed_with_other_kinds(self, aircheck: Program, origin: Origin, mkv: Path, options: dict) -> None:
        self.kill_often(aircheck, origin.add(speed=8, **options), origin, mkv, kills=5, seed=2)

    @pytest.mark.long
    @pytest.mark.parametrize("seed", range(50))
    def test_killed_twenty_times(self, aircheck: Program, origin: Origin, mkv: Path, seed: int) -> None:
        self.kill_often(aircheck, origin.add(speed=6), origin, mkv, kills=20, seed=seed)

    def kill_often(self, aircheck: Program, stream: Stream, origin: Origin, mkv: Path, kills: int, seed: int) -> None:
        """So often while the stream goes on, which it does until then; and once more when it is over."""
        chance = random.Random(seed)
        for _ in range(kills):
            seen = len(stream.log)
            process = aircheck.record(origin.url(stream), mkv)
            wanted = seen + chance.randint(1, 8)
            stream.wait_for(lambda it: len(it.log) > wanted)  # noqa: B023
            self.kill_at_any_moment(process, chance)
            assert process.popen.returncode == -signal.SIGKILL, process.said
        stream.advance(max(0, 30 - stream.end_number() + stream.script.start))
        stream.end()
        seen = len(stream.log)
        process = aircheck.record(origin.url(stream), mkv)
        stream.wait_for(lambda it: len(it.log) > seen)
        self.kill_at_any_moment(process, chance)  # it may have finished by then
        assert process.popen.returncode in (-signal.SIGKILL, COMPLETE), process.said
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream)

    def kill_at_any_moment(self, process: Process, chance: random.Random) -> None:
        time.sleep(chance.uniform(0, 0.1))
        process.kill()

    def test_killed_after_a_discontinuity(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(speed=0, ready=6, changes=[{"at": 4, "reset": 0}])
        process = aircheck.record(origin.url(stream), mkv)
        stream.wait_for(lambda it: 5 in it.served())
        stream.advance(3)
        stream.wait_for(lambda it: 8 in it.served())
        process.kill()
        stream.end()
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream, timestamps=False)
        oracle.check_steady(oracle.packets(mkv))

    def test_sigterm_leaves_and_the_next_goes_on(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(speed=6)
        process = aircheck.record(origin.url(stream), mkv)
        stream.wait_for(lambda it: len(it.served()) > 8)
        process.send(signal.SIGTERM)
        process.wait(timeout=5)
        stream.end()
        fetched = stream.served()
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        recorded(mkv, stream)
        again = [number for number in set(fetched) if stream.served().count(number) > 1]
        assert len(again) <= 4, f"segments fetched twice: {again}"

    def test_ctrl_c_finishes_the_file(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(speed=4)
        process = aircheck.record(origin.url(stream), mkv)
        stream.wait_for(lambda it: len(it.served()) > 10)
        process.send(signal.SIGINT)
        process.expect(COMPLETE, timeout=10)
        oracle.check_layout(mkv)
        oracle.check_seeks(mkv)
        oracle.decode(mkv)
        found, truth = oracle.packets(mkv), stream.truth()["tracks"]
        for kind, packets in found.items():
            assert [p.md5 for p in packets] == [p.md5 for p in truth[kind][: len(packets)]]
        assert len(found["video"]) >= 9 * 25

    def test_ctrl_c_twice_leaves_it_unfinished(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        """While the file cannot be finished, for a full disk; the same command then goes on with it."""
        stream = origin.add(speed=0, ready=8)
        process = aircheck.record(origin.url(stream), mkv)
        wait_until(lambda: pictures_in(mkv) >= 4 * 25, what="the file's growth")
        full = mkv.stat().st_size
        resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        stream.advance(8)
        wait_until(lambda: "cannot write" in process.errors, what="a word on the full disk")
        process.send(signal.SIGINT)
        wait_until(lambda: "Ctrl-C again" in process.errors, what="an answer to the first Ctrl-C")
        assert process.running(), process.said
        process.send(signal.SIGINT)
        process.expect(LEFT, timeout=10)
        assert "the same command goes on" in process.errors
        assert mkv.stat().st_size <= full and Path(f"{mkv}.journal").exists()
        oracle.decode(mkv)
        stream.end()
        assert "going on with" in aircheck.record(origin.url(stream), mkv).expect(COMPLETE).errors
        recorded(mkv, stream)

    def test_plays_while_it_grows(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(speed=0, ready=8)
        process = aircheck.record(origin.url(stream), mkv)
        stream.wait_for(lambda it: 7 in it.served())
        wait_until(lambda: pictures_in(mkv) >= 7 * 25, what="the file's growth")
        assert process.running()
        oracle.decode(mkv)


class TestFinished:
    def test_is_left_alone(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(type="vod", total=4)
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        before, requests = mkv.read_bytes(), len(stream.log)
        said = aircheck.record(origin.url(stream), mkv).expect(COMPLETE).said
        assert said.strip(), "it must say why it does nothing"
        assert mkv.read_bytes() == before and len(stream.log) == requests

    def test_force_records_anew(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream, other = (origin.add(type="vod", total=total) for total in (4, 6))
        aircheck.record(origin.url(stream), mkv).expect(COMPLETE)
        before, neighbour = mkv.read_bytes(), mkv.with_stem(f"{mkv.stem}-2")
        neighbour.write_bytes(b"another recording")
        aircheck.record(origin.url(other), mkv, "--force").expect(COMPLETE)
        recorded(mkv, other)
        assert mkv.with_name(f"{mkv.name}.old-1").read_bytes() == before
        assert neighbour.read_bytes() == b"another recording"

    def test_force_keeps_what_is_unfinished(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream, other = origin.add(total=60, ready=6), origin.add(type="vod", total=4)
        process = aircheck.record(origin.url(stream), mkv)
        stream.wait_for(lambda it: len(it.served()) >= 6, timeout=30)
        process.kill()
        aircheck.record(origin.url(other), mkv, "--force").expect(COMPLETE)
        recorded(mkv, other)
        old = mkv.with_name(f"{mkv.name}.old-1")
        assert old.exists() and old.with_name(f"{old.name}.journal").exists()

    def test_with_holes_is_told_again(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(type="vod", total=6, gaps=[3])
        aircheck.record(origin.url(stream), mkv).expect(HOLES)
        aircheck.record(origin.url(stream), mkv).wait()
        recorded(mkv, stream, without=(3,))

    def test_another_file_is_not_overwritten(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        mkv.write_text("not a recording of ours\n" * 100)
        stream = origin.add(type="vod", total=4)
        aircheck.record(origin.url(stream), mkv).wait()
        assert mkv.read_text().startswith("not a recording of ours")


class TestExitStatus:
    @pytest.mark.parametrize(
        "arguments",
        [["record"], ["record", "--no-such-option"], ["no-such-command"], ["record", "http://127.0.0.1/x.m3u8", "-o"]],
        ids=lambda arguments: " ".join(arguments),
    )
    def test_usage(self, aircheck: Program, arguments: list[str]) -> None:
        process = aircheck.start(*arguments).expect(USAGE, timeout=5)
        assert process.errors.strip() and not process.output.strip()

    def test_help(self, aircheck: Program) -> None:
        for arguments in (["--help"], ["record", "--help"], ["serve", "--help"]):
            assert "--" in aircheck.start(*arguments).expect(0, timeout=5).output

    def test_nothing_there(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        process = aircheck.record(f"{origin.http.address}/nothing.m3u8", mkv).expect(FAILED, timeout=60)
        assert process.errors.strip()
        assert not mkv.exists()

    def test_folder_that_is_not_there(self, aircheck: Program, origin: Origin, tmp_path: Path) -> None:
        stream = origin.add(type="vod", total=2)
        process = aircheck.record(origin.url(stream), tmp_path / "none" / "x.mkv")
        assert process.wait() in (COMPLETE, FAILED, USAGE)
        assert process.popen.returncode == COMPLETE or "none" in process.said


def test_two_at_once_do_not_spoil_the_file(aircheck: Program, origin: Origin, mkv: Path) -> None:
    stream = origin.add(total=16, speed=4)
    first = aircheck.record(origin.url(stream), mkv)
    stream.wait_for(lambda it: len(it.served()) > 4)
    second = aircheck.record(origin.url(stream), mkv)
    assert second.wait() == FAILED and second.errors.strip()
    first.expect(COMPLETE)
    recorded(mkv, stream)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_an_hour(aircheck: Program, origin: Origin, mkv: Path) -> None:
    stream = origin.add(type="vod", total=3600)
    aircheck.record(origin.url(stream), mkv).expect(COMPLETE, timeout=300)
    recorded(mkv, stream)


@pytest.mark.long
def test_fifty_at_once(aircheck: Program, origin: Origin, tmp_path: Path) -> None:
    streams = [origin.add(total=60, speed=2, window=10) for _ in range(50)]
    runs = [aircheck.record(origin.url(stream), tmp_path / f"{stream.name}.mkv") for stream in streams]
    for run, stream in zip(runs, streams, strict=True):
        run.expect(COMPLETE, timeout=120)
        oracle.check_packets(oracle.packets(tmp_path / f"{stream.name}.mkv"), stream.truth()["tracks"])
