"""EventBridge: hands events to the functions that rules name as targets, and wakes rules that have a schedule."""

from __future__ import annotations

import datetime
import json
import re
import sys
import threading
import time
import uuid
from typing import Any

from moto.events.models import events_backends

from .lambdas import Lambdas
from .roles import ACCOUNT

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


def event(region: str, source: str, kind: str, detail: dict[str, Any], resources: list[str]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources,
        "detail": detail,
    }


class Events:
    """`minute` is the length of a minute of schedules, in seconds."""

    def __init__(self, lambdas: Lambdas, minute: float):
        self.lambdas, self.minute = lambdas, minute
        self.due: dict[str, float] = {}
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def rules(self) -> list[Any]:
        return [
            rule
            for region in list(events_backends[ACCOUNT].keys())
            for bus in list(events_backends[ACCOUNT][region].event_buses.values())
            for rule in list(bus.rules.values())
            if rule.state == "ENABLED"
        ]

    def publish(self, happened: dict[str, Any]) -> None:
        """On the threads of the functions called; the caller does not wait."""
        for rule in self.rules():
            if rule.region_name == happened["region"] and self.matches(rule, happened):
                self.deliver(rule, happened)

    @staticmethod
    def matches(rule: Any, happened: dict[str, Any]) -> bool:
        return not rule.scheduled_expression and rule.event_pattern.matches_event(happened)

    def deliver(self, rule: Any, happened: dict[str, Any]) -> None:
        for target in rule.targets:
            if ":lambda:" in target["Arn"]:
                payload = target.get("Input") or json.dumps(happened)
                threading.Thread(target=self.call, args=(target["Arn"], payload), daemon=True).start()

    def call(self, arn: str, payload: str) -> None:
        """Twice more when it fails, as an asynchronous invocation is."""
        try:
            for _ in range(3):
                if self.closing.is_set() or self.lambdas.invoke(self.lambdas.named(arn), payload.encode()).ok:
                    return
        except Exception as error:  # a thread would keep it to itself
            print(f"events: {type(error).__name__}: {error}", file=sys.stderr)

    def run(self) -> None:
        while not self.closing.wait(min(0.2, self.minute / 4)):
            for rule in self.rules():
                if period := self.period(rule.scheduled_expression or ""):
                    self.wake(rule, period)

    def period(self, expression: str) -> float | None:
        found = RATE.fullmatch(expression)
        return int(found[1]) * MINUTES[found[2]] * self.minute if found else None

    def wake(self, rule: Any, period: float) -> None:
        now = time.monotonic()
        if now < self.due.setdefault(rule.arn, now + period):
            return
        self.due[rule.arn] = now + period
        self.deliver(rule, event(rule.region_name, "aws.events", "Scheduled Event", {}, [rule.arn]))

    def close(self) -> None:
        self.closing.set()
        self.thread.join()
