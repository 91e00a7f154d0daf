"""Watched channels in the dashboard, in a real browser, against a real server that looks at them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from dashboard import ANY_HOST, WEB, Visits
from playwright.sync_api import Page, expect

from program import youtube_options
from server import Server
from tests.world.fake_youtube import FakeYouTube


def watch(page: Page, channel: str, titles: str = "") -> None:
    page.get_by_label("Channel", exact=True).fill(channel)
    page.get_by_label("Only titles with").fill(titles)
    page.get_by_role("button", name="Watch", exact=True).click()


def test_a_channel_is_watched_and_no_longer(serve: Callable[..., Server], youtube: FakeYouTube, visit: Visits) -> None:
    server = serve(*ANY_HOST, *youtube_options(youtube), "--watch-interval", "1s", "--web", WEB)
    youtube.add(id="old00000001", title="Of yesterday", state="was_live")
    page = visit(server)
    page.get_by_role("link", name="Watched channels").click()
    expect(page.get_by_role("heading", level=1, name="Watched channels")).to_be_visible()
    expect(page.get_by_text("No channel is watched yet.")).to_be_visible()
    watch(page, "@testchannel", titles="launch")
    channel = page.get_by_role("article", name="Test Channel")
    expect(channel.get_by_text("Broadcasts whose title has launch.")).to_be_visible()
    expect(channel.get_by_text("its newest video is “Of yesterday”")).to_be_visible()
    youtube.add(title="The launch", stream={"speed": 0, "ready": 4})
    channel.get_by_role("link", name="Its last recording").click()
    expect(page.get_by_role("heading", level=1, name="The launch")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Stop watching Test Channel").click()
    expect(page.get_by_text("No channel is watched yet.")).to_be_visible()
    assert server.ask("GET", "/api/watches").json == {"watches": []}


@pytest.mark.parametrize(("channel", "titles"), [("https://vimeo.com/123456", ""), ("@name", "("), ("@twice", "")])
def test_what_is_refused_says_why(
    serve: Callable[..., Server], youtube: FakeYouTube, visit: Visits, channel: str, titles: str
) -> None:
    server = serve(*youtube_options(youtube), "--web", WEB)
    server.ask("POST", "/api/watches", {"channel": "@twice"})
    page = visit(server, "/watches")
    with page.expect_response(lambda answer: answer.request.method == "POST") as refusal:
        watch(page, channel, titles)
    assert 400 <= refusal.value.status < 500
    expect(page.get_by_role("alert").get_by_text(refusal.value.json()["detail"])).to_be_visible()
    expect(page.get_by_label("Channel", exact=True)).to_have_value(channel)


def test_where_no_channels_are_watched_the_page_says_so(serve: Callable[..., Server], visit: Visits) -> None:
    server = serve("--web", WEB)
    hint = "`aircheck serve` on a machine of your own offers it."
    problem = {"status": 501, "title": "Not available here", "detail": "That is not offered here.", "hint": hint}
    page = visit(server, "/nothing")
    page.route("**/api/watches", lambda route: route.fulfill(status=501, body=json.dumps(problem)))
    page.goto(f"{server.address}/watches")
    expect(page.get_by_role("alert").get_by_text(f"That is not offered here. {hint}")).to_be_visible()
    expect(page.get_by_text("The server has a fault")).to_be_hidden()
    expect(page.get_by_role("button", name="Watch", exact=True)).to_be_hidden()
