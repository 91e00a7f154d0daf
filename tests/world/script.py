"""What a stream is told to do: the options of a scripted live stream, from JSON or from a short form for URLs."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, fields
from typing import Any

from tests.world.content import Media, media


@dataclass
class Fault:
    """Something that goes wrong. Segments are named by media sequence number, playlists by the count of requests."""

    # A status (404, 503 …), stall, truncated, short, slow, codec, html; for playlists also empty, endless, backwards.
    # Of fragments also empty, a 200 without a body.
    kind: str
    at: int | None = None  # segment, or first playlist request (counted from 0); None: every one
    times: int | None = 1  # how often; None: always
    onwards: bool = False  # whatever comes after `at`, too
    lasts: float | None = None  # seconds from its first time on, however often; None: as `times` says
    seconds: float = 1.0  # of a stall; a slow body takes so long in all
    part: float = 0.5  # of the segment that a short one keeps
    rendition: str | None = None  # None: any
    until: float = field(default=0.0, init=False)  # of one that lasts; time.monotonic(), 0: it has not begun

    def applies(self, number: int, rendition: str) -> bool:
        over = time.monotonic() > self.until if self.lasts and self.until else self.times == 0
        if over or self.rendition not in (None, rendition):
            return False
        return self.at is None or self.at == number or (self.onwards and number > self.at)

    def use(self) -> None:
        if self.lasts:
            self.until = self.until or time.monotonic() + self.lasts
        elif self.times is not None:
            self.times -= 1


@dataclass
class Change:
    """At segment `at` the encoder starts anew: EXT-X-DISCONTINUITY."""

    at: int
    reset: float | None = None  # first timestamp from here on, in seconds; None: the timeline goes on
    epoch: bool = False  # adaptive formats count from 0 again, under another id
    media: dict[str, Any] = field(default_factory=dict)  # what is coded differently from here on


@dataclass
class Encryption:
    """AES-128 on all segments."""

    every: int = 0  # a new key after so many segments; 0: one key
    iv: str = "explicit"  # or "sequence": left to the media sequence number
    missing: bool = False  # the key's URI is a 404
    method: str = "AES-128"  # "SAMPLE-AES" is announced without being done


@dataclass
class Script:
    profile: str = "small"
    kind: str = "ts"  # or fmp4
    media: dict[str, Any] = field(default_factory=dict)  # changes to the profile, see content.Media
    type: str = "live"  # or event, vod
    speed: float = 1.0  # media seconds a second; 0: only `advance` moves the stream
    ready: int = 3  # segments there when the clock starts, at the first request
    total: int | None = None  # segments until the end
    pause_at: int | None = None  # the segment that comes so many seconds late, as do all after it
    pause_seconds: float = 60.0
    window: int = 0  # segments listed; 0: all
    keep: int = 2  # segments still served after they left the window
    start: int = 0  # media sequence number of the first
    offset: float = 0.0  # seconds added to every timestamp
    variants: list[dict[str, Any]] = field(default_factory=list)  # name, itag, bandwidth, and changes to the media
    separate_audio: bool | str = False  # "packed": as bare AAC
    dash: bool = False  # also as fragments by number, video and audio apart: dash/v/sq/N
    # Also as YouTube's adaptive formats: itag, and changes to the media; videoplayback?itag=I&id=VIDEO.EPOCH&sq=N.
    adaptive: list[dict[str, Any]] = field(default_factory=list)
    own_numbers: bool = False  # the playlists' numbers are not those of the adaptive formats
    # One answer without an end, from the newest segment on: "ts", "fmp4" or "mp4" (not fragmented). The only way
    # to it unless `beside`.
    endless: str = ""
    beside: bool = False
    breaks: list[int] = field(default_factory=list)  # segments after which it breaks off, and misses two
    hold: int = 0  # fragments that the adaptive formats can still be asked for; 0: all
    encryption: Encryption | None = None
    byteranges: int = 0  # segments in one file; 0: a file each
    maps: list[int] = field(default_factory=list)  # segments at which EXT-X-MAP names the init section by a new URI
    changes: list[Change] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)  # EXT-X-GAP, and 404
    program_date_time: bool = False
    faults: list[Fault] = field(default_factory=list)
    playlist_faults: list[Fault] = field(default_factory=list)
    init_faults: list[Fault] = field(default_factory=list)  # `at` is the change's index
    expire_seconds: float | None = None  # URLs with a token answer 403 so long after their first use
    expire_requests: int | None = None  # or after so many requests
    stated_life: int | None = None  # seconds after which URLs of YouTube's say that they expire, whenever they do
    refuse_clients: tuple[str, ...] = ()  # URLs of these players answer 403, but for lists of variants and `endless`
    expire_only: str = ""  # "fragments": playlists and their segments are served on
    # URLs of these players answer 403 without a PO token, but for lists of variants and `endless`; see pot.py.
    pot_wanted: tuple[str, ...] = ()
    pot_only: str = ""  # "fragments": for playlists and their segments none is wanted
    pot_grace: int = 0  # so many requests by a URL are answered all the same
    pot_since: int = 0  # tokens with a lower number are not taken any more

    @property
    def base_media(self) -> Media:
        return media(self.profile, container=self.kind, **self.media)

    @staticmethod
    def parse(options: dict[str, Any]) -> Script:
        unknown = options.keys() - {known.name for known in fields(Script)}
        if unknown:
            raise ValueError(f"unknown options: {', '.join(sorted(unknown))}")
        given = dict(options)
        for name in ("faults", "playlist_faults", "init_faults"):
            given[name] = [Fault(**{**fault, "kind": str(fault["kind"])}) for fault in given.get(name, [])]
        given["changes"] = [Change(**change) for change in given.get("changes", [])]
        if isinstance(given.get("encryption"), dict):
            given["encryption"] = Encryption(**given["encryption"])
        if given.get("type") == "vod":
            given.setdefault("ready", given["total"])
        return Script(**given)

    @staticmethod
    def parse_short(text: str) -> Script:
        """`kind=fmp4,total=30,speed=10,fault=404@5x2,reset=7`: plain options, faults as KIND@SEGMENTxTIMES~SECONDS (the
        last two may be missing, x0 is for ever), and `reset` for a discontinuity."""
        options: dict[str, Any] = {}
        for name, _, value in (part.partition("=") for part in text.split(",") if part):
            if name == "fault":
                options.setdefault("faults", []).append(short_fault(value))
            elif name == "reset":
                options.setdefault("changes", []).append({"at": int(value), "reset": 0.0})
            elif name == "encryption":
                options["encryption"] = {"iv": value or "explicit"}
            else:
                options[name] = short_value(value)
        return Script.parse(options)


def short_fault(text: str) -> dict[str, Any]:
    match = re.fullmatch(r"(\w+)@(\d+)(?:x(\d+))?(?:~([\d.]+))?", text)
    if not match:
        raise ValueError(f"not a fault: {text} (KIND@SEGMENTxTIMES~SECONDS)")
    times = int(match[3]) if match[3] else 1
    return {"kind": match[1], "at": int(match[2]), "times": times or None, "seconds": float(match[4] or 1)}


def short_value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)
