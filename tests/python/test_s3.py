"""Recordings in a bucket: `aircheck record -o s3://…` and `aircheck serve --store s3://…`."""

from __future__ import annotations

import hashlib
import os
import signal
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud import Account, Gate, check_parts
from program import Process, Program, wait_until
from server import Server
from tests.world import oracle
from tests.world.certificates import Certificates
from tests.world.origin import Origin
from tests.world.stream import Stream

COMPLETE, FAILED, USAGE = 0, 1, 2
PART = 5 << 20


def record(aircheck: Program, account: Account, url: str, *options: object, **environment: str) -> Process:
    place = f"s3://{account.bucket}/talks/one.mkv"
    return aircheck.start("record", url, "-o", place, *options, environment={**account.moto.environment, **environment})


def journal(account: Account, key: str = "talks/one.mkv.journal") -> bytes:
    return account.s3.get_object(Bucket=account.bucket, Key=key)["Body"].read() if key in account.objects() else b""


def check(account: Account, stream: Stream, tmp_path: Path, key: str = "talks/one.mkv") -> Path:
    mkv = account.download(key, tmp_path / "got.mkv")
    oracle.check(mkv, stream.truth())
    assert account.objects() == [key]
    assert account.uploads() == []
    return mkv


def test_a_short_one_is_put_at_once(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(type="vod", total=6)
    said = record(aircheck, account, origin.url(stream)).expect(COMPLETE).errors
    assert f"s3://{account.bucket}/talks/one.mkv" in said
    check(account, stream, tmp_path)
    assert "finished already" in record(aircheck, account, origin.url(stream)).expect(COMPLETE).errors
    assert "--force" in record(aircheck, account, origin.url(stream), "--force").expect(FAILED).errors


def test_a_long_one_goes_in_parts(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(type="vod", total=300)
    record(aircheck, account, origin.url(stream)).expect(COMPLETE)
    mkv = check(account, stream, tmp_path)
    etag = account.s3.head_object(Bucket=account.bucket, Key="talks/one.mkv")["ETag"]
    parts = int(etag.strip('"').partition("-")[2])
    assert parts >= 3, f"{mkv.stat().st_size} bytes in {etag}"


def test_equal_parts(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(type="vod", total=300)
    record(aircheck, account, origin.url(stream), "--s3-equal-parts").expect(COMPLETE)
    mkv = check(account, stream, tmp_path)
    sizes = part_sizes(account, "talks/one.mkv")
    assert sizes[:-1] == [PART] * (len(sizes) - 1) and sum(sizes) == mkv.stat().st_size


def part_sizes(account: Account, key: str) -> list[int]:
    ask = {"Bucket": account.bucket, "Key": key}
    count = account.s3.head_object(**ask, PartNumber=1)["PartsCount"]
    return [account.s3.head_object(**ask, PartNumber=n + 1)["ContentLength"] for n in range(count)]


def test_killed_and_gone_on_with(aircheck: Program, account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(speed=10)
    first = record(aircheck, account, origin.url(stream))
    wait_until(lambda: b"\n=" in journal(account), what="a commit in the bucket")
    first.kill()
    stream.end()
    again = record(aircheck, account, origin.url(stream)).expect(COMPLETE)
    assert "going on with s3://" in again.errors
    check(account, stream, tmp_path)


def test_path_style_is_a_choice(aircheck: Program, account: Account, origin: Origin) -> None:
    url = origin.url(origin.add(type="vod", total=2))
    said = record(aircheck, account, url, "--s3-path-style=false", "-q").expect(FAILED).errors
    assert f"{account.bucket}.127.0.0.1" in said


def test_says_what_is_wrong(aircheck: Program, account: Account, origin: Origin) -> None:
    url = origin.url(origin.add(type="vod", total=2))
    nowhere = aircheck.start("record", url, "-o", "s3://nowhere-at-all/a.mkv", environment=account.moto.environment)
    assert "NoSuchBucket" in nowhere.expect(FAILED).errors
    for wrong in ("s3://", "s3://bucket", "s3://bucket/", "s3://bucket/../a.mkv"):
        process = aircheck.start("record", url, "-o", wrong, environment=account.moto.environment)
        assert wrong in process.expect(USAGE).errors
    unsigned = {**account.moto.environment, "AWS_ACCESS_KEY_ID": "", "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/"}
    nobody = aircheck.start("record", url, "-o", f"s3://{account.bucket}/a.mkv", environment=unsigned)
    assert "AWS_PROFILE" in nobody.expect(FAILED).errors


def test_holes_are_filled_in_a_bucket(
    aircheck: Program, serve: Callable[..., Server], account: Account, origin: Origin, tmp_path: Path
) -> None:
    """Of an object of several parts."""
    fault = {"kind": "404", "at": 100, "times": None}
    stream = origin.add(total=200, speed=0, ready=199, faults=[fault])
    store = ["--store", f"s3://{account.bucket}/live"]
    server = serve("--allow-any-host", "--allow-private-hosts", "--segment-timeout", "1s", "--no-refill",
                   *store, environment=account.moto.environment)  # fmt: skip
    job_id = server.submit(origin.url(stream))
    wait_until(lambda: server.job(job_id)["gaps"], timeout=60, what="the hole is told")
    stream.advance(1)
    job = server.wait_for(job_id, "COMPLETED")
    assert [gap["segments"]["first"] for gap in job["gaps"]] == [100]

    stream.script.faults[0].times = 0
    repair = ["repair", job_id, "--data", server.data, *store]
    said = aircheck.start(*repair, environment=account.moto.environment).expect(0, timeout=120)
    assert "nothing is missing" in said.output
    mended = server.job(job_id)
    assert mended["gaps"] == [] and mended["verdict"]["complete"]
    mkv = check(account, stream, tmp_path, f"live/{mended['recordings'][0]['key']}")
    assert mkv.stat().st_size == mended["bytes"] > 2 * PART


def test_a_hole_is_asked_for_once_more_at_the_end(
    aircheck: Program, account: Account, origin: Origin, tmp_path: Path
) -> None:
    fault = {"kind": "404", "at": 3, "times": None}
    stream = origin.add(total=9, speed=0, ready=8, faults=[fault])
    process = record(aircheck, account, origin.url(stream), "--json", "--segment-timeout", "1s")
    wait_until(lambda: '"gaps":1' in process.output, what="the hole is told")
    stream.script.faults[0].times = 0
    stream.advance(1)
    process.expect(COMPLETE)
    check(account, stream, tmp_path)


def test_serve(serve: Callable[..., Server], account: Account, origin: Origin, tmp_path: Path) -> None:
    stream = origin.add(total=20, speed=10, window=15)
    server = serve(
        "--allow-any-host",
        "--allow-private-hosts",
        "--store",
        f"s3://{account.bucket}/live",
        environment=account.moto.environment,
    )
    job = server.wait_for(server.submit(origin.url(stream)), "COMPLETED")
    assert job["status"] == "COMPLETED" and job["verdict"]["complete"]
    key = job["recordings"][0]["key"]
    check(account, stream, tmp_path, f"live/{key}")

    path = f"/api/jobs/{job['id']}/recording?download=1"
    link = server.ask("GET", path)
    assert link.status == 302
    with urllib.request.urlopen(
        urllib.request.Request(link.headers["location"], headers={"Range": "bytes=0-3"})
    ) as answer:
        assert answer.read() == b"\x1a\x45\xdf\xa3" and answer.status == 206
        assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert int(server.ask("HEAD", path).headers["content-length"]) == job["recordings"][0]["bytes"]
    assert server.ask("DELETE", f"/api/jobs/{job['id']}").status == 204
    assert account.objects() == []


def test_serve_finds_its_recorder_again(
    serve: Callable[..., Server], account: Account, origin: Origin, tmp_path: Path
) -> None:
    """The recorder is killed, not the server: the next one goes on with what is in the bucket."""
    stream = origin.add(speed=10)
    options = ("--allow-any-host", "--allow-private-hosts", "--store", f"s3://{account.bucket}")
    server = serve(*options, environment=account.moto.environment)
    job_id = server.submit(origin.url(stream))
    wait_until(account.objects, what="the journal in the bucket")
    [recorder] = server.recorders()
    os.kill(recorder, signal.SIGKILL)
    stream.end()
    job = server.wait_for(job_id, "COMPLETED")
    assert job["attempt"] == 2 and job["verdict"]["complete"], job
    check(account, stream, tmp_path, job["recordings"][0]["key"])


class Keys:
    """A user's own, in a file: they do not renew themselves."""

    def __init__(self, account: Account, folder: Path):
        self.account, self.file = account, folder / "credentials"
        self.present = ""
        self.replace()

    def replace(self) -> None:
        self.present = f"key-{uuid.uuid4().hex[:12]}"
        self.file.write_text(f"[default]\naws_access_key_id = {self.present}\naws_secret_access_key = secret\n")

    def expire(self) -> None:
        self.account.moto.expire(self.present)

    @property
    def environment(self) -> dict[str, str]:
        nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
        return {**self.account.moto.environment, **nothing, "AWS_SHARED_CREDENTIALS_FILE": str(self.file), "HOME": "/"}


@pytest.mark.parametrize("recorder", ["lives", "dies"])
def test_keys_that_expire_are_told_until_there_are_others(
    serve: Callable[..., Server], account: Account, origin: Origin, tmp_path: Path, recorder: str
) -> None:
    """In the job's own words. Then it goes on: this recorder, or the next one in the same object."""
    stream = origin.add(profile="1080p", speed=0, ready=8)
    keys = Keys(account, tmp_path)
    place = f"s3://{account.bucket}"
    server = serve("--allow-any-host", "--allow-private-hosts", "--store", place, environment=keys.environment)
    job_id = server.submit(origin.url(stream))
    wait_until(account.parts, timeout=40, what="a part")
    parts = account.parts()
    keys.expire()
    stream.advance(8)
    error = wait_until(lambda: server.job(job_id).get("error"), timeout=40, what="the job's word of it")
    assert "ExpiredToken" in error["message"]
    stream.wait_for(lambda it: len(it.served()) > 8)  # what can still be held is fetched all the same
    if recorder == "dies":
        server.stop()
        for process in server.recorders():
            os.kill(process, signal.SIGKILL)
    keys.replace()
    if recorder == "dies":
        server.start()
    stream.end()
    job = server.wait_for(job_id, "COMPLETED")
    assert job["attempt"] == (1 if recorder == "lives" else 2) and job["verdict"]["complete"] and not job.get("error")
    key = job["recordings"][0]["key"]
    oracle.check_packets(oracle.packets(account.download(key, tmp_path / "got.mkv")), stream.truth()["tracks"])
    check_parts(account.s3, account.bucket, key, parts)
    assert account.objects() == [key] and account.uploads() == []


def test_the_payload_is_signed_where_tls_does_not_protect_it(
    aircheck: Program, account: Account, origin: Origin, certificates: Certificates, tmp_path: Path
) -> None:
    stream = origin.add(type="vod", total=150)
    for context in (None, certificates.server_context()):
        gate = Gate(account.moto, context)
        tls = {"AWS_CA_BUNDLE": str(certificates.ca_file)} if context else {}
        record(aircheck, account, origin.url(stream), AWS_ENDPOINT_URL=gate.url, **tls).expect(COMPLETE)
        check(account, stream, tmp_path)
        puts = gate.puts()
        assert len(puts) > 2
        for put in puts:
            claimed = put.headers["x-amz-content-sha256"]
            assert claimed == ("UNSIGNED-PAYLOAD" if context else hashlib.sha256(put.body).hexdigest())
            assert put.headers["x-amz-checksum-crc32c"]
        account.s3.delete_object(Bucket=account.bucket, Key="talks/one.mkv")
        gate.close()


def test_a_server_that_is_not_trusted_gets_nothing(
    aircheck: Program, account: Account, origin: Origin, certificates: Certificates
) -> None:
    gate = Gate(account.moto, certificates.server_context())
    url = origin.url(origin.add(type="vod", total=2))
    assert "certificate" in record(aircheck, account, url, AWS_ENDPOINT_URL=gate.url).expect(FAILED).errors.lower()
    assert gate.requests == []
    gate.close()
