"""What people do with the dashboard, in a real browser, against a real server that records from the test origin."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dashboard import ANY_HOST, WEB, Visits, card, play_and_seek, state, until
from playwright.sync_api import Route, expect
from seeding import completed, seed, stamp

from cloud import Account
from program import Program, wait_until
from server import Server
from tests.world.origin import Origin


def test_submit_watch_stop_and_play(dashboard: Server, origin: Origin, visit: Visits) -> None:
    stream = origin.add(total=400, speed=2, ready=10, window=20)
    page = visit(dashboard)
    expect(page.get_by_text("Nothing recorded yet")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_label("Address", exact=True)).to_be_focused()
    page.keyboard.type(origin.url(stream))
    page.get_by_label("Name").fill("The launch")
    page.keyboard.press("Enter")
    expect(card(page, "The launch")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(state(page, "The launch", "RECORDING")).to_be_visible()
    expect(card(page, "The launch").get_by_text(re.compile(r"[1-9]\S* (kB|MB)"))).to_be_visible()
    card(page, "The launch").get_by_role("button", name="Stop & keep").click()
    expect(state(page, "The launch", "COMPLETED")).to_be_visible()
    expect(card(page, "The launch").get_by_text("Nothing is missing; stopped by you.")).to_be_visible()
    card(page, "The launch").get_by_role("link", name="The launch", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="The launch")).to_be_visible()
    play_and_seek(page, to=5)


def test_plays_out_of_a_bucket(serve: Callable[..., Server], account: Account, origin: Origin, visit: Visits) -> None:
    visit.bucket = urlsplit(account.moto.url).netloc
    store = ("--store", f"s3://{account.bucket}/live")
    server = serve(*ANY_HOST, "--web", WEB, *store, environment=account.moto.environment)
    job = server.wait_for(server.submit(origin.url(origin.add(type="vod", total=8))), "COMPLETED")
    play_and_seek(visit(server, f"/job?id={job['id']}"), to=5)


def test_a_recording_is_watched_while_it_grows(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.submit(origin.url(origin.add(total=400, speed=2, ready=60, window=60)))
    wait_until(lambda: dashboard.job(job)["media_ms"] > 40_000, what="the recording's first report")
    page = visit(dashboard, f"/job?id={job}")
    expect(page.get_by_role("button", name="Latest 30 s")).to_have_attribute("aria-pressed", "true")
    play_and_seek(page, to=20)
    first = page.locator("video").get_attribute("src")
    page.evaluate("document.querySelector('video').currentTime = document.querySelector('video').duration - 0.2")
    expect(page.locator("video")).not_to_have_attribute("src", first)  # it goes on with what has come since
    page.get_by_role("button", name="From the beginning").click()
    expect(page.locator("video")).to_have_attribute("src", re.compile(r"until=\d+"))
    page.evaluate("document.querySelector('video').muted = true; document.querySelector('video').play()")
    until(page, "document.querySelector('video').currentTime > 0.3")


def test_holes_are_shown(dashboard: Server, origin: Origin, visit: Visits) -> None:
    stream = origin.add(type="vod", total=12, gaps=[4, 8])
    page = visit(dashboard)
    job = dashboard.submit(origin.url(stream), title="Council")
    expect(card(page, "Council").get_by_text("2 holes; ended by the broadcaster.")).to_be_visible()
    expect(card(page, "Council").get_by_text("Kept, with holes")).to_be_visible()
    assert card(page, "Council").locator("[data-hole]").count() == 2
    page.goto(f"{dashboard.address}/job?id={job}")
    expect(page.get_by_text("missing in all")).to_be_visible()
    expect(page.locator("ol").get_by_text("Hole of").first).to_be_visible()


def test_a_slash_at_the_end_changes_nothing(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.submit(origin.url(origin.add(type="vod", total=4)), title="Council")
    expect(visit(dashboard, f"/job/?id={job}").get_by_role("heading", name="Council")).to_be_visible()
    expect(visit(dashboard, "/watches/").get_by_role("heading", name="Watched channels")).to_be_visible()


def test_failure_says_what_to_do_and_is_retried(dashboard: Server, origin: Origin, visit: Visits) -> None:
    stream = origin.add(type="vod", total=4, playlist_faults=[{"kind": "404", "at": at} for at in range(3)])
    page = visit(dashboard)
    dashboard.submit(origin.url(stream), title="Lost")
    expect(state(page, "Lost", "FAILED")).to_be_visible(timeout=60_000)
    expect(card(page, "Lost").get_by_text("Check the address")).to_be_visible()
    card(page, "Lost").get_by_role("button", name="Retry").click()
    expect(state(page, "Lost", "COMPLETED")).to_be_visible(timeout=60_000)


def test_cancel_and_delete_ask_first(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.submit(origin.url(origin.add(total=400, speed=2, ready=5, window=20)), title="Doomed")
    page = visit(dashboard)
    expect(state(page, "Doomed", "RECORDING")).to_be_visible()
    card(page, "Doomed").get_by_role("button", name="Cancel and discard").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert dashboard.job(job)["stop_requested"] == "NONE"
    card(page, "Doomed").get_by_role("button", name="Cancel and discard").click()
    page.get_by_role("button", name="Discard it").click()
    expect(state(page, "Doomed", "CANCELLED")).to_be_visible()
    card(page, "Doomed").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(card(page, "Doomed")).to_be_hidden()
    assert dashboard.ask("GET", f"/api/jobs/{job}").status == 404


@pytest.mark.parametrize(
    ("text", "words"),
    [("https://vimeo.com/123456", "not YouTube"), ("https://www.youtube.com/playlist?list=x", "playlist")],
)
def test_a_wrong_address_is_told_at_once(serve: Callable[..., Server], visit: Visits, text: str, words: str) -> None:
    page = visit(serve("--web", WEB))
    expect(page.get_by_text("Nothing recorded yet")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_label("Address", exact=True).fill(text)
    expect(page.get_by_text(words)).to_be_visible()
    with page.expect_response("**/api/jobs") as answer:  # the server has the last word, and says no
        page.get_by_role("button", name="Record", exact=True).click()
    assert answer.value.status == 400
    expect(page.get_by_role("dialog").get_by_text(answer.value.json()["detail"])).to_be_visible()


def test_pasting_an_address_anywhere_opens_the_dialog(dashboard: Server, visit: Visits) -> None:
    page = visit(dashboard)
    expect(page.get_by_text("Nothing recorded yet")).to_be_visible()
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData('text', 'https://youtu.be/jfKfPfyJRdk');
        document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }"""
    )
    expect(page.get_by_label("Address", exact=True)).to_have_value("https://youtu.be/jfKfPfyJRdk")
    expect(page.get_by_text("https://www.youtube.com/watch?v=jfKfPfyJRdk")).to_be_visible()


