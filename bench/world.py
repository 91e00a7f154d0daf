"""The origin and the YouTube of bench/origin.py as a process of their own, and what is asked of them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Origin:
    """A context manager."""

    def __enter__(self) -> Origin:
        command = [sys.executable, "-m", "bench.origin"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        self.addresses = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ask(self, path: str, body: dict | None = None, of: str = "http") -> Any:
        """`of`: the origin, or its youtube."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.addresses[of] + path, data)) as response:
            return json.load(response)

    def stream(self, **options: object) -> dict:
        return self.ask("/streams", options)

    def video(self, **options: object) -> dict:
        """A video with a stream of its own, whose id is that of the answer."""
        made = self.ask("/videos", options, of="youtube")
        return {"id": made["stream"], "url": made["url"]}

    def log(self, stream: dict) -> list[dict[str, Any]]:
        return self.ask(f"/streams/{stream['id']}/log")

    def bytes_served(self, stream: dict) -> int:
        log = self.log(stream)
        sizes = {entry["segment"]: entry["bytes"] for entry in log if entry["what"] == "segment" and entry["whole"]}
        return sum(sizes.values())

    def end_told_at(self, stream: dict) -> float:
        """time.time() of the first playlist that said so; ValueError when none did."""
        return min(entry["time"] for entry in self.log(stream) if entry["what"] == "playlist" and entry["ended"])

    def packets(self, stream: dict) -> dict[str, int]:
        tracks = self.ask(f"/streams/{stream['id']}/truth")["tracks"]
        return {kind: track["packets"] for kind, track in tracks.items()}

    def hashes(self, stream: dict, query: str = "") -> Counter[str]:
        """Of all packets, as packets.hashes_in has them; `query` narrows it down as the origin's truth is."""
        tracks = self.ask(f"/streams/{stream['id']}/truth?hashes=1{query}")["tracks"]
        return Counter(md5 for track in tracks.values() for md5 in track["md5"])
