"""The HTTP server around an application, on any free port of loopback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        pass

    def connection_dropped(self, *_: object) -> None:
        self.close_connection = True


def listen(port: int, application: Callable[..., Any], **options: Any) -> BaseWSGIServer:
    return make_server("127.0.0.1", port, application, threaded=True, request_handler=QuietHandler, **options)


def end_with_standard_input(close: Callable[[], None]) -> None:
    """So that a server never outlives the test that started it."""

    def wait() -> None:
        sys.stdin.read()
        close()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def end_with_signals(close: Callable[[], None]) -> None:
    def end(*_: object) -> None:
        close()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
