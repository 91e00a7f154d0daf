"""What goes wrong outside the program: a clear error each time, and nothing captured is lost."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from machine_faults import Clock, file_system
from program import Process, Program, find_program, wait_until
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin

WATCH = "https://www.youtube.com/watch?v=live0000001"
LARGEST_PLAYLIST = 32 << 10  # KiB

REFUSED = [
    "",
    "not a url",
    "http://",
    "https://example.com/watch?v=live0000001",
    "https://youtube.com.evil.example/watch?v=live0000001",
    "https://www.youtube.com@evil.example/watch?v=live0000001",
    "https://user:password@www.youtube.com/watch?v=live0000001",
    "--exec",
    "--exec=touch /tmp/owned",
    "-o/tmp/x https://www.youtube.com/watch?v=live0000001",
    "file:///etc/passwd",
    "ftp://www.youtube.com/x",
    "javascript:alert(1)",
    "http://127.0.0.1/live.m3u8",
    "http://localhost:8470/api/jobs",
    "http://[::1]/x.m3u8",
    "http://10.0.0.1/x.m3u8",
    "http://169.254.169.254/latest/meta-data/",
    "http://192.168.1.1/x.m3u8",
    "http://2130706433/x.m3u8",
    "http://0x7f.1/x.m3u8",
    "https://www.youtube.com/watch?v=live0000001\n--exec",
    "https://www.youtube.com/watch?v=live\x00000001",
    "https://www.youtube.com/\x1b[2J",
    "https://www.youtube.com/watch?v=" + "x" * 5000,
    "https://www.youtube.com/watch?v=short",
    "https://www.youtube.com/feed/trending",
    "https://аpple.com/watch?v=live0000001",
]


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For what must change nothing in it."""
    folder = tmp_path_factory.mktemp("hostile")
    server = Server(Program(find_program(), folder), folder / "data")
    yield server
    server.close()


class TestHostileUrls:
    @pytest.mark.parametrize("url", REFUSED, ids=lambda url: ascii(url)[1:40])
    def test_refused(self, shared_server: Server, url: str) -> None:
        answer = shared_server.ask("POST", "/api/jobs", {"url": url})
        assert answer.status == 400, answer.body
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json["detail"] and answer.json["status"] == 400

    def test_nothing_was_started(self, shared_server: Server) -> None:
        for url in REFUSED:
            shared_server.ask("POST", "/api/jobs", {"url": url})
        assert shared_server.ask("GET", "/api/jobs").json["jobs"] == [] and not shared_server.recorders()

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"nonsense", 400),
            (b"[]", 400),
            (b"{}", 422),
            (b'{"url": 7}', 422),
            (b'{"url": null}', 422),
            (b"\xff\xfe", 400),
        ],
    )
    def test_bodies(self, shared_server: Server, body: bytes, status: int) -> None:
        assert shared_server.ask("POST", "/api/jobs", body).status in (status, 400)

    @pytest.mark.parametrize(
        "url", ["not a url", "file:///etc/passwd", "--exec", "ftp://127.0.0.1/x.m3u8", ""], ids=repr
    )
    def test_on_the_command_line(self, aircheck: Program, mkv: Path, url: str) -> None:
        process = aircheck.record(url, mkv)
        assert process.wait(timeout=10) in (1, 2) and process.errors.strip() and not mkv.exists()


