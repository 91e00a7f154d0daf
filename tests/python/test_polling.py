"""How an origin is asked: as often as RFC 8216 wants it, and for few segments at a time."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from program import Program
from tests.world import oracle
from tests.world.httpd import Response
from tests.world.origin import Origin
from tests.world.stream import Stream

COMPLETE = 0
MOST_FETCHES = 4
TARGET = 1.0  # seconds, of the origin's playlists


def polls(stream: Stream) -> list[dict[str, Any]]:
    return [entry for entry in list(stream.log) if entry["what"] == "playlist"]


def waits(stream: Stream, *, changed: bool) -> list[float]:
    """Seconds from each playlist that was, or was not, another than the one before to the next."""
    asked = polls(stream)
    return [
        after["time"] - now["time"]
        for (before, now), after in zip(pairwise(asked), asked[2:], strict=False)
        if (now["end"] != before["end"]) == changed
    ]


def test_playlist_is_asked_for_as_the_rfc_says(aircheck: Program, origin: Origin, mkv: Path) -> None:
    """The target duration after a change, half of it after none; a busy machine makes single waits longer."""
    stream = origin.add(speed=0, ready=3)
    process = aircheck.record(origin.url(stream), mkv)
    for number in range(3):
        stream.wait_for(lambda it: len(waits(it, changed=False)) >= 2 * (number + 1))  # noqa: B023
        stream.advance()
        stream.wait_for(lambda it: len(waits(it, changed=True)) > number)  # noqa: B023
    unchanged, changed = waits(stream, changed=False), waits(stream, changed=True)
    assert min(unchanged) < 0.8 * TARGET and mean(unchanged) > 0.4 * TARGET, unchanged
    assert max(changed) > 0.9 * TARGET, changed
    stream.end()
    process.expect(COMPLETE)
    oracle.check(mkv, stream.truth())


class Held:
    """Holds every answer with a segment until told, and counts how many are under way."""

    def __init__(self, origin: Origin, monkeypatch: pytest.MonkeyPatch):
        self.answer = origin.segment
        self.under_way = self.most = 0
        self.released = False
        self.changed = threading.Condition()
        monkeypatch.setattr(origin, "segment", self.segment)

    def segment(self, stream: Stream, *what: Any) -> Response:
        with self.changed:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.released, timeout=30)
        response = self.answer(stream, *what)
        told = response.on_sent

        def on_sent(sent: int) -> None:
            with self.changed:
                self.under_way -= 1
            if told:
                told(sent)

        response.on_sent = on_sent
        return response

    def wait_for(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.under_way >= count, timeout=20)

    def release(self) -> None:
        with self.changed:
            self.released = True
            self.changed.notify_all()


def test_few_segments_at_a_time(aircheck: Program, origin: Origin, mkv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = origin.add(speed=0, ready=40)
    held = Held(origin, monkeypatch)
    process = aircheck.record(origin.url(stream), mkv)
    assert held.wait_for(2), "one after the other, an origin that is far away is never caught up with"
    asked = len(polls(stream))
    stream.wait_for(lambda it: len(polls(it)) >= asked + 3)  # time enough to ask for more
    assert held.most <= MOST_FETCHES
    held.release()
    stream.end()
    process.expect(COMPLETE)
    assert 1 < held.most <= MOST_FETCHES
    oracle.check(mkv, stream.truth())
