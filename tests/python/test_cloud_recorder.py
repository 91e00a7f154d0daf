"""`aircheck recorder` as a task of an account: jobs in DynamoDB, recordings in S3, all told by the environment."""

from __future__ import annotations

import http.server
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud import Account, Credentials, Gate, check_parts, instant, metrics, uuid7
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


def under_way(aircheck: Program, account: Account, url: str, **more: str) -> tuple[str, Process]:
    """A job whose recorder has told of bytes."""
    job_id = claimed(account, url)
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s", **more)
    wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
    return job_id, process


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
    stream = origin.add(total=20, speed=10, window=15)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id).expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"] == {"complete": True, "ended_by": "broadcaster"}
    check(account, job, stream, tmp_path)
    for line in process.errors.splitlines():
        assert json.loads(line)["job"] == job_id


def test_left_by_sigterm_and_gone_on_with(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(speed=10)
    job_id, first = under_way(aircheck, account, origin.url(stream))
    first.send(signal.SIGTERM)
    first.expect(0, timeout=10)
    stream.end()
    left = account.job(job_id)
    assert left["status"] == "RECORDING" and not left["lease_owner"]
    take_over(account, job_id, "token-2")
    task(aircheck, account, job_id, "token-2").expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_killed_and_gone_on_with(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    """In the middle of an upload: the parts that are there stay, the next recorder adds to them."""
    stream = origin.add(profile="1080p", speed=8)
    job_id = claimed(account, origin.url(stream))
    first = task(aircheck, account, job_id)
    wait_until(account.parts, what="a part")
    first.kill()
    stream.end()
    parts = account.parts()
    take_over(account, job_id, "token-2")
    task(aircheck, account, job_id, "token-2").expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)
    check_parts(account.s3, account.bucket, f"live/{job['recordings'][0]['key']}", parts)


def test_stops_for_whom_the_job_belongs_to(aircheck: Program, account: Account, origin: Origin) -> None:
    stream = origin.add(speed=4, window=10)
    job_id, process = under_way(aircheck, account, origin.url(stream))
    take_over(account, job_id, "token-2")
    assert "not ours any more" in process.expect(0).errors


def test_a_job_deleted_under_way(aircheck: Program, account: Account, origin: Origin) -> None:
    stream = origin.add(speed=4, window=10)
    job_id, process = under_way(aircheck, account, origin.url(stream))
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
    job_id, process = under_way(aircheck, account, origin.url(stream))
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
    stream = origin.add(total=40, speed=10, window=20)
    job_id, process = under_way(aircheck, account, origin.url(stream))
    account.moto.fail_next("DynamoDB", "500", 20)
    process.expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_credentials_that_are_refused_under_way_are_renewed(
    aircheck: Program, account: Account, origin: Origin, tmp_path: Path
) -> None:
    stream = origin.add(total=40, speed=10, window=40)
    container = Credentials()
    job_id, process = under_way(aircheck, account, origin.url(stream), **container.environment)
    assert container.asked == 1
    account.moto.fail_next("DynamoDB", "expired")
    account.moto.fail_next(f"PUT /{account.bucket}", "expired")
    process.expect(0)
    assert container.asked >= 2
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)
    container.server.close()


@pytest.mark.parametrize("seconds", [7200, -7200], ids=["behind", "ahead"])
@pytest.mark.parametrize("when", ["from the start", "under way"])
def test_a_machine_whose_clock_is_wrong(
    aircheck: Program, account: Account, origin: Origin, tmp_path: Path, when: str, seconds: int
) -> None:
    """Of what it signs nothing is taken, until it signs by AWS's clock."""
    stream = origin.add(total=40, speed=10, window=40)
    job_id = claimed(account, origin.url(stream))
    if when == "from the start":
        account.moto.set_clock(seconds)
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    if when == "under way":
        wait_until(lambda: account.job(job_id).get("bytes", 0) > 0, what="a heartbeat with bytes")
        account.moto.set_clock(seconds)
    process.expect(0)
    account.moto.set_clock(0)
    assert "s off AWS's" in process.errors
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_told_twice_to_end_it_waits_for_no_bucket(
    aircheck: Program, account: Account, origin: Origin, tmp_path: Path
) -> None:
    gate = Gate(account.moto)
    stream = origin.add(profile="1080p", speed=8)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s", AWS_ENDPOINT_URL_S3=gate.url)
    wait_until(account.parts, timeout=40, what="a part")
    gate.fall_silent()
    wait_until(lambda: gate.unanswered, what="a call that is not answered")
    process.send(signal.SIGTERM)
    process.send(signal.SIGINT)
    process.expect(0, timeout=5)
    stream.end()
    gate.close()
    left = account.job(job_id)
    assert left["status"] == "RECORDING" and not left["lease_owner"]
    parts = account.parts()
    take_over(account, job_id, "token-2")
    task(aircheck, account, job_id, "token-2").expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)
    check_parts(account.s3, account.bucket, f"live/{job['recordings'][0]['key']}", parts)


