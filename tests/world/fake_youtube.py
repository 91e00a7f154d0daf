"""A YouTube on loopback that the real yt-dlp's own extractor accepts, behind a plain HTTP proxy.

    python3 -m tests.world.fake_youtube     # prints one JSON line: {"proxy": …, "ca_file": …, "origin": {…}}
    yt-dlp --proxy PROXY --no-check-certificates -J 'https://www.youtube.com/watch?v=live0000001'

Controls, at the proxy's own address: POST /videos {"id", "state", "stream": {options of script.Script}, …},
POST /videos/ID/state {"state": …} (see videos.STATES), GET /videos.
"""

from __future__ import annotations

import json
import re
import signal
from email.utils import formatdate
from typing import Any

from tests.world.feeds import channel_page, feed
from tests.world.httpd import Request, Response
from tests.world.origin import Origin, answer, not_found
from tests.world.proxy import Proxy
from tests.world.videos import STATES, Video

DOMAINS = (".youtube.com", ".ytimg.com", ".ggpht.com", ".googlevideo.com")
CLIENT = {
    "clientName": "WEB",
    "clientVersion": "2.20261101.00.00",
    "hl": "en",
    "gl": "US",
    "visitorData": "CgtmYWtlVmlzaXRvcg",
}
PAGE = """<!DOCTYPE html><html><head><title>{title} - YouTube</title></head><body><script>
ytcfg.set({config});
</script><script>var ytInitialPlayerResponse = {player};var meta = document.createElement('meta');</script>
<script>var ytInitialData = {data};</script></body></html>
"""


