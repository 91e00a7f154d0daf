"""util/*.sh as an operator calls them: against a server, and against an account's table and queues."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud import Account
from program import ROOT, VENV, Program, find_program, wait_until
from server import Server
from tests.world import oracle
from tests.world.origin import Origin

UTIL = ROOT / "util"
AWS_COMMAND = ROOT / "tests" / "aws" / "bin"
OWN = {"NO_PROXY": "127.0.0.1"}
SCRIPTS = ["add_to_queue", "build-web", "deploy", "destroy", "dl-strm", "replay-dlq", "upload-web"]


def call(script: str | Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRCHECK_", "AWS_"))}
    command = [str(UTIL / f"{script}.sh"), *map(str, arguments)]
    return subprocess.run(
        command,
        env={
            **clean,
            "PATH": f"{AWS_COMMAND}:{VENV}:{clean['PATH']}",
            "AIRCHECK_BIN": str(find_program()),
            **OWN,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_help(script: str) -> None:
    done = call(script, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert f"util/{script}.sh" in done.stdout and "Examples:" in done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unknown_option_is_refused(script: str) -> None:
    assert call(script, "--colour", "blue").returncode in (1, 2)


def test_a_job_goes_through_the_api(serve: Callable[..., Server], origin: Origin, tmp_path: Path) -> None:
    server = serve("--allow-any-host", "--allow-private-hosts", environment={"AIRCHECK_TOKEN": "se cret"})
    where = {"AIRCHECK_SERVER": server.address, "AIRCHECK_TOKEN": "se cret"}
    url = origin.url(origin.add(total=3))
    done = call("add_to_queue", "--title", 'A "title"', "--quality", "720", url, **where)
    assert done.returncode == 0, done.stderr
    job_id, key = done.stdout.split()
    asked = server.ask("GET", f"/api/jobs/{job_id}", headers={"Authorization": "Bearer se cret"}).json
    assert (asked["title"], asked["quality"]) == ('A "title"', "720")
    assert key == f"recordings/{asked['created_at'][:4]}/{asked['created_at'][5:7]}/stream-{job_id}.mkv"


def test_the_same_key_is_one_job(server: Server, origin: Origin) -> None:
    url = origin.url(origin.add(total=3))
    where = {"AIRCHECK_SERVER": f"{server.address}/api/"}
    first, second = (call("add_to_queue", "--key", "once", url, **where).stdout for _ in range(2))
    assert first and first == second


def test_what_the_api_refuses_is_told(serve: Callable[..., Server]) -> None:
    server = serve(environment={"AIRCHECK_TOKEN": "secret"})
    where = {"AIRCHECK_SERVER": f"{server.address}/api", "AIRCHECK_TOKEN": "secret"}
    done = call("add_to_queue", "https://example.com/x", **where)
    assert done.returncode == 1 and "YouTube" in done.stderr and done.stdout == ""
    assert "secret" not in done.stderr
    assert call("add_to_queue", "https://youtu.be/jfKfPfyJRdk", **{**where, "AIRCHECK_TOKEN": "x"}).returncode == 1


def test_a_job_goes_straight_into_the_account(account: Account, aircheck: Program) -> None:
    url = "https://youtu.be/jfKfPfyJRdk?t=5"
    done = call("add_to_queue", "--direct", "--title", "Launch", url, **account.environment)
    assert done.returncode == 0, done.stderr
    job_id, key = done.stdout.split()
    job = account.job(job_id)
    assert job["url"] == "https://www.youtube.com/watch?v=jfKfPfyJRdk" and job["status"] == "PENDING"
    assert job["place"] == f"{job['written_at']:020}.{job_id}" and job["due_at"] == job["written_at"]
    assert key.endswith(f"/jfKfPfyJRdk-{job_id}.mkv")
    [message] = account.sqs.receive_message(QueueUrl=account.queue, AttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"]) == {"job_id": job_id}
    assert message["Attributes"]["MessageGroupId"] == job_id


def test_a_direct_job_is_recorded(account: Account, aircheck: Program, origin: Origin, tmp_path: Path) -> None:
    """The agent understands the item: it is what the program itself would have written."""
    stream = origin.add(total=6, speed=8)
    done = call("add_to_queue", "--direct", origin.url(stream), **account.environment)
    job_id, key = done.stdout.split()
    options = ["agent", "--data", tmp_path / "agent", "--allow-any-host"]
    agent = aircheck.start(*options, environment={**account.environment, "AIRCHECK_HEARTBEAT": "1s"})
    wait_until(lambda: account.job(job_id)["status"] == "COMPLETED", 40, "the end of the recording")
    agent.kill()
    oracle.check(account.download(key, tmp_path / "direct.mkv"), stream.truth())


def send_dead(account: Account, body: str) -> None:
    account.sqs.send_message(
        QueueUrl=account.dead_letters, MessageBody=body, MessageGroupId=body, MessageDeduplicationId=body
    )


def bodies(account: Account, queue: str) -> list[str]:
    found = account.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return sorted(message["Body"] for message in found.get("Messages", []))


def test_dead_letters_are_sent_again(account: Account) -> None:
    for body in ("one", "two"):
        send_dead(account, body)
    done = call("replay-dlq", **account.environment)
    assert done.returncode == 0, done.stderr
    assert "2 dead letters sent again" in done.stderr
    assert bodies(account, account.queue) == ["one", "two"]
    assert bodies(account, account.dead_letters) == []


def test_dead_letters_are_purged_but_not_by_chance(account: Account) -> None:
    send_dead(account, "one")
    assert call("replay-dlq", "--purge", "--list", **account.environment).returncode == 2
    done = call("replay-dlq", "--purge", **account.environment)
    assert "1 dead letters deleted" in done.stderr
    assert bodies(account, account.queue) == [] and bodies(account, account.dead_letters) == []


def test_dead_letters_are_listed(account: Account) -> None:
    send_dead(account, "one")
    done = call("replay-dlq", "--list", **account.environment)
    assert "one" in done.stdout and "1 dead letters" in done.stderr
    assert bodies(account, account.queue) == []


def test_a_stream_is_grabbed(origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(total=3)
    done = call("dl-strm", origin.url(stream), "-o", tmp_path / "grab.mkv")
    assert done.returncode == 0, done.stderr
    oracle.check(tmp_path / "grab.mkv", stream.truth())


def stand_in(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("newer_beside", [True, False])
def test_the_dashboard_is_built_by_a_node_that_can(tmp_path: Path, newer_beside: bool) -> None:
    """Debian 12's is too old, and may be installed nevertheless."""
    shutil.copytree(UTIL, tmp_path / "util")
    for name in ("package-lock.json", "node_modules/.installed-lock"):
        (tmp_path / "web" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "web" / name).write_text("{}")
    major = "[ $1 = --version ] && echo v{0}.0.0 || echo {0}".format
    stand_in(tmp_path / "old/node", major(18))
    stand_in(tmp_path / "old/npm", "exit 9")
    if newer_beside:
        stand_in(tmp_path / "build/venv/bin/node", major(24))
        stand_in(tmp_path / "build/venv/bin/npm", "mkdir out && echo page >out/index.html")
    done = call(tmp_path / "util" / "build-web", PATH=f"{tmp_path / 'old'}:{os.environ['PATH']}")
    assert (done.returncode == 0) == (tmp_path / "web/out/index.html").exists() == newer_beside, done.stderr
    assert newer_beside or "Node.js 20 or newer is needed, this is v18" in done.stderr


def test_costs_are_told_without_an_account() -> None:
    done = call("deploy", "--cost")
    assert done.returncode == 0 and "an hour" in done.stderr


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_nothing_is_deployed(tmp_path: Path) -> None:
    """Terraform's word for that is no address of a queue."""
    shutil.copytree(UTIL, tmp_path / "util")
    (tmp_path / "terraform" / "backend").mkdir(parents=True)
    done = call(tmp_path / "util" / "replay-dlq", "--list")
    assert done.returncode == 1 and "nothing is deployed here" in done.stderr
