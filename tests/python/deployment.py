"""aircheck deployed to an account: tests/aws's emulator with the real Lambdas, its tasks being the real recorder,
its YouTube the fake one. Seen from outside, by the API.
"""

from __future__ import annotations

import functools
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

from api import Answer, Api
from cloud import check_parts, metrics, uploaded_parts
from program import ROOT, VENV, find_program, wait_until
from tests.aws.account import Account, Settings
from tests.aws.rights import REGION
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube

WATCH = "https://www.youtube.com/watch?v="


def fetch(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with NO_REDIRECTS.open(request, timeout=60) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


def video_ids(count: int) -> list[str]:
    return [f"live{number:07}" for number in range(count)]


def in_parts(segments: int) -> dict[str, Any]:
    """A stream of 1.4 MB a segment: each four are a part of an upload, which has 5 MiB at least."""
    return {"profile": "1080p", "total": segments, "speed": 8}


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


NO_REDIRECTS = urllib.request.build_opener(KeepRedirects, urllib.request.ProxyHandler({}))


class Emulators:
    """tests/aws/emulator/template.py, which ends with this process."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.aws.emulator.template"], stdin=theirs, cwd=ROOT
            )

    def start(self, words: list[Any], log: int) -> socket.socket:
        """What the new emulator has as its standard input and output."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [json.dumps([str(word) for word in words]).encode()], [theirs.fileno(), log])
        return ours


emulators = functools.cache(Emulators)


class Deployment(Api):
    """`minute`: seconds that a minute of the reconciler's schedule takes."""

    patience = 90.0

    def __init__(self, folder: Path, youtube: FakeYouTube, settings: Settings | None = None, minute: float = 60.0):
        self.folder, self.youtube = folder, youtube
        options = ["--image", find_program(), "--minute", minute, "--image-env", f"PATH={VENV}:/usr/bin:/bin"]
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "emulator.log", "wb") as log:
            self.lifeline = emulators().start(["--lifeline", "--folder", folder, *options], log.fileno())
        with self.lifeline.makefile() as said:
            self.address = said.readline().strip()
        assert self.address, (folder / "emulator.log").read_text()
        self.account = Account(self.address, self.with_youtube(settings or Settings()))

    def with_youtube(self, settings: Settings) -> Settings:
        """Functions and tasks reach YouTube by a proxy whose certificate they trust."""
        proxy, ca_file = self.youtube.addresses["proxy"], self.youtube.addresses["ca_file"]
        function = {"HTTPS_PROXY": proxy, "AWS_CA_BUNDLE": ca_file}
        task = {"AIRCHECK_PROXY": proxy, "AIRCHECK_CA_FILE": ca_file, "AIRCHECK_YT_DLP": str(VENV / "yt-dlp")}
        return replace(
            settings,
            function_environment={**function, **settings.function_environment},
            task_environment={**task, **settings.task_environment},
        )

    def close(self) -> None:
        self.lifeline.shutdown(socket.SHUT_WR)
        self.lifeline.settimeout(30)
        while self.lifeline.recv(4096):
            pass
        self.lifeline.close()

    # ---- the world's own addresses ----

    def world(self, what: str, **query: Any) -> Any:
        answer = fetch("POST", f"{self.address}/_world/{what}?{urllib.parse.urlencode(query)}", b"")
        assert answer.status == 200, answer
        return answer.json

    def fail(self, on: str, kind: str, **query: Any) -> None:
        self.world("fault", on=on, kind=kind, **query)

    def unused_faults(self) -> list[str]:
        return [f"{fault['kind']} of {fault['on']}" for fault in self.world("faults") if not fault["used"]]

    def check_faults(self) -> None:
        """Each that was asked for has happened, or the test shows nothing."""
        unused = self.unused_faults()
        assert not unused, unused

    def wait_for_faults(self, what: str) -> None:
        wait_until(lambda: not self.unused_faults(), 60, f"the fault: {what}")

    def enforce_iam(self) -> None:
        plain = {"Content-Type": "text/plain"}
        assert fetch("POST", f"{self.address}/moto-api/reset-auth", b"0", plain).status == 200

    def tasks_of(self, job_id: str) -> list[dict[str, Any]]:
        return [task for task in self.world("tasks") if task["job"] == job_id]

    def started(self, job_id: str) -> int:
        """How many tasks were ever started for a job. One may stop between the two questions."""
        ecs = self.account.client("ecs")
        arns = set()
        for status in ("RUNNING", "STOPPED"):
            arns.update(ecs.list_tasks(cluster="aircheck", startedBy=job_id, desiredStatus=status)["taskArns"])
        return len(arns)

    def invoke(self, function: str, event: str) -> dict[str, Any]:
        return self.account.client("lambda").invoke(FunctionName=f"aircheck-{function}", Payload=event.encode())

    def deliver(self, job_ids: list[str]) -> Any:
        """A batch of messages straight to the handler, past the queue; what it says has failed."""
        records = [
            {
                "messageId": f"m{number}",
                "receiptHandle": "of no queue",
                "body": json.dumps({"job_id": job_id}),
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, job_id in enumerate(job_ids)
        ]
        answer = self.invoke("sqs_handler", json.dumps({"Records": records}))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read())

    def send(self, body: str, group: str) -> None:
        self.account.client("sqs").send_message(
            QueueUrl=self.account.queue_url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=group
        )

    def replay_dead_letters(self) -> str:
        """util/replay-dlq.sh, as somebody who may do everything; what it says."""
        environment = {
            "PATH": f"{ROOT / 'tests/aws/bin'}:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "AWS_ENDPOINT_URL": self.address,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.account.keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.account.keys["aws_secret_access_key"],
            "AIRCHECK_QUEUE_URL": self.account.queue_url,
            "AIRCHECK_DEAD_LETTER_URL": self.account.dead_url,
        }
        command = [ROOT / "util/replay-dlq.sh"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def parts(self) -> dict[int, int]:
        return uploaded_parts(self.account.client("s3"), self.account.bucket)

    def objects(self) -> list[str]:
        found = self.account.client("s3").list_objects_v2(Bucket=self.account.bucket)
        return [entry["Key"] for entry in found.get("Contents", [])]

    # ---- the API ----

    def ask(self, method: str, path: str, value: Any = None, token: str | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {token or self.account.settings.token}"}
        body = None
        if value is not None:
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            headers["Content-Type"] = "application/json"
        return fetch(method, self.account.api + path, body, headers)

    def submit(self, video_id: str, **fields: Any) -> str:
        return super().submit(WATCH + video_id, **fields)

    def download(self, job: dict[str, Any], to: Path, file: int = 1) -> Path:
        """By the link that the API gives."""
        answer = self.ask("GET", f"/jobs/{job['id']}/recording?file={file}")
        assert answer.status == 302, answer
        content = fetch("GET", answer.headers["location"])
        assert content.status == 200, content
        to.write_bytes(content.body)
        return to

    def check(self, job: dict[str, Any], truth: dict[str, Any], to: Path) -> None:
        """Every packet, at its time."""
        oracle.check_packets(oracle.packets(self.download(job, to)), truth["tracks"])

    def check_parts(self, job: dict[str, Any], parts: dict[int, int]) -> None:
        """The finished object consists of them, as uploaded_parts() gave them, and of others."""
        check_parts(self.account.client("s3"), self.account.bucket, job["recordings"][0]["key"], parts)

    def dead_letters(self) -> int:
        attributes = self.account.client("sqs").get_queue_attributes(
            QueueUrl=self.account.dead_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(attributes["Attributes"]["ApproximateNumberOfMessages"])

    def metrics(self, function: str) -> list[dict[str, Any]]:
        """What CloudWatch would make of all that the function said."""
        logs = self.folder.glob(f"aircheck-{function}-*.log")
        return [line for log in logs for line in metrics(log.read_text())]

    def said(self) -> str:
        """The end of what tasks and functions said, for a failed test."""
        files = sorted(self.folder.glob("*.log"), key=lambda file: file.stat().st_mtime)
        return "\n".join(f"{file.name}: {file.read_text(errors='replace')[-1500:]}" for file in files[-6:])
