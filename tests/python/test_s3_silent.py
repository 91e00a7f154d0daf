"""A bucket that takes connections and answers nothing: segments are fetched all the while, and who wants the end gets
it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud import Account, Gate, check_parts
from program import Process, Program, wait_until
from tests.world import oracle
from tests.world.origin import Origin
from tests.world.stream import Stream

COMPLETE, INTERRUPTED = 0, 130
KEY = "talks/one.mkv"
SILENCE = 10  # s, longer than any segment can be had


@pytest.fixture
def gate(account: Account) -> Iterator[Gate]:
    made = Gate(account.moto)
    yield made
    made.close()


def record(aircheck: Program, account: Account, gate: Gate, stream_url: str) -> Process:
    environment = {**account.moto.environment, "AWS_ENDPOINT_URL": gate.url}
    return aircheck.start("record", stream_url, "-o", f"s3://{account.bucket}/{KEY}", "--json", environment=environment)


def broadcast_in_silence(stream: Stream, gate: Gate) -> None:
    gate.fall_silent()
    last = stream.end_number() + SILENCE * stream.script.speed / float(stream.main.media.segment_seconds)
    wait_until(lambda: stream.end_number() >= last, SILENCE + 5, "segments enough")
    assert gate.unanswered


def check(account: Account, key: str, tracks: dict, folder: Path) -> None:
    oracle.check_packets(oracle.packets(account.download(key, folder / "got.mkv")), tracks)


def test_segments_are_fetched_all_the_while(
    aircheck: Program, account: Account, gate: Gate, origin: Origin, tmp_path: Path
) -> None:
    """More than the writer takes before it has sent a part."""
    stream = origin.add(profile="1080p", speed=4, window=8, keep=4)
    process = record(aircheck, account, gate, origin.url(stream))
    wait_until(account.parts, timeout=40, what="a part")
    broadcast_in_silence(stream, gate)
    assert '"state":"the bucket' in process.output, "what waits is told"
    gate.answering.set()
    stream.end()
    process.expect(COMPLETE)
    check(account, KEY, stream.truth()["tracks"], tmp_path)
    assert account.objects() == [KEY] and account.uploads() == []


def test_so_they_are_where_a_file_ends_meanwhile(
    aircheck: Program, account: Account, gate: Gate, origin: Origin, tmp_path: Path
) -> None:
    change = 30
    stream = origin.add(speed=4, changes=[{"at": change, "media": {"channels": 2}}], window=8, keep=4)
    process = record(aircheck, account, gate, origin.url(stream))
    stream.wait_for(lambda it: it.served())
    assert stream.end_number() < change
    broadcast_in_silence(stream, gate)
    gate.answering.set()
    stream.end()
    process.expect(COMPLETE)
    check(account, KEY, stream.truth(end=change)["tracks"], tmp_path)
    check(account, "talks/one-2.mkv", stream.truth(first=change)["tracks"], tmp_path)


def test_a_second_ctrl_c_ends_it(
    aircheck: Program, account: Account, gate: Gate, origin: Origin, tmp_path: Path
) -> None:
    """While it waits for the bucket to take the end of the file. What the bucket has stays, and is gone on with."""
    stream = origin.add(profile="1080p", speed=0, ready=8)
    process = record(aircheck, account, gate, origin.url(stream))
    wait_until(lambda: len(stream.served()) == 8 and account.parts(), timeout=40, what="all segments, and a part")
    parts = account.parts()
    gate.fall_silent()
    process.send(signal.SIGINT)
    wait_until(lambda: gate.unanswered, what="a call that is not answered")
    wait_until(lambda: '"state":"finishing: the bucket' in process.output, what="the word of it")
    process.send(signal.SIGINT)
    process.expect(INTERRUPTED, timeout=3)
    assert "the same command goes on" in process.errors

    gate.answering.set()
    stream.end()
    again = record(aircheck, account, gate, origin.url(stream)).expect(COMPLETE)
    assert "going on with" in again.errors
    check(account, KEY, stream.truth()["tracks"], tmp_path)
    check_parts(account.s3, account.bucket, KEY, parts)
    assert account.objects() == [KEY] and account.uploads() == []


def test_so_does_the_first_while_it_opens(aircheck: Program, account: Account, gate: Gate, origin: Origin) -> None:
    gate.fall_silent()
    process = record(aircheck, account, gate, origin.url(origin.add()))
    wait_until(lambda: gate.unanswered, what="a call that is not answered")
    process.send(signal.SIGINT)
    process.expect(INTERRUPTED, timeout=3)
    assert account.objects() == []
