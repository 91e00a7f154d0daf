"""A small HTTP/1.1 server for tests: one thread a connection, keep-alive, TLS, bodies sent straight from memory.

A handler takes a Request and returns a Response. A response whose body is an iterator may end early, pause or go on for
ever: that is how misbehaving servers are played.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

MAX_HEAD = 64 << 10


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass
class Response:
    status: int = 200
    body: bytes | bytearray | Iterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/octet-stream"
    length: int | None = None  # what Content-Length claims; None: the truth, or nothing for an iterator
    on_sent: Callable[[int], None] | None = None  # called with the bytes of the body that left

    @staticmethod
    def text(text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
        return Response(status, text.encode(), content_type=content_type)


Handler = Callable[[Request], Response]


class Connection:
    """One client. It ends when the client goes, asks to, or when the body was not what Content-Length said."""

    def __init__(self, sock: socket.socket, handler: Handler):
        self.sock = sock
        self.handler = handler
        self.pending = bytearray()

    def run(self) -> None:
        while (request := self.read_request()) is not None:
            keep = self.send(request, self.handler(request))
            if not keep or request.headers.get("connection", "").lower() == "close":
                return

    def read_request(self) -> Request | None:
        while (end := self.pending.find(b"\r\n\r\n")) < 0:
            if len(self.pending) > MAX_HEAD or not self.receive():
                return None
        lines = self.pending[:end].decode("latin-1").split("\r\n")
        del self.pending[: end + 4]
        method, target, _ = lines[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        body = self.read_body(int(headers.get("content-length") or 0))
        return None if body is None else Request(method, target, headers, body)

    def read_body(self, size: int) -> bytes | None:
        while len(self.pending) < size:
            if not self.receive():
                return None
        body = bytes(self.pending[:size])
        del self.pending[:size]
        return body

    def receive(self) -> bool:
        data = self.sock.recv(65536)
        self.pending += data
        return bool(data)

    def send(self, request: Request, response: Response) -> bool:
        """Returns whether the connection can be used again."""
        response = with_range(request, response)
        whole = isinstance(response.body, (bytes, bytearray))
        length = response.length if response.length is not None else len(response.body) if whole else None
        self.sock.sendall(head_of(response, length))
        sent = 0
        try:
            if request.method != "HEAD":
                for chunk in [response.body] if whole else response.body:
                    self.sock.sendall(chunk)
                    sent += len(chunk)
        finally:
            if response.on_sent:
                response.on_sent(sent)
        return request.method == "HEAD" or sent == length


def head_of(response: Response, length: int | None) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        f"Content-Type: {response.content_type}",
    ]
    lines.append("Connection: close" if length is None else f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def with_range(request: Request, response: Response) -> Response:
    """Cuts a whole 200 answer down to the single range asked for."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if not match or response.status != 200 or not isinstance(response.body, (bytes, bytearray)):
        return response
    size = len(response.body)
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if first > last:
        return Response(416, headers={"Content-Range": f"bytes */{size}"})
    response.status = 206
    response.body = bytes(response.body[first : last + 1])
    response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


class Server:
    """Listens on 127.0.0.1 from its construction to close(). Thread-safe as far as `handler` is."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None, port: int = 0):
        self.handler = handler
        self.tls = tls
        self.open: set[socket.socket] = set()
        self.ciphers: set[str] = set()  # that were agreed upon
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True, name=f"accept-{self.port}").start()

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def accept(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.open.add(sock)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock: socket.socket) -> None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.talk(sock)
        except (OSError, ValueError):
            pass  # clients may leave at any time, or talk nonsense
        finally:
            self.open.discard(sock)
            sock.close()

    def talk(self, sock: socket.socket) -> None:
        if not self.tls:
            Connection(sock, self.handler).run()
            return
        with self.tls.wrap_socket(sock, server_side=True) as secure:
            self.ciphers.add(secure.cipher()[0])
            Connection(secure, self.handler).run()

    def close(self) -> None:
        self.closing.set()
        for sock in [self.listener, *self.open]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self.listener.close()
