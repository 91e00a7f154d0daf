"""Programs for arm64 on an amd64 machine, each instruction emulated by qemu.

The kernel is told to hand them to qemu (binfmt_misc), by the rule of Debian's qemu-user-static, while the tests last.
"""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debian import Missing, need

RULE = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
BINFMT = Path("/proc/sys/fs/binfmt_misc")


def runs() -> bool:
    return subprocess.run(["arch-test", "arm64"], capture_output=True, check=False).returncode == 0


@contextmanager
def arm64() -> Iterator[None]:
    """Raises Missing where they cannot be run."""
    if platform.machine() == "aarch64":
        yield
        return
    need("qemu-aarch64-static", "arch-test")
    if runs():
        yield
        return
    try:
        if not (BINFMT / "register").exists():
            subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT], capture_output=True, check=True)
        (BINFMT / "register").write_text(RULE.read_text().strip())
    except (OSError, subprocess.CalledProcessError) as reason:
        raise Missing(f"the kernel cannot be told to run programs for arm64 by qemu: {reason}") from None
    try:
        if not runs():
            raise Missing("programs for arm64 do not run here, although qemu is registered")
        yield
    finally:
        (BINFMT / RULE.stem).write_text("-1")
