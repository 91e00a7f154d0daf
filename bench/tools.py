"""The recorders that are compared: how each is told to leave one mkv of a stream, from the oldest segment offered."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Tool:
    name: str
    program: str
    resumes: bool = False  # the same command again goes on with what is there

    def command(self, url: str, file: Path, ca_file: str) -> list[str]:
        return COMMANDS[self.name](self.program, url, str(file), ca_file)

    def version(self) -> str:
        import subprocess

        flag = "-version" if self.name == "ffmpeg" else "--version"
        done = subprocess.run([self.program, flag], capture_output=True, text=True, check=False)
        return (done.stdout or done.stderr).split("\n")[0].split(" Copyright")[0]


def aircheck(program: str, url: str, file: str, ca_file: str) -> list[str]:
    return [program, "record", url, "-o", file, *(["--ca-file", ca_file] if url.startswith("https") else [])]


def ffmpeg(program: str, url: str, file: str, ca_file: str) -> list[str]:
    trust = ["-ca_file", ca_file, "-tls_verify", "1"] if url.startswith("https") else []
    return [program, "-nostdin", "-v", "error", "-y", *trust, "-live_start_index", "0", "-i", url, "-c", "copy", file]


def yt_dlp(program: str, url: str, file: str, _: str) -> list[str]:
    """Its native HLS downloader where it can (a finished playlist), its own call of ffmpeg where not."""
    options = ["--ignore-config", "--no-check-certificates", "--hls-prefer-native", "--remux-video", "mkv", "-q"]
    return [program, *options, "-o", str(Path(file).with_suffix(".%(ext)s")), url]


def streamlink(program: str, url: str, file: str, ca_file: str) -> list[str]:
    """Writes the segments one after the other; the mkv is made of them afterwards."""
    record = [program, "--no-config", "--hls-live-restart", "--loglevel", "error"]
    if url.startswith("https"):
        record += ["--http-ssl-cert", ca_file, "--http-no-ssl-verify"]
    return then_remuxed(record, f"hls://{url}", Path(file))


def then_remuxed(streamlink: list[str], url: str, file: Path) -> list[str]:
    parts = str(file.with_suffix(".ts"))
    record = [*streamlink, "-o", parts, url, "best"]
    remux = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", parts, "-c", "copy", str(file)]
    return ["sh", "-c", f"{shlex.join(record)} && {shlex.join(remux)} && rm {shlex.quote(parts)}"]


COMMANDS = {"aircheck": aircheck, "ffmpeg": ffmpeg, "yt-dlp": yt_dlp, "streamlink": streamlink}


def find_tools(aircheck_program: str, names: list[str]) -> tuple[list[Tool], list[str]]:
    """Those that are installed, and a word on each that is not."""
    places = {
        "aircheck": [aircheck_program],
        "ffmpeg": ["ffmpeg"],
        "yt-dlp": [str(ROOT / "build/venv/bin/yt-dlp"), "yt-dlp"],
        "streamlink": [str(ROOT / "build/bench-venv/bin/streamlink"), "streamlink"],
    }
    tools, missing = [], []
    for name in names:
        program = next((found for place in places[name] if (found := shutil.which(place))), None)
        if program:
            tools.append(Tool(name, program, resumes=name == "aircheck"))
        else:
            missing.append(f"{name} is not installed; left out")
    return tools, missing
