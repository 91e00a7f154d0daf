"""Every state that the dashboard shows, at the sizes of a phone and a desk: accessible, and no wider than the screen.

build/venv/bin/pytest tests/python/test_dashboard_looks.py --pictures docs/pictures     # keeps what it sees
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dashboard import ANY_HOST, DESKTOP, PHONE, WEB, Visits, card, check_accessible, state, until
from playwright.sync_api import Page, expect
from seeding import completed, seed, stamp

from program import Program, wait_until, youtube_options
from server import Server
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
Look = Callable[[Page, str], None]
WALL = {"width": 3840, "height": 2160}


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Look:
    """Checks what is to be seen; with --pictures also keeps it."""
    folder: Path | None = request.config.getoption("--pictures")

    def check(page: Page, name: str) -> None:
        until(page, "document.getAnimations().every(a => a.effect.getTiming().iterations === Infinity)")
        check_accessible(page)
        if folder:
            width = page.viewport_size["width"]
            size = {DESKTOP["width"]: "desktop", PHONE["width"]: "phone"}.get(width, str(width))
            keep(page, folder / f"{name}-{size}.webp")

    return check


def keep(page: Page, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["-v", "error", "-y", "-f", "png_pipe", "-i", "-", "-c:v", "libwebp", "-quality", "82", str(target)]
    subprocess.run(["ffmpeg", *arguments], input=page.screenshot(), check=True)


@dataclass
class Studio:
    """A server in the middle of its work."""

    server: Server
    live: str
    holes: str


@pytest.fixture
def studio(serve: Callable[..., Server], youtube: FakeYouTube, origin: Origin) -> Iterator[Studio]:
    server = serve(*ANY_HOST, *youtube_options(youtube), "--web", WEB)
    hd = {"profile": "720p"}
    youtube.add("members0001", state="members_only")
    youtube.add("upcoming001", state="upcoming", title="Full moon over the harbour", channel="Harbour cam")
    youtube.add("live0000001", title="Rocket launch: the countdown", channel="Space centre", stream={"ready": 90, **hd})
    seed(server, [completed(30, title="City council, public session", channel="City hall")])
    refused = server.submit("https://www.youtube.com/watch?v=members0001", title="Rehearsal for members")
    whole = origin.add(type="vod", total=150, **hd)
    clean = server.submit(origin.url(whole), title="Lecture 7: Fourier series")
    storm = origin.add(type="vod", total=120, gaps=[31, 32, 33, 77, 100, 101], **hd)
    holes = server.submit(origin.url(storm), title="Storm watch, night of the 24th")
    server.submit("https://www.youtube.com/watch?v=upcoming001")
    live = server.submit("https://www.youtube.com/watch?v=live0000001")
    wait_until(lambda: server.job(refused)["status"] == "FAILED", what="the refusal")
    server.wait_for(clean, "COMPLETED")
    server.wait_for(holes, "COMPLETED")
    wait_until(lambda: server.job(live)["media_ms"] > 0, 60, "the recording")
    yield Studio(server, live, holes)


@SIZES
def test_recordings(studio: Studio, visit: Visits, look: Look, size: dict) -> None:
    page = visit(studio.server, size=size)
    expect(state(page, "Rocket launch: the countdown", "RECORDING")).to_be_visible()
    expect(state(page, "Full moon over the harbour", "WAITING")).to_be_visible()
    page.locator("[data-frame]").first.wait_for()
    if size == DESKTOP:
        expect(page.locator("[data-frame]")).to_have_count(3)
    look(page, "recordings")
    page.keyboard.press("n")
    page.keyboard.type("https://youtu.be/jfKfPfyJRdk")
    expect(page.get_by_text("https://www.youtube.com/watch?v=jfKfPfyJRdk")).to_be_visible()
    look(page, "new")
    page.keyboard.press("Escape")
    card(page, "Storm watch, night of the 24th").get_by_role("button", name="Delete").click()
    look(page, "delete")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Storm watch, night of the 24th", exact=True).click()
    page.get_by_label("Player").locator("[data-frame]").wait_for()
    look(page, "recording")
    page.goto(f"{studio.server.address}/job?id={studio.live}")
    page.get_by_role("button", name="Play").click()
    until(page, "document.querySelector('video')?.readyState >= 2")
    look(page, "live")


@SIZES
def test_nothing_yet(serve: Callable[..., Server], visit: Visits, look: Look, size: dict) -> None:
    page = visit(serve("--web", WEB), size=size)
    expect(page.get_by_text("Nothing recorded yet")).to_be_visible()
    look(page, "empty")
    page.keyboard.press("n")
    page.keyboard.type("https://vimeo.com/123456")
    expect(page.get_by_text("vimeo.com is not YouTube.")).to_be_visible()
    look(page, "wrong-address")
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("zebra")
    expect(page.get_by_text("No recording is like that.")).to_be_visible()
    look(page, "not-found")


@SIZES
def test_watched_channels(
    serve: Callable[..., Server], youtube: FakeYouTube, visit: Visits, look: Look, size: dict
) -> None:
    youtube.add(title="Full moon over the harbour", state="was_live")
    server = serve(*youtube_options(youtube), "--watch-interval", "1s", "--web", WEB)
    for watch in ({"channel": "@testchannel"}, {"channel": "@nobody", "title": "launch|landing", "quality": "720"}):
        assert server.ask("POST", "/api/watches", watch).status == 201
    page = visit(server, "/watches", size=size)
    expect(card(page, "Test Channel").get_by_text("Full moon over the harbour")).to_be_visible()
    expect(card(page, "@nobody").get_by_text("Check the address")).to_be_visible()
    look(page, "watches")


@SIZES
def test_sign_in(serve: Callable[..., Server], visit: Visits, look: Look, size: dict) -> None:
    page = visit(serve("--web", WEB, "--token", "secret"), size=size)
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("The server refused this token.")).to_be_visible()
    look(page, "sign-in")


@SIZES
def test_without_a_server(aircheck: Program, tmp_path: Path, visit: Visits, look: Look, size: dict) -> None:
    server = Server(aircheck, tmp_path / "data", "--web", WEB)
    failed = {"status": "FAILED", "verdict": None, "recordings": [], "media_ms": 0, "bytes": 0}
    error = {"kind": "bot_check", "message": "YouTube asks for a sign-in: it takes this address for a robot's."}
    late = {"status": "RECORDING", "completed_at": None, "uploading_at": None, "verdict": None}
    beat = {"heartbeat_at": stamp(-100), "lease_owner": "x", "lease_expires_at": stamp(100), "lag_ms": 6000}
    seed(server, [completed(2), completed(1, error=error, **failed), completed(0, title="Night train", **late, **beat)])
    page = visit(server, size=size)
    expect(card(page, "Night train").get_by_text("no heartbeat for")).to_be_visible()
    server.stop()
    expect(page.get_by_role("alert").get_by_text("The server does not answer.")).to_be_visible()
    look(page, "unreachable")


def test_a_wall_of_screens(serve: Callable[..., Server], visit: Visits, look: Look) -> None:
    server = serve("--web", WEB)
    seed(server, [completed(n) for n in range(60)])
    page = visit(server, size=WALL)
    expect(page.get_by_role("article")).to_have_count(50)
    look(page, "wall")
    tops = page.locator("article").evaluate_all("cards => cards.map(card => card.getBoundingClientRect().top)")
    assert tops.count(tops[0]) >= 6, "cards side by side"
