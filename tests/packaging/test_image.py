"""The image of docker/Dockerfile: what is in it, and recordings made inside it as ECS and compose would run it."""

from __future__ import annotations

import json
import signal
import socket
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import debian
import image as images
import test_cloud_recorder as cloud_job
from cloud import Account
from debian import ROOT
from image import Container, Image
from program import VENV, wait_until
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin

WATCH = "https://www.youtube.com/watch?v=live0000001"
USER = 10001
NOT_NEEDED = ("ffmpeg", "g++-12", "cmake", "gcc", "pip", "curl", "node", "aws", "git")
Start = Callable[..., Container]


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def test_size_and_layers(image: Image, record_property: Callable[[str, object], None]) -> None:
    unpacked = sum(path.stat().st_blocks * 512 for path in files(image.root))
    packed = image.packed()
    print(f"\nthe image: {unpacked / 1e6:.0f} MB, {sum(packed) / 1e6:.0f} MB to pull; packed layers, from the base up:")
    for number, size in enumerate(packed, 1):
        print(f"  {number}: {size / 1e6:7.2f} MB")
    record_property("unpacked_bytes", unpacked)
    record_property("packed_bytes", sum(packed))
    assert unpacked < 300e6
    assert sum(packed) < 120e6
    assert len(packed) <= 8


def test_nothing_that_is_not_needed(image: Image) -> None:
    for folder in ("usr/bin", "usr/local/bin", "opt/yt-dlp/current/bin"):
        assert not [name for name in NOT_NEEDED if (image.root / folder / name).exists()]
    assert not list((image.root / "var/lib/apt/lists").iterdir())
    assert not list((image.root / "var/log").iterdir())


def test_the_user_owns_its_data_and_nothing_else(image: Image) -> None:
    assert image.config["User"] == f"{USER}:{USER}"
    owned = {str(path.relative_to(image.root)) for path in image.root.rglob("*") if path.lstat().st_uid == USER}
    assert owned == {"data"}
    writable = [path for path in files(image.root) if path.stat().st_mode & stat.S_IWOTH]
    assert not writable


def test_python_never_compiles_what_it_cannot_write(image: Image) -> None:
    compiled = [path for path in files(image.root) if path.suffix == ".pyc"]
    by_hash = [path for path in compiled if path.read_bytes()[4:8] == b"\x01\0\0\0"]  # unchecked, see PEP 552
    assert len(compiled) > 1000 and by_hash == compiled


def test_health_check_and_signals_are_declared(image: Image) -> None:
    assert image.config["Healthcheck"]["Test"] == ["CMD", "/usr/lib/aircheck/healthcheck"]
    assert image.config["Entrypoint"] == ["/usr/lib/aircheck/entrypoint.sh"]
    assert set(image.config["Volumes"]) == {"/data", "/tmp"}


def test_records(start: Start, origin: Origin, data: Path) -> None:
    stream = origin.add(total=40, speed=10, window=10)
    start("record", origin.url(stream), "-o", "/data/a.mkv").process.expect(0)
    oracle.check(data / "a.mkv", stream.truth())
    assert (data / "a.mkv").stat().st_uid == USER


def test_the_root_is_read_only_and_the_process_powerless(start: Start) -> None:
    script = "! touch /x /usr/x /etc/x 2>/dev/null && touch /data/x /tmp/x && cat /proc/self/status"
    said = start("-c", script, entrypoint=["sh"]).process.expect(0).output
    status = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    assert status["Uid"].split() == [str(USER)] * 4
    assert int(status["CapBnd"], 16) == int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1"


def world(youtube: FakeYouTube) -> dict[str, object]:
    """Makes a container take the fake for YouTube."""
    ca_file = Path(str(youtube.addresses["ca_file"]))
    return {
        "environment": {"AIRCHECK_PROXY": youtube.proxy.address, "AIRCHECK_CA_FILE": "/ca.pem"},
        "mounts": {"/ca.pem": ca_file},
    }


def test_records_from_youtube(start: Start, youtube: FakeYouTube, data: Path) -> None:
    stream = youtube.add(stream={"total": 20, "speed": 8}).stream
    assert stream
    start("record", WATCH, "-o", "/data/a.mkv", **world(youtube)).process.expect(0)
    oracle.check(data / "a.mkv", stream.truth())


def found_by_doctor(container: Container) -> dict[str, dict[str, str]]:
    container.process.wait()
    return {check["name"]: check for check in json.loads(container.process.output)["checks"]}


def test_has_what_youtube_needs(start: Start, youtube: FakeYouTube) -> None:
    found = found_by_doctor(start("doctor", "--json", **world(youtube)))
    assert "/opt/yt-dlp/current/bin/yt-dlp" in found["yt-dlp"]["found"]
    assert found["JavaScript"]["health"] == "ok" and "deno" in found["JavaScript"]["found"]
    assert found["yt-dlp-ejs"]["health"] == "ok"


