"""`aircheck serve` as a black box: started on any port, spoken to over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api import Answer, Api
from program import Process, Program, wait_until


class Server(Api):
    """One run of the server; `start` again on the same `data` to play an upgrade."""

    root = "/api"

    def __init__(self, program: Program, data: Path, *options: object, environment: dict[str, str] | None = None):
        self.program, self.data, self.options, self.environment = program, data, options, environment
        self.start()

    def start(self) -> None:
        arguments = ["serve", "--listen", "127.0.0.1:0", "--data", self.data, *self.options]
        self.process: Process = self.program.start(*arguments, environment=self.environment)
        self.address: str = wait_until(self.printed_address, what=f"the server's start ({self.process.errors})")

    def printed_address(self) -> str | None:
        if not self.process.running():
            raise AssertionError(f"the server ended: {self.process.said}")
        found = re.search(r"^(http://\S+)$", self.process.output, re.MULTILINE)
        return found[1] if found else None

    def stop(self) -> None:
        self.process.send(signal.SIGTERM)
        self.process.wait(timeout=10)

    def kill(self) -> None:
        self.process.kill()

    def connect(self) -> http.client.HTTPConnection:
        url = urlsplit(self.address)
        return http.client.HTTPConnection(url.hostname or "", url.port, timeout=20)

    def ask(self, method: str, path: str, value: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = self.connect()
        sent = dict(headers or {})
        body = None
        if value is not None:
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def said(self) -> str:
        return self.process.errors[-2000:]

    def file(self, job: dict[str, Any], index: int = 0) -> Path:
        """Where the recording lies on disk."""
        key = job["recordings"][index]["key"]
        found = [path for path in self.data.rglob(Path(key).name) if str(path).endswith(key)]
        assert len(found) == 1, f"{key}: {found}"
        return found[0]

    def recorders(self) -> list[int]:
        """Process ids of recorders: those that have our data folder in their command line or environment."""
        own = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self.process.popen.pid and self.is_recorder(entry):
                own.append(int(entry.name))
        return own

    def is_recorder(self, entry: Path) -> bool:
        try:
            if entry.joinpath("exe").readlink() != self.program.binary:
                return False
            words = entry.joinpath("cmdline").read_bytes() + b"\0" + entry.joinpath("environ").read_bytes()
        except OSError:
            return False
        return os.fsencode(self.data) in words and b"\0serve\0" not in words

    def close(self) -> None:
        """Leaves nothing running: recorders outlive their server by design."""
        if self.process.running():
            self.kill()
        for pid in self.recorders():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
