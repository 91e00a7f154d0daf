"""Live chat beside a recording: the real yt-dlp's second process, which may fail, hang and be killed as it likes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud import Account, Moto
from program import Process, Program, wait_until, youtube_options
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube

WATCH = "https://www.youtube.com/watch?v=live0000001"


def chat_file(mkv: Path) -> Path:
    return mkv.with_suffix(".live_chat.json")


def messages(file: Path) -> list[str]:
    """The texts of a file as yt-dlp writes it."""
    return lines_of(file.read_text())


def lines_of(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        for action in json.loads(line)["replayChatItemAction"]["actions"]:
            item = action["addChatItemAction"]["item"]["liveChatTextMessageRenderer"]
            found.append(item["message"]["runs"][0]["text"])
    return found


def coming(mkv: Path) -> str:
    """What yt-dlp has written by now."""
    parts = mkv.parent.glob(f"{mkv.stem}.chat-*/*.live_chat.json.part")
    return "".join(part.read_text() for part in parts)


def left_running(mkv: Path) -> list[Path]:
    """Processes that write into a folder of runs beside the recording."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{mkv.stem}.chat-".encode() in command.read_bytes():
                found.append(command)
        except OSError:
            pass  # it has ended
    return found


def test_chat(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["hello"])
    assert video.stream and video.chat
    process = aircheck.record(WATCH, mkv, "--chat", *youtube_options(youtube))
    wait_until(lambda: "hello" in coming(mkv), 40, "the first message")
    video.chat.append("größer 🎬")
    wait_until(lambda: "größer 🎬" in coming(mkv), 20, "the second message")
    video.stream.advance(2)
    video.stream.end()
    process.expect(0)
    oracle.check(mkv, video.stream.truth())
    assert messages(chat_file(mkv)) == ["hello", "größer 🎬"]
    assert sorted(path.name for path in mkv.parent.glob("recording*")) == [chat_file(mkv).name, mkv.name]
    assert not left_running(mkv)


def test_killed_and_started_again(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["one", "two"])
    assert video.stream and video.chat
    process = aircheck.record(WATCH, mkv, "--chat", *youtube_options(youtube))
    wait_until(lambda: "two" in coming(mkv), 40, "the first messages")
    process.kill()
    wait_until(lambda: not left_running(mkv), 20, "the end of the yt-dlp that was left alone")
    video.chat.append("three")
    process = aircheck.record(WATCH, mkv, "--chat", *youtube_options(youtube))
    wait_until(lambda: "three" in coming(mkv), 40, "the third message")
    assert "two" in messages(chat_file(mkv)), "what was there before is kept at once"
    video.stream.advance(2)
    video.stream.end()
    process.expect(0)
    oracle.check(mkv, video.stream.truth())
    assert set(messages(chat_file(mkv))) == {"two", "three"}


@pytest.mark.parametrize("chat", [None, ["not to be had"]], ids=["none", "broken"])
def test_no_chat_is_no_matter(aircheck: Program, youtube: FakeYouTube, mkv: Path, chat: list[str] | None) -> None:
    video = youtube.add(stream={"total": 20, "speed": 4}, chat=chat, chat_broken=True)
    assert video.stream
    aircheck.record(WATCH, mkv, "--chat", *youtube_options(youtube)).expect(0)
    oracle.check(mkv, video.stream.truth())
    assert [path.name for path in mkv.parent.glob("recording*")] == [mkv.name]


