"""Jobs put straight into a server's database: many of them, or such as take days to come about."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from server import Server


def stamp(seconds: float) -> str:
    """A time so many seconds from now, as jobs have it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def completed(number: int, **changes: Any) -> dict[str, Any]:
    """A recording of an hour, `number` hours old, whose file is gone."""
    began = -3600.0 * (number + 1)
    key = f"recordings/2026/01/{number}.mkv"
    job = {
        "id": f"{0x01900000_0000 - number * 3_600_000:012x}7000800000000000{number:04x}"[:32],
        "url": f"https://www.youtube.com/watch?v={number:011d}",
        "video_id": f"{number:011d}",
        "title": f"Council meeting no. {number}",
        "channel": ("City hall", "Harbour", "University")[number % 3],
        "thumbnail_url": "",
        "status": "COMPLETED",
        "quality": "best",
        "quality_got": "1920x1080@30 h264+aac",
        "from_start": False,
        "created_at": stamp(began),
        "started_at": stamp(began + 1),
        "recording_at": stamp(began + 3),
        "uploading_at": stamp(began + 3590),
        "completed_at": stamp(began + 3591),
        "heartbeat_at": stamp(began + 3590),
        "lease_expires_at": None,
        "not_before": None,
        "expires_at": None,
        "bytes": 2_475_000_000,
        "media_ms": 3_587_000,
        "lag_ms": 0,
        "gaps": [],
        "attempt": 1,
        "fruitless_attempts": 0,
        "lease_owner": "",
        "stop_requested": "NONE",
        "recordings": [{"key": key, "bytes": 2_475_000_000, "duration_ms": 3_587_000}],
        "verdict": {"complete": True, "ended_by": "broadcaster"},
        "error": None,
        "version": 7,
    }
    job |= changes
    job["id"] = "-".join(job["id"][a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
    return job


def milliseconds(time: str | None) -> int | None:
    return time and round(datetime.fromisoformat(time).timestamp() * 1000)


def seed(server: Server, jobs: Iterable[dict[str, Any]]) -> None:
    """The server may be running; it tells its listeners as if it had made the jobs itself."""
    with contextlib.closing(sqlite3.connect(server.data / "aircheck.db", timeout=20)) as database, database:
        for job in jobs:
            [[change]] = database.execute("UPDATE counters SET value = value + 1 WHERE name = 'change' RETURNING value")
            search = "\n".join(job[name] for name in ("title", "channel", "url", "video_id")).lower()
            database.execute(
                "INSERT INTO jobs (id, version, status, created_at, written_at, lease_expires_at, not_before, change,"
                " search, body) VALUES (?,?,?,?,?,?,?,?,?,?)",
                (
                    *(job["id"], job["version"], job["status"], milliseconds(job["created_at"])),
                    *(milliseconds(job["created_at"]), milliseconds(job["lease_expires_at"]), None, change),
                    *(search, json.dumps(job)),
                ),
            )
