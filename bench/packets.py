"""The packets that a file has."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

from tests.world.content import BARE_VIDEO


def packets_in(file: Path) -> dict[str, int]:
    """How many, by kind of track."""
    command = ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_type,nb_read_packets"]
    done = subprocess.run([*command, "-of", "json", str(file)], capture_output=True, text=True, check=False)
    streams = json.loads(done.stdout or "{}").get("streams", [])
    return {stream["codec_type"]: int(stream["nb_read_packets"]) for stream in streams}


def hashes_in(file: Path) -> Counter[str]:
    """Their hashes without what muxers may change, as the test world's truth has them; none where nothing opens."""
    bare = ["-bsf:v", BARE_VIDEO["h264"], "-bsf:a", "aac_adtstoasc"]
    maps = ["-map", "0:V?", "-map", "0:a?", *bare, "-c", "copy"]
    command = ["ffmpeg", "-nostdin", "-v", "quiet", "-i", str(file), *maps, "-f", "framemd5", "-"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return Counter(line.split(",")[5].strip() for line in lines if line and not line.startswith("#"))
