"""Every answer of a running `aircheck serve` against api/openapi.yaml: status, media type, headers and body."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from openapi_spec_validator import validate

from program import ROOT, wait_until
from server import Answer, Server
from tests.world.origin import Origin

WATCH = "https://www.youtube.com/watch?v=live0000001"
NO_JOB = "/jobs/0190f3e2-7b1c-7a52-9f00-3c1d2e4f5a6b"
DOCUMENT = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text())


def resolved(node: Any) -> Any:
    """The document without references; it has no circles."""
    if isinstance(node, list):
        return [resolved(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return resolved(target)
    return {name: resolved(value) for name, value in node.items()}


PATHS = resolved(DOCUMENT["paths"])
JOB = resolved({"$ref": "#/components/schemas/Job"})


def operation(method: str, path: str) -> dict[str, Any]:
    """What the document says of a request; the HEAD of something is described by its GET where it has no own words."""
    plain = path.split("?")[0]
    for template, item in PATHS.items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), plain):
            return item.get(method.lower()) or item["get"]
    raise AssertionError(f"{path} is not in the document")


def check_value(value: Any, schema: dict[str, Any], where: str) -> None:
    problems = list(OAS30Validator(schema, format_checker=oas30_format_checker).iter_errors(value))
    assert not problems, f"{where}: {problems[0].message} at {list(problems[0].absolute_path)}"


def check(answer: Answer, method: str, path: str) -> None:
    responses = operation(method, path)["responses"]
    where = f"{method} {path} → {answer.status}"
    assert str(answer.status) in responses or answer.status >= 400, f"{where}: not in the document"
    told = responses.get(str(answer.status)) or responses["default"]
    for name, header in told.get("headers", {}).items():
        value = answer.headers.get(name.lower())
        assert value is not None or not header.get("required"), f"{where}: no {name}"
        if value is not None:
            check_value(value, header["schema"], f"{where}: {name}")
    if method == "HEAD" or not told.get("content"):
        assert answer.body == b"", where
        return
    media = answer.headers["content-type"].split(";")[0]
    assert media in told["content"], f"{where}: {media}"
    text = answer.json if media.endswith("json") else answer.body.decode("latin-1")
    check_value(text, told["content"][media]["schema"], where)


class Checked:
    """A server each of whose answers is checked before it is handed on."""

    def __init__(self, server: Server):
        self.server = server

    def ask(self, method: str, path: str, *rest: Any, status: int | None = None, **named: Any) -> Answer:
        answer = self.server.ask(method, "/api" + path, *rest, **named)
        check(answer, method, path)
        assert status in (None, answer.status), f"{method} {path}: {answer.status} {answer.body[:300]!r}"
        return answer


@pytest.fixture
def checked(server: Server) -> Checked:
    return Checked(server)


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)
    ids = [
        it["operationId"] for item in DOCUMENT["paths"].values() for verb, it in item.items() if verb != "parameters"
    ]
    assert len(ids) == len(set(ids)) >= 12


def test_the_check_can_fail() -> None:
    with pytest.raises(AssertionError):
        check(Answer(200, {"content-type": "application/json"}, b'{"status": "odd"}'), "GET", "/health")
    with pytest.raises(AssertionError):
        check(Answer(299, {}, b""), "GET", "/health")
    with pytest.raises(AssertionError):
        check(Answer(404, {"content-type": "text/html"}, b"<p>no"), "GET", NO_JOB)


def test_the_life_of_a_job(checked: Checked, origin: Origin) -> None:
    stream = origin.add(speed=0, ready=4)
    made = checked.ask("POST", "/jobs", {"url": origin.url(stream), "title": "Ärger"}, status=201)
    path = "/jobs/" + made.json["id"]
    assert made.headers["location"] == "/api" + path
    checked.ask("GET", path, status=200)
    checked.server.wait_for(made.json["id"], "RECORDING")
    wait_until(lambda: checked.ask("GET", path).json["bytes"] > 0, what="the first heartbeat")
    growing = checked.ask("GET", path + "/recording", status=200)
    assert growing.body[:4] == bytes.fromhex("1a45dfa3")
    checked.ask("DELETE", path, status=409)
    checked.ask("POST", path + "/retry", status=409)
    checked.ask("POST", path + "/stop", status=200)
    job = checked.server.wait_for(made.json["id"], "COMPLETED")
    checked.ask("GET", path, status=200)
    for verb in ("stop", "cancel", "retry"):
        checked.ask("POST", f"{path}/{verb}", status=409)
    check_recording(checked, path + "/recording", checked.server.file(job).read_bytes())
    checked.ask("DELETE", path, status=204)
    checked.ask("GET", path, status=404)
    checked.ask("GET", path + "/recording", status=404)


def check_recording(checked: Checked, path: str, data: bytes) -> None:
    whole = checked.ask("GET", path, status=200)
    assert whole.body == data
    tag = whole.headers["etag"]
    head = checked.ask("HEAD", path, status=200)
    assert head.headers["content-length"] == str(len(data)) and head.headers["etag"] == tag
    part = checked.ask("GET", path, headers={"Range": "bytes=100-299"}, status=206)
    assert part.body == data[100:300] and part.headers["content-range"] == f"bytes 100-299/{len(data)}"
    assert checked.ask("GET", path, headers={"Range": "bytes=-7"}, status=206).body == data[-7:]
    checked.ask("GET", path, headers={"Range": f"bytes={len(data)}-"}, status=416)
    checked.ask("GET", path, headers={"If-None-Match": tag}, status=304)
    saved = checked.ask("GET", path + "?file=1&download=1", status=200)
    assert saved.headers["content-disposition"].startswith("attachment")
    checked.ask("GET", path + "?file=2", status=404)
    checked.ask("GET", path + "?file=x", status=400)


def test_cancel_and_retry(checked: Checked, origin: Origin) -> None:
    stream = origin.add(speed=0, ready=4)
    job_id = checked.ask("POST", "/jobs", {"url": origin.url(stream)}, status=201).json["id"]
    checked.server.wait_for(job_id, "RECORDING")
    assert checked.ask("POST", f"/jobs/{job_id}/cancel", status=200).json["stop_requested"] in ("CANCEL", "NONE")
    checked.server.wait_for(job_id, "CANCELLED")
    checked.ask("GET", f"/jobs/{job_id}/recording", status=404)
    assert checked.ask("POST", f"/jobs/{job_id}/retry", status=200).json["status"] == "PENDING"
    checked.server.wait_for(job_id, "RECORDING")
    checked.ask("POST", f"/jobs/{job_id}/cancel", status=200)
    checked.server.wait_for(job_id, "CANCELLED")


def test_lists(checked: Checked, origin: Origin) -> None:
    ended = origin.url(origin.add(type="vod", total=2))
    for _ in range(3):
        checked.server.wait_for(checked.ask("POST", "/jobs", {"url": ended}, status=201).json["id"], "COMPLETED")
    page = checked.ask("GET", "/jobs?limit=2", status=200)
    assert len(page.json["jobs"]) == 2 and page.json["next"]
    rest = checked.ask("GET", f"/jobs?limit=2&cursor={page.json['next']}", status=200).json
    assert len(rest["jobs"]) == 1 and rest["next"] is None
    checked.ask("GET", "/jobs?limit=2", headers={"If-None-Match": page.headers["etag"]}, status=304)
    assert checked.ask("GET", "/jobs?status=FAILED&status=PENDING", status=200).json["jobs"] == []
    assert len(checked.ask("GET", "/jobs?status=FAILED,COMPLETED&q=127.0.0.1", status=200).json["jobs"]) == 3
    for query in ("status=ODD", "limit=0", "limit=201", "limit=many", "q=" + "x" * 201, "cursor=%00nonsense"):
        assert checked.ask("GET", "/jobs?" + query).status == 400, query


def test_idempotency_key(checked: Checked, origin: Origin) -> None:
    url = origin.url(origin.add(type="vod", total=2))
    first = checked.ask("POST", "/jobs", {"url": url}, headers={"Idempotency-Key": "k"}, status=201)
    again = checked.ask("POST", "/jobs", {"url": url}, headers={"Idempotency-Key": "k"}, status=201)
    assert again.json["id"] == first.json["id"]
    checked.ask("POST", "/jobs", {"url": url + "?other"}, headers={"Idempotency-Key": "k"}, status=422)
    checked.server.wait_for(first.json["id"], "COMPLETED")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (b"[1]", 400),
        (b"{" * 10_000, 400),
        (b'{"url": "\xff"}', 400),
        (b"{}", 422),
        (b'{"url": 1}', 422),
        (b'{"url": "' + WATCH.encode() + b'", "quality": "nice"}', 422),
        (b'{"url": "' + WATCH.encode() + b'", "odd": 1}', 422),
        (b'{"url": "--exec=id"}', 400),
        (b'{"url": "file:///etc/passwd"}', 400),
        (b'{"url": "https://user:word@www.youtube.com/watch?v=live0000001"}', 400),
        (b" " * 70_000, 413),
    ],
)
def test_bad_submissions(checked: Checked, body: bytes, status: int) -> None:
    checked.ask("POST", "/jobs", body, status=status)
    assert checked.ask("GET", "/jobs").json["jobs"] == []


def test_other_errors(checked: Checked) -> None:
    checked.ask("POST", "/jobs", b"url=x", headers={"Content-Type": "application/x-www-form-urlencoded"}, status=415)
    assert checked.ask("PUT", "/jobs", {}, status=405).headers["allow"] == "GET, HEAD, POST"
    checked.ask("GET", NO_JOB, status=404)
    checked.ask("DELETE", NO_JOB, status=404)
    checked.ask("GET", NO_JOB + "/recording", status=404)
    for verb in ("stop", "cancel", "retry"):
        checked.ask("POST", f"{NO_JOB}/{verb}", status=404)
    checked.ask("GET", "/jobs", headers={"Host": "evil.example"}, status=421)
    checked.ask("GET", "/jobs", headers={"Origin": "http://evil.example"}, status=403)


def test_the_life_of_a_watch(checked: Checked) -> None:
    fields = {"channel": "@name", "title": "news|weather", "quality": "720p", "from_start": True}
    made = checked.ask("POST", "/watches", fields, status=201).json
    assert made["channel"] == "https://www.youtube.com/@name" and made["quality"] == "720" and made["from_start"]
    checked.ask("POST", "/watches", fields, status=409)
    plain = checked.ask("POST", "/watches", {"channel": "UC0123456789abcdefghijkl", "title": None}, status=201).json
    assert plain["channel_id"] == "UC0123456789abcdefghijkl" and plain["title"] == ""
    listed = checked.ask("GET", "/watches", status=200)
    assert [each["id"] for each in listed.json["watches"]] == [made["id"], plain["id"]]
    checked.ask("HEAD", "/watches", status=200)
    for each in (made, plain):
        checked.ask("DELETE", f"/watches/{each['id']}", status=204)
        checked.ask("DELETE", f"/watches/{each['id']}", status=404)
    listed = checked.ask("GET", "/watches", status=200)
    assert listed.json["watches"] == []
    checked.ask("GET", "/watches", headers={"If-None-Match": listed.headers["etag"]}, status=304)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 400),
        (b"{}", 422),
        (b'{"channel": 1}', 422),
        (b'{"channel": null}', 422),
        (b'{"channel": "@name", "odd": 1}', 422),
        (b'{"channel": "@name", "quality": "nice"}', 422),
        (b'{"channel": "@name", "from_start": "yes"}', 422),
        (b'{"channel": "@name", "title": "("}', 422),
        (b'{"channel": "@name", "title": "(a{100}){100}"}', 422),
        (b'{"channel": "@name", "title": "' + b"a" * 201 + b'"}', 422),
        (b'{"channel": "@name", "title": "\\u0000"}', 422),
        (b'{"channel": ""}', 400),
        (b'{"channel": "--exec=id"}', 400),
        (b'{"channel": "https://www.youtube.com/watch?v=live0000001"}', 400),
        (b'{"channel": "https://evil.example/@name"}', 400),
    ],
)
def test_bad_watches(checked: Checked, body: bytes, status: int) -> None:
    checked.ask("POST", "/watches", body, status=status)
    assert checked.ask("GET", "/watches").json["watches"] == []


def test_health_and_metrics(checked: Checked) -> None:
    checked.ask("GET", "/health", status=200)
    text = checked.ask("GET", "/metrics", status=200).body.decode()
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{\w+=\"[^\"]*\"(,\w+=\"[^\"]*\")*\})? -?[0-9.e+-]+", line), line
    for name in ("jobs", "recorded_bytes", "gaps", "queue_messages", "http_requests_total", "build_info"):
        assert f"# TYPE aircheck_{name} " in text, name


def test_token(serve: Callable[..., Server]) -> None:
    checked = Checked(serve(environment={"AIRCHECK_TOKEN": "s3cret"}))
    for path in ("/jobs", "/metrics", "/events", "/watches", NO_JOB, NO_JOB + "/recording"):
        checked.ask("GET", path, status=401)
    checked.ask("POST", "/jobs", {"url": WATCH}, status=401)
    checked.ask("POST", "/jobs", {"url": WATCH}, headers={"Cookie": "aircheck_token=s3cret"}, status=401)
    checked.ask("GET", "/jobs", headers={"Cookie": "aircheck_token=s3cret"}, status=200)
    checked.ask("GET", "/jobs", headers={"Authorization": "Bearer s3cret"}, status=200)
    checked.ask("GET", "/health", status=200)


def test_events(checked: Checked, origin: Origin) -> None:
    connection = checked.server.connect()
    connection.request("GET", "/api/events")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream"
    url = origin.url(origin.add(type="vod", total=2))
    job_id = checked.ask("POST", "/jobs", {"url": url}, status=201).json["id"]
    statuses: list[str] = []
    while "COMPLETED" not in statuses:
        line = answer.readline().decode().rstrip("\n")
        if line.startswith("data: "):
            job = json.loads(line.removeprefix("data: "))
            check_value(job, JOB, "a job event")
            assert job["id"] == job_id
            statuses.append(job["status"])
    checked.ask("DELETE", f"/jobs/{job_id}", status=204)
    while "event: removed" not in (line := answer.readline().decode()):
        assert line, "the stream ended"
    assert answer.readline().decode().startswith("id: ")
    assert json.loads(answer.readline().decode().removeprefix("data: ")) == {"id": job_id}
    connection.close()
