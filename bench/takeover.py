"""How long nothing is recorded after a recorder in an account was killed: with ECS's word of it, and without any,
when only its lease tells. In tests/aws's emulator, with the real Lambdas and the real recorder.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import report
from bench.report import Target

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/python"))

LEASE = 20  # s
MOST = 10  # s, beyond the lease


def until_recording_again(folder: Path, number: signal.Signals) -> float:
    """Seconds from the signal until a recorder asks the origin for a segment again."""
    from deployment import Deployment, video_ids
    from program import wait_until
    from tests.aws.account import Settings
    from tests.world.fake_youtube import FakeYouTube

    lease = {"AIRCHECK_LEASE": str(LEASE), "AIRCHECK_HEARTBEAT": "5"}
    with FakeYouTube() as youtube:
        account = Deployment(folder, youtube, Settings(task_environment=lease), minute=5)
        try:
            stream = youtube.add(video_ids(1)[0]).stream
            assert stream
            job_id = account.submit(video_ids(1)[0])
            account.wait_for(job_id, "RECORDING")
            wait_until(lambda: account.job(job_id)["bytes"] > 0, what="a heartbeat")
            [task] = account.tasks_of(job_id)
            began = time.time()
            os.kill(task["pid"], number)

            def another() -> bool:
                return any(one["pid"] != task["pid"] for one in account.tasks_of(job_id))

            wait_until(another, LEASE + 60, "another recorder")
            started = time.time()

            def again() -> float | None:
                times = [entry["time"] for entry in list(stream.log) if entry["what"] == "segment"]
                return next((time for time in times if time > started), None)

            return wait_until(again, 60, "a segment asked for") - began
        finally:
            account.close()


def measure_all(folder: Path, say: Callable) -> tuple[str, list[Target]]:
    rows, targets = [], []
    cases = [("killed, ECS tells", signal.SIGKILL), ("frozen, nobody tells", signal.SIGSTOP)]
    for label, number in cases:
        say(f"taken over: {label}")
        took = until_recording_again(folder / number.name, number)
        rows.append([label, f"{LEASE}", f"{took:.1f}"])
        targets.append(Target(f"{label} → recording again, s (lease {LEASE} s + {MOST} s)", LEASE + MOST, took))
    head = ["", "lease, s", "→ recording again, s"]
    return f"### Taken over\n\n{report.table(head, rows)}", targets