class FakeYouTube:
    """Serves from construction to close(); a context manager. Thread-safe."""

    def __init__(self, origin: Origin | None = None):
        self.own_origin = origin is None
        self.origin = origin or Origin()
        self.videos: dict[str, Video] = {}
        self.channels: dict[str, str] = {"@testchannel": "UC0123456789abcdefghijkl"}  # ids by handle
        self.feeds: dict[str, Response] = {}  # by channel id: what is answered instead of the feed
        self.reachable = 204  # what is answered to those that only ask whether it is
        self.unchanged_feeds = 0  # how often 304 was answered
        self.requests: list[str] = []  # "METHOD path" of all that reached YouTube
        self.proxies: list[Proxy] = []
        self.proxy = self.add_proxy()

    def __enter__(self) -> FakeYouTube:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for proxy in self.proxies:
            proxy.close()
        if self.own_origin:
            self.origin.close()

    def add_proxy(self) -> Proxy:
        """Another way to the same; close it, or set `broken`, and it does not work any more."""
        self.proxies.append(Proxy(self.origin.certificates.server_context(), is_youtube, self.handle, self.control))
        return self.proxies[-1]

    @property
    def addresses(self) -> dict[str, Any]:
        return {
            "proxy": self.proxy.address,
            "ca_file": str(self.origin.certificates.ca_file),
            "origin": self.origin.addresses,
        }

    def add(
        self, id: str = "live0000001", stream: dict[str, Any] | None = None, https: bool = False, **details: Any
    ) -> Video:
        """A video with a new stream; see script.Script for the stream's options. `https`: media over TLS."""
        options = {"variants": [{"name": "v96", "itag": 96}], **(stream or {})}
        made = self.origin.add(**options)

        def url_of(token: str) -> str:
            return self.origin.url(made, https, token).removesuffix("index.m3u8")

        self.videos[id] = Video(id, made, url_of, **details)
        return self.videos[id]

    # YouTube.

    def handle(self, host: str, request: Request) -> Response:
        path = request.path
        self.requests.append(f"{request.method} {path}")
        if host == "i.ytimg.com":
            return self.picture(path)
        if not (host == "youtube.com" or host.endswith(".youtube.com")):
            return not_found("no such thing")
        if path == "/watch":
            return self.page(self.videos.get(request.query.get("v", "")), request.headers.get("cookie", ""))
        if path == "/youtubei/v1/player":
            return self.player(json.loads(request.body), request.headers.get("cookie", ""))
        if path == "/live_chat":
            return self.chat(request.query.get("continuation", ""), page=True)
        if path == "/youtubei/v1/live_chat/get_live_chat":
            return self.chat(json.loads(request.body)["continuation"], page=False)
        if path == "/generate_204":
            return Response(self.reachable, headers={"Date": formatdate(usegmt=True)})
        if path == "/iframe_api":
            return Response.text(
                "var url = 'https:\\/\\/www.youtube.com\\/s\\/player\\/01234567\\/www-widgetapi.vflset';"
            )
        if path.startswith("/s/player/"):
            return Response.text("var player = {signatureTimestamp:20400};", content_type="text/javascript")
        if path == "/oembed":
            return self.oembed(request.query.get("url", ""))
        if path == "/feeds/videos.xml":
            channel_id = request.query.get("channel_id", "")
            return self.feeds.get(channel_id) or self.feed(channel_id, request)
        if path.removeprefix("/") in self.channels:
            return channel_page(self.channels[path.removeprefix("/")])
        if match := re.fullmatch(r"/(@[\w.-]+|channel/[\w-]+)/live", path):
            return self.channel_live(match[1].removeprefix("channel/"))
        if match := re.fullmatch(r"/(?:live|shorts|embed)/([\w-]{11})", path):
            return self.page(self.videos.get(match[1]))
        return not_found("no such page")

    def chat(self, link: str, page: bool) -> Response:
        _, video_id, at = link.split(":")
        video = self.videos[video_id]
        if video.chat_broken:
            return Response.text("no chat today", 500)
        data = {"continuationContents": {"liveChatContinuation": video.chat_since(int(at))}}
        return html("Live chat", data, {}) if page else answer(data)

    def picture(self, path: str) -> Response:
        found = re.fullmatch(r"/vi/([\w-]{11})/hqdefault(?:_live)?\.jpg", path)
        video = self.videos.get(found[1]) if found else None
        if not video or video.thumbnail is None:
            return not_found("no such picture")
        return Response(body=video.thumbnail, content_type="image/jpeg")

    def player(self, asked: dict[str, Any], cookies: str) -> Response:
        video = self.videos.get(asked["videoId"])
        if not video:
            return answer({"playabilityStatus": {"status": "ERROR", "reason": "Video unavailable"}})
        return answer(video.player(client_of(asked["context"]["client"]), cookies))

    def page(self, video: Video | None, cookies: str = "") -> Response:
        data: dict[str, Any] = {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": []}}}}}
        if video:
            owner = {"videoOwnerRenderer": {"title": {"simpleText": video.channel}}}
            contents = [{"videoSecondaryInfoRenderer": {"owner": owner}}]
            data = {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}}}
            if video.chat is not None:  # who comes later gets the last message, and what follows
                link = {"reloadContinuationData": {"continuation": video.chat_link(max(len(video.chat) - 1, 0))}}
                bar = {"liveChatRenderer": {"continuations": [link]}}
                data["contents"]["twoColumnWatchNextResults"]["conversationBar"] = bar
            data["currentVideoEndpoint"] = {"watchEndpoint": {"videoId": video.id}}
        title, player = (video.title, video.player(cookies=cookies)) if video else ("YouTube", {})
        return html(title, data, player)

    def channel_live(self, name: str) -> Response:
        """The page of the channel's live video, or of the channel when it has none."""
        for video in self.videos.values():
            if name in (video.handle, video.channel_id) and video.state in ("live", "upcoming"):
                return self.page(video)
        url = f"/{name}/featured"
        tab = {"tabRenderer": {"selected": True, "title": "Home", "endpoint": web_endpoint(url), "content": {}}}
        return html(name, {"contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}}}, {})

    def feed(self, channel_id: str, request: Request) -> Response:
        if channel_id not in self.channels.values():
            return Response.text("Not Found", 404)
        answer = feed(channel_id, list(self.videos.values()), request)
        self.unchanged_feeds += answer.status == 304
        return answer

    def oembed(self, url: str) -> Response:
        found = re.search(r"(?:v=|youtu\.be/|/live/|/shorts/|/embed/)([\w-]{11})", url)
        video = self.videos.get(found[1]) if found else None
        if not video or video.state == "unavailable":
            return Response.text("Not Found", 404)
        if video.state == "private":
            return Response.text("Unauthorized", 401)
        return answer(
            {
                "title": video.title,
                "author_name": video.channel,
                "author_url": f"https://www.youtube.com/{video.handle}",
                "type": "video",
                "provider_name": "YouTube",
                "width": 200,
                "height": 113,
                "thumbnail_url": f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg",
            }
        )

    # The controls.

    def control(self, request: Request) -> Response:
        try:
            return self.control_videos(request, request.path.strip("/").split("/"))
        except (ValueError, TypeError, KeyError) as error:
            return Response.text(f"{type(error).__name__}: {error}\n", 400)

    def control_videos(self, request: Request, path: list[str]) -> Response:
        if path == ["videos"] and request.method == "POST":
            return answer(describe(self.add(**json.loads(request.body))), 201)
        if path == ["videos"]:
            return answer([describe(video) for video in self.videos.values()])
        if len(path) == 3 and path[0] == "videos" and path[2] == "state" and path[1] in self.videos:
            state = json.loads(request.body)["state"]
            if state not in STATES:
                raise ValueError(f"no such state: {state}")
            self.videos[path[1]].state = state
            return answer(describe(self.videos[path[1]]))
        return not_found("see tests/world/README.md")


def client_of(client: dict[str, str]) -> str:
    """What yt-dlp calls it."""
    name = client["clientName"].lower()
    name = {"tvhtml5": "tv", "web_embedded_player": "web_embedded"}.get(name, name)
    if client.get("deviceMake") == "Samsung":
        return "tv_samsung"
    return "web_safari" if name == "web" and "Safari/605" in client.get("userAgent", "") else name


def is_youtube(host: str) -> bool:
    return f".{host}".endswith((*DOMAINS, ".youtu.be"))


def web_endpoint(url: str) -> dict[str, Any]:
    return {"commandMetadata": {"webCommandMetadata": {"url": url}}}


def html(title: str, data: dict[str, Any], player: dict[str, Any]) -> Response:
    config = {
        "INNERTUBE_API_KEY": "fake-key",
        "INNERTUBE_CONTEXT": {"client": CLIENT},
        "VISITOR_DATA": CLIENT["visitorData"],
    }
    text = PAGE.format(title=title, config=json.dumps(config), player=json.dumps(player), data=json.dumps(data))
    return Response.text(text, content_type="text/html; charset=utf-8")


def describe(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "state": video.state,
        "url": f"https://www.youtube.com/watch?v={video.id}",
        "stream": video.stream.name if video.stream else None,
        "requests": video.requests,
    }


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # before any thread is there
    with FakeYouTube() as youtube:
        print(json.dumps(youtube.addresses), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