def test_what_changed_before_events_came_is_seen(dashboard: Server, visit: Visits) -> None:
    seed(dashboard, [completed(1, title="Before")])
    page = visit(dashboard, "/nothing")
    held: list[Route] = []
    page.route("**/api/events", lambda route: held.append(route))
    page.goto(dashboard.address)
    expect(card(page, "Before")).to_be_visible()
    wait_until(lambda: held, what="the wish for events")
    seed(dashboard, [completed(0, title="Meanwhile")])  # events, which begin after it, do not tell
    held[0].continue_()
    expect(card(page, "Meanwhile")).to_be_visible(timeout=15_000)  # the next look is due in 30 s


def test_a_refused_wish_is_taken_back(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.submit(origin.url(origin.add(total=400, speed=2, ready=5, window=20)), title="Over already")
    page = visit(dashboard)
    expect(state(page, "Over already", "RECORDING")).to_be_visible()
    page.route("**/api/events", lambda route: route.abort())  # from here on the page lives in the past
    page.route("**/api/jobs?*", lambda route: route.abort())
    page.reload()
    page.unroute("**/api/jobs?*")
    expect(state(page, "Over already", "RECORDING")).to_be_visible()
    page.route("**/api/jobs?*", lambda route: route.abort())
    dashboard.ask("POST", f"/api/jobs/{job}/stop")
    dashboard.wait_for(job, "COMPLETED")
    card(page, "Over already").get_by_role("button", name="Stop & keep").click()
    expect(page.get_by_text("Only a job that has not ended can be stopped.")).to_be_visible()
    expect(card(page, "Over already").get_by_text("Stopping")).to_be_hidden()


def test_what_a_browser_cannot_play_is_offered_for_download(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.submit(origin.url(origin.add(type="vod", total=3, profile="hevc")), title="Modern coding")
    dashboard.wait_for(job, "COMPLETED")
    page = visit(dashboard, f"/job?id={job}")
    player = page.get_by_label("Player")
    player.get_by_role("button", name="Play").click()
    expect(player.get_by_text("This browser cannot play the recording’s coding.")).to_be_visible()
    with page.expect_download() as download:
        player.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".mkv")
    assert download.value.path().stat().st_size == dashboard.job(job)["bytes"]


def test_what_cannot_be_fetched_is_no_fault_of_the_browser(dashboard: Server, visit: Visits) -> None:
    seed(dashboard, [completed(1)])  # its file is gone
    page = visit(dashboard, f"/job?id={completed(1)['id']}")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("it answers 404")).to_be_visible()


