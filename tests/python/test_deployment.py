"""From POST to the finished object in an account: the real Lambdas and the real recorder, in tests/aws's emulator."""

from __future__ import annotations

import fnmatch
import json
import os
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from random import Random

import pytest

from cloud import metric_values
from deployment import Deployment, in_parts, video_ids
from program import ROOT, wait_until
from tests.aws.account import Settings
from tests.aws.rights import REGION, rights
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube

QUICK = {"total": 12, "speed": 8}


def test_one_job(deployed: Deployment, youtube: FakeYouTube, mkv: Path) -> None:
    stream = youtube.add(video_ids(1)[0], stream=QUICK).stream
    assert stream
    job_id = deployed.submit(video_ids(1)[0])
    job = deployed.wait_for(job_id, "COMPLETED")
    assert job["gaps"] == [] and job["attempt"] == 1 and job["bytes"] > 0
    deployed.download(job, mkv)
    oracle.check(mkv, stream.truth())
    assert deployed.started(job_id) == 1


def test_twenty_at_once(deployed: Deployment, youtube: FakeYouTube, tmp_path: Path) -> None:
    ids = video_ids(20)
    streams = {id: youtube.add(id, stream=QUICK).stream for id in ids}
    with ThreadPoolExecutor(20) as pool:
        jobs = dict(zip(ids, pool.map(deployed.submit, ids), strict=True))
    for id, job_id in jobs.items():
        job = deployed.wait_for(job_id, "COMPLETED", timeout=100)
        deployed.check(job, streams[id].truth(), tmp_path / f"{id}.mkv")
        assert deployed.started(job_id) == 1, f"attempt {job['attempt']} of {job_id}; {deployed.said()}"
    assert deployed.dead_letters() == 0


def test_a_killed_recorder_is_replaced(deployed: Deployment, youtube: FakeYouTube, tmp_path: Path) -> None:
    """ECS tells of the stopped task; the reconciler gives its lease to another, which goes on with the upload that was
    begun: parts that are there are not sent again."""
    stream = youtube.add(video_ids(1)[0], stream=in_parts(12)).stream
    assert stream
    job_id = deployed.submit(video_ids(1)[0])
    wait_until(deployed.parts, 60, "a part")
    [task] = deployed.tasks_of(job_id)
    os.kill(task["pid"], signal.SIGKILL)
    parts = deployed.parts()
    job = deployed.wait_for(job_id, "COMPLETED")
    assert job["attempt"] == 2 and job["gaps"] == []
    assert deployed.started(job_id) == 2
    deployed.check_parts(job, parts)
    deployed.check(job, stream.truth(), tmp_path / "killed.mkv")


def test_a_frozen_recorder_is_replaced_when_its_lease_is_over(
    deploy: Callable[..., Deployment], youtube: FakeYouTube, tmp_path: Path
) -> None:
    """Nobody tells of it: only the schedule sees the lease run out. The old one wakes up later and harms nothing."""
    lease = {"AIRCHECK_LEASE": "4", "AIRCHECK_HEARTBEAT": "1"}
    deployed = deploy(Settings(task_environment=lease), minute=1)
    stream = youtube.add(video_ids(1)[0], stream={"total": 40, "speed": 4}).stream
    assert stream
    job_id = deployed.submit(video_ids(1)[0])
    deployed.wait_for(job_id, "RECORDING")
    wait_until(lambda: deployed.job(job_id)["bytes"] > 0, what="the first heartbeat")
    [frozen] = deployed.tasks_of(job_id)
    os.kill(frozen["pid"], signal.SIGSTOP)
    wait_until(lambda: len(deployed.tasks_of(job_id)) == 2, 30, "another recorder")
    os.kill(frozen["pid"], signal.SIGCONT)
    job = deployed.wait_for(job_id, "COMPLETED")
    assert job["attempt"] == 2
    told = deployed.metrics("reconciler")  # the alarm late-heartbeats rests on it
    assert sum(metric_values(told, "LateHeartbeats")) >= 1
    assert {line["Table"] for line in told} == {deployed.account.table}
    deployed.check(job, stream.truth(), tmp_path / "frozen.mkv")
    wait_until(lambda: not deployed.tasks_of(job_id), what="the end of the old recorder")


