"""What is tried when YouTube refuses: other clients, without cookies, other proxies, other ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from program import VENV, Program, wait_until, youtube_options
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube
from tests.world.stream import Stream
from tests.world.videos import Video

WATCH = "https://www.youtube.com/watch?v=live0000001"
AVC, AAC = {"itag": 137}, {"itag": 140, "tracks": "a", "bandwidth": 120000}
USUAL = ("tv_samsung", "visionos", "web", "web_embedded")  # whom yt-dlp asks by itself


def add(youtube: FakeYouTube, stream: dict[str, Any], **details: Any) -> tuple[Video, Stream]:
    video = youtube.add(stream=stream, **details)
    assert video.stream
    return video, video.stream


def through(proxies: list[str], youtube: FakeYouTube) -> list[object]:
    words = [word for proxy in proxies for word in ("--proxy", proxy)]
    return [*words, "--ca-file", youtube.addresses["ca_file"], "--yt-dlp", VENV / "yt-dlp"]


def cookies(folder: Path) -> Path:
    file = folder / "cookies.txt"
    file.write_text("# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t2147483647\tACCOUNT\tblocked\n")
    return file


@pytest.mark.parametrize("adaptive", [[], [AVC, AAC]], ids=["hls", "fragments"])
def test_another_client_is_asked_when_urls_are_refused(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, adaptive: list[dict[str, Any]]
) -> None:
    """Those of the clients that yt-dlp asks by itself answer 403; a television's are served."""
    plan = {"adaptive": adaptive, "ready": 8, "total": 16, "speed": 0, "refuse_clients": USUAL}
    video, stream = add(youtube, plan)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--from-start", "--stall-timeout", "2s")
    names = ["f137", "f140"] if adaptive else ["v96"]
    stream.wait_for(lambda it: all(7 in it.served(name) for name in names), timeout=60)
    stream.advance(8)
    stream.wait_for(lambda it: all(15 in it.served(name) for name in names), timeout=60)
    video.state = "post_live"
    process.expect(0)
    oracle.check(mkv, stream.truth(itags=(137, 140)) if adaptive else stream.truth())
    assert "as tv" in process.errors, process.errors
    assert "tv" in video.clients


def test_another_client_is_asked_when_one_is_taken_for_a_bot(
    aircheck: Program, youtube: FakeYouTube, mkv: Path
) -> None:
    video, stream = add(youtube, {"total": 6, "speed": 8}, suspects=(*USUAL, "tv"))
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(0)
    oracle.check(mkv, stream.truth())
    assert "as web_safari" in process.errors and "no bot" in process.errors, process.errors
    assert video.clients[-1] == "web_safari"