def test_play_is_reached_and_left_by_keys(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.wait_for(dashboard.submit(origin.url(origin.add(type="vod", total=6))), "COMPLETED")
    page = visit(dashboard, f"/job?id={job['id']}")
    expect(page.get_by_label("Player").locator("[data-frame]")).to_be_visible()
    page.get_by_role("button", name="Play").press("Enter")
    until(page, "document.activeElement === document.querySelector('video')")
    until(page, "document.querySelector('video').currentTime > 0.1")


def test_titles_are_text(dashboard: Server, origin: Origin, visit: Visits) -> None:
    title = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    dashboard.submit(origin.url(origin.add(type="vod", total=2)), title=title)
    page = visit(dashboard)
    page.on("dialog", lambda dialog: pytest.fail(f"a title ran as a script: {dialog.message}"))
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert page.locator("h2 img").count() == 0


def test_sign_in_and_out(serve: Callable[..., Server], origin: Origin, visit: Visits) -> None:
    server = serve(*ANY_HOST, "--web", WEB, "--token", "open sesame")
    bearer = {"Authorization": "Bearer open sesame"}
    new = {"url": origin.url(origin.add(type="vod", total=8)), "title": "Secret"}
    job = server.ask("POST", "/api/jobs", new, bearer).json["id"]
    page = visit(server)
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Token").fill("open sesame")
    page.get_by_role("button", name="Sign in").click()
    expect(state(page, "Secret", "COMPLETED")).to_be_visible()
    page.goto(f"{server.address}/job?id={job}")
    play_and_seek(page, to=3)  # the player sends no header: the cookie must do
    assert "sesame" not in page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.context.cookies() == []


def test_a_late_heartbeat_is_told(dashboard: Server, visit: Visits) -> None:
    late = {"status": "RECORDING", "completed_at": None, "verdict": None, "heartbeat_at": stamp(-100)}
    # Half of a lease of two minutes and a half is over; the reconciler waits for the whole.
    seed(dashboard, [completed(1, title="Silent", lease_owner="x", lease_expires_at=stamp(50), **late)])
    page = visit(dashboard)
    expect(card(page, "Silent").get_by_text("no heartbeat for 1 min 4")).to_be_visible()


def test_keys_are_enough(dashboard: Server, origin: Origin, visit: Visits) -> None:
    job = dashboard.submit(origin.url(origin.add(type="vod", total=3)), title="By keys")
    dashboard.wait_for(job, "COMPLETED")
    page = visit(dashboard)
    expect(card(page, "By keys")).to_be_visible()
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid" or seen[-1] == "", seen
        if seen[-1] == "Delete By keys":
            break
    for control in ("New recording", "By keys", "Download", "Copy the address of By keys", "Delete By keys"):
        assert control in map(str.strip, seen), (control, seen)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete By keys")).to_be_focused()


def test_pages_are_seen_before_their_scripts_come(dashboard: Server, visit: Visits) -> None:
    seed(dashboard, [completed(1, title="Seen later")])
    page = visit(dashboard, "/nothing")
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))
    page.goto(dashboard.address, wait_until="commit")
    expect(page.get_by_role("heading", level=1, name="Recordings")).to_be_visible()
    wait_until(lambda: page.evaluate("document.querySelectorAll('script[src]').length") > 0, what="the scripts' start")
    assert page.evaluate("performance.getEntriesByName('first-contentful-paint').length") == 1
    page.route("**/*.js", lambda route: route.continue_())  # the newest rule counts
    for route in held:
        route.continue_()
    expect(card(page, "Seen later")).to_be_visible()


