"""docker/compose.yml with the real Docker Compose, and the real engine where one can be started."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

import engine as engines
from debian import ROOT, Missing
from engine import Engine
from image import Image
from program import wait_until
from tests.world import oracle
from tests.world.origin import Origin
from tests.world.stream import Stream

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]  # Compose is compiled, once
FILE = ROOT / "docker/compose.yml"
ADDRESS = "http://127.0.0.1:8470"
TOKEN = "0123456789abcdef" * 4
# What the file tells to add for other options; the origin is in the container itself, whose network has nothing else.
MORE = """
services:
  aircheck:
    environment: {AIRCHECK_ALLOW_ANY_HOST: "true", AIRCHECK_ALLOW_PRIVATE_HOSTS: "true"}
"""


def configured(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    try:
        command = [engines.compose(), "-f", FILE, "config", *options]
    except Missing as reason:
        pytest.skip(str(reason))
    return subprocess.run(command, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True)


def test_compose_takes_the_file() -> None:
    """It holds the file against Compose's own schema."""
    done = configured("--format", "json", AIRCHECK_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    service = json.loads(done.stdout)["services"]["aircheck"]
    assert service["environment"] == {"AIRCHECK_TOKEN": TOKEN, "AIRCHECK_YTDLP_UPDATE": "1"}
    [port] = service["ports"]
    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "8470", 8470)
    assert Path(service["build"]["context"]) == ROOT and (ROOT / service["build"]["dockerfile"]).is_file()


def test_without_a_token_nothing_starts() -> None:
    done = configured("--quiet")
    assert done.returncode != 0 and "set it to a long secret" in done.stderr


class Deployed:
    """What `docker compose up` has made of the file."""

    def __init__(self, engine: Engine):
        self.engine = engine
        (engine.root / "srv/docker").mkdir(parents=True)
        (engine.root / "srv/docker/compose.yml").write_text(FILE.read_text())
        (engine.root / "srv/docker/more.yml").write_text(MORE)

    def compose(self, *words: str) -> str:
        files = ["-f", "/srv/docker/compose.yml", "-f", "/srv/docker/more.yml"]
        told = [f"AIRCHECK_TOKEN={TOKEN}", "AIRCHECK_YTDLP_UPDATE=0"]  # there is no way to a newer one
        return self.engine.execute("env", *told, "docker", "compose", *files, *words)

    def up(self) -> None:
        """Returns when its health check is content."""
        self.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "120")

    def inspected(self) -> dict[str, Any]:
        container = self.compose("ps", "--all", "--quiet", "aircheck").strip()
        return json.loads(self.engine.execute("docker", "inspect", container))[0]

    def healthy(self) -> bool:
        state = self.inspected()["State"]
        return state["Running"] and state["Health"]["Status"] == "healthy"

    def ask(self, path: str, *options: str) -> tuple[int, Any]:
        status, body = self.engine.ask(ADDRESS + path, "-H", f"Authorization: Bearer {TOKEN}", *options)
        return status, json.loads(body)

    def volume(self) -> Path:
        [volume] = [mount for mount in self.inspected()["Mounts"] if mount["Type"] == "volume"]
        return self.engine.root / volume["Source"].lstrip("/")


@pytest.fixture(scope="module")
def deployed(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    try:
        engine = Engine(tmp_path_factory.mktemp("engine"))
    except Missing as reason:
        pytest.skip(str(reason))
    try:
        engine.load("aircheck")
        made = Deployed(engine)
        made.up()
        yield made
    finally:
        engine.close()


def test_it_is_healthy_and_confined(deployed: Deployed) -> None:
    assert deployed.healthy()
    host = deployed.inspected()["HostConfig"]
    assert host["ReadonlyRootfs"] and host["Init"] and host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["PortBindings"]["8470/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "8470"}]
    status = deployed.compose("exec", "-T", "aircheck", "cat", "/proc/self/status")
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE) and re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)


def test_the_dashboard_is_open_and_the_api_wants_the_token(deployed: Deployed) -> None:
    status, page = deployed.engine.ask(f"{ADDRESS}/")
    assert status == 200 and "<title" in page
    assert deployed.engine.ask(f"{ADDRESS}/api/jobs")[0] == 401
    assert deployed.ask("/api/jobs")[0] == 200


def exported(origin: Origin, stream: Stream, folder: Path) -> None:
    """A stream as files, for a server that knows nothing of streams."""
    url = origin.url(stream)
    with urllib.request.urlopen(url) as answer:
        playlist = answer.read().decode()
    (folder / "index.m3u8").write_text(playlist)
    for line in playlist.splitlines():
        if line and not line.startswith("#"):
            with urllib.request.urlopen(urljoin(url, line)) as answer:
                (folder / line).write_bytes(answer.read())


def test_records_and_keeps_it(deployed: Deployed, origin: Origin) -> None:
    stream = origin.add(type="vod", total=6)
    shared = deployed.volume() / "origin"
    shared.mkdir()
    exported(origin, stream, shared)
    serve = ["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/data/origin", "9000"]
    deployed.compose("exec", "--detach", "aircheck", *serve)
    body = json.dumps({"url": "http://127.0.0.1:9000/index.m3u8"})
    status, job = deployed.ask("/api/jobs", "-H", "Content-Type: application/json", "--data-binary", body)
    assert status == 201, job
    path = f"/api/jobs/{job['id']}"
    wait_until(lambda: deployed.ask(path)[1]["status"] in {"COMPLETED", "FAILED"}, 60, "the recording's end")
    done = deployed.ask(path)[1]
    assert done["status"] == "COMPLETED", done
    recording = deployed.volume() / "aircheck" / done["recordings"][0]["key"]
    oracle.check(recording, stream.truth())

    deployed.compose("down")
    assert recording.exists()
    deployed.up()
    assert deployed.ask(path)[1]["status"] == "COMPLETED"


def test_a_server_that_dies_is_started_again(deployed: Deployed) -> None:
    before = deployed.inspected()["State"]["Pid"]
    deployed.engine.execute("sh", "-c", f"kill -9 {before}")
    wait_until(lambda: deployed.inspected()["State"]["Pid"] not in {0, before} and deployed.healthy(), 120, "a new one")
