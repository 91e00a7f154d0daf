"""The Debian package on a fresh Debian 12 that runs systemd: it records, and goes on through what happens."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from debian import KEPT, ROOT, Missing, need, run, wheels
from machine import Machine
from program import wait_until
from server import Server
from tests.world import oracle
from tests.world.certificates import Certificates
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin
from tests.world.stream import Stream

WATCH = "https://www.youtube.com/watch?v=live0000001"
STATE = "/var/lib/aircheck"
DASHBOARD = ROOT / "web/out/index.html"
UNITS = ("aircheck.service", "aircheck-yt-dlp.service", "aircheck-yt-dlp.timer")
# systemd-analyze's measure of what a service could still do, of 100. What keeps it from less is said in the units.
EXPOSURE = {"aircheck.service": 15, "aircheck-yt-dlp.service": 12}


@pytest.fixture(scope="session")
def package() -> Path:
    try:
        need("dpkg-shlibdeps", "dpkg-deb")
    except Missing as reason:
        pytest.skip(str(reason))
    return ROOT / run(ROOT / "tools" / "package", "--as-built").strip()


def newer(package: Path, version: str) -> Path:
    """The same with another version number, as an upgrade brings it."""
    tree = KEPT / "newer"
    shutil.rmtree(tree, ignore_errors=True)
    run("dpkg-deb", "--raw-extract", package, tree)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    made = KEPT / f"aircheck_{version}.deb"
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made)
    return made


class Installed(Server):
    """The package's server on the machine, spoken to over HTTP."""

    def __init__(self, machine: Machine, package: Path):
        self.machine, self.package = machine, package
        self.data = machine.root / STATE.lstrip("/")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.set_environment({})
        # Instead of an index, the wheels that were fetched outside.
        shutil.copytree(wheels(), machine.root / "wheels", dirs_exist_ok=True)
        machine.put("/etc/default/aircheck-yt-dlp", "PIP_NO_INDEX=1\nPIP_FIND_LINKS=/wheels\n")
        self.install()

    def set_environment(self, variables: dict[str, object]) -> None:
        own = {"LISTEN": f"127.0.0.1:{self.port}", "ALLOW_ANY_HOST": "true", "ALLOW_PRIVATE_HOSTS": "true", **variables}
        lines = "".join(f'Environment="AIRCHECK_{name}={value}"\n' for name, value in own.items())
        self.machine.put("/etc/systemd/system/aircheck.service.d/test.conf", f"[Service]\n{lines}")

    def install(self) -> None:
        self.machine.install(self.package)
        self.wait_until_it_answers()

    def restart(self) -> None:
        self.machine.execute("systemctl", "daemon-reload")
        self.machine.execute("systemctl", "restart", "aircheck")
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        def answers() -> bool:
            try:
                return self.ask("GET", "/api/health").status == 200
            except OSError:
                return False

        wait_until(answers, timeout=60, what="the server's start")

    @property
    def process(self) -> object:  # what `wait_for` shows when a job fails
        class Journal:
            errors = self.machine.try_to("journalctl", "-u", "aircheck", "--no-pager", "-n", "40").stdout

        return Journal

    def main_pid(self) -> str:
        return self.machine.property("aircheck", "MainPID")

    def recorder_of(self, job: str) -> int:
        """Its process number on the machine; fails when it does not run."""
        pid = int((self.data / "run" / f"{job}.pid").read_text().split()[0])
        assert job in self.machine.execute("cat", f"/proc/{pid}/cmdline")
        return pid


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    try:
        machine = Machine(tmp_path_factory.mktemp("machine"))
    except Missing as reason:
        pytest.skip(str(reason))
    try:
        yield Installed(machine, package)
    finally:
        machine.close()


def test_what_it_says_of_itself(package: Path) -> None:
    said = run("dpkg-deb", "--field", package)
    fields = dict(re.findall(r"(?m)^(\S+): (.*)$", said))
    depends = {entry.split()[0] for entry in fields["Depends"].split(",")}
    assert depends >= {"libc6", "libcurl4", "libsqlite3-0", "libssl3"}
    assert fields["Package"] == "aircheck" and re.fullmatch(r"\d+\.\d+\.\d+", fields["Version"])
    assert {"python3", "python3-pip-whl"} <= {entry.split()[0] for entry in fields["Recommends"].split(",")}
    assert "localhost" not in fields["Description"]