def test_the_doctor_knows_how_a_container_gets_a_newer_yt_dlp(start: Start) -> None:
    found = found_by_doctor(start("doctor", "--json", "--yt-dlp", "/opt/yt-dlp/none/bin/yt-dlp"))
    assert "AIRCHECK_YTDLP_UPDATE=1" in found["yt-dlp"]["remedy"]


def test_the_javascript_runtime_runs_under_a_read_only_root(start: Start) -> None:
    # As yt-dlp calls it: no network, no packages, the script on standard input.
    call = (
        "echo 'console.log(6 * 7)' | /opt/yt-dlp/current/bin/deno run --no-prompt --no-remote --no-lock --no-config -"
    )
    assert start("-c", call, entrypoint=["sh"]).process.expect(0).output.strip() == "42"


def newer_yt_dlp(folder: Path, version: str) -> Path:
    """An index of wheels with a yt-dlp that calls itself newer than all that are."""
    folder.mkdir()
    package = next(VENV.parent.glob("lib/python3*/site-packages/yt_dlp"))
    name = f"yt_dlp-{version}.dist-info"
    with zipfile.ZipFile(folder / f"yt_dlp-{version}-py3-none-any.whl", "w") as wheel:
        for path in files(package):
            if path.suffix == ".pyc":
                continue
            inside = f"yt_dlp/{path.relative_to(package)}"
            text = f"__version__ = '{version}'\n" if inside == "yt_dlp/version.py" else ""
            wheel.writestr(inside, (path.read_text() + text) if text else path.read_bytes())
        wheel.writestr(f"{name}/METADATA", f"Metadata-Version: 2.1\nName: yt-dlp\nVersion: {version}\n")
        wheel.writestr(f"{name}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}/RECORD", "")
    return folder


