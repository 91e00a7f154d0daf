"""`aircheck serve`: a job from its submission to its end, over HTTP."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from seeding import completed, seed

from program import Program, wait_until, youtube_options
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin

WATCH = "https://www.youtube.com/watch?v=live0000001"


def test_youtube_end_to_end(youtube_server: Server, youtube: FakeYouTube) -> None:
    """The main job: a YouTube URL, the real yt-dlp, every packet equal to the source."""
    stream = youtube.add(title="The main job", stream={"total": 30, "speed": 6, "window": 15}).stream
    assert stream
    job_id = youtube_server.submit(WATCH)
    job = youtube_server.wait_for(job_id, "COMPLETED")
    oracle.check(youtube_server.file(job), stream.truth(first=min(stream.served())))
    assert job["video_id"] == "live0000001" and job["title"] == "The main job" and job["channel"] == "Test Channel"
    assert job["verdict"] == {"complete": True, "ended_by": "broadcaster"} and job["gaps"] == []
    assert job["bytes"] == youtube_server.file(job).stat().st_size == job["recordings"][0]["bytes"]
    for name in ("created_at", "started_at", "recording_at", "completed_at"):
        assert job[name].endswith("Z"), name


def test_states_are_seen_in_order(server: Server, origin: Origin) -> None:
    stream = origin.add(speed=0, ready=4)
    job_id = server.submit(origin.url(stream))
    server.wait_for(job_id, "RECORDING")
    stream.wait_for(lambda it: 3 in it.served())
    assert server.recorders(), "each recording is a process of its own"
    stream.end()
    job = server.wait_for(job_id, "COMPLETED")
    wait_until(lambda: not server.recorders(), what="the recorder's end")
    oracle.check(server.file(job), stream.truth())


def test_progress_is_reported(server: Server, origin: Origin) -> None:
    stream = origin.add(speed=2, ready=4)
    job_id = server.submit(origin.url(stream))
    job = wait_until(lambda: (it := server.job(job_id))["media_ms"] >= 3000 and it, 30, "progress")
    assert job["bytes"] > 0 and job["heartbeat_at"] and job["attempt"] == 1
    server.ask("POST", f"/api/jobs/{job_id}/cancel")


class TestWishes:
    def test_stop_keeps(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 6, timeout=40)
        assert server.ask("POST", f"/api/jobs/{job_id}/stop").status == 200
        job = server.wait_for(job_id, "COMPLETED")
        assert job["verdict"]["ended_by"] == "user"
        file = server.file(job)
        oracle.check_layout(file)
        found, truth = oracle.packets(file), stream.truth()["tracks"]
        assert len(found["video"]) >= 5 * 25
        assert [p.md5 for p in found["video"]] == [p.md5 for p in truth["video"][: len(found["video"])]]

    def test_cancel_discards(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 4, timeout=40)
        assert server.ask("POST", f"/api/jobs/{job_id}/cancel").status == 200
        server.wait_for(job_id, "CANCELLED")
        wait_until(lambda: not server.recorders(), what="the recorder's end")
        wait_until(lambda: not list(server.data.rglob("*.mkv")), what="the file's removal")

    def test_retry_after_failure(self, server: Server, origin: Origin) -> None:
        stream = origin.add(type="vod", total=4, playlist_faults=[{"kind": "html", "times": None}])
        job_id = server.submit(origin.url(stream))
        job = server.wait_for(job_id, "FAILED", timeout=100)
        assert job["error"]["kind"] and job["error"]["message"]
        stream.script.playlist_faults.clear()
        assert server.ask("POST", f"/api/jobs/{job_id}/retry").status == 200
        job = server.wait_for(job_id, "COMPLETED")
        assert job["error"] is None
        oracle.check(server.file(job), stream.truth())

    def test_delete(self, server: Server, origin: Origin) -> None:
        stream = origin.add(type="vod", total=4)
        job_id = server.submit(origin.url(stream))
        file = server.file(server.wait_for(job_id, "COMPLETED"))
        assert server.ask("DELETE", f"/api/jobs/{job_id}").status == 204
        assert server.ask("GET", f"/api/jobs/{job_id}").status == 404 and not file.exists()

    def test_what_cannot_be(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=0, ready=3)
        job_id = server.submit(origin.url(stream))
        server.wait_for(job_id, "RECORDING")
        assert server.ask("DELETE", f"/api/jobs/{job_id}").status == 409
        assert server.ask("POST", f"/api/jobs/{job_id}/retry").status == 409
        stream.end()
        server.wait_for(job_id, "COMPLETED")
        for verb in ("stop", "cancel", "retry"):
            answer = server.ask("POST", f"/api/jobs/{job_id}/{verb}")
            assert answer.status == 409 and answer.headers["content-type"].startswith("application/problem+json")


class TestScheduled:
    def test_waits_and_records(self, youtube_server: Server, youtube: FakeYouTube) -> None:
        video = youtube.add(state="upcoming", starts_in=4, stream={"total": 10, "speed": 8})
        assert video.stream
        job_id = youtube_server.submit(WATCH)
        job = youtube_server.wait_for(job_id, "WAITING")
        assert job["not_before"]
        wait_until(lambda: not youtube_server.recorders(), what="the recorder's end while it waits")
        video.state = "live"
        job = youtube_server.wait_for(job_id, "COMPLETED", timeout=90)
        oracle.check(youtube_server.file(job), video.stream.truth())

    @pytest.mark.parametrize(
        ("state", "kind"),
        [
            ("private", "private_video"),
            ("members_only", "members_only"),
            ("bot_check", "bot_check"),
            ("geo_blocked", "geo_blocked"),
            ("ended", "ended"),
            ("unavailable", "not_found"),
        ],
    )
    def test_refusals_are_told(self, youtube_server: Server, youtube: FakeYouTube, state: str, kind: str) -> None:
        youtube.add(state=state)
        job = youtube_server.wait_for(youtube_server.submit(WATCH), "FAILED")
        assert job["error"]["kind"] == kind and job["error"]["message"]


class TestRecordings:
    def test_ranges(self, server: Server, origin: Origin) -> None:
        stream = origin.add(type="vod", total=6)
        job_id = server.submit(origin.url(stream))
        data = server.file(server.wait_for(job_id, "COMPLETED")).read_bytes()
        path = f"/api/jobs/{job_id}/recording"
        whole = server.ask("GET", path)
        assert whole.status == 200 and whole.body == data and whole.headers["accept-ranges"] == "bytes"
        for text, part in [("0-99", data[:100]), ("1000-", data[1000:]), ("-500", data[-500:])]:
            answer = server.ask("GET", path, headers={"Range": f"bytes={text}"})
            assert (answer.status, answer.body) == (206, part)
            assert answer.headers["content-range"].endswith(f"/{len(data)}")
        assert server.ask("GET", path, headers={"Range": f"bytes={len(data)}-"}).status == 416
        head = server.ask("HEAD", path)
        assert head.status == 200 and head.body == b"" and int(head.headers["content-length"]) == len(data)
        assert server.ask("GET", path, headers={"If-None-Match": whole.headers["etag"]}).status == 304

    def test_ffmpeg_seeks_over_http(self, server: Server, origin: Origin) -> None:
        stream = origin.add(type="vod", total=30)
        job_id = server.submit(origin.url(stream))
        server.wait_for(job_id, "COMPLETED")
        (shown,) = oracle.seeks(f"{server.address}/api/jobs/{job_id}/recording", [20])
        assert abs(shown - 20) < 1.5

    def test_while_it_grows(self, server: Server, origin: Origin, tmp_path: Path) -> None:
        stream = origin.add(speed=0, ready=8)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: 7 in it.served(), timeout=40)
        part = tmp_path / "part.mkv"

        def fetched() -> bool:
            part.write_bytes(server.ask("GET", f"/api/jobs/{job_id}/recording").body)
            return part.stat().st_size > 100_000 and len(oracle.packets(part)["video"]) >= 7 * 25

        wait_until(fetched, what="a part of the growing file")
        oracle.decode(part)
        stream.end()
        server.wait_for(job_id, "COMPLETED")

    def test_none_yet(self, server: Server, origin: Origin) -> None:
        stream = origin.add(playlist_faults=[{"kind": 503, "times": None}])
        job_id = server.submit(origin.url(stream))
        assert server.ask("GET", f"/api/jobs/{job_id}/recording").status == 404


class TestEvents:
    def test_tell_of_every_change(self, server: Server, origin: Origin) -> None:
        url = urlsplit(server.address)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        connection.request("GET", "/api/events")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/event-stream")
        stream = origin.add(speed=0, ready=4)
        job_id = server.submit(origin.url(stream))
        seen: list[str] = []
        while "COMPLETED" not in seen:
            line = answer.fp.readline().decode()
            assert line, "the stream of events ended"
            if line.startswith("data:") and job_id in line:
                found = json.loads(line[5:])
                seen.append(found["status"] if "status" in found else found["job"]["status"])
            if "RECORDING" in seen and not stream.ended():
                stream.end()
        assert {"RECORDING", "COMPLETED"} <= set(seen)
        connection.close()


class TestKilled:
    """Whatever dies, the recording goes on."""

    def test_recorder(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 6, timeout=40)
        for pid in server.recorders():
            os.kill(pid, signal.SIGKILL)
        stream.end()
        job = server.wait_for(job_id, "COMPLETED", timeout=110)
        assert job["attempt"] == 2
        oracle.check(server.file(job), stream.truth())

    def test_recorder_by_sigterm(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 6, timeout=40)
        pids = server.recorders()
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not set(pids) & set(server.recorders()), 5, "the recorder's leaving within 5 s")
        stream.end()
        oracle.check(server.file(server.wait_for(job_id, "COMPLETED", timeout=110)), stream.truth())

    def test_server(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 4, timeout=40)
        before = server.recorders()
        server.kill()
        count = len(stream.served())
        stream.wait_for(lambda it: len(it.served()) > count + 2)
        assert server.recorders() == before, "recorders outlive the server"
        stream.end()
        server.start()
        job = server.wait_for(job_id, "COMPLETED")
        assert job["attempt"] == 1, "the new server found the recorder again"
        oracle.check(server.file(job), stream.truth())

    def test_server_and_recorder(self, server: Server, origin: Origin) -> None:
        stream = origin.add(speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 4, timeout=40)
        server.close()
        stream.end()
        server.start()
        oracle.check(server.file(server.wait_for(job_id, "COMPLETED", timeout=110)), stream.truth())

    def test_server_with_jobs_still_pending(self, server: Server, origin: Origin) -> None:
        streams = [origin.add(type="vod", total=4) for _ in range(5)]
        ids = [server.submit(origin.url(stream)) for stream in streams]
        server.kill()
        server.start()
        for job_id, stream in zip(ids, streams, strict=True):
            oracle.check_packets(
                oracle.packets(server.file(server.wait_for(job_id, "COMPLETED"))), stream.truth()["tracks"]
            )

    @pytest.mark.long
    @pytest.mark.timeout(400)
    def test_everything_again_and_again(self, server: Server, origin: Origin) -> None:
        streams = [origin.add(total=150, speed=3) for _ in range(4)]
        ids = [server.submit(origin.url(stream)) for stream in streams]
        for round_ in range(6):
            streams[0].wait_for(lambda it: len(it.served()) > 5 + 10 * round_, timeout=60)  # noqa: B023
            for pid in server.recorders()[round_ % 2 :: 2]:
                os.kill(pid, signal.SIGKILL)
            if round_ % 3 == 2:
                server.kill()
                server.start()
        for job_id, stream in zip(ids, streams, strict=True):
            oracle.check(server.file(server.wait_for(job_id, "COMPLETED", timeout=200)), stream.truth())


class TestAccess:
    def test_token(self, serve: Callable[..., Server]) -> None:
        server = serve(environment={"AIRCHECK_TOKEN": "s3cret"})
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret"}):
            assert server.ask("GET", "/api/jobs", headers=headers).status == 401
            assert server.ask("POST", "/api/jobs", {"url": WATCH}, headers=headers).status == 401
        assert server.ask("GET", "/api/jobs", headers={"Authorization": "Bearer s3cret"}).status == 200
        assert server.ask("GET", "/api/health").status == 200

    def test_no_token_no_listening_outside(self, aircheck: Program, tmp_path: Path) -> None:
        process = aircheck.start("serve", "--listen", "0.0.0.0:0", "--data", tmp_path / "data")
        assert process.wait(timeout=10) in (1, 2) and "token" in process.errors.lower()

    @pytest.mark.parametrize(
        "headers",
        [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Host": "127.0.0.1.evil.example:80"}],
        ids=str,
    )
    def test_other_pages_in_the_browser(self, server: Server, headers: dict[str, str]) -> None:
        assert server.ask("POST", "/api/jobs", {"url": WATCH}, headers=headers).status in (400, 403, 421)
        assert server.ask("GET", "/api/jobs").json["jobs"] == []

    def test_limits(self, server: Server) -> None:
        assert server.ask("POST", "/api/jobs", b"x" * (1 << 20)).status == 413
        assert server.ask("GET", "/api/jobs", headers={"X-Long": "x" * 100_000}).status in (400, 413, 431)
        assert server.ask("POST", "/api/jobs", b"{" * 10_000).status == 400
        assert server.ask("GET", "/api/jobs/../../etc/passwd").status == 404

    def test_slow_client_does_not_hinder_others(self, server: Server) -> None:
        url = urlsplit(server.address)
        with socket.create_connection((url.hostname, url.port)) as slow:
            slow.sendall(b"GET /api/jobs HTTP/1.1\r\nHost:")
            assert server.ask("GET", "/api/health").status == 200


class TestLists:
    def test_pages_and_filters(self, serve: Callable[..., Server], youtube: FakeYouTube) -> None:
        server = serve(*youtube_options(youtube))
        ids = {server.submit(f"https://www.youtube.com/watch?v=nothing{number:04}") for number in range(7)}
        for job_id in ids:
            server.wait_for(job_id, "FAILED")
        seen: list[str] = []
        page = server.ask("GET", "/api/jobs?limit=3").json
        seen += [job["id"] for job in page["jobs"]]
        while page["next"]:
            page = server.ask("GET", f"/api/jobs?limit=3&cursor={page['next']}").json
            seen += [job["id"] for job in page["jobs"]]
        assert len(seen) == 7 and set(seen) == ids
        assert len(server.ask("GET", "/api/jobs?status=FAILED").json["jobs"]) == 7
        assert server.ask("GET", "/api/jobs?status=COMPLETED").json["jobs"] == []
        assert server.ask("GET", "/api/jobs?status=NONSENSE").status == 400

    def test_answers_are_packed_for_who_takes_that(self, server: Server) -> None:
        seed(server, [completed(n) for n in range(20)])
        plain = server.ask("GET", "/api/jobs")
        packed = server.ask("GET", "/api/jobs", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip" and len(packed.body) < len(plain.body) / 4
        assert gzip.decompress(packed.body) == plain.body and "content-encoding" not in plain.headers
        known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
        assert server.ask("GET", "/api/jobs", headers=known).status == 304

    def test_metrics(self, server: Server, origin: Origin) -> None:
        server.wait_for(server.submit(origin.url(origin.add(type="vod", total=3))), "COMPLETED")
        text = server.ask("GET", "/api/metrics").body.decode()
        assert 'aircheck_jobs{status="COMPLETED"} 1' in text

    def test_dashboard(self, server: Server) -> None:
        answer = server.ask("GET", "/")
        assert answer.status == 200 and "text/html" in answer.headers["content-type"]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_many_jobs_at_once(server: Server, origin: Origin) -> None:
    streams = [origin.add(total=60, speed=2, window=20) for _ in range(30)]
    ids = [server.submit(origin.url(stream)) for stream in streams]
    for job_id, stream in zip(ids, streams, strict=True):
        file = server.file(server.wait_for(job_id, "COMPLETED", timeout=200))
        oracle.check_packets(oracle.packets(file), stream.truth(first=min(stream.served()))["tracks"])
