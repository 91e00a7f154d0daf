"""The WSGI application: faults first, then our own addresses, then moto."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import cloudfront, corrections, gateway, permissions
from .events import Events
from .gateway import Gateway
from .lambdas import Lambdas
from .queues import Poller
from .roles import CredentialEndpoint
from .signatures import Signatures
from .tasks import Image, Tasks

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

NO_CAPACITY = b'{"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time."}]}'
# Kind: status and code as S3 says it, and as the others do.
REFUSALS = {
    "throttle": (("503 Slow Down", "SlowDown"), ("400 Bad Request", "ThrottlingException")),
    "denied": (("403 Forbidden", "AccessDenied"), ("400 Bad Request", "AccessDeniedException")),
    "skewed": (("403 Forbidden", "RequestTimeTooSkewed"), ("400 Bad Request", "InvalidSignatureException")),
    "invalid": (("400 Bad Request", "InvalidRequest"), ("400 Bad Request", "ValidationException")),
    "expired": (("400 Bad Request", "ExpiredToken"), ("400 Bad Request", "ExpiredTokenException")),
}


def reply(start_response: StartResponse, status: str, body: bytes, **headers: str) -> list[bytes]:
    more = {"Content-Type": "application/json", **{name.title(): value for name, value in headers.items()}}
    start_response(status, [("Content-Length", str(len(body))), *more.items()])
    return [body]


@dataclass
class Fault:
    """Lets the next `count` requests fail in whose "<method> <path>?<query> <target>" `on` occurs, after `skip` of
    them.

    lost: carried out, but answered with 500; dropped: carried out, then the connection ends; 500, throttle, denied,
    invalid, expired, capacity (RunTask's answer when there is none): refused; reset: the connection ends at once; slow:
    carried out after `seconds`; silent: nothing is answered for `seconds`, then the connection ends.
    """

    on: str
    kind: str
    count: int = 1
    skip: int = 0
    seconds: float = 0
    used: int = 0

    def applies(self, about: str) -> bool:
        if self.on not in about or self.count <= 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count -= 1
        self.used += 1
        return True


def refusal(kind: str, path: str) -> tuple[str, bytes] | None:
    """S3 speaks XML, the others JSON."""
    if kind == "500":
        return "500 Internal Server Error", b""
    if kind == "capacity":
        return "200 OK", NO_CAPACITY
    if kind not in REFUSALS:
        return None
    (s3_status, s3_code), (status, code) = REFUSALS[kind]
    if path == "/":
        return status, f'{{"__type": "{code}", "message": "refused by the test"}}'.encode()
    return s3_status, f"<Error><Code>{s3_code}</Code><Message>refused by the test</Message></Error>".encode()


class Connection:
    """Of the request under way."""

    def __init__(self, environ: Environ):
        self.socket: socket.socket | None = environ.get("werkzeug.socket")

    def end(self) -> list[bytes]:
        if self.socket:
            self.socket.shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError("a fault of the world")


class Faults:
    def __init__(self) -> None:
        self.list: list[Fault] = []
        self.lock = threading.Lock()

    def add(self, query: dict[str, str]) -> None:
        fields = {"count": int, "skip": int, "seconds": float}
        with self.lock:
            self.list.append(Fault(**{name: fields.get(name, str)(value) for name, value in query.items()}))

    def next(self, about: str) -> Fault | None:
        with self.lock:
            return next((fault for fault in self.list if fault.applies(about)), None)


class Moto:
    """moto alone, with the faults and the clock that tests ask for."""

    def __init__(self) -> None:
        corrections.apply()
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.faults = Faults()
        self.signatures = Signatures()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if path.startswith("/_world/"):
            values = {name: found[0] for name, found in urllib.parse.parse_qs(query).items()}
            return reply(start_response, "200 OK", json.dumps(self.control(path[8:], values)).encode())
        if refused := self.signatures.refusal(environ):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            status, body = refusal(refused, path) or ("403 Forbidden", b"")
            body = b"" if environ["REQUEST_METHOD"] == "HEAD" else body
            return reply(start_response, status, body, date=self.signatures.date())
        about = f"{environ['REQUEST_METHOD']} {path}?{query} {environ.get('HTTP_X_AMZ_TARGET', '')}"
        fault = self.faults.next(about)
        return self.fail(fault, environ, start_response) if fault else self.serve(environ, start_response)

    def control(self, what: str, query: dict[str, str]) -> Any:
        if what == "time":
            corrections.sqs_clock.milliseconds = int(query["ms"])
        elif what == "fault":
            self.faults.add(query)
        elif what == "faults":
            return [vars(fault) for fault in self.faults.list]
        elif what == "heal":
            self.faults.list.clear()
            self.signatures.ahead = 0.0
        elif what == "clock":
            self.signatures.ahead = float(query["seconds"])
        elif what == "expire":
            self.signatures.expired.add(query["key"])
        return {}

    def fail(self, fault: Fault, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if refused := refusal(fault.kind, environ["PATH_INFO"]):
            return reply(start_response, *refused)
        if fault.kind in ("slow", "silent"):
            time.sleep(fault.seconds)
        if fault.kind == "slow":
            return self.serve(environ, start_response)
        if fault.kind in ("lost", "dropped"):
            self.serve(environ, lambda *_: None)
        if fault.kind == "lost":
            return reply(start_response, "500 Internal Server Error", b"")
        return Connection(environ).end()

    def serve(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # A client that sends slowly, or is frozen in the middle, must not keep the lock.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        if self.waits_for_others(environ):
            return self.moto(environ, start_response)
        with corrections.lock:
            return list(self.moto(environ, start_response))

    @staticmethod
    def waits_for_others(environ: Environ) -> bool:
        """Invoke waits for a function that asks moto in its turn, ReceiveMessage for a message."""
        receives = environ.get("HTTP_X_AMZ_TARGET", "").endswith(".ReceiveMessage")
        return receives or environ["PATH_INFO"].endswith("/invocations")


@dataclass
class Options:
    folder: Path
    image: Image
    minute: float = 60.0


class World(Moto):
    """moto and what it lacks."""

    def __init__(self, address: str, options: Options):
        super().__init__()
        self.calls: dict[str, set[str]] = {}
        permissions.apply(self.calls)
        self.lambdas = Lambdas(address, options.folder)
        self.credentials = CredentialEndpoint(address)
        self.events = Events(self.lambdas, options.minute)
        self.tasks = Tasks(options.image, self.credentials, self.events, options.folder)
        self.poller = Poller(self.lambdas)
        self.gateway = Gateway(self.lambdas)
        self.headers_policies = cloudfront.HeadersPolicies()
        cloudfront.remember_all_members()
        self.lambdas.serve_invoke()
        self.tasks.serve_run_task()

    def serve(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/_credentials/"):
            keys = self.credentials.answer(path, environ.get("HTTP_AUTHORIZATION", ""))
            return reply(start_response, "200 OK" if keys else "403 Forbidden", json.dumps(keys or {}).encode())
        if called := gateway.split(path, environ.get("HTTP_HOST", "")):
            status, body, headers = self.gateway.answer(environ, *called)
            start_response(f"{status} X", [*headers, ("Content-Length", str(len(body)))])
            return [body]
        if path.startswith(cloudfront.API) and (answer := self.headers_policies.answer(environ)):
            status, body, headers = answer
            start_response(status, [*headers, ("Content-Length", str(len(body)))])
            return [body]
        return super().serve(environ, start_response)

    def control(self, what: str, query: dict[str, str]) -> Any:
        if what == "tasks":
            return self.tasks.listed()
        if what == "calls":
            return {who: sorted(calls) for who, calls in self.calls.items()}
        if what == "credentials":  # of tasks live for so long from now on
            self.credentials.seconds = int(query["seconds"])
            return {}
        if what == "revoke":  # what tasks have by now, and their right to ask for more
            self.signatures.expired |= self.credentials.handed_out
            self.credentials.known.clear()
            return {}
        return super().control(what, query)

    def close(self) -> None:
        for part in (self.poller, self.events, self.tasks, self.lambdas):
            part.close()
