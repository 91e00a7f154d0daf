"""What may be wrong with the machine that the program runs on."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def file_system(folder: Path, size: str) -> Iterator[Path]:
    """One of its own in `folder`, with room for `size`. Skips the test where mounting is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system needs more rights than this user has")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


class Clock:
    """A wall clock that can be made to jump under running programs, see clock_shift.c."""

    def __init__(self, folder: Path):
        library, self.file = folder / "clock_shift.so", folder / "clock-shift"
        source = Path(__file__).with_name("clock_shift.c")
        subprocess.run(["gcc-12", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.jump(0)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT_FILE": str(self.file)}

    def jump(self, seconds: int) -> None:
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(seconds.to_bytes(8, "little", signed=True))


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)
