"""PO tokens (proofs of origin), and a provider of them on loopback that yt-dlp's plugin bgutil-ytdlp-pot-provider asks.

The real provider runs YouTube's own script against Google's servers, so it cannot be had here; the plugin is the real
one. A token is a number, counted up, and what it is bound to; who wants one is `pot_wanted` of script.Script.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from pathlib import Path
from typing import Any

from tests.world.httpd import Request, Response, Server


def token(number: int, binding: str) -> str:
    text = f"pot:{number}:{binding}"
    return base64.urlsafe_b64encode(text.ljust(-(-len(text) // 3) * 3).encode()).decode()


def number_of(pot: str) -> int | None:
    """None where it is no token of ours."""
    try:
        found = re.match(rb"pot:(\d+):", base64.urlsafe_b64decode(pot))
    except ValueError:
        return None
    return int(found[1]) if found else None


def plugin_version(folder: Path) -> str:
    """Of the plugin in the folder; it wants a provider of its own version."""
    text = (folder / "yt_dlp_plugins" / "extractor" / "getpot_bgutil.py").read_text()
    found = re.search(r"^__version__ = '([\d.]+)'", text, re.MULTILINE)
    assert found, "the plugin does not tell its version"
    return found[1]


class PotProvider:
    """Serves from construction to close(); a context manager."""

    def __init__(self, version: str):
        self.version = version
        self.bindings: list[str] = []  # what a token was asked for
        self.numbers = itertools.count(1)
        self.last = 0  # the number of the newest token
        self.server = Server(self.handle)

    def __enter__(self) -> PotProvider:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.server.close()

    def reopen(self) -> None:
        """Where it was before close()."""
        self.server = Server(self.handle, port=self.server.port)

    @property
    def address(self) -> str:
        return self.server.address

    def handle(self, request: Request) -> Response:
        if request.path == "/ping":
            return reply({"server_uptime": 1.0, "version": self.version})
        if request.path == "/get_pot" and request.method == "POST":
            binding = json.loads(request.body).get("content_binding") or ""
            self.bindings.append(binding)
            self.last = next(self.numbers)
            return reply({"contentBinding": binding, "poToken": token(self.last, binding)})
        return reply({"error": "no such thing"}, 404)


def reply(value: Any, status: int = 200) -> Response:
    return Response.text(json.dumps(value), status, "application/json")