def test_what_is_in_it(package: Path) -> None:
    listed = [line.split(None, 5) for line in run("dpkg-deb", "--contents", package).splitlines()]
    files = {words[5].removeprefix(".") for words in listed if not words[0].startswith("d")}
    wanted = {
        "/usr/bin/aircheck",
        "/usr/lib/aircheck/update-yt-dlp",
        "/usr/share/man/man1/aircheck.1",
        "/usr/share/bash-completion/completions/aircheck",
        "/usr/share/zsh/site-functions/_aircheck",
        "/usr/share/fish/vendor_completions.d/aircheck.fish",
        "/usr/share/doc/aircheck/copyright",
        "/etc/aircheck/config.toml",
        *(f"/usr/lib/systemd/system/{unit}" for unit in UNITS),
    }
    if DASHBOARD.exists():
        wanted.add("/usr/share/aircheck/web/index.html")
    assert wanted <= files
    strays = {name for name in files if not name.startswith(("/usr/", "/etc/aircheck/"))}
    assert not strays
    assert {words[1] for words in listed} == {"root/root"}
    assert not [words for words in listed if re.search(r"[sS]|w.$", words[0][1:])], "set-id, or writable for all"


def test_the_same_sources_give_the_same_package(package: Path) -> None:
    before = package.read_bytes()
    run(ROOT / "tools" / "package", "--as-built")
    assert package.read_bytes() == before


def test_runs_once_it_is_installed(installed: Installed) -> None:
    machine = installed.machine
    for unit in ("aircheck.service", "aircheck-yt-dlp.timer"):
        assert machine.property(unit, "ActiveState") == "active"
        assert machine.execute("systemctl", "is-enabled", unit).strip() == "enabled"
    assert installed.ask("GET", "/api/jobs").status == 200
    if DASHBOARD.exists():
        page = installed.ask("GET", "/")
        assert page.status == 200 and page.body == DASHBOARD.read_bytes()
    status = machine.execute("cat", f"/proc/{installed.main_pid()}/status")
    assert status_field(status, "Uid").split()[0] == machine.execute("id", "-u", "aircheck").strip()


def status_field(status: str, name: str) -> str:
    return next(line.split(":", 1)[1].strip() for line in status.splitlines() if line.startswith(f"{name}:"))


def test_the_server_and_its_recorders_are_confined(installed: Installed, origin: Origin) -> None:
    job, stream, recorder = begun(installed, origin)
    for pid in (installed.main_pid(), recorder):
        status = installed.machine.execute("cat", f"/proc/{pid}/status")
        assert status_field(status, "NoNewPrivs") == "1"
        assert status_field(status, "Seccomp") == "2"
        assert int(status_field(status, "CapBnd"), 16) == int(status_field(status, "CapEff"), 16) == 0
        mounts = installed.machine.execute("cat", f"/proc/{pid}/mounts").splitlines()
        writable = {line.split()[1] for line in mounts if line.split()[3].startswith("rw")}
        assert "/" not in writable and {STATE, "/run/aircheck"} <= writable
    go_on_and_end(stream)
    ended_whole(installed, job, stream, attempts=1)


def test_systemd_has_no_complaint_about_the_units(installed: Installed) -> None:
    for unit in UNITS:
        done = installed.machine.try_to("systemd-analyze", "verify", "--man=no", unit)
        assert done.returncode == 0 and not done.stderr.strip(), done.stderr


@pytest.mark.parametrize("unit", EXPOSURE)
def test_units_expose_little(installed: Installed, unit: str) -> None:
    words = ["systemd-analyze", "security", "--no-pager", f"--threshold={EXPOSURE[unit]}", unit]
    done = installed.machine.try_to(*words)
    print(done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr)
    assert done.returncode == 0, done.stdout


def test_brings_yt_dlp(installed: Installed) -> None:
    machine = installed.machine
    wait_until(lambda: machine.property("aircheck-yt-dlp", "ActiveState") != "activating", 120, "the first yt-dlp")
    assert machine.property("aircheck-yt-dlp", "Result") == "success"
    report = json.loads(machine.try_to("runuser", "-u", "nobody", "--", "aircheck", "doctor", "--json").stdout)
    found = {check["name"]: check for check in report["checks"]}
    assert "/var/cache/aircheck/yt-dlp/current/bin/yt-dlp" in found["yt-dlp"]["found"]
    assert found["JavaScript"]["health"] == found["yt-dlp-ejs"]["health"] == "ok"
    assert owner(machine, "/var/cache/aircheck/yt-dlp/current/yt_dlp") == "aircheck-update"
    assert list((machine.root / "var/cache/aircheck/yt-dlp/current/yt_dlp/__pycache__").glob("YoutubeDL.*.pyc"))


def test_the_doctor_knows_what_brings_yt_dlp(installed: Installed) -> None:
    report = json.loads(installed.machine.try_to("aircheck", "doctor", "--json", "--yt-dlp", "/none/yt-dlp").stdout)
    assert "systemctl start aircheck-yt-dlp" in report["checks"][0]["remedy"]


