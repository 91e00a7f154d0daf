"""The API as tests speak to it, wherever aircheck runs: its jobs and its watched channels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from program import wait_until

ENDED = {"COMPLETED", "FAILED", "CANCELLED"}
CHANNEL = "@testchannel"
CHANNEL_ID = "UC0123456789abcdefghijkl"
OTHER_ID = "UCother89abcdefghijklmno"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """What needs no more than to ask. A subclass says how."""

    root = ""  # what its paths begin with
    patience = 60.0  # seconds, for a job

    def ask(self, method: str, path: str, value: Any = None) -> Answer:
        raise NotImplementedError

    def said(self) -> str:
        """The end of what it said, for a failed test."""
        raise NotImplementedError

    def got(self, path: str) -> Any:
        answer = self.ask("GET", self.root + path)
        assert answer.status == 200, answer
        return answer.json

    def made(self, path: str, value: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask("POST", self.root + path, value)
        assert answer.status == 201, answer
        return answer.json

    def submit(self, url: str, **fields: Any) -> str:
        return self.made("/jobs", {"url": url, **fields})["id"]

    def job(self, job_id: str) -> dict[str, Any]:
        return self.got(f"/jobs/{job_id}")

    def jobs(self) -> list[dict[str, Any]]:
        return self.got("/jobs")["jobs"]

    def wait_for(self, job_id: str, *statuses: str, timeout: float | None = None) -> dict[str, Any]:
        """Until the job has one of the statuses; fails at once when it has ended with another."""

        def look() -> dict[str, Any] | None:
            job = self.job(job_id)
            if job["status"] in statuses:
                return job
            assert job["status"] not in ENDED, f"the job is {job['status']}: {job.get('error')}; {self.said()}"
            return None

        return wait_until(look, timeout or self.patience, f"{' or '.join(statuses)} of {job_id}")

    def watch(self, channel: str = CHANNEL, **fields: Any) -> dict[str, Any]:
        return self.made("/watches", {"channel": channel, **fields})

    def watches(self) -> list[dict[str, Any]]:
        return self.got("/watches")["watches"]
