"""How a fault looks on the wire."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import repeat

from tests.world.httpd import Response
from tests.world.script import Fault
from tests.world.ts import PACKET

HTML = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please sign in to this network.</p></body></html>"
)
Body = Callable[[], bytes | bytearray]


def faulty(fault: Fault, body: Body, other: Body) -> Response:
    """The answer that carries `fault` instead of `body`; `other` is the same segment in another codec."""
    if fault.kind in ("204", "empty"):
        return Response(204 if fault.kind == "204" else 200)
    if fault.kind.isdigit():
        return Response.text(f"scripted {fault.kind}\n", int(fault.kind))
    if fault.kind == "html":
        return Response.text(HTML, content_type="text/html")
    if fault.kind == "codec":
        return Response(body=other())
    data = body()
    if fault.kind == "stall":
        return Response(body=stalled(data, fault.seconds), length=len(data))
    if fault.kind == "truncated":
        return Response(body=iter([data[: len(data) // 2]]), length=len(data))
    if fault.kind == "short":
        return Response(body=data[: int(len(data) * fault.part) // PACKET * PACKET])
    if fault.kind == "slow":
        return Response(body=slowly(data, fault.seconds), length=len(data))
    raise ValueError(f"no such fault: {fault.kind}")


def faulty_playlist(fault: Fault, text: str, older: str) -> Response:
    """The same for playlists; `older` is what the playlist was some segments ago, its media sequence lower."""
    kind = "application/vnd.apple.mpegurl"
    if fault.kind == "empty":
        return Response.text("", content_type=kind)
    if fault.kind == "backwards":
        return Response.text(older, content_type=kind)
    if fault.kind == "endless":
        return Response(body=repeat(b"#EXTINF:1.0,\nsegment\n" * 3000), content_type=kind)
    return faulty(fault, text.encode, text.encode)


def stalled(data: bytes | bytearray, seconds: float) -> Iterator[bytes]:
    half = len(data) // 2
    yield data[:half]
    time.sleep(seconds)
    yield data[half:]


def slowly(data: bytes | bytearray, seconds: float, pieces: int = 20) -> Iterator[bytes]:
    size = max(1, -(-len(data) // pieces))
    for start in range(0, len(data), size):
        time.sleep(seconds / pieces)
        yield data[start : start + size]
