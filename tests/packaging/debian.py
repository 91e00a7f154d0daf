"""A fresh Debian 12 as Docker's `debian:bookworm-slim` is: no manual pages, no package lists.

Made once and kept under build/.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "packaging"
RECIPE = [
    "mmdebstrap",
    "--quiet",
    "--variant=minbase",
    "--include=usr-is-merged,ca-certificates",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale", "info")),
    '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/* "$1"/var/log/*',
    "bookworm",
]


class Missing(Exception):
    """What the tests need is not on this machine and cannot be had; the message says what and why."""


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise Missing(f"there is no {program} (tools/setup package)")


def run(*command: object, **options: object) -> str:
    """Its output; an AssertionError with what it said when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))} failed: {(done.stdout + done.stderr)[-4000:]}"
    return done.stdout


def base(architecture: str = "") -> Path:
    """The root as a tar file; this machine's architecture unless another is named, which must then run here."""
    need("mmdebstrap")
    name = f"debian-{architecture}" if architecture else "debian"
    tar, stamp = KEPT / f"{name}.tar", KEPT / f"{name}.recipe"
    command = [*RECIPE[:-1], *([f"--architectures={architecture}"] if architecture else []), RECIPE[-1]]
    recipe = "\n".join(command)
    if not tar.exists() or not stamp.exists() or stamp.read_text() != recipe:
        KEPT.mkdir(parents=True, exist_ok=True)
        made = subprocess.run([*command, tar], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            tar.unlink(missing_ok=True)
            raise Missing(f"mmdebstrap cannot make a Debian here: {made.stderr[-500:]}")
        stamp.write_text(recipe)
    return tar


def wheels(platform: str = "") -> Path:
    """yt-dlp and deno as docker/requirements.txt pins them, fetched outside: inside there is no index."""
    folder, pinned = KEPT / f"wheels{platform}", ROOT / "docker" / "requirements.txt"
    other = ["--platform", platform, "--only-binary", ":all:"] if platform else []
    stamp = folder / ".requirements"
    if not stamp.exists() or stamp.read_text() != pinned.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        pip = ROOT / "build" / "venv" / "bin" / "pip"
        run(pip, "download", "--quiet", "--no-deps", "--require-hashes", *other, "-r", pinned, "-d", folder)
        stamp.write_text(pinned.read_text())
    return folder