def owner(machine: Machine, path: str) -> str:
    return machine.execute("stat", "--format=%U", path).strip()


def test_records_from_youtube(installed: Installed, youtube: FakeYouTube, certificates: Certificates) -> None:
    machine = installed.machine
    wait_until(lambda: machine.property("aircheck-yt-dlp", "ActiveState") != "activating", 120, "the first yt-dlp")
    stream = youtube.add(stream={"total": 20, "speed": 8}).stream
    assert stream
    machine.put("/etc/aircheck/ca.pem", Path(certificates.ca_file).read_text())
    installed.set_environment({"PROXY": youtube.proxy.address, "CA_FILE": "/etc/aircheck/ca.pem"})
    installed.restart()
    try:
        job = installed.wait_for(installed.submit(WATCH), "COMPLETED")
    finally:
        installed.set_environment({})
        installed.restart()
    assert job["verdict"]["complete"]
    recording = installed.file(job)
    oracle.check(recording, stream.truth())
    assert owner(machine, f"{STATE}/{job['recordings'][0]['key']}") == "aircheck"
    assert not os.stat(recording).st_mode & 0o007


def begun(installed: Installed, origin: Origin) -> tuple[str, Stream, int]:
    """A recording under way of a stream that goes on when it is told to: its job, its stream, its process."""
    stream = origin.add(speed=0, ready=6, window=0)
    job = installed.submit(origin.url(stream))
    installed.wait_for(job, "RECORDING")
    wait_until(lambda: len(set(stream.served())) == 6, what="six segments")
    return job, stream, installed.recorder_of(job)


def go_on_and_end(stream: Stream) -> None:
    stream.advance(6)
    stream.end()


def ended_whole(installed: Installed, job: str, stream: Stream, attempts: int) -> None:
    done = installed.wait_for(job, "COMPLETED", timeout=90)
    assert done["attempt"] == attempts and done["verdict"]["complete"]
    oracle.check(installed.file(done), stream.truth())


@pytest.mark.parametrize("how", ["restart", "kill", "upgrade"])
def test_a_recording_does_not_notice(installed: Installed, origin: Origin, how: str, package: Path) -> None:
    job, stream, recorder = begun(installed, origin)
    server = installed.main_pid()
    if how == "restart":
        installed.restart()
    elif how == "kill":
        installed.machine.execute("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "aircheck")
        wait_until(lambda: installed.main_pid() not in {server, "0"}, what="systemd's restart")
        installed.wait_until_it_answers()
    else:
        installed.machine.install(newer(package, "99.0.0"))
        installed.wait_until_it_answers()
    assert installed.main_pid() != server
    assert installed.recorder_of(job) == recorder
    go_on_and_end(stream)
    ended_whole(installed, job, stream, attempts=1)


def test_goes_on_when_all_of_it_was_ended(installed: Installed, origin: Origin) -> None:
    job, stream, recorder = begun(installed, origin)
    installed.machine.execute("systemctl", "kill", "--kill-whom=all", "aircheck")
    wait_until(lambda: installed.machine.try_to("test", "-e", f"/proc/{recorder}").returncode != 0)
    installed.wait_until_it_answers()
    go_on_and_end(stream)
    ended_whole(installed, job, stream, attempts=2)


def test_purging_leaves_the_recordings(installed: Installed, origin: Origin) -> None:
    machine = installed.machine
    stream = origin.add(type="vod", total=6)
    job = installed.wait_for(installed.submit(origin.url(stream)), "COMPLETED")
    recording = installed.file(job)
    said = machine.execute("apt-get", "-qy", "purge", "aircheck")
    assert "recordings in /var/lib/aircheck are left" in said
    assert machine.property("aircheck", "ActiveState") == "inactive"
    assert not (machine.root / "etc/aircheck/config.toml").exists()
    assert not (machine.root / "var/cache/aircheck").exists()
    assert not (machine.root / "usr/bin/aircheck").exists()
    oracle.check(recording, stream.truth())
    installed.install()  # and the next installation finds them again
    assert installed.job(job["id"])["status"] == "COMPLETED"
    assert owner(machine, f"{STATE}/{job['recordings'][0]['key']}") == "aircheck"


def test_a_removal_lets_recordings_come_to_their_end(installed: Installed, origin: Origin) -> None:
    job, stream, recorder = begun(installed, origin)
    installed.machine.execute("apt-get", "-qy", "remove", "aircheck")
    assert installed.recorder_of(job) == recorder
    go_on_and_end(stream)
    wait_until(lambda: installed.machine.try_to("test", "-e", f"/proc/{recorder}").returncode != 0, 90)
    installed.install()
    ended_whole(installed, job, stream, attempts=1)
