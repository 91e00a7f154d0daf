"""The feeds of the fake YouTube's channels, and the pages that link to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from tests.world.httpd import Request, Response
from tests.world.videos import Video

NAMESPACES = (
    'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns="http://www.w3.org/2005/Atom"'
)


def entry(video: Video) -> str:
    title, day = escape(video.title), video.started.isoformat(timespec="seconds")
    return f"""
 <entry>
  <id>yt:video:{video.id}</id>
  <yt:videoId>{video.id}</yt:videoId>
  <yt:channelId>{video.channel_id}</yt:channelId>
  <title>{title}</title>
  <link rel="alternate" href="https://www.youtube.com/watch?v={video.id}"/>
  <author><name>{escape(video.channel)}</name></author>
  <published>{day}</published>
  <updated>{day}</updated>
  <media:group>
   <media:title>{title}</media:title>
   <media:thumbnail url="https://i1.ytimg.com/vi/{video.id}/hqdefault.jpg" width="480" height="360"/>
   <media:description>A stream of the test world &amp; more.</media:description>
   <media:community><media:statistics views="7"/></media:community>
  </media:group>
 </entry>"""


def feed(channel_id: str, videos: Iterable[Video], request: Request) -> Response:
    """The newest 15 videos; 304 when the client has them already."""
    own = sorted((video for video in videos if video.channel_id == channel_id), key=lambda video: video.started)[-15:]
    name = escape(own[-1].channel) if own else "A channel"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {NAMESPACES}>\n <title>{name}</title>'
    text += f" <published>{datetime(2011, 3, 1, tzinfo=UTC).isoformat()}</published>"
    text += "".join(entry(video) for video in reversed(own)) + "\n</feed>\n"
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(304, headers={"ETag": tag})
    return Response(200, text.encode(), {"ETag": tag}, "text/xml; charset=UTF-8")


def channel_page(channel_id: str) -> Response:
    link = f"https://www.youtube.com/feeds/videos.xml?channel_id={channel_id}"
    page = f'<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" title="RSS" href="{link}">'
    return Response.text(page + "</head><body></body></html>", content_type="text/html; charset=utf-8")
