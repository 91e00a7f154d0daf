"""Lambda for runtimes of the kind provided.*: a function's own `bootstrap`, out of its zip, against a Runtime API.
Between two events a sandbox stands still, as AWS freezes it.
"""

from __future__ import annotations

import base64
import io
import json
import os
import queue
import signal
import subprocess
import threading
import time
import uuid
import zipfile
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from . import roles


@dataclass
class Outcome:
    ok: bool
    payload: bytes
    log: str = ""


def failure(kind: str, message: str) -> Outcome:
    return Outcome(False, json.dumps({"errorType": kind, "errorMessage": message}).encode())


class RuntimeApi(ThreadingHTTPServer):
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, for one sandbox."""

    daemon_threads = True

    def __init__(self, sandbox: Sandbox):
        super().__init__(("127.0.0.1", 0), RuntimeHandler)
        self.sandbox = sandbox
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        pass  # the sandbox was killed in the middle of a request


class RuntimeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: RuntimeApi

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def do_GET(self) -> None:
        event, headers = self.server.sandbox.next_event()
        self.answer(200, event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.sandbox.outcomes.put((self.path.rsplit("/", 1)[1], body))
        self.answer(202, b'{"status":"OK"}')


class Sandbox:
    """One bootstrap process. Serves one event at a time."""

    def __init__(self, function: LambdaFunction, folder: Path, environment: dict[str, str]):
        self.name, self.arn = function.function_name, function.function_arn
        self.events: queue.Queue[tuple[bytes, dict[str, str]]] = queue.Queue()
        self.outcomes: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.process: subprocess.Popen | None = None
        self.frozen = False
        self.state = threading.Lock()
        self.folder = folder / f"{self.name}-{uuid.uuid4().hex[:8]}"
        self.unpack(function.code_bytes)
        self.api = RuntimeApi(self)
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_port}"}
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [self.folder / "bootstrap"], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def log_file(self) -> Path:
        return self.folder.with_suffix(".log")

    def unpack(self, code: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(self.folder)
            for entry in archive.infolist():
                os.chmod(self.folder / entry.filename, entry.external_attr >> 16 or 0o644)

    def next_event(self) -> tuple[bytes, dict[str, str]]:
        with self.state:
            if self.events.empty() and self.process:
                self.signal(signal.SIGSTOP)
        return self.events.get()

    def signal(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def invoke(self, event: bytes, timeout: float) -> Outcome:
        headers = {
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": "Root=1-0-0;Sampled=0",
        }
        begin = self.log_file.stat().st_size
        with self.state:
            self.events.put((event, headers))
            self.signal(signal.SIGCONT)
        outcome = self.wait(timeout)
        outcome.log = self.log_file.read_bytes()[begin:].decode(errors="replace")
        return outcome

    def wait(self, timeout: float) -> Outcome:
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                kind, body = self.outcomes.get(timeout=min(left, 0.2))
            except queue.Empty:
                if self.ended():
                    return failure("Runtime.ExitError", f"exit status {self.process and self.process.returncode}")
                continue
            if kind == "error" and not self.ended():
                return Outcome(False, body)
            return Outcome(kind == "response", body)
        self.close()
        return failure("Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds")

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def close(self) -> None:
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.api.shutdown()
        self.api.server_close()


class Lambdas:
    """All sandboxes. A free one of the same code and settings is taken again."""

    def __init__(self, address: str, folder: Path):
        self.address, self.folder = address, folder
        self.free: dict[tuple[str, str, str], list[Sandbox]] = {}
        self.all: list[Sandbox] = []
        self.lock = threading.Lock()

    def invoke(self, function: LambdaFunction, event: bytes) -> Outcome:
        key = (function.function_arn, function.code_sha_256, json.dumps(function.environment_vars, sort_keys=True))
        sandbox = self.take(key) or self.start(function)
        outcome = sandbox.invoke(event, float(function.timeout))
        if not sandbox.ended():
            with self.lock:
                self.free.setdefault(key, []).append(sandbox)
        return outcome

    def take(self, key: tuple[str, str, str]) -> Sandbox | None:
        with self.lock:
            while free := self.free.get(key):
                sandbox = free.pop()
                if not sandbox.ended():
                    return sandbox
        return None

    def start(self, function: LambdaFunction) -> Sandbox:
        sandbox = Sandbox(function, self.folder, self.environment(function))
        with self.lock:
            self.all.append(sandbox)
        return sandbox

    def environment(self, function: LambdaFunction) -> dict[str, str]:
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "_HANDLER": function.handler,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_ENDPOINT_URL": self.address,
            **roles.lambda_environment(function.role, function.function_name),
            **function.environment_vars,
        }

    def named(self, arn: str) -> LambdaFunction:
        _, _, _, region, account, _, name, *_ = arn.split(":")
        return lambda_backends[account][region].get_function(name)

    def serve_invoke(self) -> None:
        """Lets moto's Invoke run the function."""
        lambdas = self

        def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
            payload = event if isinstance(event, (str, bytes)) else json.dumps(event or {})
            outcome = lambdas.invoke(function, payload.encode() if isinstance(payload, str) else payload)
            return outcome.payload.decode(errors="replace"), not outcome.ok, outcome.log

        LambdaFunction._invoke_lambda = invoke

    def close(self) -> None:
        for sandbox in self.all:
            sandbox.close()


def decode_body(answer: dict[str, Any]) -> bytes:
    """Of a proxy integration's answer."""
    body = answer.get("body") or ""
    return base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