class TestPlaylists:
    @pytest.mark.parametrize("kind", ["html", "empty", "endless"])
    @pytest.mark.parametrize("then", ["never-good", "good-first"])
    def test_garbage(self, aircheck: Program, origin: Origin, mkv: Path, kind: str, then: str) -> None:
        at = [None] if then == "never-good" else list(range(3, 200))
        faults = [{"kind": kind, "at": number, "times": None} for number in at]
        stream = origin.add(speed=0, ready=6, playlist_faults=faults)
        process = aircheck.record(origin.url(stream), mkv)
        if then == "never-good":
            assert process.expect(1, timeout=100).errors.strip() and not mkv.exists()
            return
        stream.wait_for(lambda it: 5 in it.served())
        wait_until(lambda: sum(entry.get("fault") == kind for entry in stream.log) >= 2, what="bad playlists")
        assert process.running(), "a stall never ends a recording"
        process.send(signal.SIGINT)
        process.wait(timeout=10)
        oracle.check(mkv, stream.truth())

    def test_backwards_for_good(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        faults = [{"kind": "backwards", "at": number, "times": None} for number in range(3, 8)]
        stream = origin.add(total=30, speed=5, window=20, playlist_faults=faults)
        aircheck.record(origin.url(stream), mkv).expect(0)
        oracle.check(mkv, stream.truth())

    def test_endless_does_not_eat_memory(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        """It is given up when it is larger than any playlist is, and memory has not much more than that of it."""
        stream = origin.add(playlist_faults=[{"kind": "endless", "times": None}])
        process = aircheck.record(origin.url(stream), mkv)
        peaks = []
        while process.running():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{process.popen.pid}/status").read_text()
                peaks += [int(peak) for peak in re.findall(r"VmHWM:\s+(\d+) kB", status)]
            time.sleep(0.01)
        process.expect(1)
        assert sum(entry["what"] == "playlist" for entry in stream.log) >= 2
        assert max(peaks) > LARGEST_PLAYLIST, "it was not looked at while it read"
        assert max(peaks) < 5 * LARGEST_PLAYLIST // 2, "twice of it while its buffer grows, and the program"


class TestSegments:
    def test_missing_key(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(total=4, ready=4, encryption={"missing": True})
        process = aircheck.record(origin.url(stream), mkv)
        assert process.wait(timeout=110) in (1, 3)
        assert (
            "key" in process.errors.lower()
            or "encrypt" in process.errors.lower()
            or "decrypt" in process.errors.lower()
        )

    def test_unknown_encryption(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(total=4, ready=4, encryption={"method": "SAMPLE-AES"})
        process = aircheck.record(origin.url(stream), mkv)
        assert process.wait(timeout=110) in (1, 3) and "encrypted" in process.errors

    @pytest.mark.parametrize("kind", ["truncated", "short", "codec", "html"])
    @pytest.mark.parametrize("container", ["ts", "fmp4"])
    def test_spoilt_for_good(self, aircheck: Program, origin: Origin, mkv: Path, kind: str, container: str) -> None:
        """The others are all there, whatever could be made of this one."""
        stream = origin.add(
            kind=container, total=24, speed=4, window=8, faults=[{"kind": kind, "at": 9, "times": None}]
        )
        process = aircheck.record(origin.url(stream), mkv)
        assert process.wait() in (0, 3) if kind == "codec" else process.wait() == 3, process.said
        files = [mkv, *sorted(mkv.parent.glob(f"{mkv.stem}-*.mkv"))]
        found = [packet.md5 for file in files for packet in oracle.packets(file).get("video", [])]
        wanted = [packet.md5 for packet in stream.truth(without=(9,))["tracks"]["video"]]
        whole = set(wanted)
        kept = iter([md5 for md5 in found if md5 in whole])
        assert all(md5 in kept for md5 in wanted)  # in order; what could be made of the spoilt one may stand in between
        everything = len(stream.truth()["tracks"]["video"])
        assert len(wanted) <= len(found) <= everything or kind == "codec"
        for file in files:
            oracle.check_layout(file)

    def test_first_segment_is_spoilt(self, aircheck: Program, origin: Origin, mkv: Path) -> None:
        stream = origin.add(total=12, speed=6, window=4, faults=[{"kind": "html", "at": 0, "times": None}])
        aircheck.record(origin.url(stream), mkv).expect(3)
        oracle.check(mkv, stream.truth(without=(0,)))


class TestDisk:
    @pytest.fixture
    def small_disk(self, tmp_path: Path) -> Iterator[Path]:
        """A file system of 1.5 MB, which is about 18 segments."""
        with file_system(tmp_path / "small", "1500k") as folder:
            yield folder

    def test_full_then_room(self, aircheck: Program, origin: Origin, small_disk: Path) -> None:
        stream = origin.add(total=40, speed=10)
        file = small_disk / "recording.mkv"
        process = aircheck.record(origin.url(stream), file)
        stream.wait_for(lambda it: len(it.served()) >= 16, timeout=30)
        wait_until(lambda: "space" in process.errors or not process.running(), 30, "a word on the full disk")
        if process.running():  # it waits for room
            oracle.decode(file)
        subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
        if process.wait(timeout=60) == 1:
            aircheck.record(origin.url(stream), file).expect(0)
        oracle.check(file, stream.truth())

    def test_full_job_says_so(self, aircheck: Program, origin: Origin, small_disk: Path) -> None:
        server = Server(aircheck, small_disk / "data", "--allow-any-host", "--allow-private-hosts")
        try:
            stream = origin.add(total=40, speed=10)
            job_id = server.submit(origin.url(stream))
            job = wait_until(lambda: (it := server.job(job_id))["error"] and it, 60, "the job's word on it")
            assert job["error"]["kind"] == "disk_full" and job["status"] != "FAILED"
            subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
            oracle.check(server.file(server.wait_for(job_id, "COMPLETED", timeout=100)), stream.truth())
        finally:
            server.close()

    def test_read_only_place(self, aircheck: Program, origin: Origin) -> None:
        stream = origin.add(type="vod", total=3)
        process = aircheck.record(origin.url(stream), Path("/proc/recording.mkv")).expect(1)
        assert process.errors.strip()


class TestDatabase:
    def test_locked_for_a_while(self, server: Server, origin: Origin) -> None:
        stream = origin.add(total=20, speed=5)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 4, timeout=40)
        holder = sqlite3.connect(database(server), isolation_level=None, timeout=10)
        holder.execute("BEGIN IMMEDIATE")
        seen = len(stream.served())
        stream.wait_for(lambda it: len(it.served()) > seen + 5)
        holder.execute("ROLLBACK")
        holder.close()
        oracle.check(server.file(server.wait_for(job_id, "COMPLETED")), stream.truth())

    def test_corrupt(self, aircheck: Program, server: Server) -> None:
        file = database(server)
        server.stop()
        for beside in file.parent.glob(f"{file.name}-*"):
            beside.unlink()
        file.write_bytes(b"this is no database " * 1000)
        process = aircheck.start("serve", "--listen", "127.0.0.1:0", "--data", server.data)
        assert process.wait(timeout=10) == 1 and str(file.name) in process.errors
        assert file.read_bytes().startswith(b"this is no database"), "nothing may be overwritten"


def database(server: Server) -> Path:
    """The one file in the data folder that is an SQLite database."""
    found = [path for path in server.data.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"]
    assert len(found) == 1, found
    return found[0]


class TestResolver:
    """yt-dlp missing, hanging, printing garbage."""

    def script(self, folder: Path, text: str) -> Path:
        file = folder / "fake-yt-dlp"
        file.write_text("#!/bin/sh\n" + textwrap.dedent(text))
        file.chmod(0o755)
        return file

    def record(self, aircheck: Program, mkv: Path, program: Path | str, *options: object) -> Process:
        return aircheck.record(WATCH, mkv, "--yt-dlp", program, *options)

    def test_missing(self, aircheck: Program, mkv: Path) -> None:
        process = self.record(aircheck, mkv, "/nowhere/yt-dlp").expect(1)
        assert "yt-dlp" in process.errors and not mkv.exists()

    @pytest.mark.parametrize(
        "text",
        [
            "echo nonsense",
            "echo '{'",
            "echo '[]'",
            "echo '{}'",
            "exit 1",
            "echo null",
            "kill -9 $$",
            "head -c 100000 /dev/urandom",
        ],
    )
    def test_garbage(self, aircheck: Program, mkv: Path, tmp_path: Path, text: str) -> None:
        process = self.record(aircheck, mkv, self.script(tmp_path, text)).expect(1)
        assert process.errors.strip() and not mkv.exists()

    def test_flood(self, aircheck: Program, mkv: Path, tmp_path: Path) -> None:
        process = self.record(aircheck, mkv, self.script(tmp_path, "yes '{\"formats\": [1,2,3,4,5,6,7,8]}'")).expect(
            1, timeout=60
        )
        assert "yt-dlp" in process.errors

    def test_hangs(self, aircheck: Program, mkv: Path, tmp_path: Path) -> None:
        script = self.script(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 1000 & wait")
        process = self.record(aircheck, mkv, script)
        pid = int(
            wait_until(
                lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), what="yt-dlp's start"
            )
        )
        process.send(signal.SIGINT)
        process.wait(timeout=5)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), 5, "yt-dlp's end")

    @pytest.mark.long
    @pytest.mark.timeout(240)
    def test_hangs_for_ever(self, aircheck: Program, mkv: Path, tmp_path: Path) -> None:
        process = self.record(aircheck, mkv, self.script(tmp_path, "sleep 1000")).expect(1, timeout=200)
        assert "yt-dlp" in process.errors

    def test_job_says_so(self, serve: Callable[..., Server]) -> None:
        server = serve("--yt-dlp", "/nowhere/yt-dlp")
        job = server.wait_for(server.submit(WATCH), "FAILED")
        assert job["error"]["kind"] == "no_resolver" and "yt-dlp" in job["error"]["message"]

    def test_proxy_that_is_not_there(self, aircheck: Program, mkv: Path) -> None:
        process = aircheck.record(WATCH, mkv, "--proxy", "http://127.0.0.1:9").expect(1, timeout=90)
        assert process.errors.strip()


class TestClockJumps:
    @pytest.mark.parametrize("seconds", [7200, -7200], ids=["forward", "back"])
    def test_recording(self, aircheck: Program, origin: Origin, mkv: Path, clock: Clock, seconds: int) -> None:
        stream = origin.add(total=24, speed=6)
        process = aircheck.record(origin.url(stream), mkv, environment=clock.environment)
        stream.wait_for(lambda it: len(it.served()) > 5)
        clock.jump(seconds)
        process.expect(0)
        oracle.check(mkv, stream.truth())

    @pytest.mark.parametrize("seconds", [7200, -7200], ids=["forward", "back"])
    def test_job(self, serve: Callable[..., Server], origin: Origin, clock: Clock, seconds: int) -> None:
        """A jump makes leases look expired, or good for hours; neither may bring two recorders to one file."""
        server = serve("--allow-any-host", "--allow-private-hosts", environment=clock.environment)
        stream = origin.add(total=60, speed=4)
        job_id = server.submit(origin.url(stream))
        stream.wait_for(lambda it: len(it.served()) > 5, timeout=40)
        clock.jump(seconds)
        job = server.wait_for(job_id, "COMPLETED", timeout=100)
        oracle.check(server.file(job), stream.truth())


def test_environment_is_not_trusted(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """A user's own yt-dlp configuration is not read."""
    home = mkv.parent / "home"
    (home / ".config" / "yt-dlp").mkdir(parents=True)
    (home / ".config" / "yt-dlp" / "config").write_text(f"--exec 'touch {mkv.parent}/owned'\n--format nonsense\n")
    youtube.add(stream={"total": 4, "speed": 8})
    options = ["--proxy", youtube.proxy.address, "--ca-file", youtube.addresses["ca_file"]]
    aircheck.record(
        WATCH, mkv, *options, environment={"HOME": os.fspath(home), "XDG_CONFIG_HOME": f"{home}/.config"}
    ).expect(0)
    assert not (mkv.parent / "owned").exists()
