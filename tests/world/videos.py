"""The videos of the fake YouTube, and what its player says of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from tests.world.stream import Stream

STATES = (
    "live",
    "upcoming",
    "post_live",
    "was_live",
    "ended",
    "private",
    "members_only",
    "bot_check",
    "geo_blocked",
    "age_restricted",
    "unavailable",
)
# What the player answers where it gives no formats: status and reason, word for word.
REFUSALS = {
    "was_live": ("UNPLAYABLE", "This live stream recording is not available."),
    "ended": ("UNPLAYABLE", "This live event has ended."),
    "private": ("LOGIN_REQUIRED", "Private video"),
    "members_only": (
        "UNPLAYABLE",
        "Join this channel to get access to members-only content like this video, and other exclusive perks.",
    ),
    "bot_check": ("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot"),
    "geo_blocked": ("UNPLAYABLE", "Video unavailable"),
    "age_restricted": ("LOGIN_REQUIRED", "Sign in to confirm your age"),
    "unavailable": ("ERROR", "Video unavailable"),
}
HIDDEN = ("private", "unavailable", "bot_check")  # of these the player tells nothing
NOT_ON_AIR = ("upcoming", "post_live", "was_live", "ended")
SUBREASONS = {
    "private": "Sign in if you've been granted access to this video",
    "geo_blocked": "The uploader has not made this video available in your country",
}


@dataclass
class Video:
    id: str
    stream: Stream | None
    url_of: Callable[[str], str]  # the stream's folder for a token, ending in a slash
    state: str = "live"
    ends: bool = False  # with its stream: live becomes post_live
    title: str = "A test stream"
    description: str = "A stream of the test world."
    thumbnail: bytes | None = None  # behind one of the addresses that yt-dlp guesses; the better ones are not there
    chat: list[str] | None = None  # messages so far; None: no chat is offered
    chat_broken: bool = False  # it is offered, but cannot be had
    channel: str = "Test Channel"
    channel_id: str = "UC0123456789abcdefghijkl"
    handle: str = "@testchannel"
    starts_in: float = 3600  # seconds until an upcoming stream begins
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    requests: int = 0  # of the player
    withheld: tuple[str, ...] = ()  # of "hls", "fragments", "endless": ways that the player does not tell
    suspects: tuple[str, ...] = ()  # clients that are taken for bots
    suspect_cookie: str = ""  # so is whoever has it
    clients: list[str] = field(default_factory=list)  # that have asked
    tokens: Any = field(default_factory=lambda: itertools.count(1))

    def player(self, client: str = "web", cookies: str = "") -> dict[str, Any]:
        """The answer of /youtubei/v1/player."""
        self.requests += 1
        self.clients.append(client)
        if self.ends and self.state == "live" and self.stream and self.stream.ended():
            self.state = "post_live"
        if client in self.suspects or (self.suspect_cookie and self.suspect_cookie in cookies):
            return replace(self, state="bot_check", suspects=(), suspect_cookie="").player()
        answer: dict[str, Any] = {
            "playabilityStatus": self.playability(),
            "videoDetails": self.details(),
            "microformat": {"playerMicroformatRenderer": self.microformat()},
        }
        if self.state in ("live", "post_live") and self.stream:
            answer["streamingData"] = self.streaming_data(self.url_of(f"t{next(self.tokens)}.{client}"))
        return answer

    def chat_link(self, at: int) -> str:
        """The token that leads to the messages from `at` on."""
        return f"chat:{self.id}:{at}"

    def chat_since(self, at: int) -> dict[str, Any]:
        messages = (self.chat or [])[at:]
        following = {"timeoutMs": 50, "continuation": self.chat_link(at + len(messages))}
        return {
            "continuations": [{"timedContinuationData": following}],
            "actions": [chat_action(number, text) for number, text in enumerate(messages, at)],
        }

    def playability(self) -> dict[str, Any]:
        if self.state in ("live", "post_live"):
            return {"status": "OK", "playableInEmbed": True}
        if self.state == "upcoming":
            at = {"scheduledStartTime": str(int(self.begins().timestamp()))}
            slate = {"liveStreamOfflineSlateRenderer": at}
            return {
                "status": "LIVE_STREAM_OFFLINE",
                "reason": "This live event will begin in a few moments.",
                "liveStreamability": {"liveStreamabilityRenderer": {"videoId": self.id, "offlineSlate": slate}},
            }
        status, reason = REFUSALS[self.state]
        screen = {"reason": {"simpleText": reason}}
        if self.state in SUBREASONS:
            screen["subreason"] = {"simpleText": SUBREASONS[self.state]}
        return {"status": status, "reason": reason, "errorScreen": {"playerErrorMessageRenderer": screen}}

    def begins(self) -> datetime:
        return self.started + timedelta(seconds=self.starts_in) if self.state == "upcoming" else self.started

    def details(self) -> dict[str, Any]:
        if self.state in HIDDEN:
            return {}
        details = {
            "videoId": self.id,
            "title": self.title,
            "author": self.channel,
            "channelId": self.channel_id,
            "lengthSeconds": "0",
            "isLiveContent": True,
            "isLive": self.state not in NOT_ON_AIR,
            "viewCount": "7",
            "shortDescription": self.description,
            "thumbnail": {
                "thumbnails": [{"url": f"https://i.ytimg.com/vi/{self.id}/hq.jpg", "width": 480, "height": 360}]
            },
        }
        if self.state == "upcoming":
            details["isUpcoming"] = True
        if self.state == "post_live":
            details["isPostLiveDvr"] = True
        return details

    def microformat(self) -> dict[str, Any]:
        if self.state in HIDDEN:
            return {}
        broadcast: dict[str, Any] = {
            "isLiveNow": self.state not in NOT_ON_AIR,
            "startTimestamp": self.begins().isoformat(),
        }
        if self.state in ("post_live", "was_live", "ended"):
            broadcast["endTimestamp"] = datetime.now(UTC).isoformat()
        return {
            "category": "People & Blogs",
            "liveBroadcastDetails": broadcast,
            "ownerChannelName": self.channel,
            "externalChannelId": self.channel_id,
            "ownerProfileUrl": f"http://www.youtube.com/{self.handle}",
            "availableCountries": ["CH"],
        }

    def streaming_data(self, base: str) -> dict[str, Any]:
        assert self.stream
        data: dict[str, Any] = {"expiresInSeconds": "21540"}
        if self.stream.script.endless and "endless" not in self.withheld:
            kind = {"itag": 18, "mimeType": 'video/mp4; codecs="avc1.42001E, mp4a.40.2"', "bitrate": 500000}
            size = {"width": 640, "height": 360, "quality": "medium", "qualityLabel": "360p"}
            data["formats"] = [{**kind, **size, "url": f"{base}endless"}]
            if not self.stream.script.beside:
                return data
        life = self.stream.script.stated_life
        stated = f"expire/{seconds_from_now(life)}/" if life else ""
        if "hls" not in self.withheld:
            data["hlsManifestUrl"] = f"{base}{stated}file/index.m3u8"  # yt-dlp adds /pot/… before /file
        if self.stream.script.adaptive and "fragments" not in self.withheld:
            data["adaptiveFormats"] = [self.numbered_format(base, plan["itag"]) for plan in self.stream.script.adaptive]
        if self.stream.script.dash:
            data["adaptiveFormats"] = [adaptive(self.stream, base, "v"), adaptive(self.stream, base, "a")]
        return data

    def numbered_format(self, base: str, itag: int) -> dict[str, Any]:
        """One of the adaptive formats, of the encoder's present epoch."""
        assert self.stream
        rendition = self.stream.renditions[f"f{itag}"]
        media = rendition.epochs[-1].media if self.stream.script.changes else rendition.media
        query = {
            "expire": seconds_from_now(self.stream.script.stated_life or 21540),
            "id": f"{self.id}.{self.stream.present_broadcast() + 1}",
            "itag": itag,
            "source": "yt_live_broadcast",
            "live": 1,
            "noclen": 1,
        }
        plan = next(plan for plan in self.stream.script.adaptive if plan["itag"] == itag)
        common = {
            "itag": itag,
            "url": f"{base}videoplayback?{urlencode(query)}",
            "targetDurationSec": float(media.segment_seconds),
            "projectionType": "RECTANGULAR",
        }
        if media.tracks == "a":
            kind = {"mimeType": MIME[media.audio], "bitrate": plan.get("bandwidth", 128000), "quality": "tiny"}
            return {**common, **kind, "audioSampleRate": "48000", "audioChannels": media.channels}
        width, height = map(int, media.size.split("x"))
        kind = {"mimeType": MIME[media.video], "bitrate": plan.get("bandwidth", 4000000), "quality": f"hd{height}"}
        size = {
            "width": width,
            "height": height,
            "fps": round(float(Fraction(media.fps))),
            "qualityLabel": f"{height}p",
        }
        return {**common, **kind, **size}


