"""The dashboard in a real browser: fixtures, and what tests look for in its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from program import wait_until
from server import Server

CHROMIUM = "/usr/bin/chromium"
WEB = Path(__file__).resolve().parents[2] / "web/out"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ANY_HOST = ("--allow-any-host", "--allow-private-hosts")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
SOON = 30_000  # ms
expect.set_options(timeout=SOON)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert (WEB / "index.html").exists(), "the dashboard is not built: run util/build-web.sh"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


class Visit:
    """A page, and what its browser had to complain about."""

    def __init__(self, page: Page):
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda message: self.note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def note(self, kind: str, text: str) -> None:
        # That a request was refused or got no answer is what some tests are about.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)


class Visits:
    """Opens pages; at the end nothing may have been complained about, and nobody else been asked."""

    def __init__(self, browser: Browser):
        self.browser = browser
        self.made: list[tuple[Visit, str]] = []
        self.expected: list[str] = []  # words of complaints that a test provokes
        self.bucket = ""  # host that recordings may be played from, too

    def __call__(self, server: Server, path: str = "/", size: dict = DESKTOP) -> Page:
        page = self.browser.new_context(viewport=size, locale="en-GB").new_page()
        page.set_default_timeout(SOON)
        self.made.append((Visit(page), urlsplit(server.address).netloc))
        page.goto(server.address + path)
        return page

    def close(self) -> None:
        for seen, host in self.made:
            seen.page.context.close()
            unexpected = [text for text in seen.complaints if not any(words in text for words in self.expected)]
            assert unexpected == []
            assert {other for other in seen.hosts if other} <= {host, self.bucket}, "a third party was asked"


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    visits = Visits(browser)
    yield visits
    visits.close()


@pytest.fixture
def dashboard(serve: Callable[..., Server]) -> Server:
    return serve(*ANY_HOST, "--web", WEB)


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def state(page: Page, name: str, status: str) -> Locator:
    return card(page, name).locator(f'[data-status="{status}"]')


def until(page: Page, expression: str) -> None:
    """Waits in the page. Playwright's own way evaluates text there, which the content policy refuses."""
    wait_until(lambda: page.evaluate(expression), SOON / 1000, expression)


def play_and_seek(page: Page, to: float) -> None:
    """Plays for real, from a click on: the picture is there, time runs, and a seek lands."""
    page.get_by_role("button", name="Play", exact=True).click()
    video = page.locator("video")
    video.wait_for()
    until(page, "document.querySelector('video').readyState >= 2")
    page.evaluate("document.querySelector('video').muted = true; document.querySelector('video').play()")
    until(page, "document.querySelector('video').currentTime > 0.3")
    page.evaluate(f"document.querySelector('video').currentTime = {to}")
    until(page, f"(v => !v.seeking && v.currentTime >= {to} && v.readyState >= 2)(document.querySelector('video'))")
    assert page.evaluate("document.querySelector('video').videoWidth") > 0


def check_accessible(page: Page) -> None:
    """No violation that axe knows, and nothing that must be scrolled sideways for."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px too wide"
