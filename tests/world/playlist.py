"""Writes a stream's playlists (RFC 8216)."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from tests.world.stream import Rendition, Stream, iv_bytes, key_index

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # program date time of segment 0
CODECS = {
    "h264": "avc1.64001f",
    "hevc": "hvc1.1.6.L93.B0",
    "av1": "av01.0.00M.08",
    "vp9": "vp09.00.10.08",
    "aac": "mp4a.40.2",
    "mp3": "mp4a.40.34",
    "opus": "opus",
}


def extension(rendition: Rendition) -> str:
    return {"ts": "ts", "fmp4": "m4s", "packed": "aac"}[rendition.media.container]


def master(stream: Stream) -> str:
    lines = ["#EXTM3U", "#EXT-X-INDEPENDENT-SEGMENTS"]
    group = ""
    if stream.script.separate_audio:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="main",DEFAULT=YES,AUTOSELECT=YES,URI="audio/index.m3u8"'
        )
        group = ',AUDIO="sound"'
    for rendition in stream.renditions.values():
        if "bandwidth" not in rendition.attributes:
            continue
        media = rendition.media
        codecs = f"{CODECS[media.video]},{CODECS[media.audio]}"
        rate = float(rendition.epochs[0].media.segment_frames / media.segment_seconds)
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rendition.attributes['bandwidth']},RESOLUTION={media.size}"
            f',FRAME-RATE={rate:.3f},CODECS="{codecs}"{group}'
        )
        itag = rendition.attributes.get("itag")
        lines.append(f"itag/{itag}/{rendition.name}/index.m3u8" if itag else f"{rendition.name}/index.m3u8")
    return "\n".join(lines) + "\n"


def media_playlist(stream: Stream, rendition: Rendition, listed: range, ended: bool) -> str:
    script = stream.script
    target = max(math.ceil(segment.seconds) for epoch in rendition.epochs for segment in epoch.loop.segments)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{target}", f"#EXT-X-MEDIA-SEQUENCE:{listed.start}"]
    if script.changes:
        gone = sum(change.at <= listed.start - 1 for change in script.changes)
        # A discontinuity tag on the first segment that is listed has not left the playlist yet.
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone}")
    if script.type != "live":
        lines.append(f"#EXT-X-PLAYLIST-TYPE:{script.type.upper()}")
    for number in listed:
        lines += segment_lines(stream, rendition, number, number == listed.start)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def segment_lines(stream: Stream, rendition: Rendition, number: int, first: bool) -> list[str]:
    script = rendition.script
    epoch = rendition.epoch(number)
    begins = number == epoch.first
    lines = []
    if begins and epoch.discontinuity:
        lines.append("#EXT-X-DISCONTINUITY")
    if script.kind == "fmp4" and (first or begins or number in script.maps):
        lines.append(f'#EXT-X-MAP:URI="{init_name(rendition, number)}"')
    if script.encryption:
        lines += key_lines(rendition, number, first)
    if script.program_date_time:
        seconds = (number - script.start) * float(rendition.media.segment_seconds)
        lines.append(
            f"#EXT-X-PROGRAM-DATE-TIME:{(EPOCH + timedelta(seconds=seconds)).isoformat(timespec='milliseconds')}"
        )
    if number in script.gaps:
        lines.append("#EXT-X-GAP")
    lines.append(f"#EXTINF:{rendition.segment(number).seconds:.6f},")
    if script.byteranges:
        pack, start = pack_of(rendition, number)
        lines.append(f"#EXT-X-BYTERANGE:{rendition.size(number)}@{start}")
        return [*lines, f"pack{pack}.{extension(rendition)}"]
    if script.adaptive and not script.own_numbers:  # the URL has the fragment's number, as YouTube's have
        broadcast = epoch.broadcast
        sequence = number - stream.broadcast(broadcast).start
        return [*lines, f"videoplayback/id/live.{broadcast + 1}/live/1/sq/{sequence}/file/seg.{extension(rendition)}"]
    return [*lines, f"{number}.{extension(rendition)}"]


def key_lines(rendition: Rendition, number: int, first: bool) -> list[str]:
    script = rendition.script
    assert script.encryption
    index, explicit = key_index(script, number), script.encryption.iv == "explicit"
    if not first and not explicit and index == key_index(script, number - 1):
        return []
    iv = f",IV=0x{iv_bytes(script, number).hex()}" if explicit else ""
    return [f'#EXT-X-KEY:METHOD={script.encryption.method},URI="key{index}.key"{iv}']


def init_name(rendition: Rendition, number: int) -> str:
    """Every change and every listed map has an init section of its own name."""
    renamed = sum(at <= number for at in rendition.script.maps)
    return f"init{rendition.epoch(number).index}-{renamed}.mp4"


def pack_of(rendition: Rendition, number: int) -> tuple[int, int]:
    """The file that holds a segment, and where in it."""
    script = rendition.script
    pack = (number - script.start) // script.byteranges
    first = script.start + pack * script.byteranges
    return pack, sum(rendition.size(earlier) for earlier in range(first, number))
