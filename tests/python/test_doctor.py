"""`aircheck doctor`: each check with a cause of its own, in words and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from machine_faults import Clock, file_system
from program import VENV, Program
from tests.world.certificates import Certificates
from tests.world.fake_youtube import FakeYouTube

CHECKS = ["yt-dlp", "JavaScript", "yt-dlp-ejs", "disk", "network", "clock"]
NO_PROXY = "http://127.0.0.1:9"  # discard: nobody listens


class Doctor:
    """Asks for both, which must say the same: what is found, and the exit status."""

    def __init__(self, program: Program, youtube: FakeYouTube, folder: Path):
        self.program, self.youtube, self.folder = program, youtube, folder

    def yt_dlp(self, days: int = 1, ejs: bool = True) -> Path:
        """A program that says that it is so old."""
        version = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y.%m.%d")
        libraries = f"[debug] Optional libraries: certifi-2024.1.1{', yt_dlp_ejs-0.8.0' if ejs else ''}"
        script = self.folder / "yt-dlp"
        script.write_text(f'#!/bin/sh\ncase "$*" in *--version*) echo {version} ;; *) echo "{libraries}" >&2 ;; esac\n')
        script.chmod(0o755)
        return script

    def examine(self, environment: dict[str, str] | None = None, **options: object) -> dict[str, dict[str, str]]:
        """The checks by name. `options` win over those that make the fake YouTube be asked, with a new yt-dlp."""
        given = {"proxy": self.youtube.proxy.address, "ca_file": self.youtube.addresses["ca_file"], **options}
        if "yt_dlp" not in given:
            given["yt_dlp"] = self.yt_dlp()
        words = ["doctor", *(f"--{name.replace('_', '-')}={value}" for name, value in given.items())]
        report, status = self.report([*words, "--json"], environment)
        checks = {check["name"]: check for check in report["checks"]}
        assert list(checks) == CHECKS
        worst = max((check["health"] for check in checks.values()), key=["ok", "warn", "fail"].index)
        assert report["health"] == worst and status == (1 if worst == "fail" else 0)
        shown = self.program.start(*words, environment=environment).expect(status).output
        for check in checks.values():
            assert f"{check['health']:<4}  {check['name']}" in shown
            assert bool(check["remedy"]) == (check["health"] != "ok"), "a remedy for just what is not well"
            if check["remedy"]:
                assert f"→ {check['remedy'].split()[0]}" in shown
        return checks

    def report(self, words: list[str], environment: dict[str, str] | None) -> tuple[dict[str, Any], int]:
        process = self.program.start(*words, environment=environment)
        status = process.wait()
        return json.loads(process.output), status


@pytest.fixture
def doctor(aircheck: Program, youtube: FakeYouTube, tmp_path: Path) -> Doctor:
    return Doctor(aircheck, youtube, tmp_path)


def expect(check: dict[str, str], health: str, found: str, remedy: str = "") -> None:
    assert check["health"] == health and found in check["found"] and remedy in check["remedy"], check


def test_all_well(doctor: Doctor, tmp_path: Path) -> None:
    with file_system(tmp_path / "roomy", "30g") as data:
        checks = doctor.examine(data=data)
    assert {check["health"] for check in checks.values()} == {"ok"}, checks
    expect(checks["yt-dlp"], "ok", "1 days old")
    expect(checks["yt-dlp-ejs"], "ok", "0.8.0")
    expect(checks["disk"], "ok", f"free in {data}")
    expect(checks["network"], "ok", "www.youtube.com answers through")
    expect(checks["clock"], "ok", "right to the second")


def test_the_projects_own_yt_dlp(doctor: Doctor) -> None:
    checks = doctor.examine(yt_dlp=VENV / "yt-dlp")
    assert f"days old, at {VENV}/yt-dlp" in checks["yt-dlp"]["found"]
    expect(checks["JavaScript"], "ok", f"at {VENV}/deno")
    assert checks["yt-dlp-ejs"]["health"] == "ok"


@pytest.mark.parametrize(("days", "health"), [(100, "warn"), (400, "fail")])
def test_old_yt_dlp(doctor: Doctor, days: int, health: str) -> None:
    expect(doctor.examine(yt_dlp=doctor.yt_dlp(days))["yt-dlp"], health, f"{days} days old", "update it")


def test_no_yt_dlp(doctor: Doctor) -> None:
    checks = doctor.examine(yt_dlp="/nowhere/yt-dlp")
    expect(checks["yt-dlp"], "fail", "/nowhere/yt-dlp does not run", "./run build")
    expect(checks["yt-dlp-ejs"], "fail", "does not run", "mend yt-dlp first")


def test_yt_dlp_that_fails(doctor: Doctor, tmp_path: Path) -> None:
    script = tmp_path / "broken"
    script.write_text("#!/bin/sh\necho no module named yt_dlp >&2\nexit 3\n")
    script.chmod(0o755)
    check = doctor.examine(yt_dlp=script)["yt-dlp"]
    expect(check, "fail", "ends with status 3: no module named yt_dlp", "./run build")


def test_yt_dlp_without_its_scripts(doctor: Doctor) -> None:
    check = doctor.examine(yt_dlp=doctor.yt_dlp(ejs=False))["yt-dlp-ejs"]
    expect(check, "warn", "does not list it", "install yt-dlp-ejs")


def test_no_javascript(doctor: Doctor, tmp_path: Path) -> None:
    check = doctor.examine({"PATH": str(tmp_path)})["JavaScript"]
    expect(check, "fail", "yt-dlp needs one", "deno")


def test_old_javascript(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "node").write_text("#!/bin/sh\necho v18.19.0\n")
    (tmp_path / "node").chmod(0o755)
    check = doctor.examine({"PATH": f"{tmp_path}"})["JavaScript"]
    expect(check, "fail", "v18.19.0 is too old", "deno")


@pytest.mark.parametrize(("size", "health"), [("1500k", "fail"), ("5g", "warn")])
def test_full_disk(doctor: Doctor, tmp_path: Path, size: str, health: str) -> None:
    with file_system(tmp_path / "small", size) as data:
        check = doctor.examine(data=data / "made" / "when needed")["disk"]
    expect(check, health, f"free in {data}", "make room")


@pytest.mark.parametrize(("seconds", "health"), [(3600, "fail"), (90, "warn")])
def test_wrong_clock(doctor: Doctor, clock: Clock, seconds: int, health: str) -> None:
    clock.jump(seconds)
    expect(doctor.examine(clock.environment)["clock"], health, "fast", "timedatectl")


def test_no_network(doctor: Doctor) -> None:
    checks = doctor.examine(proxy=NO_PROXY)
    expect(checks["network"], "fail", f"cannot be reached through {NO_PROXY}", "--proxy")
    expect(checks["clock"], "warn", "not compared", "mend the network first")


def test_certificate_that_is_not_trusted(doctor: Doctor, tmp_path: Path) -> None:
    stranger = Certificates()
    check = doctor.examine(ca_file=stranger.ca_file)["network"]
    stranger.close()
    expect(check, "fail", "cannot be reached", "--ca-file")


def test_address_that_is_blocked(doctor: Doctor) -> None:
    doctor.youtube.reachable = 429
    check = doctor.examine()["network"]
    expect(check, "warn", "answers", "--cookies")
    assert "429" in check["found"]
