"""moto as the program's AWS account: a table, a bucket, and what the program must know of them."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.world.httpd import Request, Response, Server

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"


class Moto:
    """One server for the whole run; each test has buckets, tables and queues of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "aws" / "moto_world.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "NO_PROXY": "127.0.0.1",
        }

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": REGION}
        return boto3.client(service, endpoint_url=self.url, config=Config(s3={"addressing_style": "path"}), **keys)

    def world(self, what: str, **query: object) -> None:
        address = f"{self.url}/_world/{what}?{urllib.parse.urlencode(query)}"
        urllib.request.urlopen(urllib.request.Request(address, method="POST")).close()

    def fail_next(self, on: str, kind: str, count: int = 1) -> None:
        self.world("fault", on=on, kind=kind, count=count)

    def heal(self) -> None:
        self.world("heal")

    def set_clock(self, seconds: float) -> None:
        """So far from this machine's; what was signed long ago by it is refused."""
        self.world("clock", seconds=seconds)

    def expire(self, key: str) -> None:
        """What is signed with this access key is refused from now on."""
        self.world("expire", key=key)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def metrics(log: str) -> list[dict[str, Any]]:
    """The log lines that CloudWatch would take metrics from, each with all that its directive promises."""
    found = [line for line in map(json.loads, log.splitlines()) if "_aws" in line]
    for line in found:
        assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 600
        for directive in line["_aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"] == "aircheck" and directive["Dimensions"] == [["Table"]]
            assert all(isinstance(line[dimension], str) for dimension in directive["Dimensions"][0])
            assert all(isinstance(line[metric["Name"]], int | float) for metric in directive["Metrics"])
    return found


def metric_values(lines: list[dict[str, Any]], name: str) -> list[float]:
    """Of the lines that declare the metric."""
    return [
        line[name]
        for line in lines
        for directive in line["_aws"]["CloudWatchMetrics"]
        if name in [metric["Name"] for metric in directive["Metrics"]]
    ]


