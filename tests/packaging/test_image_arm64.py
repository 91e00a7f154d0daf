"""The image for arm64, with the program that tools/test-arm64 has cross-built, run under qemu."""

from __future__ import annotations

import json
import platform
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import debian
import emulation
import image as images
from debian import ROOT, Missing
from image import Container, Image
from test_image import USER, WATCH, Serving, world
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]
PROGRAM = ROOT / "build/arm64/program"  # as the image's stage `program` would leave it: out/usr/bin/aircheck
AARCH64 = 183  # e_machine in an ELF file's head
Start = Callable[..., Container]


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    if platform.machine() != "x86_64":
        pytest.skip("this machine is no amd64: test_image.py tests its own architecture")
    if not (PROGRAM / "out/usr/bin/aircheck").exists():
        pytest.skip("there is no program for arm64; tools/test-arm64 builds it")
    try:
        with emulation.arm64():
            given = ["--layers", "--build-context", f"program={PROGRAM}", *images.built_dashboard()]
            wheels = debian.wheels("manylinux_2_27_aarch64")
            images.build("aircheck-arm64", *given, architecture="arm64", wheels=wheels)
            made = Image("aircheck-arm64")
            yield made
            made.close()
    except Missing as reason:
        pytest.skip(str(reason))


def machine_of(program: Path) -> int:
    head = program.read_bytes()[:20]
    assert head[:4] == b"\x7fELF"
    return int.from_bytes(head[18:20], "little")


def test_all_of_it_is_for_arm64(image: Image) -> None:
    assert image.inspected["Docker"]["architecture"] == "arm64"
    for name in ("usr/bin/aircheck", "usr/bin/python3.11", "opt/yt-dlp/current/bin/deno"):
        assert machine_of(image.root / name) == AARCH64, name


def test_yt_dlp_and_its_javascript_runtime_run(start: Start) -> None:
    script = "uname -m; yt-dlp --version; echo 'console.log(6 * 7)' | deno run --no-prompt --no-remote --no-config -"
    machine, version, answer = start("-c", script, entrypoint=["sh"]).process.expect(0, timeout=120).output.split()
    assert (machine, answer) == ("aarch64", "42")
    assert f"yt-dlp=={version.replace('.0', '.')}" in (ROOT / "docker/requirements.txt").read_text()


def test_records(start: Start, origin: Origin, data: Path) -> None:
    stream = origin.add(total=40, speed=4, window=20)
    start("record", origin.url(stream), "-o", "/data/a.mkv").process.expect(0, timeout=120)
    oracle.check(data / "a.mkv", stream.truth())
    assert (data / "a.mkv").stat().st_uid == USER


def test_has_what_youtube_needs(start: Start, youtube: FakeYouTube) -> None:
    container = start("doctor", "--json", **world(youtube))
    container.process.wait(timeout=300)
    found = {check["name"]: check for check in json.loads(container.process.output)["checks"]}
    assert "/opt/yt-dlp/current/bin/yt-dlp" in found["yt-dlp"]["found"]
    assert found["JavaScript"]["health"] == "ok" and "deno" in found["JavaScript"]["found"]


def test_records_from_youtube(start: Start, youtube: FakeYouTube, data: Path) -> None:
    stream = youtube.add(stream={"total": 20, "speed": 1, "window": 0}).stream
    assert stream
    start("record", WATCH, "-o", "/data/a.mkv", **world(youtube)).process.expect(0, timeout=600)
    oracle.check(data / "a.mkv", stream.truth())


def test_serves_and_ends_when_asked(start: Start) -> None:
    serving = Serving(start)
    assert serving.healthy()
    assert b"<title" in serving.ask("GET", "/").body
    serving.container.send(signal.SIGTERM)
    assert serving.container.process.wait(timeout=30) == 0