def seconds_from_now(seconds: int) -> int:
    return int(datetime.now(UTC).timestamp()) + seconds


def chat_action(number: int, text: str) -> dict[str, Any]:
    stamp = str(int(datetime.now(UTC).timestamp() * 1e6))
    message = {"id": f"m{number}", "message": {"runs": [{"text": text}]}, "timestampUsec": stamp}
    return {"addChatItemAction": {"item": {"liveChatTextMessageRenderer": message}}}


# What a browser would be told of the formats' codecs.
MIME = {
    "h264": 'video/mp4; codecs="avc1.640028"',
    "av1": 'video/mp4; codecs="av01.0.08M.08"',
    "vp9": 'video/webm; codecs="vp9"',
    "aac": 'audio/mp4; codecs="mp4a.40.2"',
    "opus": 'audio/webm; codecs="opus"',
}


def adaptive(stream: Stream, base: str, track: str) -> dict[str, Any]:
    media = stream.renditions[f"dash-{track}"].media
    common = {
        "url": f"{base}dash/{track}",
        "targetDurationSec": float(media.segment_seconds),
        "projectionType": "RECTANGULAR",
    }
    if track == "a":
        kind = {"itag": 140, "mimeType": 'audio/mp4; codecs="mp4a.40.2"', "bitrate": 128000}
        return {**common, **kind, "audioSampleRate": "48000", "audioChannels": media.channels, "quality": "tiny"}
    width, height = map(int, media.size.split("x"))
    size = {"width": width, "height": height, "fps": 25, "qualityLabel": f"{height}p", "quality": "hd1080"}
    return {**common, **size, "itag": 137, "mimeType": 'video/mp4; codecs="avc1.640028"', "bitrate": 4000000}