def uploaded_parts(s3: Any, bucket: str) -> dict[int, int]:
    """Bytes by number of the parts of the upload that is under way, if there is one."""
    uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    if not uploads:
        return {}
    [upload] = uploads
    listed = s3.list_parts(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return {part["PartNumber"]: part["Size"] for part in listed.get("Parts", [])}


def check_parts(s3: Any, bucket: str, key: str, parts: dict[int, int]) -> None:
    """The finished object consists of these, and of others. Numbers may be missing where a recorder went on."""
    heads = {number: s3.head_object(Bucket=bucket, Key=key, PartNumber=number) for number in parts}
    assert {number: head["ContentLength"] for number, head in heads.items()} == parts
    assert all(head["PartsCount"] > len(parts) for head in heads.values())


class Account:
    """A bucket, a table and a queue for one test."""

    def __init__(self, moto: Moto):
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.moto, self.bucket, self.table = moto, name, name
        self.s3, self.dynamo, self.sqs = moto.client("s3"), moto.client("dynamodb"), moto.client("sqs")
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        attributes = {"id": "S", "everything": "S", "place": "S", "due_kind": "S", "due_at": "N"}
        indexes = {"by_place": ("everything", "place"), "by_due": ("due_kind", "due_at")}
        self.dynamo.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in attributes.items()],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": partition, "KeyType": "HASH"},
                        {"AttributeName": sort, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, (partition, sort) in indexes.items()
            ],
        )
        self.dead_letters = self.make_queue(f"{name}-dead.fifo", {})
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead_letters, AttributeNames=["QueueArn"])
        redrive = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 5}
        self.queue = self.make_queue(f"{name}.fifo", {"RedrivePolicy": json.dumps(redrive)})

    def make_queue(self, name: str, attributes: dict[str, str]) -> str:
        return str(self.sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true", **attributes})["QueueUrl"])

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.moto.environment,
            "AIRCHECK_TABLE": self.table,
            "AIRCHECK_BUCKET": self.bucket,
            "AIRCHECK_QUEUE_URL": self.queue,
            "AIRCHECK_DEAD_LETTER_URL": self.dead_letters,
        }

    # ---- jobs ----

    def put(self, job: dict[str, Any]) -> None:
        item = {name: attribute(value) for name, value in job.items() if value is not None}
        self.dynamo.put_item(TableName=self.table, Item=item)

    def job(self, job_id: str) -> dict[str, Any]:
        item = self.dynamo.get_item(TableName=self.table, Key={"id": {"S": job_id}}, ConsistentRead=True).get(
            "Item", {}
        )
        return {name: plain(value) for name, value in item.items()}

    def remove(self, job_id: str) -> None:
        self.dynamo.delete_item(TableName=self.table, Key={"id": {"S": job_id}})

    # ---- objects ----

    def objects(self) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def uploads(self) -> list[dict[str, Any]]:
        return list(self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", []))

    def parts(self) -> dict[int, int]:
        return uploaded_parts(self.s3, self.bucket)

    def download(self, key: str, to: Path) -> Path:
        self.s3.download_file(self.bucket, key, str(to))
        return to

    def has(self, key: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError:
            return False
        return True


def uuid7() -> str:
    """Begins with the time, as the program wants its ids."""
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    value = (milliseconds << 80) | (0x7 << 76) | (uuid.uuid4().int & ((1 << 76) - 1))
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def instant(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def attribute(value: Any) -> dict[str, Any]:
    """A value as DynamoDB writes it."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if isinstance(value, list):
        return {"L": [attribute(each) for each in value]}
    if isinstance(value, dict):
        return {"M": {name: attribute(each) for name, each in value.items()}}
    return {"S": value}


def plain(value: dict[str, Any]) -> Any:
    [(kind, inner)] = value.items()
    if kind == "N":
        return float(inner) if "." in inner else int(inner)
    if kind == "L":
        return [plain(each) for each in inner]
    if kind == "M":
        return {name: plain(each) for name, each in inner.items()}
    return None if kind == "NULL" else inner


class Gate:
    """Stands before moto, over http or TLS, and keeps what was asked. While it is silent it answers nothing; what was
    asked then is not answered later either."""

    def __init__(self, moto: Moto, context: ssl.SSLContext | None = None):
        self.moto = moto
        self.requests: list[Request] = []
        self.unanswered: list[Request] = []
        self.answering = threading.Event()
        self.answering.set()
        self.server = Server(self.handle, context)

    @property
    def url(self) -> str:
        return self.server.address

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if not self.answering.is_set():
            self.unanswered.append(request)
            self.answering.wait()
            raise ConnectionError("an answer that nobody waits for")
        connection = http.client.HTTPConnection(urlsplit(self.moto.url).netloc)
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body)
        answer = connection.getresponse()
        left_out = {"content-length", "content-type", "connection", "transfer-encoding"}
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in left_out}
        kind = answer.getheader("content-type") or "application/xml"
        length = int(answer.getheader("content-length") or 0) if request.method == "HEAD" else None
        return Response(answer.status, answer.read(), headers, kind, length)

    def fall_silent(self) -> None:
        self.answering.clear()

    def close(self) -> None:
        self.answering.set()
        self.server.close()

    def puts(self) -> list[Request]:
        return [request for request in self.requests if request.method == "PUT"]


class Credentials:
    """The credential endpoint of a container: new keys with each question."""

    def __init__(self) -> None:
        self.asked = 0
        self.server = Server(self.handle)

    def handle(self, _: Request) -> Response:
        self.asked += 1
        keys = {"AccessKeyId": f"key{self.asked}", "SecretAccessKey": "s", "Token": "t", "Expiration": instant(3600)}
        return Response.text(json.dumps(keys), content_type="application/json")

    @property
    def environment(self) -> dict[str, str]:
        """Instead of keys of the environment's own."""
        return {
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.server.address + "/creds",
            "HOME": "/nowhere",
        }
