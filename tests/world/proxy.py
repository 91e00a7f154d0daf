"""A plain HTTP proxy. Names it knows end in a TLS server of its own; loopback is let through; all else is refused."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.world.httpd import Connection, Handler, Request, Response, Server, head_of


class ProxyConnection(Connection):
    def __init__(self, sock: socket.socket, proxy: Proxy):
        super().__init__(sock, proxy.plain)
        self.proxy = proxy

    def run(self) -> None:
        while (request := self.read_request()) is not None:
            self.proxy.used += 1
            if self.proxy.broken:
                self.sock.sendall(head_of(Response(self.proxy.broken), 0))
                return None
            if request.method == "CONNECT":
                return self.connect(request)
            if not self.send(request, self.handler(request)):
                return None
        return None

    def connect(self, request: Request) -> None:
        host, _, port = request.target.rpartition(":")
        self.proxy.connects.append(request.target)
        if self.proxy.is_ours(host):
            self.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self.proxy.context.wrap_socket(self.sock, server_side=True) as secure:
                Connection(secure, lambda inner: self.proxy.secure(host, inner)).run()
        elif host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, int(port))) as far:
                self.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                pump(self.sock, far)
        else:
            self.sock.sendall(head_of(Response(502), 0))


class Proxy(Server):
    """`secure(host, request)` answers for the names `is_ours`; `local` for requests that are not for a proxy."""

    def __init__(
        self,
        context: ssl.SSLContext,
        is_ours: Callable[[str], bool],
        secure: Callable[[str, Request], Response],
        local: Handler,
    ):
        self.context = context
        self.is_ours = is_ours
        self.secure = secure
        self.local = local
        self.connects: list[str] = []
        self.broken: int | None = None  # the status that everything is answered with
        self.used = 0  # requests and tunnels
        super().__init__(self.local)

    def talk(self, sock: socket.socket) -> None:
        ProxyConnection(sock, self).run()

    def plain(self, request: Request) -> Response:
        """Requests to the proxy's own address are for its controls, absolute ones are passed on."""
        url = urlsplit(request.target)
        if not url.netloc:
            return self.local(request)
        if url.hostname not in ("127.0.0.1", "localhost"):
            return Response.text("this proxy knows loopback only\n", 502)
        return forward(url.hostname, url.port or 80, request)


def forward(host: str, port: int, request: Request) -> Response:
    """Reads the far answer's head and passes its body on as it comes."""
    url = urlsplit(request.target)
    far = socket.create_connection((host, port))
    headers = {**request.headers, "host": url.netloc, "connection": "close"}
    lines = [f"{request.method} {url.path or '/'}{'?' + url.query if url.query else ''} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if not name.startswith("proxy-")]
    far.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + request.body)
    file = far.makefile("rb")
    status = int(file.readline().split()[1])
    answer = {name: value.strip() for name, _, value in (line.decode("latin-1").partition(":") for line in head(file))}
    answer.pop("Connection", None)
    kind, length = answer.pop("Content-Type", "text/plain"), answer.pop("Content-Length", None)

    def body():
        with far, file:
            while chunk := file.read1(1 << 18):
                yield chunk

    return Response(status, body(), answer, kind, int(length) if length else None)


def head(file):
    while (line := file.readline()) not in (b"\r\n", b""):
        yield line


def pump(near: socket.socket, far: socket.socket) -> None:
    """Both ways until one side ends."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(1 << 18):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    back = threading.Thread(target=copy, args=(far, near), daemon=True)
    back.start()
    copy(near, far)
    back.join()