def test_nobody_asks_for_it_unless_told(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video = youtube.add(stream={"total": 10, "speed": 8}, chat=["hello"])
    aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    assert video.chat and not any("live_chat" in request for request in youtube.requests)
    assert not chat_file(mkv).exists()


def chat_in(account: Account, key: str) -> list[str]:
    """What is stored by now."""
    if not account.has(key):
        return []
    return lines_of(account.s3.get_object(Bucket=account.bucket, Key=key)["Body"].read().decode())


def record_into(aircheck: Program, account: Account, youtube: FakeYouTube, scratch: Path) -> Process:
    scratch.mkdir(exist_ok=True)
    place = f"s3://{account.bucket}/one.mkv"
    options = [*youtube_options(youtube), "--chat"]
    environment = {**account.moto.environment, "TMPDIR": str(scratch)}
    return aircheck.start("record", WATCH, "-o", place, *options, environment=environment)


def test_into_a_bucket(aircheck: Program, account: Account, youtube: FakeYouTube, tmp_path: Path) -> None:
    """There while it is recorded, whole at the end, and nothing of it is left on the disk."""
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["hello"])
    assert video.stream and video.chat
    process = record_into(aircheck, account, youtube, tmp_path / "scratch")
    wait_until(lambda: chat_in(account, "one.live_chat.json") == ["hello"], 60, "the first message")
    video.chat.append("größer 🎬")
    running = tmp_path / "scratch"
    wait_until(lambda: any("größer" in part.read_text() for part in running.rglob("*.part")), 20, "the second message")
    video.stream.advance(2)
    video.stream.end()
    process.expect(0)
    assert chat_in(account, "one.live_chat.json") == ["hello", "größer 🎬"]
    oracle.check(account.download("one.mkv", tmp_path / "got.mkv"), video.stream.truth())
    assert not list(running.glob("aircheck-chat-*"))


def test_each_recorder_has_an_object_of_its_own(
    aircheck: Program, account: Account, youtube: FakeYouTube, tmp_path: Path
) -> None:
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["one"])
    assert video.stream and video.chat
    process = record_into(aircheck, account, youtube, tmp_path / "scratch")
    wait_until(lambda: chat_in(account, "one.live_chat.json") == ["one"], 60, "the first message")
    process.kill()
    video.chat.append("two")
    process = record_into(aircheck, account, youtube, tmp_path / "scratch")
    wait_until(lambda: chat_in(account, "one.live_chat-2.json") == ["two"], 60, "the second message")
    video.stream.end()
    process.expect(0)
    assert chat_in(account, "one.live_chat.json") == ["one"]
    oracle.check(account.download("one.mkv", tmp_path / "got.mkv"), video.stream.truth())


def test_chat_that_cannot_be_stored_is_no_matter(
    aircheck: Program, account: Account, moto: Moto, youtube: FakeYouTube, tmp_path: Path
) -> None:
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["hello"])
    assert video.stream and video.chat
    moto.fail_next("live_chat", "denied", 10_000)
    process = record_into(aircheck, account, youtube, tmp_path / "scratch")
    wait_until(lambda: "live chat cannot be stored" in process.errors, 60, "what is said of it")
    video.stream.advance(2)
    video.stream.end()
    process.expect(0)
    moto.heal()
    oracle.check(account.download("one.mkv", tmp_path / "got.mkv"), video.stream.truth())
    assert account.objects() == ["one.mkv"]


def test_of_a_server_with_a_bucket(
    serve: Callable[..., Server], account: Account, youtube: FakeYouTube, tmp_path: Path
) -> None:
    store = ["--store", f"s3://{account.bucket}/live"]
    server = serve("--chat", *store, *youtube_options(youtube), environment=account.moto.environment)
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["hello"])
    assert video.stream
    job_id = server.submit(WATCH)
    server.wait_for(job_id, "RECORDING")
    wait_until(lambda: any(key.endswith(".live_chat.json") for key in account.objects()), 60, "the first message")
    video.stream.end()
    job = server.wait_for(job_id, "COMPLETED")
    key = "live/" + job["recordings"][0]["key"].replace(".mkv", ".live_chat.json")
    assert chat_in(account, key) == ["hello"]
    assert server.ask("DELETE", f"/api/jobs/{job_id}").status == 204
    assert account.objects() == [], "its chat goes with a recording"


def test_of_a_server(serve: Callable[..., Server], youtube: FakeYouTube) -> None:
    server = serve("--chat", *youtube_options(youtube))
    video = youtube.add(stream={"speed": 0, "ready": 4}, chat=["hello"])
    assert video.stream
    job_id = server.submit(WATCH)
    found = wait_until(lambda: list(server.data.glob("recordings/*/*/*.mkv")), 40, "the recording")
    wait_until(lambda: "hello" in coming(found[0]), 40, "the first message")
    video.stream.end()
    server.wait_for(job_id, "COMPLETED")
    assert messages(chat_file(found[0])) == ["hello"]
    assert server.ask("DELETE", f"/api/jobs/{job_id}").status == 204
    assert not chat_file(found[0]).exists()
