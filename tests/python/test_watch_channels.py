"""Watched channels: what goes live is recorded without anybody submitting it, once."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest

from api import CHANNEL, CHANNEL_ID, OTHER_ID
from program import Program, wait_until, youtube_options
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.httpd import Response

Start = Callable[..., Server]


@pytest.fixture
def watcher(serve: Start, youtube: FakeYouTube) -> Server:
    """A server that looks at channels all the time."""
    return serve("--watch-interval", "1s", *youtube_options(youtube))


def first_job(server: Server) -> dict[str, Any]:
    wait_until(lambda: server.jobs(), 90, f"a job ({server.process.errors[-2000:]}; {server.watches()})")
    return server.jobs()[0]


def next_look(server: Server, index: int = 0) -> dict[str, Any]:
    """The watch after a look that began after now."""
    before = server.watches()[index]["last_checked_at"]

    def looked() -> dict[str, Any] | None:
        now = server.watches()[index]
        return now if now["last_checked_at"] != before else None

    # The look under way may have begun before; the next one has not.
    first = wait_until(looked, 90, "a look at the channel")
    before = first["last_checked_at"]
    return wait_until(looked, 90, "another look at the channel")


def test_a_channel_that_goes_live_is_recorded(watcher: Server, youtube: FakeYouTube) -> None:
    youtube.add(id="old00000001", title="Of yesterday", state="was_live")
    made = watcher.watch(quality="best")
    seen = next_look(watcher)
    assert seen["id"] == made["id"] and seen["channel_id"] == CHANNEL_ID and seen["channel_name"] == "Test Channel"
    assert seen["last_error"] is None and seen["last_seen"]["video_id"] == "old00000001" and watcher.jobs() == []
    stream = youtube.add(title="On the air", stream={"total": 20, "speed": 4, "window": 15}).stream
    assert stream
    job = watcher.wait_for(first_job(watcher)["id"], "COMPLETED")
    assert job["video_id"] == "live0000001" and job["title"] == "On the air"
    oracle.check(watcher.file(job), stream.truth(first=min(stream.served())))
    youtube.videos["live0000001"].state = "was_live"
    assert next_look(watcher)["last_job_id"] == job["id"]
    assert len(watcher.jobs()) == 1


def test_a_restart_makes_no_second_job(watcher: Server, youtube: FakeYouTube) -> None:
    stream = youtube.add(stream={"speed": 0, "ready": 4}).stream
    assert stream
    watcher.watch()
    job_id = first_job(watcher)["id"]
    watcher.wait_for(job_id, "RECORDING")
    for end in (watcher.kill, watcher.stop):
        end()
        watcher.start()
        next_look(watcher)
        assert [job["id"] for job in watcher.jobs()] == [job_id]
    stream.end()
    watcher.wait_for(job_id, "COMPLETED")
    assert watcher.ask("DELETE", f"/api/jobs/{job_id}").status == 204
    next_look(watcher)
    assert watcher.jobs() == [], "what was deleted does not come back"


def test_what_was_submitted_is_not_recorded_twice(watcher: Server, youtube: FakeYouTube) -> None:
    youtube.add(stream={"speed": 0, "ready": 4})
    job_id = watcher.submit("https://www.youtube.com/watch?v=live0000001")
    watcher.watch()
    watcher.watch(CHANNEL_ID)
    assert next_look(watcher)["last_error"] is None
    next_look(watcher, 1)
    assert [job["id"] for job in watcher.jobs()] == [job_id]


def test_titles_are_chosen(watcher: Server, youtube: FakeYouTube) -> None:
    youtube.add(id="game0000001", title="Playing a game", stream={"speed": 0, "ready": 4})
    news = youtube.add(id="news0000001", title="The NEWS at ten", stream={"total": 6, "speed": 8})
    assert news.stream
    watcher.watch(title=r"^the news\b", from_start=False)
    job = watcher.wait_for(first_job(watcher)["id"], "COMPLETED")
    assert job["video_id"] == "news0000001"
    next_look(watcher)  # the first one, which may still be asking by way of the live page, is over
    asked = youtube.videos["game0000001"].requests
    next_look(watcher)
    assert len(watcher.jobs()) == 1 and youtube.videos["game0000001"].requests == asked


def test_a_scheduled_stream_waits_without_a_process(watcher: Server, youtube: FakeYouTube) -> None:
    video = youtube.add(state="upcoming", starts_in=5, title="Soon", stream={"total": 10, "speed": 8})
    assert video.stream
    watcher.watch()
    job_id = first_job(watcher)["id"]
    assert watcher.wait_for(job_id, "WAITING")["not_before"]
    wait_until(lambda: not watcher.recorders(), what="the recorder's end while it waits")
    video.state = "live"
    job = watcher.wait_for(job_id, "COMPLETED", timeout=90)
    oracle.check(watcher.file(job), video.stream.truth())
    assert len(watcher.jobs()) == 1


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (Response.text("Not Found", 404), "404"),
        (Response.text("Oops", 500), "500"),
        (Response.text("<html>what a page</html>"), "Atom"),
        (Response.text("garbage"), "XML"),
        (Response.text('<!DOCTYPE f [<!ENTITY a "aaaa">]><feed><title>&a;</title></feed>'), "document type"),
        (Response(200, b"<feed>" + b" " * (2 << 20) + b"</feed>"), ""),
        (Response(200, b"<feed>", length=1000), ""),
    ],
    ids=["404", "500", "page", "garbage", "entities", "huge", "cut"],
)
def test_a_broken_feed_is_told_and_hinders_no_other(
    watcher: Server, youtube: FakeYouTube, broken: Response, words: str
) -> None:
    youtube.channels["@broken"] = OTHER_ID
    youtube.feeds[OTHER_ID] = broken
    watcher.watch("@broken")
    watcher.watch("@nobody")
    youtube.add(stream={"speed": 0, "ready": 4})
    watcher.watch()
    first_job(watcher)
    told = wait_until(lambda: watcher.watches()[0]["last_error"], 90, "the error")
    assert words in told["message"] and "feed" in told["message"], told
    assert "404" in wait_until(lambda: watcher.watches()[1]["last_error"], 90, "the other error")["message"]
    assert next_look(watcher, 2)["last_error"] is None


def test_without_its_feed_a_channel_is_recorded_all_the_same(watcher: Server, youtube: FakeYouTube) -> None:
    youtube.feeds[CHANNEL_ID] = Response.text("Not Found", 404)
    stream = youtube.add(stream={"total": 6, "speed": 8}).stream
    assert stream
    watcher.watch()
    watcher.wait_for(first_job(watcher)["id"], "COMPLETED")
    del youtube.feeds[CHANNEL_ID]
    wait_until(lambda: watcher.watches()[0]["last_error"] is None, 90, "the feed's recovery")
    assert len(watcher.jobs()) == 1


def test_what_cannot_be_seen_is_told(watcher: Server, youtube: FakeYouTube) -> None:
    youtube.add(id="member00001", state="members_only", title="For members")
    watcher.watch()
    told = wait_until(lambda: watcher.watches()[0]["last_error"], 90, "the error")
    assert told["kind"] == "members_only" and watcher.jobs() == []


def test_the_server_ends_at_once_while_it_asks(watcher: Server, youtube: FakeYouTube) -> None:
    video = youtube.add(stream={"speed": 0, "ready": 4})
    watcher.watch()
    wait_until(lambda: "GET /watch" in youtube.requests or video.requests, 90, "a question by yt-dlp")
    watcher.process.send(signal.SIGTERM)
    watcher.process.wait(timeout=5)


def test_a_removed_watch_records_nothing(watcher: Server, youtube: FakeYouTube) -> None:
    made = watcher.watch()
    next_look(watcher)
    assert watcher.ask("DELETE", f"/api/watches/{made['id']}").status == 204
    watcher.watch(OTHER_ID)
    youtube.channels["@other"] = OTHER_ID
    youtube.add(stream={"speed": 0, "ready": 4})
    next_look(watcher)
    assert watcher.jobs() == []


def test_unchanged_feeds_are_not_sent_again(watcher: Server, youtube: FakeYouTube) -> None:
    youtube.add(state="was_live")
    watcher.watch()
    for _ in range(3):
        assert next_look(watcher)["last_error"] is None
    assert youtube.unchanged_feeds >= 2


class TestCommands:
    def run(self, aircheck: Program, server: Server, *words: object, status: int = 0) -> str:
        return aircheck.start("watch", *words, "--server", server.address).expect(status).output

    def test_add_list_remove(self, aircheck: Program, youtube_server: Server) -> None:
        made = json.loads(self.run(aircheck, youtube_server, "add", CHANNEL, "--title", "news", "--json"))
        assert made["channel"].endswith(CHANNEL) and made["title"] == "news"
        self.run(aircheck, youtube_server, "add", CHANNEL_ID, "--quality", "720", "--from-start")
        table = self.run(aircheck, youtube_server, "list")
        assert CHANNEL in table and "news" in table
        listed = json.loads(self.run(aircheck, youtube_server, "list", "--json"))
        assert [each["quality"] for each in listed] == ["best", "720"] and listed[1]["from_start"]
        self.run(aircheck, youtube_server, "remove", made["id"])
        assert len(youtube_server.watches()) == 1
        self.run(aircheck, youtube_server, "remove", listed[1]["id"][:13], "--json")
        assert "no channel is watched" in self.run(aircheck, youtube_server, "list")

    def test_mistakes_are_told(self, aircheck: Program, youtube_server: Server) -> None:
        def errors(*words: object) -> str:
            process = aircheck.start("watch", *words, "--server", youtube_server.address)
            assert process.wait() in (1, 2)
            return process.errors

        assert "channel" in errors("add", "https://www.youtube.com/watch?v=live0000001")
        assert "pattern" in errors("add", CHANNEL, "--title", "(")
        self.run(aircheck, youtube_server, "add", CHANNEL)
        assert "already" in errors("add", CHANNEL)
        assert "watch" in errors("remove", "0190")
        assert "channel" in errors("add")
        assert "0190" in errors("list", "0190")

    def test_help_has_examples(self, aircheck: Program) -> None:
        for command in ("add", "list", "remove"):
            output = aircheck.start("watch", command, "--help").expect(0).output
            assert f"aircheck watch {command}" in output and "--server" in output

    def test_completion_and_manual(self, aircheck: Program) -> None:
        for shell in ("bash", "zsh", "fish"):
            assert "remove" in aircheck.start("completion", shell).expect(0).output
        assert "aircheck watch add" in aircheck.start("man").expect(0).output
