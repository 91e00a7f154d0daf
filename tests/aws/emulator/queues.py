"""Event source mappings: takes messages from the queues that functions are mapped to, hands them over in batches,
removes those that were not reported as failed. Failed ones come back when their visibility timeout is over, and
after maxReceiveCount deliveries end in the dead-letter queue.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.sqs.models import sqs_backends

from . import corrections
from .lambdas import Lambdas, Outcome
from .roles import ACCOUNT

LOOK_EVERY = 0.05  # s
AT_ONCE = 4  # invocations of one mapping, unless it says otherwise


def as_record(message: Any, mapping: Any, region: str) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": "AIDATEST",
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id:
        attributes["MessageGroupId"] = message.group_id
        attributes["MessageDeduplicationId"] = message.deduplication_id
        attributes["SequenceNumber"] = str(message.sequence_number)
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.event_source_arn,
        "awsRegion": region,
    }


def failed_messages(mapping: Any, records: list[dict[str, Any]], outcome: Outcome) -> set[str]:
    everything = {record["messageId"] for record in records}
    if not outcome.ok:
        return everything
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    try:
        answer = json.loads(outcome.payload or b"null") or {}
        return {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
    except (ValueError, KeyError, TypeError, AttributeError):
        return everything  # as AWS takes an answer that it cannot read


@contextlib.contextmanager
def complaints() -> Iterator[None]:
    """A thread would end, or keep an error to itself."""
    try:
        yield
    except Exception as error:
        print(f"event source mapping: {type(error).__name__}: {error}", file=sys.stderr)


class Poller:
    """Runs until it is closed."""

    def __init__(self, lambdas: Lambdas):
        self.lambdas = lambdas
        self.closing = threading.Event()
        self.busy: dict[str, int] = {}
        self.pool = ThreadPoolExecutor(max_workers=16)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while not self.closing.wait(LOOK_EVERY):
            for region in list(lambda_backends[ACCOUNT].keys()):
                for mapping in list(lambda_backends[ACCOUNT][region]._event_source_mappings.values()):
                    if mapping.enabled and ":sqs:" in mapping.event_source_arn:
                        with complaints():
                            self.look(mapping, region)

    def look(self, mapping: Any, region: str) -> None:
        most = (getattr(mapping, "scaling_config", None) or {}).get("MaximumConcurrency", AT_ONCE)
        while self.busy.get(mapping.uuid, 0) < most and (records := self.receive(mapping, region)):
            with corrections.lock:
                self.busy[mapping.uuid] = self.busy.get(mapping.uuid, 0) + 1
            self.pool.submit(self.hand_over, mapping, region, records)

    def receive(self, mapping: Any, region: str) -> list[dict[str, Any]]:
        name = mapping.event_source_arn.rsplit(":", 1)[1]
        backend = sqs_backends[ACCOUNT][region]
        with corrections.lock:
            if name not in backend.queues:
                return []
            visibility = int(backend.get_queue(name).visibility_timeout)
            messages = backend.receive_message(name, mapping.batch_size or 10, 0, visibility)
            return [as_record(message, mapping, region) for message in messages]

    def hand_over(self, mapping: Any, region: str, records: list[dict[str, Any]]) -> None:
        with complaints():
            event = json.dumps({"Records": records}).encode()
            outcome = self.lambdas.invoke(self.lambdas.named(mapping.function_arn), event)
            self.remove_done(mapping, region, records, failed_messages(mapping, records, outcome))
        with corrections.lock:
            self.busy[mapping.uuid] -= 1

    def remove_done(self, mapping: Any, region: str, records: list[dict[str, Any]], failed: set[str]) -> None:
        name = mapping.event_source_arn.rsplit(":", 1)[1]
        for record in records:
            if record["messageId"] not in failed:
                with corrections.lock:
                    sqs_backends[ACCOUNT][region].delete_message(name, record["receiptHandle"])

    def close(self) -> None:
        self.closing.set()
        self.thread.join()
        self.pool.shutdown(wait=False, cancel_futures=True)
