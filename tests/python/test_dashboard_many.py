"""The dashboard of a server that has recorded for a year: ten thousand jobs, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dashboard import WEB, Visits, card, until
from playwright.sync_api import CDPSession, Page, expect
from seeding import completed, seed

from server import Server

JOBS = 10_000
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def archive(serve: Callable[..., Server]) -> Server:
    server = serve("--web", WEB)
    failed = {"status": "FAILED", "verdict": None, "recordings": [], "error": {"kind": "geo_blocked", "message": "No."}}
    seed(server, (completed(n, **(failed if n % 1000 == 500 else {})) for n in range(JOBS)))
    return server


class Effort:
    """Processor time of the page's main thread: unlike time on the clock it does not depend on who else is busy."""

    def __init__(self, page: Page):
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds(self) -> float:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def to_top(page: Page) -> None:
    """By key, as often as it takes: older cards that come in the middle of the movement may end it."""
    while page.evaluate("scrollY") > 0:
        page.keyboard.press("Home")
        page.evaluate(TWO_FRAMES)


def scrolling(page: Page, effort: Effort) -> float:
    """Seconds for ten steps down from the top."""
    before = effort.seconds()
    for _ in range(10):
        page.mouse.wheel(0, 400)
        page.evaluate(TWO_FRAMES)
    return effort.seconds() - before


def test_search_and_filter_among_ten_thousand(archive: Server, visit: Visits) -> None:
    page = visit(archive)
    expect(page.get_by_role("article")).to_have_count(50)
    effort = Effort(page)
    before = effort.seconds()
    page.get_by_role("searchbox").press_sequentially("no. 9999")
    expect(card(page, "Council meeting no. 9999")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(1)
    assert effort.seconds() - before < 1.5, "eight letters"
    page.get_by_role("searchbox").fill("")
    expect(page.get_by_role("article")).to_have_count(50)
    page.get_by_role("radio", name="Failed").check(force=True)
    expect(page.get_by_role("article")).to_have_count(JOBS // 1000)
    page.get_by_role("searchbox").fill("no. 9500")
    expect(page.get_by_role("article")).to_have_count(1)


def test_a_thousand_cards_do_not_get_slow(archive: Server, visit: Visits) -> None:
    page = visit(archive)
    expect(page.get_by_role("article")).to_have_count(50)
    effort = Effort(page)
    few = scrolling(page, effort)
    while page.get_by_role("article").count() < 1000:
        page.keyboard.press("End")  # what is older comes by itself
        page.evaluate(TWO_FRAMES)
    titles = page.locator("article h2").all_text_contents()
    assert titles == [f"Council meeting no. {n}" for n in range(len(titles))]
    to_top(page)
    expect(card(page, "Council meeting no. 0")).to_be_in_viewport()
    before = effort.seconds()
    seed(archive, [completed(20_000 + n, title=f"New {n}", created_at="2999-01-01T00:00:00.000Z") for n in range(10)])
    # Looked for by hand: Playwright reckons the names of a thousand cards, in the page, for seconds.
    until(page, f"document.querySelectorAll('article').length >= {len(titles) + 10}")
    assert effort.seconds() - before < 0.5, "ten events among a thousand cards"
    to_top(page)
    assert scrolling(page, effort) < 4 * few + 0.2, "scrolling, against the effort with fifty cards"
