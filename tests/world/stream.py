"""One scripted live stream: its clock, its segments, what was served of it, and what an honest recording must hold."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from tests.world import content
from tests.world.content import Loop, Media, Packet, Segment
from tests.world.pot import number_of
from tests.world.script import Change, Script


@dataclass
class Epoch:
    """A run of segments from one start of the encoder to the next."""

    index: int
    first: int  # media sequence number
    media: Media
    base: Fraction  # seconds added to the loop's own timestamps
    discontinuity: bool
    broadcast: int = 0  # the n of YouTube's id=VIDEO.n, less one

    @property
    def loop(self) -> Loop:
        return content.load(self.media)


class Rendition:
    """One playlist's worth of a stream: a variant, or the separate audio. Immutable."""

    def __init__(self, name: str, script: Script, media: Media, **attributes: Any):
        self.name = name
        self.script = script
        self.media = media
        self.attributes = attributes  # of the master playlist
        self.epochs = [Epoch(0, script.start, media, Fraction(script.offset), False)]
        for change in script.changes:
            self.epochs.append(self.epoch_after(self.epochs[-1], change))

    def epoch_after(self, last: Epoch, change: Change) -> Epoch:
        tracks = self.media.tracks
        media = replace(last.media, **{**change.media, "tracks": tracks})
        base = last.base + (change.at - last.first) * last.media.segment_seconds
        if change.reset is not None:
            base = Fraction(change.reset)
        return Epoch(last.index + 1, change.at, media, base, True, last.broadcast + change.epoch)

    def epoch(self, number: int) -> Epoch:
        return next(epoch for epoch in reversed(self.epochs) if epoch.first <= number)

    def segment(self, number: int) -> Segment:
        epoch = self.epoch(number)
        return epoch.loop.segment(number - epoch.first)

    def size(self, number: int) -> int:
        return len(self.segment(number).body.data)

    def render(self, number: int) -> bytes | bytearray:
        epoch = self.epoch(number)
        body = epoch.loop.render(number - epoch.first, epoch.base)
        return encrypted(body, self.script, number) if self.script.encryption else body

    def render_other(self, number: int) -> bytes | bytearray:
        """The same segment as another encoder would have made it."""
        epoch = self.epoch(number)
        other = replace(epoch.media, video="h264" if epoch.media.video == "hevc" else "hevc")
        return content.load(other).render(number - epoch.first, epoch.base)

    def packets(self, number: int) -> dict[str, list[Packet]]:
        """With timestamps as they are sent, but not wrapped."""
        epoch = self.epoch(number)
        shift = float((number - epoch.first) // epoch.media.segments * epoch.media.loop_seconds + epoch.base)
        return {
            kind: [Packet(packet.pts + shift, packet.dts + shift, packet.md5) for packet in packets]
            for kind, packets in self.segment(number).packets.items()
        }


def key_index(script: Script, number: int) -> int:
    every = script.encryption.every if script.encryption else 0
    return (number - script.start) // every if every else 0


def key_bytes(index: int) -> bytes:
    return hashlib.md5(f"key {index}".encode()).digest()


def iv_bytes(script: Script, number: int) -> bytes:
    assert script.encryption
    return (
        number.to_bytes(16, "big")
        if script.encryption.iv == "sequence"
        else hashlib.md5(f"iv {number}".encode()).digest()
    )


def encrypted(data: bytes | bytearray, script: Script, number: int) -> bytes:
    key, iv = key_bytes(key_index(script, number)).hex(), iv_bytes(script, number).hex()
    command = ["openssl", "enc", "-aes-128-cbc", "-K", key, "-iv", iv]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


class Stream:
    """Thread-safe. Its clock starts with the first request; a test may also drive it by advance() and end()."""

    def __init__(self, name: str, script: Script):
        self.name = name
        self.script = script
        self.renditions = {rendition.name: rendition for rendition in make_renditions(script)}
        for rendition in self.renditions.values():
            for epoch in rendition.epochs:
                content.load(epoch.media)  # so that no request has to wait for it
        self.started: float | None = None
        self.advanced = 0
        self.total = script.total
        self.away_until = 0  # `endless` begins with no earlier segment, however soon it is asked for again
        self.log: list[dict[str, Any]] = []
        self.playlists_served: dict[str, int] = {}
        self.tokens: dict[str, list[float]] = {}  # token → first use, requests
        self.without_pot: dict[str, int] = {}  # token → requests without a PO token, where one was wanted
        self.pots_taken: set[int] = set()  # numbers of the PO tokens that were
        self.changed = threading.Condition()

    @property
    def main(self) -> Rendition:
        return next(iter(self.renditions.values()))

    def touch(self) -> None:
        if self.started is None:
            self.started = time.monotonic()

    def end_number(self) -> int:
        """One above the newest segment published."""
        by_clock = int(self.broadcast_seconds() * self.script.speed / float(self.main.media.segment_seconds))
        count = self.script.ready + self.advanced + by_clock
        return self.script.start + (count if self.total is None else min(count, self.total))

    def broadcast_seconds(self) -> float:
        """Since the clock's start, without the pause."""
        elapsed = time.monotonic() - self.started if self.started is not None else 0.0
        if self.script.pause_at is None:
            return elapsed
        before = self.script.pause_at - self.script.start - self.script.ready - self.advanced + 1
        pause_begins = before * float(self.main.media.segment_seconds) / self.script.speed
        return min(elapsed, max(pause_begins - 0.001, elapsed - self.script.pause_seconds))

    def ended(self) -> bool:
        return self.total is not None and self.end_number() >= self.script.start + self.total

    def listed(self) -> range:
        end = self.end_number()
        window = self.script.window
        return range(max(self.script.start, end - window) if window else self.script.start, end)

    def broadcast(self, index: int) -> range:
        """Numbers of what an epoch of the adaptive formats has published; its own numbers begin at 0."""
        epochs = self.main.epochs
        first = next(epoch.first for epoch in epochs if epoch.broadcast == index)
        later = [epoch.first for epoch in epochs if epoch.broadcast > index]
        return range(first, max(first, min([self.end_number(), *later])))

    def present_broadcast(self) -> int:
        return self.main.epoch(max(self.script.start, self.end_number() - 1)).broadcast

    def held(self, number: int) -> bool:
        """Whether the adaptive formats still have it."""
        hold = self.script.hold
        return not hold or number >= self.end_number() - hold

    def available(self, number: int) -> bool:
        listed = self.listed()
        return max(self.script.start, listed.start - self.script.keep) <= number < listed.stop

    def advance(self, segments: int = 1) -> None:
        with self.changed:
            self.advanced += segments
            self.changed.notify_all()

    def end(self) -> None:
        """ENDLIST from now on."""
        with self.changed:
            self.total = self.end_number() - self.script.start
            self.changed.notify_all()

    def note(self, **entry: Any) -> None:
        with self.changed:
            self.log.append({"time": time.time(), **entry})
            self.changed.notify_all()

    def wait_for(self, condition: Callable[[Stream], Any], timeout: float = 20.0) -> Any:
        """Waits until something logged makes `condition(self)` true, and returns it."""
        with self.changed:
            result = self.changed.wait_for(lambda: condition(self), timeout)
        if not result:
            raise TimeoutError(f"stream {self.name}: nothing of the kind within {timeout} s; {len(self.log)} requests")
        return result

    def served(self, rendition: str | None = None) -> list[int]:
        """Segments sent whole, in that order."""
        return [
            entry["segment"]
            for entry in list(self.log)
            if entry["what"] == "segment" and entry["whole"] and rendition in (None, entry["rendition"])
        ]

    def refused(self, token: str) -> bool:
        """By the client that it was given to."""
        return token.partition(".")[2] in self.script.refuse_clients

    def wants_pot(self, token: str, pot: str) -> bool:
        """Whether the client that the token was given to would need another PO token than the one it has, if any."""
        if token.partition(".")[2] not in self.script.pot_wanted:
            return False
        number = number_of(pot)
        if number is not None and number >= self.script.pot_since:
            self.pots_taken.add(number)
            return False
        with self.changed:
            self.without_pot[token] = self.without_pot.get(token, 0) + 1
            return self.without_pot[token] > self.script.pot_grace

    def expired(self, token: str) -> bool:
        with self.changed:
            use = self.tokens.setdefault(token, [time.monotonic(), 0])
            use[1] += 1
            age = time.monotonic() - use[0]
        seconds, requests = self.script.expire_seconds, self.script.expire_requests
        return (seconds is not None and age > seconds) or (requests is not None and use[1] > requests)

    def truth(
        self,
        first: int | None = None,
        end: int | None = None,
        without: tuple[int, ...] = (),
        itags: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        """Packets by track of the segments [first, end) in decode order, from the first rendition that has it, or
        from the adaptive formats that are named."""
        first = self.script.start if first is None else first
        end = self.end_number() if end is None else end
        numbers = [n for n in range(first, end) if n not in without and n not in self.script.gaps]
        renditions = [self.main] + ([self.renditions["audio"]] if self.script.separate_audio else [])
        if itags:
            renditions = [self.renditions[f"f{itag}"] for itag in itags]
        tracks: dict[str, list[Packet]] = {}
        for rendition in renditions:
            for number in numbers:
                for kind, packets in rendition.packets(number).items():
                    tracks.setdefault(kind, []).extend(packets)
        return {"segments": numbers, "ended": self.ended(), "tracks": tracks}


def make_renditions(script: Script) -> list[Rendition]:
    base = script.base_media
    video = replace(base, tracks="v") if script.separate_audio else base
    plans = script.variants or [{"name": "main"}]
    renditions = []
    for index, plan in enumerate(plans):
        changes = {name: value for name, value in plan.items() if name not in ("name", "itag", "bandwidth")}
        attributes = {"bandwidth": plan.get("bandwidth", 5_000_000 - index * 1000), "itag": plan.get("itag")}
        renditions.append(Rendition(plan.get("name", f"v{index}"), script, replace(video, **changes), **attributes))
    if script.separate_audio:
        container = "packed" if script.separate_audio == "packed" else base.container
        renditions.append(Rendition("audio", script, replace(base, tracks="a", container=container)))
    if script.dash:
        fragments = replace(base, container="fmp4")
        renditions += [Rendition(f"dash-{track}", script, replace(fragments, tracks=track)) for track in "va"]
    for plan in script.adaptive:
        changes = {name: value for name, value in plan.items() if name not in ("itag", "bandwidth")}
        fragments = {"container": "fmp4", "tracks": "v", **changes}
        renditions.append(Rendition(f"f{plan['itag']}", script, replace(base, **fragments), adaptive=plan["itag"]))
    return renditions
