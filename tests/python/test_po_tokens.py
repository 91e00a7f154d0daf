"""PO tokens, without which YouTube may refuse media: the real yt-dlp and plugin, a provider on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from program import ROOT, Process, Program, wait_until, youtube_options
from server import Server
from tests.world import oracle
from tests.world.fake_youtube import CLIENT, FakeYouTube
from tests.world.pot import PotProvider, plugin_version
from tests.world.stream import Stream
from tests.world.videos import Video

WATCH = "https://www.youtube.com/watch?v=live0000001"
FORMATS = [{"itag": 137}, {"itag": 140, "tracks": "a", "bandwidth": 120000}]
EVERYBODY = ("tv_samsung", "visionos", "web", "web_embedded", "tv", "web_safari", "ios")
QUICK_END = ["--stall-timeout", "2s"]
PLUGIN = ROOT / "build" / "test-plugins" / "bgutil"  # of tools/setup test; away from the tests that do not ask for it
PLUGGED = {"PYTHONPATH": str(PLUGIN)}  # as if it were installed beside yt-dlp
MORE = "180p25 by fragments would want a PO token"


@pytest.fixture
def provider() -> Iterator[PotProvider]:
    assert PLUGIN.is_dir(), "yt-dlp's plugin is not there: tools/setup test"
    with PotProvider(plugin_version(PLUGIN)) as made:
        yield made


def add(youtube: FakeYouTube, **stream: Any) -> tuple[Video, Stream]:
    """Whoever asks: without a token, fragments are refused, and HLS too unless the stream says `pot_only`."""
    video = youtube.add(stream={"adaptive": FORMATS, "pot_wanted": EVERYBODY, **stream})
    assert video.stream
    return video, video.stream


def at(provider: PotProvider) -> list[object]:
    return ["--yt-dlp-args", f'--extractor-args "youtubepot-bgutilhttp:base_url={provider.address}"']


def record(aircheck: Program, youtube: FakeYouTube, mkv: Path, provider: PotProvider, stall: str = "2s") -> Process:
    """A better way is asked for again after twenty times `stall`."""
    options = [*youtube_options(youtube), "--stall-timeout", stall, *at(provider), "--from-start"]
    return aircheck.record(WATCH, mkv, *options, environment=PLUGGED)


def both_have(number: int) -> Callable[[Stream], bool]:
    return lambda stream: all(number in stream.served(name) for name in ("f137", "f140"))


def test_fragments_come_with_tokens(aircheck: Program, youtube: FakeYouTube, mkv: Path, provider: PotProvider) -> None:
    """yt-dlp gets none for a television, so the client that it gets them for has to be asked."""
    video, stream = add(youtube, ready=8, total=16, speed=0)
    process = record(aircheck, youtube, mkv, provider)
    stream.wait_for(both_have(7), timeout=60)
    stream.advance(8)
    stream.wait_for(both_have(15), timeout=60)
    video.state = "post_live"
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))
    assert set(provider.bindings) == {CLIENT["visitorData"]}
    assert stream.pots_taken and "as web_safari" in process.errors, process.errors


@pytest.mark.long
def test_tokens_that_are_wanted_after_a_while(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, provider: PotProvider
) -> None:
    """As YouTube has it: half a minute is served to everybody. Fragments are not given up before tokens were tried."""
    video, stream = add(youtube, speed=2, window=30, pot_grace=12)
    process = record(aircheck, youtube, mkv, provider)
    stream.wait_for(lambda it: it.pots_taken, timeout=90)
    stream.advance(4)
    stream.end()
    stream.wait_for(both_have(stream.end_number() - 1), timeout=60)
    video.state = "post_live"
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))
    assert not stream.served("v96"), "HLS was not needed"


def test_new_tokens_when_the_old_ones_are_refused(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, provider: PotProvider
) -> None:
    video, stream = add(youtube, ready=8, total=16, speed=0)
    process = record(aircheck, youtube, mkv, provider)
    stream.wait_for(both_have(7), timeout=60)
    old = provider.last
    stream.script.pot_since = old + 1
    stream.advance(8)
    stream.wait_for(both_have(15), timeout=60)
    video.state = "post_live"
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)))
    assert max(stream.pots_taken) > old


def test_provider_that_dies_under_way_and_comes_back(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, provider: PotProvider
) -> None:
    """Its tokens are not taken any more, and there are no others: HLS, which wants none, goes on in the same file.
    Fragments do again once there are tokens."""
    video, stream = add(youtube, speed=2, window=30, pot_only="fragments")
    process = record(aircheck, youtube, mkv, provider, stall="1s")
    stream.wait_for(both_have(8), timeout=60)
    provider.close()
    stream.script.pot_since = provider.last + 1
    by_hls = stream.wait_for(lambda it: it.served("v96"), timeout=60)[0]
    provider.reopen()
    stream.wait_for(lambda it: sum(number > by_hls for number in it.served("f140")) >= 4, timeout=90)
    stream.end()
    stream.wait_for(both_have(stream.end_number() - 1), timeout=60)
    video.state = "post_live"
    process.expect(0, timeout=90)
    found, truth = oracle.packets(mkv), stream.truth(itags=(137, 140))["tracks"]
    assert [packet.md5 for packet in found["video"]] == [packet.md5 for packet in truth["video"]]
    assert abs(len(found["audio"]) - len(truth["audio"])) <= 1
    oracle.check_steady(found)
    assert "180p25 by fragments is not taken" in process.errors and provider.address in process.errors, process.errors


def test_without_a_provider_what_wants_no_token_is_taken(serve: Callable[..., Server], youtube: FakeYouTube) -> None:
    """And the job says what is missed by that."""
    server = serve(*QUICK_END, *youtube_options(youtube))
    _, stream = add(youtube, total=12, speed=4, pot_only="fragments")
    job = server.wait_for(server.submit(WATCH), "COMPLETED", timeout=90)
    assert MORE in job["quality_got"], job
    assert not job["gaps"] and not stream.served("f137")
    oracle.check(server.file(job), stream.truth())


@pytest.mark.parametrize("plugin", [False, True], ids=["no_plugin", "no_provider"])
def test_what_to_do_stands_on_the_job(
    serve: Callable[..., Server], youtube: FakeYouTube, provider: PotProvider, plugin: bool
) -> None:
    """Nothing at all is served without a token. The plugin knows whom it has asked in vain."""
    provider.close()
    options = [*QUICK_END, *youtube_options(youtube), *(at(provider) if plugin else ())]
    server = serve(*options, environment=PLUGGED if plugin else None)
    add(youtube, speed=1)
    job = server.submit(WATCH)

    def words() -> str:
        return (server.job(job).get("error") or {}).get("message", "")

    wait_until(lambda: "PO token" in words(), timeout=90, what="the word on the job")
    assert (provider.address if plugin else "install yt-dlp's plugin") in words()
