"""Watched channels in an account: the reconciler looks at them by schedule, without yt-dlp, and each broadcast is
recorded once, however many reconcilers look.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api import CHANNEL, CHANNEL_ID, OTHER_ID
from deployment import Deployment
from program import wait_until
from tests.aws.account import Settings
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.httpd import Response

QUICK = {"total": 12, "speed": 8}

Deploy = Callable[..., Deployment]


@pytest.fixture
def by_hand(deploy: Deploy) -> Deployment:
    """A reconciler that only looks when it is called, and may do no more than it should."""
    deployed = deploy(Settings(schedule=False))
    deployed.enforce_iam()
    return deployed


def reconcile(deployed: Deployment) -> dict[str, int]:
    answer = deployed.invoke("reconciler", "{}")
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, (payload, deployed.said())
    return payload


def let_the_next_look_be_due(deployed: Deployment) -> None:
    """A minute passes."""
    for each in deployed.watches():
        if each["next_check_at"] is None:
            continue
        deployed.account.client("dynamodb").update_item(
            TableName=deployed.account.table,
            Key={"id": {"S": f"watch#{each['id']}"}},
            UpdateExpression="REMOVE next_check_ms, watch.next_check_at",
        )


def test_a_channel_that_goes_live_is_recorded(deploy: Deploy, youtube: FakeYouTube, mkv: Path) -> None:
    deployed = deploy(minute=1)
    deployed.enforce_iam()
    youtube.add(id="old00000001", title="Of yesterday", state="was_live")
    made = deployed.watch()
    seen = wait_until(lambda: (now := deployed.watches()[0])["last_seen"] and now, 60, "a look at the channel")
    assert seen["id"] == made["id"] and seen["channel_id"] == CHANNEL_ID and seen["channel_name"] == "Test Channel"
    assert seen["last_error"] is None and seen["last_seen"]["video_id"] == "old00000001" and deployed.jobs() == []
    assert seen["next_check_at"] > seen["last_checked_at"]
    stream = youtube.add(title="On the air", stream=QUICK).stream
    assert stream
    let_the_next_look_be_due(deployed)
    job_id = wait_until(lambda: deployed.jobs(), 60, "a job")[0]["id"]
    job = deployed.wait_for(job_id, "COMPLETED")
    assert job["video_id"] == "live0000001" and job["title"] == "On the air" and job["gaps"] == []
    oracle.check(deployed.download(job, mkv), stream.truth())
    youtube.videos["live0000001"].state = "was_live"
    let_the_next_look_be_due(deployed)
    wait_until(lambda: deployed.watches()[0]["next_check_at"], 60, "another look")
    assert deployed.started(job_id) == 1 and len(deployed.jobs()) == 1
    assert deployed.watches()[0]["last_job_id"] == job_id


def test_reconcilers_at_once_make_one_job(by_hand: Deployment, youtube: FakeYouTube) -> None:
    """Two watches want the same broadcasts, so that also those who look at different ones meet."""
    by_hand.watch()
    by_hand.watch(title="stream")
    streams = ["live0000001", "live0000002", "live0000003"]
    made = looked = 0
    for id in streams:
        youtube.add(id=id, stream=QUICK)
        let_the_next_look_be_due(by_hand)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(reconcile, [by_hand] * 4))
        looked += sum(answer["looked"] for answer in answers)
        made += sum(answer["jobs"] for answer in answers)
    assert looked == 2 * len(streams), "each channel was looked at by one"
    assert made == len(streams)
    found = by_hand.jobs()
    assert sorted(job["video_id"] for job in found) == streams
    for job in found:
        by_hand.wait_for(job["id"], "COMPLETED")
        assert by_hand.started(job["id"]) == 1


@pytest.mark.parametrize("kind", ["lost", "500", "dropped"])
def test_a_fault_of_the_table_makes_no_second_job(by_hand: Deployment, youtube: FakeYouTube, kind: str) -> None:
    by_hand.watch()
    youtube.add(stream=QUICK)
    for call in ("TransactWriteItems", "PutItem", "GetItem", "Query"):
        by_hand.fail(f"DynamoDB_20120810.{call}", kind)
    reconcile(by_hand)
    let_the_next_look_be_due(by_hand)
    reconcile(by_hand)
    [job] = by_hand.jobs()
    by_hand.wait_for(job["id"], "COMPLETED")
    assert by_hand.started(job["id"]) == 1


def test_titles_are_chosen_and_uploads_left_alone(by_hand: Deployment, youtube: FakeYouTube) -> None:
    youtube.add(id="game0000001", title="Playing a game", stream=QUICK)
    youtube.add(id="news0000000", title="The news of yesterday", state="was_live")
    youtube.add(id="news0000001", title="The NEWS at ten", stream=QUICK)
    by_hand.watch(title=r"^the news\b", quality="720", from_start=True)
    assert reconcile(by_hand)["jobs"] == 1
    [job] = by_hand.jobs()
    assert job["video_id"] == "news0000001" and job["quality"] == "720" and job["from_start"]
    asked = {id: video.requests for id, video in youtube.videos.items()}
    let_the_next_look_be_due(by_hand)
    assert reconcile(by_hand)["jobs"] == 0
    assert youtube.videos["news0000000"].requests == asked["news0000000"], "what is over is not asked about again"


def test_a_scheduled_stream_waits_without_a_task(by_hand: Deployment, youtube: FakeYouTube) -> None:
    video = youtube.add(state="upcoming", starts_in=6, title="Soon", stream=QUICK)
    by_hand.watch()
    assert reconcile(by_hand)["jobs"] == 1
    [job] = by_hand.jobs()
    assert by_hand.wait_for(job["id"], "WAITING")["not_before"]
    wait_until(lambda: not by_hand.tasks_of(job["id"]), what="the task's end while it waits")
    video.state = "live"
    wait_until(lambda: reconcile(by_hand)["woken"], 60, "the time to begin")
    by_hand.wait_for(job["id"], "COMPLETED")
    assert len(by_hand.jobs()) == 1


def test_what_hinders_a_look_is_told(by_hand: Deployment, youtube: FakeYouTube) -> None:
    youtube.channels["@broken"] = OTHER_ID
    youtube.feeds[OTHER_ID] = Response.text("Oops", 500)
    by_hand.watch("@broken")
    by_hand.watch()
    youtube.add(stream=QUICK)
    youtube.add(id="private0001", state="private", title="For few")
    told = reconcile(by_hand)
    assert (told["looked"], told["jobs"], told["troubled"]) == (2, 1, 2)
    broken, other = by_hand.watches()
    assert "500" in broken["last_error"]["message"] and "feed" in broken["last_error"]["message"]
    assert other["last_error"]["kind"] == "private_video"


def test_a_youtube_that_does_not_answer_keeps_the_function_within_its_time(deploy: Deploy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = {"HTTPS_PROXY": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        deployed = deploy(Settings(schedule=False, function_environment=nobody))
        for number in range(5):
            deployed.watch(title=f"{number}")
        seen: set[str] = set()
        for _ in range(4):
            answer = reconcile(deployed)
            assert 0 < answer["looked"] == answer["troubled"] < 5, answer
            seen |= {each["title"] for each in deployed.watches() if each["last_error"]}
            if len(seen) == 5:
                break
        assert len(seen) == 5, "those that waited come first"
        assert {each["last_error"]["kind"] for each in deployed.watches()} == {"timeout"}


def test_a_removed_watch_records_nothing(by_hand: Deployment, youtube: FakeYouTube) -> None:
    made = by_hand.watch()
    assert by_hand.ask("POST", "/watches", {"channel": CHANNEL}).status == 409
    assert reconcile(by_hand)["looked"] == 1
    assert by_hand.ask("DELETE", f"/watches/{made['id']}").status == 204
    assert by_hand.ask("DELETE", f"/watches/{made['id']}").status == 404
    assert by_hand.ask("GET", f"/jobs/{made['id']}").status == 404
    youtube.add(stream=QUICK)
    assert reconcile(by_hand)["looked"] == 0
    assert by_hand.jobs() == [] and by_hand.watches() == []
    assert by_hand.ask("POST", "/watches", {"channel": CHANNEL}).status == 201
