"""Each call to AWS failing in each way, at each step: no job is lost, none gets stuck, no packet is missing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deployment import Deployment, in_parts, video_ids
from program import wait_until
from tests.aws.account import Settings
from tests.world.fake_youtube import FakeYouTube

# What is called from POST to the finished object, by the words that a request of it holds.
API_CALLS = {
    "the api stores": "DynamoDB_20120810.PutItem",
    "the api queues": "AmazonSQS.SendMessage",
}
LATER_CALLS = {
    "handler and recorder read": "DynamoDB_20120810.GetItem",
    "handler and recorder write": "DynamoDB_20120810.PutItem",
    "the handler starts": "RunTask",
    "the recorder begins an upload": "uploads=",
    "the recorder uploads": "partNumber=",
    "the recorder writes its journal": ".journal",
    "the recorder completes": ".mkv?uploadId=",
    "the recorder clears up": "DELETE /aircheck-recordings",
    "the reconciler looks": "DynamoDB_20120810.Query",
    "the reconciler looks at the queue": "GetQueueAttributes",
}
TRANSIENT = ["500", "throttle", "lost", "dropped", "reset"]
SHORT = {"total": 6, "speed": 8}
Deploy = Callable[..., Deployment]


def of_uploads(call: str) -> bool:
    """These need a recording of several parts: a short one is put at once."""
    return "upload" in call or "completes" in call


def test_a_storm_of_passing_faults(deploy: Deploy, youtube: FakeYouTube, tmp_path: Path) -> None:
    """Every call fails once in every way while several jobs are under way."""
    account = deploy(minute=2)
    ids = video_ids(6)
    streams = {id: youtube.add(id, stream=in_parts(8)).stream for id in ids}
    for on in {*API_CALLS.values(), *LATER_CALLS.values()}:
        for skip, kind in enumerate(TRANSIENT):  # every other request; each that fails is repeated
            account.fail(on, kind, skip=skip)
    with ThreadPoolExecutor(len(ids)) as pool:
        jobs = dict(zip(ids, pool.map(account.submit, ids), strict=True))
    for id, job_id in jobs.items():
        job = account.wait_for(job_id, "COMPLETED", timeout=110)
        assert job["gaps"] == []
        account.check(job, streams[id].truth(), tmp_path / f"{id}.mkv")
    account.check_faults()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("call", LATER_CALLS)
def test_calls_that_fail_for_long(deploy: Deploy, youtube: FakeYouTube, tmp_path: Path, call: str) -> None:
    """More often than a call is repeated: then the message comes again, or the reconciler notices."""
    account = deploy(Settings(visibility=2, deliveries=10), minute=1)
    for id, kind in zip(video_ids(4), ["500", "reset", "lost", "denied"], strict=True):
        stream = youtube.add(id, stream=in_parts(12) if of_uploads(call) else SHORT).stream
        count = 2 if kind == "denied" else 8  # that one is not repeated at once
        account.fail(LATER_CALLS[call], kind, count=count, skip=used_by_post(call))
        job_id = account.submit(id)
        account.wait_for_faults(kind)
        job = wait_for_end(account, job_id, kind)
        account.world("heal")
        account.check(job, stream.truth(), tmp_path / f"{id}.mkv")


def used_by_post(call: str) -> int:
    return int(LATER_CALLS[call] in API_CALLS.values())


def wait_for_end(account: Deployment, job_id: str, what: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        answer = account.ask("GET", f"/jobs/{job_id}")
        return answer.json if answer.status == 200 and answer.json["status"] in ("COMPLETED", "FAILED") else None

    job = wait_until(look, 260, what)  # a claim whose task was never started holds for three minutes
    assert job["status"] == "COMPLETED", f"{what}: {job.get('error')}; {account.said()}"
    return job


@pytest.mark.long
@pytest.mark.timeout(500)
def test_calls_that_are_not_answered(deploy: Deploy, youtube: FakeYouTube, tmp_path: Path) -> None:
    """The functions run into their time limit, the recorder into that of its calls."""
    account = deploy(Settings(visibility=6, timeout=5, deliveries=10), minute=2)
    ids = video_ids(len(LATER_CALLS))
    streams = {id: youtube.add(id, stream=in_parts(12)).stream for id in ids}
    for call, on in LATER_CALLS.items():
        account.fail(on, "silent", seconds=40, skip=used_by_post(call) * len(ids))
    jobs = {id: account.submit(id) for id in ids}
    for id, job_id in jobs.items():
        job = wait_for_end(account, job_id, id)
        account.check(job, streams[id].truth(), tmp_path / f"{id}.mkv")
    account.check_faults()


@pytest.mark.parametrize("kind", ["500", "denied", "reset", "silent"])
def test_a_job_that_cannot_be_stored_is_refused(deploy: Deploy, kind: str) -> None:
    account = deploy(Settings(schedule=False, timeout=3))
    account.fail("PutItem", kind, count=20, seconds=4)
    answer = account.ask("POST", "/jobs", {"url": "https://www.youtube.com/watch?v=live0000001"})
    assert answer.status >= 500, answer
    assert kind == "silent" or answer.json["detail"], answer  # that is the gateway's own answer
    account.check_faults()
    account.world("heal")
    assert account.ask("GET", "/jobs").json["jobs"] == []


@pytest.mark.long
@pytest.mark.timeout(200)
def test_a_job_that_cannot_be_queued_is_queued_later(deploy: Deploy, youtube: FakeYouTube) -> None:
    """A minute later, when the reconciler sees it PENDING beside an empty queue."""
    account = deploy(minute=3)
    youtube.add(video_ids(1)[0], stream=SHORT)
    account.fail("SendMessage", "500", count=8)
    job_id = account.submit(video_ids(1)[0])
    account.wait_for(job_id, "COMPLETED", timeout=150)
    account.check_faults()


def test_no_capacity_is_waited_out(deploy: Deploy, youtube: FakeYouTube) -> None:
    account = deploy(Settings(visibility=2))
    youtube.add(video_ids(1)[0], stream=SHORT)
    account.fail("RunTask", "capacity")
    job_id = account.submit(video_ids(1)[0])
    account.wait_for(job_id, "COMPLETED")
    assert account.started(job_id) == 1
    account.check_faults()


def test_credentials_that_end_under_way_are_renewed(
    deploy: Deploy,
    youtube: FakeYouTube,
    tmp_path: Path,
) -> None:
    account = deploy()
    account.enforce_iam()
    account.world("credentials", seconds=301)  # a second after which they are asked for anew
    stream = youtube.add(video_ids(1)[0], stream={"total": 20, "speed": 4}).stream
    account.fail("/aircheck-recordings/", "expired", count=2, skip=1)
    job = account.wait_for(account.submit(video_ids(1)[0]), "COMPLETED")
    assert job["attempt"] == 1
    account.check_faults()
    account.check(job, stream.truth(), tmp_path / "renewed.mkv")


def test_credentials_that_end_for_good_end_no_recording(deploy: Deploy, youtube: FakeYouTube, tmp_path: Path) -> None:
    """The recorder can tell nobody but its log; when its lease has run out another one, with credentials of its own,
    goes on with the upload."""
    lease = {"AIRCHECK_LEASE": "4", "AIRCHECK_HEARTBEAT": "1"}
    account = deploy(Settings(task_environment=lease), minute=1)
    account.enforce_iam()
    stream = youtube.add(video_ids(1)[0], stream=in_parts(16)).stream
    job_id = account.submit(video_ids(1)[0])
    wait_until(account.parts, 60, "a part")
    [task] = account.tasks_of(job_id)
    account.world("revoke")
    parts = account.parts()
    wait_until(lambda: "ExpiredToken" in account.said(), 30, "the recorder's word of it")
    job = account.wait_for(job_id, "COMPLETED")
    assert job["attempt"] == 2 and job["gaps"] == []
    account.check_parts(job, parts)
    account.check(job, stream.truth(), tmp_path / "another.mkv")
    account.account.client("ecs").stop_task(cluster="aircheck", task=task["task"], reason="its keys are gone")
    wait_until(lambda: not account.tasks_of(job_id), 30, "the end of the first")


def test_credentials_that_come_late_are_waited_for(deploy: Deploy, youtube: FakeYouTube) -> None:
    """As where many tasks start at once: each asks again, and none is started in the place of another."""
    account = deploy(Settings(schedule=False))
    account.enforce_iam()
    youtube.add(video_ids(1)[0], stream=SHORT)
    account.fail("/_credentials/", "reset", count=3)
    job_id = account.submit(video_ids(1)[0])
    account.wait_for(job_id, "COMPLETED")
    assert account.started(job_id) == 1
    account.check_faults()


@pytest.mark.parametrize("missing", ["table", "bucket"])
def test_what_is_missing_is_named(deploy: Deploy, youtube: FakeYouTube, missing: str) -> None:
    account = deploy(Settings(schedule=False))
    youtube.add(video_ids(1)[0], stream=SHORT)
    if missing == "table":
        account.account.client("dynamodb").delete_table(TableName=account.account.table)
        answer = account.ask("POST", "/jobs", {"url": "https://www.youtube.com/watch?v=live0000001"})
        assert answer.status >= 500 and "ResourceNotFoundException" in answer.json["detail"], answer
        return
    account.account.client("s3").delete_bucket(Bucket=account.account.bucket)
    job_id = account.submit(video_ids(1)[0])
    job = wait_until(lambda: (found := account.job(job_id)).get("error") and found, 60, "an error")
    assert "NoSuchBucket" in job["error"]["message"], job
