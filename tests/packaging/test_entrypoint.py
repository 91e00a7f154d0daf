"""What docker/entrypoint.sh does before the program takes its place; without a container."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENTRYPOINT = Path(__file__).resolve().parents[2] / "docker" / "entrypoint.sh"
SAYS = 'echo "$@"; echo "text: ${AIRCHECK_COOKIES_TEXT-gone}"; stat -c %a "$AIRCHECK_COOKIES"; cat "$AIRCHECK_COOKIES"'


def test_cookies_become_a_file_of_ones_own(tmp_path: Path) -> None:
    program = tmp_path / "aircheck"
    program.write_text(f"#!/bin/sh\n{SAYS}\n")
    program.chmod(0o755)
    text = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t0\tSID\t%s \\n secret"
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path), "AIRCHECK_COOKIES_TEXT": text}
    done = subprocess.run([ENTRYPOINT, "recorder"], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"recorder\ntext: gone\n600\n{text}\n"
