"""The commands: a job's life from a terminal, options from everywhere, errors that say what to do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from program import Program
from server import Server
from tests.world import oracle
from tests.world.origin import Origin

COMMANDS = ["record", "serve", "submit", "list", "show", "watch", "stop", "cancel", "retry", "delete", "doctor"]


class Client:
    """Commands that talk to a server."""

    def __init__(self, program: Program, server: Server, *options: object):
        self.program, self.options = program, ["--server", server.address, *options]

    def run(self, *words: object, status: int = 0) -> str:
        return self.program.start(*words, *self.options).expect(status).output

    def json(self, *words: object) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture
def client(aircheck: Program, server: Server) -> Client:
    return Client(aircheck, server)


def test_life_of_a_job(client: Client, server: Server, origin: Origin) -> None:
    stream = origin.add(total=16, speed=6)
    job = client.json("submit", origin.url(stream))
    assert job["status"] == "PENDING"
    client.run("watch", job["id"])
    shown = client.json("show", job["id"])
    assert shown["status"] == "COMPLETED" and shown["verdict"]["complete"]
    oracle.check(server.file(shown), stream.truth())
    assert job["id"] in json.dumps(client.json("list"))
    client.run("delete", job["id"])
    assert job["id"] not in json.dumps(client.json("list"))


def test_the_api_may_be_under_another_path(aircheck: Program, server: Server, origin: Origin) -> None:
    job_id = server.submit(origin.url(origin.add(total=3)))
    for address in (server.address, f"{server.address}/", f"{server.address}/api", f"{server.address}/api/"):
        assert job_id in aircheck.start("list", "--json", "--server", address).expect(0).output
    assert aircheck.start("list", "--server", f"{server.address}/prod").expect(1).errors


def test_stop_and_cancel(client: Client, server: Server, origin: Origin) -> None:
    for verb, status in (("stop", "COMPLETED"), ("cancel", "CANCELLED")):
        stream = origin.add(speed=4)
        job_id = client.json("submit", origin.url(stream))["id"]
        stream.wait_for(lambda it: len(it.served()) > 3, timeout=40)
        client.run(verb, job_id)
        server.wait_for(job_id, status)


def test_watch_of_a_failure(client: Client, origin: Origin) -> None:
    job_id = client.json("submit", f"{origin.http.address}/nothing.m3u8")["id"]
    client.run("watch", job_id, status=1)
    assert client.json("show", job_id)["error"]["message"]


def test_token(aircheck: Program, serve, tmp_path: Path) -> None:
    server = serve(environment={"AIRCHECK_TOKEN": "s3cret"})
    assert "token" in aircheck.start("list", "--server", server.address).expect(1).errors.lower()
    Client(aircheck, server, "--token", "s3cret").run("list")
    (tmp_path / "token").write_text("s3cret\n")
    Client(aircheck, server, "--token-file", tmp_path / "token").run("list")


class TestErrors:
    def test_no_server(self, aircheck: Program) -> None:
        assert aircheck.start("list", "--server", "http://127.0.0.1:9").expect(1).errors.strip()

    def test_no_such_job(self, aircheck: Program, server: Server) -> None:
        unknown = "01900000-0000-7000-8000-000000000000"
        assert aircheck.start("show", unknown, "--server", server.address).expect(1).errors.strip()

    def test_refused_url(self, aircheck: Program, server: Server) -> None:
        process = aircheck.start("submit", "file:///etc/passwd", "--server", server.address)
        assert process.wait() in (1, 2) and "http" in process.errors

    def test_mistyped(self, aircheck: Program) -> None:
        assert "record" in aircheck.start("recrod").expect(2).errors
        assert "--quality" in aircheck.start("record", "--qualty", "720", "http://x/y.m3u8").expect(2).errors


class TestOptionsFromEverywhere:
    """A flag wins over the environment, the environment over the file."""

    @pytest.mark.parametrize(
        ("flag", "environment", "file", "expected"),
        [("worst", "720", "best", "144"), (None, "720", "worst", "720"), (None, None, "worst", "144")],
        ids=["flag", "environment", "file"],
    )
    def test_quality(
        self, aircheck: Program, origin: Origin, mkv: Path, flag: str, environment: str, file: str, expected: str
    ) -> None:
        sizes = {"1080": "1920x1080", "720": "1280x720", "144": "256x144"}
        variants = [{"name": name, "size": size} for name, size in sizes.items()]
        stream = origin.add(type="vod", total=2, variants=variants)
        config = mkv.with_name("config.toml")
        config.write_text(f'quality = "{file}"\n')
        variables = {"AIRCHECK_CONFIG": str(config)} | ({"AIRCHECK_QUALITY": environment} if environment else {})
        options = ["--quality", flag] if flag else []
        aircheck.record(origin.url(stream), mkv, *options, environment=variables).expect(0)
        assert {entry["rendition"] for entry in stream.log if entry["what"] == "segment"} == {expected}

    def test_wrong_key_in_the_file(self, aircheck: Program, mkv: Path) -> None:
        config = mkv.with_name("config.toml")
        config.write_text('qualty = "best"\n')
        process = aircheck.start("list", environment={"AIRCHECK_CONFIG": str(config)})
        assert "qualty" in process.expect(2).errors


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_has_examples(self, aircheck: Program, command: str) -> None:
        output = aircheck.start(command, "--help").expect(0).output
        assert f"aircheck {command}" in output

    def test_version(self, aircheck: Program) -> None:
        assert aircheck.start("--version").expect(0).output.strip()

    def test_completion(self, aircheck: Program) -> None:
        script = aircheck.start("completion", "bash").expect(0).output
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        assert all(command in script for command in COMMANDS)


def test_progress_as_json(aircheck: Program, origin: Origin, mkv: Path) -> None:
    process = aircheck.record(origin.url(origin.add(type="vod", total=5)), mkv, "--json").expect(0)
    last = json.loads(process.output.splitlines()[-1])
    assert last["event"] == "finished" and last["complete"] and last["gaps"] == []
