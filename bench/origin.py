"""The test world's origin, made fast enough to measure others: everything is rendered before it is asked for.

python3 -m bench.origin      # prints one JSON line: {"http": …, "https": …, "ca_file": …, "youtube": …}

`youtube` is the proxy behind which the tests' YouTube is, with its streams on the same origin.
"""

from __future__ import annotations

import json
import signal
from functools import cache

from tests.world import content
from tests.world.fake_youtube import FakeYouTube
from tests.world.httpd import Request, Response
from tests.world.origin import Origin
from tests.world.script import Script
from tests.world.stream import Stream

RENDERED_BEFORE = 400  # segments; longer streams are too large to keep


class BenchOrigin(Origin):
    """Its streams keep the rendered segments, and forget what was served while nobody asks for the log."""

    def add_script(self, script: Script, name: str = "") -> Stream:
        stream = super().add_script(script, name)
        for rendition in stream.renditions.values():
            loop = rendition.epochs[0].loop
            if not hasattr(loop, "kept"):
                loop.kept = loop.render = cache(loop.render_now)
            for number in range(min(script.total or 0, RENDERED_BEFORE)):
                rendition.render(number)
        return stream

    def control_stream(self, request: Request, stream: Stream, verb: str) -> Response:
        response = super().control_stream(request, stream, verb)
        if verb == "forget":
            stream.log.clear()
            stream.started = None
        return response


def main() -> None:
    content.load(content.media("1080p"))
    with BenchOrigin() as origin, FakeYouTube(origin) as youtube:
        print(json.dumps({**origin.addresses, "youtube": youtube.proxy.address}), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