def test_a_stopped_task_hands_over(deployed: Deployment, youtube: FakeYouTube, tmp_path: Path) -> None:
    """As at a deployment, or when Spot takes its machine back: SIGTERM, commit, leave; another goes on."""
    stream = youtube.add(video_ids(1)[0], stream={"total": 24, "speed": 4}).stream
    assert stream
    job_id = deployed.submit(video_ids(1)[0])
    deployed.wait_for(job_id, "RECORDING")
    [task] = deployed.tasks_of(job_id)
    deployed.account.client("ecs").stop_task(cluster="aircheck", task=task["task"], reason="Spot")
    job = deployed.wait_for(job_id, "COMPLETED")
    assert deployed.started(job_id) == 2
    deployed.check(job, stream.truth(), tmp_path / "stopped.mkv")


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_duplicates_in_any_order_start_one_recorder(deployed: Deployment, youtube: FakeYouTube, count: int) -> None:
    ids = video_ids(6)
    for id in ids:
        youtube.add(id, stream=QUICK)
    jobs = [deployed.submit(id) for id in ids]
    random = Random(20261126)
    deliveries = [jobs[number % len(jobs)] for number in range(count)]
    random.shuffle(deliveries)
    batches = [deliveries[at : at + 10] for at in range(0, count, 10)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(deployed.deliver, batches))
    assert all(answer == {"batchItemFailures": []} for answer in answers)
    for job_id in jobs:
        assert deployed.wait_for(job_id, "COMPLETED")["attempt"] == 1
        assert deployed.started(job_id) == 1


def test_a_job_that_is_deleted_under_way(deployed: Deployment, youtube: FakeYouTube) -> None:
    """Its recorder ends, its messages are dropped, and nothing brings it back."""
    youtube.add(video_ids(1)[0], stream={"speed": 4})
    job_id = deployed.submit(video_ids(1)[0])
    deployed.wait_for(job_id, "RECORDING")
    deployed.account.client("dynamodb").delete_item(TableName=deployed.account.table, Key={"id": {"S": job_id}})
    wait_until(lambda: not deployed.tasks_of(job_id), 90, "the recorder's end")
    assert deployed.deliver([job_id]) == {"batchItemFailures": []}
    assert deployed.ask("GET", f"/jobs/{job_id}").status == 404


def test_live_chat_goes_into_the_bucket(deploy: Callable[..., Deployment], youtube: FakeYouTube, mkv: Path) -> None:
    deployed = deploy(Settings(task_environment={"AIRCHECK_CHAT": "true"}))
    deployed.enforce_iam()
    video = youtube.add(video_ids(1)[0], stream={"speed": 0, "ready": 4}, chat=["hello"])
    assert video.stream
    job_id = deployed.submit(video.id)
    [key] = wait_until(lambda: [key for key in deployed.objects() if key.endswith(".live_chat.json")], 60, "the chat")
    video.stream.end()
    job = deployed.wait_for(job_id, "COMPLETED")
    assert key == job["recordings"][0]["key"].replace(".mkv", ".live_chat.json")
    stored = deployed.account.client("s3").get_object(Bucket=deployed.account.bucket, Key=key)["Body"].read()
    assert b'"hello"' in stored
    deployed.download(job, mkv)
    oracle.check(mkv, video.stream.truth())
    assert deployed.ask("DELETE", f"/jobs/{job_id}").status == 204
    assert deployed.objects() == []


def test_stop_and_cancel(deployed: Deployment, youtube: FakeYouTube, mkv: Path) -> None:
    kept, cancelled = (youtube.add(id, stream={"speed": 4}).id for id in video_ids(2))
    jobs = [deployed.submit(kept), deployed.submit(cancelled)]
    for job_id in jobs:
        deployed.wait_for(job_id, "RECORDING")
    assert deployed.ask("POST", f"/jobs/{jobs[0]}/stop").status in (200, 202)
    assert deployed.ask("POST", f"/jobs/{jobs[1]}/cancel").status in (200, 202)
    deployed.download(deployed.wait_for(jobs[0], "COMPLETED"), mkv)
    oracle.check_layout(mkv)
    deployed.wait_for(jobs[1], "CANCELLED")
    assert not [key for key in deployed.objects() if jobs[1] in key]


def test_foreign_and_poisoned_messages_become_dead_letters(
    deploy: Callable[..., Deployment], youtube: FakeYouTube
) -> None:
    deployed = deploy(Settings(visibility=1, deliveries=2, timeout=10))
    youtube.add(video_ids(1)[0], stream=QUICK)
    poison = ["hello", "[]", '{"job_id": 7}', "{", '{"job_id": "not a uuid"}', "\u0000 and more"[1:]]
    for number, body in enumerate(poison):
        deployed.send(body, f"poison-{number}")
    deployed.wait_for(deployed.submit(video_ids(1)[0]), "COMPLETED")  # nobody waits for them
    wait_until(lambda: deployed.dead_letters() == len(poison), 60, "the dead letters")