def test_the_first_refusal_is_told_when_nothing_helps(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, _ = add(youtube, {}, state="bot_check")
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(1)
    assert "this machine's address is blocked" in process.errors.splitlines()[-1], process.errors
    assert {"tv", "web_safari", "ios"} <= set(video.clients)
    assert not mkv.exists()


def test_a_client_that_the_user_names_is_the_only_one(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, _ = add(youtube, {}, state="bot_check")
    named = ["--yt-dlp-args", "--extractor-args youtube:player_client=tv"]
    aircheck.record(WATCH, mkv, *youtube_options(youtube), *named).expect(1)
    assert set(video.clients) <= {"tv", "web"}, "the page itself has web's answer in it"


def test_without_cookies_where_they_are_refused(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, tmp_path: Path
) -> None:
    _, stream = add(youtube, {"total": 6, "speed": 8}, suspect_cookie="ACCOUNT=blocked")
    options = [*youtube_options(youtube), "--cookies", cookies(tmp_path)]
    process = aircheck.record(WATCH, mkv, *options).expect(0)
    oracle.check(mkv, stream.truth())
    assert "without cookies" in process.errors, process.errors


@pytest.mark.parametrize("ailment", ["dead", "407"])
def test_a_proxy_that_does_not_work_is_passed_over(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, ailment: str
) -> None:
    _, stream = add(youtube, {"total": 6, "speed": 8})
    first = youtube.add_proxy()
    if ailment == "dead":
        first.close()
    else:
        first.broken = 407
    process = aircheck.record(WATCH, mkv, *through([first.address, youtube.proxy.address], youtube)).expect(0)
    oracle.check(mkv, stream.truth())
    assert "is left for a while" in process.errors, process.errors


@pytest.mark.parametrize("ailment", ["dead", "407"])
def test_a_proxy_that_fails_under_way_hands_over(
    aircheck: Program, youtube: FakeYouTube, mkv: Path, ailment: str
) -> None:
    """yt-dlp and the segments go on through the other one, together; nothing is lost that is still listed."""
    _, stream = add(youtube, {"total": 40, "speed": 2, "window": 30})
    first, second = youtube.add_proxy(), youtube.proxy
    process = aircheck.record(WATCH, mkv, "--proxy", f"{first.address},{second.address}", *through([], youtube))
    stream.wait_for(lambda it: 6 in it.served(), timeout=60)
    assert second.used == 0
    if ailment == "dead":
        first.close()
    else:
        first.broken = 407
    process.expect(0, timeout=90)
    oracle.check(mkv, stream.truth())
    assert any("youtube.com" in name for name in second.connects), "yt-dlp must ask through it too"
    assert "is left for a while" in process.errors, process.errors


def test_an_address_that_is_blocked_is_left(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """Another proxy goes before another client."""
    video, stream = add(youtube, {"total": 6, "speed": 8}, state="bot_check")
    first = youtube.add_proxy()
    process = aircheck.record(WATCH, mkv, *through([first.address, youtube.proxy.address], youtube))
    wait_until(lambda: youtube.proxy.used > 0 or not process.running(), timeout=60)
    video.state = "live"
    process.expect(0)
    oracle.check(mkv, stream.truth())


# yt-dlp's own download, where it is the only way.


def endless(youtube: FakeYouTube, kind: str = "ts", **plan: Any) -> tuple[Video, Stream]:
    container = "ts" if kind == "ts" else "fmp4"
    return add(youtube, {"variants": [], "kind": container, "endless": kind, "ready": 1, **plan})


def end(video: Video, stream: Stream) -> None:
    stream.wait_for(lambda it: it.end_number() - 1 in it.served("endless"), timeout=60)
    video.state = "ended"


@pytest.mark.parametrize("kind", ["ts", "fmp4"])
def test_what_only_yt_dlp_can_fetch(aircheck: Program, youtube: FakeYouTube, mkv: Path, kind: str) -> None:
    video, stream = endless(youtube, kind, total=20, speed=4)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s")
    stream.wait_for(lambda it: 19 in it.served("endless"), timeout=60)
    end(video, stream)
    process.expect(0)
    oracle.check(mkv, stream.truth(first=min(stream.served("endless"))))


def test_a_download_that_breaks_off_is_begun_anew(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """What was broadcast in between is gone, and said to be."""
    video, stream = endless(youtube, total=40, speed=2, breaks=[9])
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "4s")
    stream.wait_for(lambda it: 39 in it.served("endless"), timeout=90)
    end(video, stream)
    process.expect(3, timeout=60)
    served = stream.served("endless")
    missing = tuple(number for number in range(min(served), 40) if number not in served)
    assert missing[:2] == (10, 11)
    oracle.check_packets(oracle.packets(mkv), stream.truth(first=min(served), without=missing)["tracks"])
    oracle.check_mkvmerge(mkv)
    gap = next(time for time, title in oracle.chapters(mkv) if "missing" in title)
    assert abs(gap - (10 - min(served))) < 0.2
    back = next(time for time, title in oracle.chapters(mkv) if "goes on" in title)
    assert abs(back - gap - len(missing)) < 0.2, "the clock of the stream tells how long it was"


def test_killed_and_begun_anew(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    video, stream = endless(youtube, total=50, speed=2)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "4s")
    stream.wait_for(lambda it: 6 in it.served("endless"), timeout=60)
    process.kill()
    stream.away_until = stream.end_number() + 2
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "4s")
    stream.wait_for(lambda it: 49 in it.served("endless"), timeout=90)
    end(video, stream)
    process.expect(3, timeout=60)
    found, truth = oracle.packets(mkv)["video"], stream.truth(first=min(stream.served("endless")))["tracks"]["video"]
    wanted = {round(packet.pts - truth[0].pts, 2): packet.md5 for packet in truth}
    for packet in found:
        assert wanted[round(packet.pts - found[0].pts, 2)] == packet.md5, "each is where it belongs"
    assert max(round(packet.pts - found[0].pts, 2) for packet in found) == max(wanted)
    assert len(wanted) - len(found) >= 25, "a second at the least is gone"
    oracle.check_mkvmerge(mkv)
    assert any("missing" in title for _, title in oracle.chapters(mkv))


def test_a_download_that_cannot_be_recorded_is_told(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    endless(youtube, "mp4", total=20, speed=4)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube)).expect(1)
    assert "not fragmented" in process.errors, process.errors
    assert not mkv.exists()


def test_own_download_when_all_else_is_refused(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """HLS answers 403 whichever client asks."""
    variants = [{"name": "v91", "itag": 91, "size": "256x144"}]
    clients = (*USUAL, "tv", "web_safari", "ios")
    plan = {"variants": variants, "endless": "ts", "beside": True, "speed": 2, "refuse_clients": clients}
    video, stream = add(youtube, plan)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s")
    stream.wait_for(lambda it: len(it.served("endless")) > 4, timeout=90)
    stream.end()
    end(video, stream)
    process.expect(0, timeout=60)
    assert not stream.served("v91")
    first = min(stream.served("endless"))
    oracle.check(mkv, stream.truth(first=first))
    assert "given up for the moment: HLS" in process.errors, process.errors


# And up again, from yt-dlp's own download to HLS: in the same file, nothing twice, and told where something is missing.

PIPE = {"endless": "ts", "beside": True, "speed": 1}


def test_back_to_hls_without_a_hole(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """What HLS lists is found in what was recorded by its content."""
    video, stream = add(youtube, {**PIPE, "total": 25, "breaks": [6]}, withheld=("hls",))
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s")
    stream.wait_for(lambda it: it.served("endless"), timeout=60)
    video.withheld = ()
    process.expect(0, timeout=90)
    assert max(stream.served("endless")) == 6 and stream.served("v96")
    oracle.check(mkv, stream.truth(first=min(stream.served("endless"))))
    oracle.check_steady(oracle.packets(mkv))


def check_told(mkv: Path, stream: Stream, first: int, pipe: str = "v91", then: str = "v96") -> None:
    """Segments from `first` on by the pipe, then the last ones by another way; what is missing in between is told."""
    found = oracle.packets(mkv)["video"]
    missing = next(time for time, title in oracle.chapters(mkv) if "missing" in title)
    back = next(time for time, title in oracle.chapters(mkv) if "goes on" in title)
    before = sum(packet.pts < missing - 0.01 for packet in found)
    assert before % 25 == 0 and (len(found) - before) % 25 == 0
    end, after = first + before // 25, stream.end_number() - (len(found) - before) // 25
    truth = [
        packet.md5
        for name, numbers in ((pipe, range(first, end)), (then, range(after, stream.end_number())))
        for number in numbers
        for packet in stream.renditions[name].packets(number)["video"]
    ]
    assert [packet.md5 for packet in found] == truth
    assert end <= after, "nothing twice"
    assert abs(back - missing - (after - end)) < 1.5, "how long the hole is"
    oracle.check_mkvmerge(mkv)


TWO = [{"name": "v91", "itag": 91, "size": "256x144"}, {"name": "v96", "itag": 96, "tone": 880}]


def test_back_to_hls_where_it_is_coded_otherwise(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """Nothing is the same: rather a short hole than anything twice."""
    video, stream = add(youtube, {**PIPE, "total": 30, "breaks": [6], "variants": TWO}, withheld=("hls",))
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s")
    stream.wait_for(lambda it: it.served("endless"), timeout=60)
    video.withheld = ()
    process.expect(3, timeout=90)
    check_told(mkv, stream, min(stream.served("endless")))


def test_killed_and_gone_on_with_by_hls(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """A successor knows by the clock only what is recorded."""
    video, stream = add(youtube, {**PIPE, "total": 30, "variants": TWO}, withheld=("hls",))
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s")
    stream.wait_for(lambda it: len(it.served("endless")) > 4, timeout=60)
    process.kill()
    first = min(stream.served("endless"))
    video.withheld = ()
    aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s").expect(3, timeout=90)
    check_told(mkv, stream, first)


def test_up_to_fragments(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    plan = {**PIPE, "breaks": [6], "adaptive": [AVC, AAC]}
    video, stream = add(youtube, plan, withheld=("hls", "fragments"))
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "2s")
    stream.wait_for(lambda it: it.served("endless"), timeout=60)
    video.withheld = ("hls",)
    stream.wait_for(lambda it: len(it.served("f137")) > 8, timeout=60)
    stream.end()
    last = stream.end_number() - 1
    stream.wait_for(lambda it: last in it.served("f137") and last in it.served("f140"), timeout=60)
    video.state = "post_live"
    process.expect(3, timeout=60)
    check_told(mkv, stream, min(stream.served("endless")), "v96", "f137")


@pytest.mark.long
def test_back_to_hls_when_it_is_served_again(aircheck: Program, youtube: FakeYouTube, mkv: Path) -> None:
    """It is tried while yt-dlp's own download goes on: that it is still refused costs nothing."""
    variants = [{"name": "v91", "itag": 91, "size": "256x144"}]
    plan = {**PIPE, "variants": variants, "refuse_clients": (*USUAL, "tv", "web_safari", "ios")}
    _, stream = add(youtube, plan)
    process = aircheck.record(WATCH, mkv, *youtube_options(youtube), "--stall-timeout", "1s")
    stream.wait_for(lambda it: len(it.served("endless")) > 4, timeout=90)
    wait_until(lambda: process.errors.count("given up for the moment: HLS") >= 2, timeout=90)
    stream.script.refuse_clients = ()
    stream.wait_for(lambda it: len(it.served("v91")) > 20, timeout=120)
    stream.end()
    process.expect(0, timeout=60)
    oracle.check(mkv, stream.truth(first=min(stream.served("endless"))))