@pytest.mark.parametrize("wanted", ["1", "2099.1.1"], ids=["newest", "by-number"])
def test_takes_a_newer_yt_dlp_at_start(start: Start, image: Image, tmp_path: Path, wanted: str) -> None:
    wheels = newer_yt_dlp(tmp_path / "wheels", "2099.1.1")
    ejs = next(debian.wheels().glob("yt_dlp_ejs-*.whl"))
    (wheels / ejs.name).write_bytes(ejs.read_bytes())
    environment = {"AIRCHECK_YTDLP_UPDATE": wanted, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
    container = start("doctor", "--json", environment=environment, mounts={"/wheels": wheels})
    found = found_by_doctor(container)
    assert "2099.1.1" in found["yt-dlp"]["found"], container.process.errors
    assert found["yt-dlp-ejs"]["health"] == found["JavaScript"]["health"] == "ok"


@pytest.fixture
def silent_index() -> object:
    """An index that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_goes_on_with_its_own_yt_dlp_when_there_is_no_newer(start: Start, origin: Origin, data: Path) -> None:
    stream = origin.add(type="vod", total=4)
    environment = {"AIRCHECK_YTDLP_UPDATE": "1", "PIP_NO_INDEX": "1"}
    container = start("record", origin.url(stream), "-o", "/data/a.mkv", environment=environment)
    container.process.expect(0)
    assert "going on with the yt-dlp of the image" in container.process.errors
    oracle.check(data / "a.mkv", stream.truth())


def test_an_update_takes_no_longer_than_it_may(start: Start, origin: Origin, data: Path, silent_index: str) -> None:
    stream = origin.add(type="vod", total=4)
    environment = {"AIRCHECK_YTDLP_UPDATE": "1", "AIRCHECK_YTDLP_UPDATE_TIMEOUT": "1", "PIP_INDEX_URL": silent_index}
    container = start("record", origin.url(stream), "-o", "/data/a.mkv", environment=environment)
    container.process.expect(0, timeout=20)
    assert "going on with the yt-dlp of the image" in container.process.errors


@pytest.mark.long
def test_the_same_sources_give_the_same_layers(image: Image) -> None:
    made = []
    for tag in ("aircheck-once", "aircheck-again"):
        images.build(tag, "--no-cache", "--timestamp", "0", *images.built_program(), *images.built_dashboard())
        twin = Image(tag)
        made.append(twin.layers)
        twin.close()
    assert made[0] == made[1]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_compiles_the_program_by_itself(image: Image, origin: Origin, tmp_path: Path, data: Path) -> None:
    images.build("aircheck-compiled", "--layers", *images.built_dashboard())
    compiled = Image("aircheck-compiled")
    stream = origin.add(type="vod", total=6)
    mounts = {"/data": data}
    container = Container(
        compiled, tmp_path / "compiled", "record", origin.url(stream), "-o", "/data/a.mkv", mounts=mounts
    )
    try:
        container.process.expect(0)
    finally:
        container.close()
        compiled.close()
    oracle.check(data / "a.mkv", stream.truth())


def test_serves_nobody_outside_without_a_token(start: Start) -> None:
    assert "token" in start(environment={"AIRCHECK_LISTEN": "0.0.0.0:0"}).process.expect(2).errors


def test_compose_runs_it_as_it_is_meant_to(image: Image) -> None:
    text = (ROOT / "docker/compose.yml").read_text()
    service = yaml.safe_load(text)["services"]["aircheck"]
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["init"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ports"] == ["${AIRCHECK_ADDRESS:-127.0.0.1}:${AIRCHECK_PORT:-8470}:8470"]
    assert service["environment"]["AIRCHECK_TOKEN"].startswith("${AIRCHECK_TOKEN:?")
    assert service["healthcheck"]["test"] == image.config["Healthcheck"]["Test"]
    written = {entry.split(":")[1] for entry in service["volumes"]} | {
        entry.split(":")[0] for entry in service["tmpfs"]
    }
    assert written == set(image.config["Volumes"])


def test_heeds_a_signal_while_it_updates(start: Start, silent_index: str) -> None:
    environment = {"AIRCHECK_YTDLP_UPDATE": "1", "PIP_INDEX_URL": silent_index}
    container = start("record", WATCH, "-o", "/data/a.mkv", environment=environment)
    wait_until(lambda: "update-yt-dlp" in container.execute("cat", "/proc/1/cmdline", "/proc/2/cmdline").stdout)
    container.send(signal.SIGTERM)
    assert container.process.wait(timeout=10) == 143


class Serving(Server):
    """A container with the server, spoken to over HTTP."""

    def __init__(self, start: Start):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        own = {"AIRCHECK_LISTEN": f"127.0.0.1:{port}", "AIRCHECK_ALLOW_ANY_HOST": "true"}
        self.container = start(environment=own | {"AIRCHECK_ALLOW_PRIVATE_HOSTS": "true"})
        self.process = self.container.process
        self.address = wait_until(self.printed_address, what="the server's start")

    def healthy(self) -> bool:
        return self.container.execute("/usr/lib/aircheck/healthcheck").returncode == 0


def test_serves_the_dashboard_and_ends_when_asked(start: Start) -> None:
    serving = Serving(start)
    assert serving.healthy()
    page = serving.ask("GET", "/")
    assert page.status == 200 and b"<title" in page.body
    serving.container.send(signal.SIGTERM)
    assert serving.container.process.wait(timeout=10) == 0


def test_a_server_that_does_not_answer_is_not_healthy(start: Start) -> None:
    serving = Serving(start)
    assert serving.healthy()
    serving.container.send(signal.SIGSTOP)
    assert not serving.healthy()


def test_a_container_that_only_records_is_healthy(start: Start, origin: Origin) -> None:
    stream = origin.add(total=100, speed=1)
    container = start("record", origin.url(stream), "-o", "/data/a.mkv")
    wait_until(stream.served, what="the first segment")
    assert container.execute("/usr/lib/aircheck/healthcheck").returncode == 0


def a_task(start: Start, account: Account, job: str, owner: str) -> Container:
    told = {
        "AIRCHECK_JOB_ID": job,
        "AIRCHECK_LEASE_OWNER": owner,
        "AIRCHECK_PREFIX": "live/",
        "AIRCHECK_HEARTBEAT": "1s",
    }
    environment = {**account.environment, **told, "AIRCHECK_ALLOW_ANY_HOST": "true"}
    return start("recorder", environment=environment)


def test_records_as_a_task_of_ecs(start: Start, account: Account, origin: Origin, tmp_path: Path, data: Path) -> None:
    stream = origin.add(total=20, speed=10, window=10)
    job_id = cloud_job.claimed(account, origin.url(stream))
    a_task(start, account, job_id, cloud_job.OWNER).process.expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"]
    cloud_job.check(account, job, stream, tmp_path)
    assert not list(data.iterdir())


def test_a_task_that_ecs_stops_leaves_the_rest_to_the_next(
    start: Start, account: Account, origin: Origin, tmp_path: Path
) -> None:
    stream = origin.add(speed=0, ready=6, window=0)
    job_id = cloud_job.claimed(account, origin.url(stream))
    first = a_task(start, account, job_id, cloud_job.OWNER)
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    first.send(signal.SIGTERM)
    first.process.expect(0, timeout=10)
    assert not account.job(job_id)["lease_owner"]
    cloud_job.take_over(account, job_id, "token-2")
    stream.advance(6)
    stream.end()
    a_task(start, account, job_id, "token-2").process.expect(0)
    cloud_job.check(account, account.job(job_id), stream, tmp_path)


def test_killed_with_its_recorders_the_next_container_goes_on(start: Start, origin: Origin, data: Path) -> None:
    stream = origin.add(speed=0, ready=6, window=0)
    first = Serving(start)
    job = first.submit(origin.url(stream))
    first.wait_for(job, "RECORDING")
    wait_until(lambda: len(set(stream.served())) == 6, what="six segments")
    first.container.send(signal.SIGKILL)
    first.container.process.wait()
    stream.advance(6)
    stream.end()
    done = Serving(start).wait_for(job, "COMPLETED", timeout=90)
    assert done["attempt"] == 2
    oracle.check(data / "aircheck" / done["recordings"][0]["key"], stream.truth())