def test_nothing_moves_for_who_wants_that(dashboard: Server, origin: Origin, visit: Visits) -> None:
    dashboard.submit(origin.url(origin.add(total=400, speed=2, ready=5, window=20)), title="Calm")
    page = visit(dashboard)
    expect(state(page, "Calm", "RECORDING")).to_be_visible()
    moving = "document.getAnimations().length"
    until(page, f"{moving} > 0")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0


def test_only_what_the_policy_names_may_run(dashboard: Server, visit: Visits) -> None:
    for_all = (WEB / "content-security-policy.txt").read_text().strip()  # for hosts that send one for all pages
    for path in ("/", "/job?id=x", "/nothing"):
        policy = dashboard.ask("GET", path).headers["content-security-policy"]
        assert "unsafe" not in policy and "http" not in policy, policy
        scripts, rest = split_policy(policy)
        assert scripts <= split_policy(for_all)[0] and rest == split_policy(for_all)[1]
    page = visit(dashboard)
    refused = """() => { const made = document.createElement('script'); made.textContent = 'window.ran = 1';
        document.body.append(made) }"""
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(refused)
    assert page.evaluate("window.ran") is None
    visit.expected.append("Content Security Policy")


def split_policy(policy: str) -> tuple[set[str], set[str]]:
    """Sources of scripts, and the other directives."""
    directives = set(policy.split("; "))
    [scripts] = [directive for directive in directives if directive.startswith("script-src ")]
    return set(scripts.split()), directives - {scripts}


def test_the_last_truth_stays_when_the_server_is_gone(
    aircheck: Program, origin: Origin, visit: Visits, tmp_path: Path
) -> None:
    server = Server(aircheck, tmp_path / "data", *ANY_HOST, "--web", WEB)
    server.submit(origin.url(origin.add(type="vod", total=4)), title="Kept")
    page = visit(server)
    expect(state(page, "Kept", "COMPLETED")).to_be_visible()
    server.process.send(signal.SIGTERM)
    server.process.wait(timeout=20)
    expect(page.get_by_role("alert").get_by_text("The server does not answer.")).to_be_visible(timeout=60_000)
    expect(card(page, "Kept")).to_be_visible()
    again = aircheck.start(
        *("serve", "--listen", urlsplit(server.address).netloc, "--data", tmp_path / "data"), *ANY_HOST, "--web", WEB
    )
    expect(page.get_by_text("The server does not answer.")).to_be_hidden(timeout=60_000)
    again.send(signal.SIGTERM)
    again.wait(timeout=20)