def test_dead_letters_are_replayed(deploy: Callable[..., Deployment], youtube: FakeYouTube) -> None:
    deployed = deploy(Settings(visibility=1, deliveries=1, schedule=False))
    youtube.add(video_ids(1)[0], stream=QUICK)
    deployed.fail("RunTask", "denied", count=1000)
    job_id = deployed.submit(video_ids(1)[0])
    wait_until(lambda: deployed.dead_letters() == 1, 60, "the dead letter")
    assert deployed.job(job_id)["status"] == "PENDING"
    deployed.world("heal")
    assert "1 dead letters sent again" in deployed.replay_dead_letters()
    assert deployed.dead_letters() == 0
    deployed.wait_for(job_id, "COMPLETED")


@pytest.mark.parametrize("environment", [{}, {"TOO_LONG_FOR_A_PROGRAM": "x" * (1 << 18)}], ids=["well", "unstartable"])
def test_a_client_token_starts_one_task(deploy: Callable[..., Deployment], environment: dict[str, str]) -> None:
    """The emulator's promise, as ECS's: whoever gets no answer in time asks again meanwhile."""
    deployed = deploy(Settings(schedule=False, task_environment=environment))
    account, ecs = deployed.account, deployed.account.client("ecs")
    request = {
        "cluster": account.cluster,
        "taskDefinition": account.task_definition,
        "launchType": "FARGATE",
        "clientToken": "once",
        "startedBy": "somebody",
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": [account.subnet], "securityGroups": [account.group]}
        },
    }
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ecs.run_task(**request), range(8)))
    assert len({answer["tasks"][0]["taskArn"] for answer in answers}) == 1
    assert deployed.started("somebody") == 1


@pytest.mark.parametrize("function", ["dispatch_to_ecs", "sqs_handler"])
def test_malformed_events_fail_alone(deployed: Deployment, function: str) -> None:
    for event in [
        "null",
        "[]",
        "{}",
        '"x"',
        '{"Records": 7}',
        '{"httpMethod": "GET"}',
        '{"Records": [{"body": {}}, 7]}',
    ]:
        answer = deployed.invoke(function, event)
        assert answer["FunctionError"], event
        assert "errorMessage" in json.loads(answer["Payload"].read())
    assert deployed.ask("GET", "/jobs").status == 200
    assert deployed.deliver([]) == {"batchItemFailures": []}


def test_nobody_has_more_rights_here_than_terraform_gives() -> None:
    """tests/iam/needed.json is what its policies are held against."""
    told = json.loads((ROOT / "tests/iam/needed.json").read_text())
    all_things = {name: thing["arn"].replace("us-east-1", REGION) for name, thing in told["things"].items()}
    for actor, statements in rights().items():
        for action, resource in (pair for each in statements for pair in product(each["Action"], each["Resource"])):
            needed = {all_things[name] for name in told["needed"][actor].get(action, [])}
            covered = {
                arn
                for name, arn in all_things.items()
                if told["things"][name]["service"] == action.partition(":")[0] and fnmatch.fnmatchcase(arn, resource)
            }
            assert "*" in needed or (covered and covered <= needed), (actor, action, resource, covered - needed)


def test_what_is_no_youtube_url_is_refused(deployed: Deployment) -> None:
    for url in ["https://example.com/watch?v=live0000001", "http://169.254.169.254/latest", "", "javascript:alert(1)"]:
        answer = deployed.ask("POST", "/jobs", {"url": url})
        assert answer.status == 400 and answer.headers["content-type"] == "application/problem+json", answer
    assert deployed.ask("GET", "/jobs", token="wrong").status == 401
    assert deployed.ask("GET", "/jobs").json["jobs"] == []


def test_a_video_that_does_not_exist_costs_no_task(deployed: Deployment) -> None:
    job_id = deployed.submit("nonexistent")
    job = deployed.wait_for(job_id, "FAILED")
    assert job["error"]["kind"] == "not_found" and "no such video" in job["error"]["message"]
    assert deployed.started(job_id) == 0


def test_a_youtube_that_does_not_answer_delays_nobody_for_long(
    deploy: Callable[..., Deployment], youtube: FakeYouTube
) -> None:
    """oEmbed is asked with a time limit, once for many jobs; they are started then, and the recorder finds out."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = {"HTTPS_PROXY": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        deployed = deploy(Settings(function_environment=nobody))
        ids = video_ids(12)
        for id in ids:
            youtube.add(id, stream={"total": 4, "speed": 8})
        with ThreadPoolExecutor(len(ids)) as pool:
            jobs = list(pool.map(deployed.submit, ids))
        wait_until(lambda: all(deployed.started(job_id) == 1 for job_id in jobs), 25, "the tasks")
        for job_id in jobs:
            deployed.wait_for(job_id, "COMPLETED")
