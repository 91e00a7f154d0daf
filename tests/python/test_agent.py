"""`aircheck agent`: an account's jobs, taken from its queue and recorded by children of the agent."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud import Account, instant, uuid7
from program import Process, Program, wait_until
from tests.world import oracle
from tests.world.origin import Origin
from tests.world.stream import Stream

Start = Callable[..., Process]


def recorders(data: Path) -> list[int]:
    """Those that an agent's run files tell of, and that run."""
    pids = [int(file.read_text().split()[0]) for file in (data / "run").glob("*.pid")]
    return [pid for pid in pids if is_running(pid)]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def agent(aircheck: Program, account: Account, tmp_path: Path) -> Iterator[Start]:
    def start(*options: object, data: str = "agent") -> Process:
        words = ["agent", "--data", tmp_path / data, "--allow-any-host", *options]
        return aircheck.start(*words, environment={**account.environment, "AIRCHECK_HEARTBEAT": "1s"})

    yield start
    aircheck.close()
    for data in tmp_path.iterdir():
        for pid in recorders(data):
            os.kill(pid, signal.SIGKILL)


def submit(account: Account, url: str) -> str:
    """As the account's API does it."""
    job_id = uuid7()
    account.put(
        {"id": job_id, "url": url, "status": "PENDING", "quality": "best", "created_at": instant(), "version": 1}
    )
    send(account, job_id)
    return job_id


def send(account: Account, job_id: str) -> None:
    account.sqs.send_message(
        QueueUrl=account.queue,
        MessageBody=json.dumps({"job_id": job_id}),
        MessageGroupId=job_id,
        MessageDeduplicationId=uuid7(),
    )


def with_status(account: Account, job_id: str, *statuses: str, timeout: float = 60) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        job = account.job(job_id)
        return job if job["status"] in statuses else None

    return wait_until(look, timeout, f"{statuses} of {job_id}")


def check(account: Account, job: dict[str, Any], stream: Stream, tmp_path: Path) -> None:
    [file] = job["recordings"]
    oracle.check(account.download(file["key"], tmp_path / "got.mkv"), stream.truth())


def test_records(agent: Start, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(total=20, speed=10, window=15)
    job_id = submit(account, origin.url(stream))
    process = agent()
    job = with_status(account, job_id, "COMPLETED", "FAILED")
    assert job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)
    depth = account.sqs.get_queue_attributes(QueueUrl=account.queue, AttributeNames=["All"])["Attributes"]
    assert depth["ApproximateNumberOfMessages"] == "0"
    process.send(signal.SIGTERM)
    process.expect(0, timeout=5)  # although it was waiting for a message


def test_a_killed_recorder_is_replaced(agent: Start, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(speed=10)
    job_id = submit(account, origin.url(stream))
    agent("--reconcile-every", "1s")
    with_status(account, job_id, "RECORDING")
    [first] = recorders(tmp_path / "agent")
    os.kill(first, signal.SIGKILL)
    stream.end()
    # The agent sees it dead and need not wait for the lease, two and a half minutes, to run out.
    job = with_status(account, job_id, "COMPLETED", "FAILED")
    assert job["attempt"] == 2 and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_leaves_its_jobs_to_the_next(agent: Start, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(speed=10)
    job_id = submit(account, origin.url(stream))
    first = agent(data="first")
    with_status(account, job_id, "RECORDING")
    first.send(signal.SIGTERM)
    first.expect(0, timeout=30)
    assert recorders(tmp_path / "first") == []
    assert not account.job(job_id)["lease_owner"]
    stream.end()
    agent("--reconcile-every", "1s", data="second")  # as on another machine
    job = with_status(account, job_id, "COMPLETED", "FAILED")
    assert job["attempt"] == 2 and job["verdict"]["complete"], job
    check(account, job, stream, tmp_path)


def test_takes_no_more_than_it_may(agent: Start, account: Account, origin: Origin, tmp_path: Path) -> None:
    streams = [origin.add(speed=4, window=10) for _ in range(3)]
    jobs = [submit(account, origin.url(stream)) for stream in streams]
    agent("--max-recordings", 2)
    running = wait_until(lambda: len(busy(account, jobs)) == 2 and busy(account, jobs), what="two recordings")
    [waiting] = set(jobs) - set(running)
    assert account.job(waiting)["status"] == "PENDING"
    job = account.job(running[0])
    account.put({**job, "stop_requested": "STOP", "version": job["version"] + 1})
    with_status(account, waiting, "RECORDING")
    assert len(recorders(tmp_path / "agent")) == 2


def busy(account: Account, jobs: list[str]) -> list[str]:
    return [job_id for job_id in jobs if account.job(job_id)["status"] == "RECORDING"]


def test_says_what_is_missing(aircheck: Program, account: Account, tmp_path: Path) -> None:
    nothing = aircheck.start("agent", "--data", tmp_path / "agent")
    assert "--table" in nothing.expect(2).errors
    elsewhere = {**account.environment, "AIRCHECK_QUEUE_URL": account.moto.url + "/123456789012/nowhere.fifo"}
    gone = aircheck.start("agent", "--data", tmp_path / "agent", environment=elsewhere)
    assert "NonExistentQueue" in gone.expect(1).errors or "QueueDoesNotExist" in gone.errors
