"""The scripted live origin.

    python3 -m tests.world.origin [--port N]      # prints one JSON line: {"http": …, "https": …, "ca_file": …}

POST /streams {options of script.Script}   → {"id", "url", "https_url"}; or without asking: /o/OPTION=VALUE,…/index.m3u8
POST /streams/ID/end, /streams/ID/advance?segments=N
GET /streams/ID/log, /streams/ID/truth?first=&end=&without=1,2&itags=137,140&hashes=1
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import threading
from collections.abc import Iterator
from typing import Any

from tests.world import playlist
from tests.world.certificates import Certificates
from tests.world.faults import faulty, faulty_playlist
from tests.world.httpd import Request, Response, Server
from tests.world.script import Fault, Script
from tests.world.stream import Rendition, Stream, key_bytes

PLAYLIST = "application/vnd.apple.mpegurl"


def answer(value: Any, status: int = 200) -> Response:
    return Response.text(json.dumps(value) + "\n", status, "application/json")


def not_found(why: str) -> Response:
    return Response.text(why + "\n", 404)


class Origin:
    """Serves from construction to close(); a context manager. Thread-safe."""

    def __init__(self, port: int = 0, certificates: Certificates | None = None):
        self.own_certificates = certificates is None
        self.certificates = certificates or Certificates()
        self.streams: dict[str, Stream] = {}
        self.lock = threading.Lock()
        self.http = Server(self.handle, port=port)
        self.https = Server(self.handle, self.certificates.server_context())

    def __enter__(self) -> Origin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()
        self.https.close()
        if self.own_certificates:
            self.certificates.close()

    @property
    def addresses(self) -> dict[str, str]:
        return {"http": self.http.address, "https": self.https.address, "ca_file": str(self.certificates.ca_file)}

    def add(self, name: str = "", **options: Any) -> Stream:
        """A new stream; see script.Script for the options."""
        return self.add_script(Script.parse(options), name)

    def add_script(self, script: Script, name: str = "") -> Stream:
        with self.lock:
            stream = Stream(name or f"s{len(self.streams) + 1}", script)
            self.streams[stream.name] = stream
        return stream

    def url(self, stream: Stream, https: bool = False, token: str = "") -> str:
        server = self.https if https else self.http
        return f"{server.address}/s/{stream.name}{'@' + token if token else ''}/index.m3u8"

    def handle(self, request: Request) -> Response:
        try:
            return self.route(request)
        except (ValueError, TypeError, KeyError) as error:
            return Response.text(f"{type(error).__name__}: {error}\n", 400)

    def route(self, request: Request) -> Response:
        # As YouTube has it: /s/STREAM@TOKEN/expire/TIME/pot/PO TOKEN/file/itag/ITAG/…
        folders = r"(?:expire/\d+/)?(?:pot/([^/]+)/)?(?:file/)?(?:itag/\d+/)?"
        if match := re.fullmatch(rf"/s/([^/@]+)(?:@([^/]+))?/{folders}(.+)", request.path):
            stream = self.streams.get(match[1])
            if not stream:
                return not_found("no such stream")
            pot = match[3] or request.query.get("pot", "")
            refusal = self.refusal(stream, match[2], pot, match[4]) if match[2] else None
            return refusal or self.media(request, stream, match[4])
        if match := re.fullmatch(r"/o/([^/]*)/(.+)", request.path):
            return self.media(request, self.short_stream(match[1]), match[2])
        return self.control(request)

    def short_stream(self, options: str) -> Stream:
        name = f"o:{options}"
        return self.streams.get(name) or self.add_script(Script.parse_short(options), name)

    # The controls.

    def control(self, request: Request) -> Response:
        path = request.path.strip("/").split("/")
        if path[0] != "streams":
            return not_found("see tests/world/README.md")
        if len(path) == 1:
            return self.create(request) if request.method == "POST" else answer(list(self.streams))
        stream = self.streams.get(path[1])
        if not stream:
            return not_found("no such stream")
        return self.control_stream(request, stream, path[2] if len(path) > 2 else "")

    def create(self, request: Request) -> Response:
        options = json.loads(request.body or b"{}")
        stream = self.add_script(Script.parse(options), options.pop("name", ""))
        return answer({"id": stream.name, "url": self.url(stream), "https_url": self.url(stream, https=True)}, 201)

    def control_stream(self, request: Request, stream: Stream, verb: str) -> Response:
        query = request.query
        if request.method == "POST" and verb == "end":
            stream.end()
        elif request.method == "POST" and verb == "advance":
            stream.advance(int(query.get("segments", 1)))
        elif verb == "log":
            return answer(list(stream.log))
        elif verb == "truth":
            return answer(truth_json(stream, query))
        listed = stream.listed()
        return answer({"id": stream.name, "first": listed.start, "end": listed.stop, "ended": stream.ended()})

    # The stream itself.

    def refusal(self, stream: Stream, token: str, pot: str, path: str) -> Response | None:
        """403 where the URL is of a client that is refused, wants a PO token, or has expired."""
        stream.touch()
        script, exempt, fragments = stream.script, path in ("index.m3u8", "endless"), path == "videoplayback"
        if not exempt and (not script.pot_only or fragments) and stream.wants_pot(token, pot):
            stream.note(what="pot wanted", path=path, status=403)
            return Response.text("a PO token is wanted\n", 403)
        refused = not exempt and stream.refused(token)
        if refused or ((not script.expire_only or fragments) and stream.expired(token)):
            stream.note(what="expired", path=path, status=403)
            return Response.text("expired\n", 403)
        return None

    def media(self, request: Request, stream: Stream, path: str) -> Response:
        stream.touch()
        if match := re.fullmatch(r"dash/([va])(?:/sq/(\d+))?/?", path):
            sequence = match[2] or request.query.get("sq")
            return self.fragment(stream, stream.renditions[f"dash-{match[1]}"], sequence and int(sequence))
        if path == "endless":
            return Response(body=self.endless(stream), content_type="video/mp4")
        if path == "videoplayback":
            return self.adaptive(stream, request)
        if match := re.fullmatch(r"([\w-]+)/videoplayback/id/live\.(\d+)/.*/sq/(\d+)/file/seg\.\w+", path):
            first = stream.broadcast(int(match[2]) - 1).start
            return self.segment(stream, stream.renditions[match[1]], first + int(match[3]))
        if path == "index.m3u8" and (stream.script.variants or stream.script.separate_audio):
            stream.note(what="master", status=200)
            return Response.text(playlist.master(stream), content_type=PLAYLIST)
        name, _, file = path.rpartition("/")
        rendition = stream.renditions.get(name) if name else stream.main
        if not rendition:
            return not_found("no such rendition")
        return self.file(request, stream, rendition, file)

    def file(self, request: Request, stream: Stream, rendition: Rendition, file: str) -> Response:
        if file == "index.m3u8":
            return self.playlist(stream, rendition)
        if match := re.fullmatch(r"(\d+)\.(ts|m4s|aac)", file):
            return self.segment(stream, rendition, int(match[1]))
        if match := re.fullmatch(r"pack(\d+)\.(ts|m4s|aac)", file):
            return self.pack(request, stream, rendition, int(match[1]))
        if match := re.fullmatch(r"init(\d+)-\d+\.mp4", file):
            return self.init(stream, rendition, int(match[1]))
        if match := re.fullmatch(r"key(\d+)\.key", file):
            return self.key(stream, int(match[1]))
        return not_found("no such file")

    def playlist(self, stream: Stream, rendition: Rendition) -> Response:
        with self.lock:
            count = stream.playlists_served.get(rendition.name, 0)
            stream.playlists_served[rendition.name] = count + 1
        ended, listed = stream.ended(), stream.listed()
        text = playlist.media_playlist(stream, rendition, listed, ended)
        fault = self.fault_for(stream.script.playlist_faults, count, rendition)
        if fault:
            older = range(max(stream.script.start, listed.start - 5), max(stream.script.start + 1, listed.stop - 5))
            response = faulty_playlist(fault, text, playlist.media_playlist(stream, rendition, older, False))
        else:
            response = Response.text(text, content_type=PLAYLIST)
        stream.note(
            what="playlist",
            rendition=rendition.name,
            status=response.status,
            first=listed.start,
            end=listed.stop,
            ended=ended,
            fault=fault.kind if fault else None,
        )
        return response

    def fault_for(self, faults: list[Fault], number: int, rendition: Rendition) -> Fault | None:
        with self.lock:
            for fault in faults:
                if fault.applies(number, rendition.name):
                    fault.use()
                    return fault
        return None

    def segment(self, stream: Stream, rendition: Rendition, number: int) -> Response:
        fault = None
        if not stream.available(number) or number in stream.script.gaps:
            response = not_found("not there, or not there any more")
        elif fault := self.fault_for(stream.script.faults, number, rendition):
            response = faulty(fault, lambda: rendition.render(number), lambda: rendition.render_other(number))
        else:
            response = Response(body=rendition.render(number), content_type="video/mp2t")
        return self.logged(stream, rendition, number, response, fault)

    def logged(
        self, stream: Stream, rendition: Rendition, number: int, response: Response, fault: Fault | None
    ) -> Response:
        size = rendition.size(number)

        def note(sent: int) -> None:
            stream.note(
                what="segment",
                rendition=rendition.name,
                segment=number,
                status=response.status,
                bytes=sent,
                fault=fault.kind if fault else None,
                whole=response.status in (200, 206) and sent >= size and not fault,
            )

        response.on_sent = note
        return response

    def pack(self, request: Request, stream: Stream, rendition: Rendition, pack: int) -> Response:
        """A file of several segments; a range that is just one of them is answered as that segment."""
        first = stream.script.start + pack * stream.script.byteranges
        numbers = [number for number in range(first, first + stream.script.byteranges) if stream.available(number)]
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        for number in numbers if wanted else ():
            start, size = playlist.pack_of(rendition, number)[1], rendition.size(number)
            if wanted and (int(wanted[1]), int(wanted[2])) == (start, start + size - 1):
                response = self.segment(stream, rendition, number)
                if response.status == 200:
                    response.status = 206
                    response.headers["Content-Range"] = f"bytes {start}-{start + size - 1}/*"
                return response
        return Response(body=b"".join(bytes(rendition.render(number)) for number in numbers))

    def init(self, stream: Stream, rendition: Rendition, epoch: int) -> Response:
        fault = self.fault_for(stream.script.init_faults, epoch, rendition)
        data = rendition.epochs[epoch].loop.init
        response = faulty(fault, lambda: data, lambda: data) if fault else Response(body=data)
        stream.note(what="init", rendition=rendition.name, epoch=epoch, status=response.status)
        return response

    def key(self, stream: Stream, index: int) -> Response:
        missing = not stream.script.encryption or stream.script.encryption.missing
        stream.note(what="key", key=index, status=404 if missing else 200)
        return not_found("no such key") if missing else Response(body=key_bytes(index))

    def endless(self, stream: Stream) -> Iterator[bytes]:
        """Segments as they are made, from the newest on, or from later where the stream is away."""
        rendition = stream.main
        number = max(stream.script.start, stream.away_until, stream.end_number() - 1)
        if rendition.media.container == "fmp4":
            yield rendition.epoch(number).loop.init
        if stream.script.endless == "mp4":
            yield (1 << 30).to_bytes(4) + b"mdat"
        while not self.http.closing.is_set():
            with stream.changed:
                stream.changed.wait_for(lambda: number < stream.end_number(), timeout=0.05)  # noqa: B023
            if number < stream.end_number():
                yield bytes(rendition.render(number))
                stream.note(what="segment", rendition="endless", segment=number, status=200, whole=True)
                number += 1
            if stream.ended() and number >= stream.end_number():
                return
            if number - 1 in stream.script.breaks:
                stream.script.breaks.remove(number - 1)
                stream.away_until = number + 2
                return

    def fragment(self, stream: Stream, rendition: Rendition, sequence: int | None) -> Response:
        """As YouTube's adaptive formats: every fragment begins with its init section, and tells the newest number."""
        head = stream.end_number() - 1
        if sequence is None:
            response = Response()
        elif head < sequence:
            response = self.logged(stream, rendition, sequence, not_found("not made yet"), None)
        else:
            response = self.segment(stream, rendition, sequence)
            if response.status == 200 and isinstance(response.body, (bytes, bytearray)):
                response.body = rendition.epoch(sequence).loop.init + bytes(response.body)
        response.headers.update({"X-Head-Seqnum": str(head), "X-Head-Time-Millis": str(head * 1000)})
        return response

    def adaptive(self, stream: Stream, request: Request) -> Response:
        """A fragment of the format and epoch that the query names, or only the newest one's number."""
        query = request.query
        published = stream.broadcast(int(query["id"].rpartition(".")[2]) - 1)
        rendition = stream.renditions[f"f{query['itag']}"]
        head = len(published) - 1
        if "sq" not in query:
            stream.note(what="head", rendition=rendition.name, status=200)
            response = Response()
        else:
            response = self.numbered(stream, rendition, published, int(query["sq"]), request.method)
        seconds = float(rendition.media.segment_seconds)
        response.headers |= {"X-Head-Seqnum": str(head), "X-Head-Time-Millis": str(int((head + 1) * seconds * 1000))}
        return response

    def numbered(self, stream: Stream, rendition: Rendition, published: range, sequence: int, method: str) -> Response:
        number, fault = published.start + sequence, None
        if number not in published or not stream.held(number) or number in stream.script.gaps:
            stream.note(
                what="missing", rendition=rendition.name, segment=number, status=404, ahead=number - published.stop
            )
            return not_found("not there, or not there any more")
        if method == "HEAD":
            stream.note(what="probe", rendition=rendition.name, segment=number, status=200)
            return Response()
        if fault := self.fault_for(stream.script.faults, number, rendition):
            whole = lambda: rendition.epoch(number).loop.init + bytes(rendition.render(number))  # noqa: E731
            return self.logged(stream, rendition, number, faulty(fault, whole, whole), fault)
        body = rendition.epoch(number).loop.init + bytes(rendition.render(number))
        return self.logged(stream, rendition, number, Response(body=body), None)


def truth_json(stream: Stream, query: dict[str, str]) -> dict[str, Any]:
    without, itags = (
        tuple(int(number) for number in query.get(name, "").split(",") if number) for name in ("without", "itags")
    )
    first, end = (int(query[name]) if name in query else None for name in ("first", "end"))
    truth = stream.truth(first, end, without, itags)
    tracks = {kind: {"packets": len(packets)} for kind, packets in truth["tracks"].items()}
    if "hashes" in query:
        for kind, packets in truth["tracks"].items():
            tracks[kind]["md5"] = [packet.md5 for packet in packets]
            tracks[kind]["pts"] = [packet.pts for packet in packets]
    return {"ended": truth["ended"], "segments": truth["segments"], "tracks": tracks}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="of plain HTTP; 0: any")
    arguments = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # before any thread is there
    with Origin(arguments.port) as origin:
        print(json.dumps(origin.addresses), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
