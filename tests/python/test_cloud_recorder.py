"""`aircheck recorder` as a task of an account: jobs in DynamoDB, recordings in S3, all told by the environment."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from cloud import Account, instant, uuid7
from program import Process, Program, wait_until
from tests.world import oracle
from tests.world.origin import Origin
from tests.world.stream import Stream

OWNER = "token-1"


def claimed(account: Account, url: str) -> str:
    """A job as the dispatcher leaves it when it has started the task."""
    job_id = uuid7()
    account.put(
        {
            "id": job_id,
            "url": url,
            "status": "STARTED",
            "quality": "best",
            "created_at": instant(),
            "started_at": instant(),
            "attempt": 1,
            "fruitless_attempts": 1,
            "lease_owner": OWNER,
            "lease_expires_at": instant(180),
            "version": 2,
        }
    )
    return job_id


def task(aircheck: Program, account: Account, job_id: str, owner: str = OWNER, **more: str) -> Process:
    told = {"AIRCHECK_JOB_ID": job_id, "AIRCHECK_LEASE_OWNER": owner, "AIRCHECK_PREFIX": "live/"}
    environment = {**account.environment, **told, **more}
    return aircheck.start("recorder", "--allow-any-host", environment=environment)


def take_over(account: Account, job_id: str, owner: str) -> None:
    job = account.job(job_id)
    account.put({**job, "lease_owner": owner, "lease_expires_at": instant(180), "version": job["version"] + 1})


def check(account: Account, job: dict[str, Any], stream: Stream, tmp_path: Path) -> None:
    """The object is what an honest recording must be, and nothing else is left."""
    [file] = job["recordings"]
    mkv = account.download(f"live/{file['key']}", tmp_path / "got.mkv")
    oracle.check(mkv, stream.truth())
    assert mkv.stat().st_size == file["bytes"]
    assert account.objects() == [f"live/{file['key']}"]
    assert account.uploads() == []


def test_records(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(total=20, speed=10, window=10)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id).expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"] == {"complete": True, "ended_by": "broadcaster"}
    check(account, job, stream, tmp_path)
    for line in process.errors.splitlines():
        assert json.loads(line)["job"] == job_id


def test_left_by_sigterm_and_gone_on_with(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(total=40, speed=10, window=40)
    job_id = claimed(account, origin.url(stream))
    first = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    first.send(signal.SIGTERM)
    first.expect(0, timeout=10)
    left = account.job(job_id)
    assert left["status"] == "RECORDING" and not left["lease_owner"]
    take_over(account, job_id, "token-2")
    task(aircheck, account, job_id, "token-2").expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_killed_and_gone_on_with(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(total=40, speed=10, window=40)
    job_id = claimed(account, origin.url(stream))
    first = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    first.kill()
    take_over(account, job_id, "token-2")
    task(aircheck, account, job_id, "token-2").expect(0)
    check(account, account.job(job_id), stream, tmp_path)


def test_stops_for_whom_the_job_belongs_to(aircheck: Program, account: Account, origin: Origin) -> None:
    stream = origin.add(speed=4, window=10)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    take_over(account, job_id, "token-2")
    assert "not ours any more" in process.expect(0).errors


def test_a_job_deleted_under_way(aircheck: Program, account: Account, origin: Origin) -> None:
    stream = origin.add(speed=4, window=10)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    account.remove(job_id)
    assert "there is no job" in process.expect(0).errors
    assert not account.job(job_id), "a heartbeat must not bring it back"
    assert any(key.endswith(".mkv.journal") for key in account.objects()), "what was captured stays"


def test_no_such_table(aircheck: Program, account: Account) -> None:
    process = task(aircheck, account, uuid7(), AIRCHECK_TABLE="nowhere").expect(1)
    assert "ResourceNotFoundException" in process.errors


def test_no_such_bucket(aircheck: Program, account: Account, origin: Origin) -> None:
    job_id = claimed(account, origin.url(origin.add(total=5)))
    task(aircheck, account, job_id, AIRCHECK_BUCKET="nowhere-at-all").expect(1)
    job = account.job(job_id)
    assert job["status"] == "FAILED" and "NoSuchBucket" in job["error"]["message"]


def test_a_bucket_that_denies_itself_under_way(
    aircheck: Program, account: Account, origin: Origin, tmp_path: Path
) -> None:
    stream = origin.add(total=60, speed=10, window=60)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    account.moto.fail_next(f"PUT /{account.bucket}", "denied", 1000)
    trouble = wait_until(lambda: account.job(job_id).get("error"), timeout=40, what="the job's word of it")
    assert "AccessDenied" in trouble["message"]
    account.moto.heal()
    process.expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and not job.get("error"), job
    check(account, job, stream, tmp_path)


def test_a_bucket_that_denies_itself_from_the_start(aircheck: Program, account: Account, origin: Origin) -> None:
    job_id = claimed(account, origin.url(origin.add(total=5)))
    account.moto.fail_next(f"GET /{account.bucket}", "denied", 1000)
    task(aircheck, account, job_id).expect(0)
    job = account.job(job_id)
    assert job["status"] == "STARTED" and not job["lease_owner"], "another recorder may try"
    assert "AccessDenied" in job["error"]["message"]


def test_a_table_that_cannot_be_reached_holds_up_nothing(
    aircheck: Program, account: Account, origin: Origin, tmp_path: Path
) -> None:
    stream = origin.add(total=40, speed=10, window=6)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    account.moto.fail_next("DynamoDB", "500", 20)
    process.expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_needs_a_place(aircheck: Program) -> None:
    for environment in ({}, {"AIRCHECK_TABLE": "t"}, {"AIRCHECK_TABLE": "t", "AIRCHECK_DATA": "/nowhere"}):
        process = aircheck.start("recorder", "--job-id", "x", "--lease-owner", "y", environment=environment)
        assert "--table" in process.expect(2).errors