def test_an_upload_that_somebody_ended(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    """What was in it is gone and told; what comes is recorded."""
    stream = origin.add(total=300, speed=20, window=300)
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s")
    wait_until(account.parts, timeout=40, what="a part")
    [upload] = account.uploads()
    account.s3.abort_multipart_upload(Bucket=account.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    process.expect(0)
    job = account.job(job_id)
    assert job["status"] == "COMPLETED" and not job["verdict"]["complete"], job
    [gap] = job["gaps"]
    assert gap["start_ms"] == 0 and "ended by somebody else" in gap["reason"]
    [file] = job["recordings"]
    assert abs(gap["end_ms"] + file["duration_ms"] - 300_000 * float(stream.main.media.segment_seconds)) < 100
    mkv = account.download(f"live/{file['key']}", tmp_path / "got.mkv")
    oracle.decode(mkv)
    assert account.uploads() == []


def test_needs_a_place(aircheck: Program) -> None:
    for environment in ({}, {"AIRCHECK_TABLE": "t"}, {"AIRCHECK_TABLE": "t", "AIRCHECK_DATA": "/nowhere"}):
        process = aircheck.start("recorder", "--job-id", "x", "--lease-owner", "y", environment=environment)
        assert "--table" in process.expect(2).errors


# ---- what it tells of itself ----


@pytest.fixture
def task_metadata() -> Iterator[str]:
    """ECS's endpoint, for a task of half a core and two GiB."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"Limits": {"CPU": 0.5, "Memory": 2048}} if self.path == "/v4/x/task" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v4/x"
    server.shutdown()
    server.server_close()


def test_metrics(aircheck: Program, account: Account, origin: Origin) -> None:
    stream = origin.add(total=40, speed=10, window=20, faults=[{"at": 20, "kind": "404", "times": None}])
    job_id = claimed(account, origin.url(stream))
    process = task(aircheck, account, job_id, AIRCHECK_HEARTBEAT="1s", AIRCHECK_SEGMENT_TIMEOUT="1s").expect(0)
    *beats, verdict = metrics(process.errors)
    job = account.job(job_id)
    assert all(line["job"] == job_id and line["Table"] == account.table for line in [*beats, verdict])
    assert all(line["message"] == "heartbeat" and {"Bytes", "LagMs", "Gaps"} <= set(line) for line in beats)
    assert sum(line["Bytes"] for line in [*beats, verdict]) == job["bytes"]
    assert verdict["message"] == "verdict" and verdict["bytes"] == job["bytes"]
    assert (verdict["Completed"], verdict["CompletedWithHoles"], verdict["Failed"]) == (1, 1, 0)
    assert sum(line["Gaps"] for line in [*beats, verdict]) == verdict["gaps"] == len(job["gaps"]) == 1


def test_failure_is_a_metric(aircheck: Program, account: Account, origin: Origin) -> None:
    job_id = claimed(account, f"{origin.addresses['http']}/nothing/here.m3u8")
    process = task(aircheck, account, job_id, AIRCHECK_GONE_TIMEOUT="1s").expect(1)
    *_, verdict = metrics(process.errors)
    assert (verdict["Completed"], verdict["Failed"]) == (0, 1) and verdict["error"]


def test_cost(aircheck: Program, account: Account, origin: Origin, task_metadata: str) -> None:
    job_id = claimed(account, origin.url(origin.add(total=20, speed=10, window=15)))
    prices = "vcpu_hour=36,gb_hour=0,address_hour=0,s3_write=1,s3_read=0,dynamo_write=0,dynamo_read=0"
    prices += ",s3_gb_month=1073.741824"
    told = {"AIRCHECK_HEARTBEAT": "1s", "ECS_CONTAINER_METADATA_URI_V4": task_metadata, "AIRCHECK_PRICES": prices}
    task(aircheck, account, job_id, **told).expect(0)
    job = account.job(job_id)
    cost = job["cost"]
    assert 500 < cost["task_ms"] < 60_000
    # Half a core at 36 dollars an hour is 5,000 millionths each millisecond.
    assert abs(cost["task_microusd"] - 5 * cost["task_ms"]) <= 5
    assert cost["requests_microusd"] % 1_000_000 == 0 and cost["requests_microusd"] >= 2_000_000
    assert cost["requests"] >= cost["requests_microusd"] // 1_000_000
    assert cost["storage_microusd_month"] == job["bytes"]


def test_cost_adds_up(aircheck: Program, account: Account, origin: Origin) -> None:
    job_id = claimed(account, origin.url(origin.add(total=20, speed=10, window=15)))
    before = {"task_ms": 10**9, "requests": 1000, "task_microusd": 7, "requests_microusd": 10**6}
    account.put({**account.job(job_id), "cost": before})
    task(aircheck, account, job_id).expect(0)
    cost = account.job(job_id)["cost"]
    assert cost["task_ms"] > 10**9 and cost["requests"] > 1000 and cost["requests_microusd"] > 10**6
    assert cost["task_microusd"] == 7, "no task of ECS"


def test_prices_are_checked(aircheck: Program, account: Account) -> None:
    process = task(aircheck, account, uuid7(), AIRCHECK_PRICES="vcpu_hour=cheap")
    assert "vcpu_hour=cheap" in process.expect(2).errors
