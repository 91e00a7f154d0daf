"""Where moto answers otherwise than AWS does, and it matters to us, it is put right here."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from moto.apigateway import models as apigateway
from moto.core import utils as moto_time
from moto.ecs import responses as ecs_responses
from moto.s3 import models as s3
from moto.s3.exceptions import NoSuchUpload
from moto.sqs import models as sqs

# moto compares and writes in two steps, with room for another thread between them; AWS does it in one. So whoever calls
# moto, or touches its models, holds this.
lock = threading.RLock()

DEDUPLICATION_MS = 5 * 60 * 1000
LOOK_AGAIN = 0.05  # s, of a receiver that waits


class SqsClock:
    """SQS's time: the machine's, until it is stopped at a moment."""

    def __init__(self) -> None:
        self.milliseconds: int | None = None
        self.looks = 0
        self.real = moto_time.unix_time

    def now(self, moment: Any = None) -> float:
        if moment is None and self.milliseconds is not None:
            # moto compares with "later than": what is due now must be so by some microseconds at the next look.
            self.looks += 1
            return self.milliseconds + self.looks / 1000
        return self.real(moment) * 1000


sqs_clock = SqsClock()


def set_sqs_clock() -> None:
    sqs.unix_time_millis = sqs_clock.now
    sqs.unix_time = lambda moment=None: sqs_clock.now(moment) / 1000


def keep_fifo_promises() -> None:
    """moto forgets a deduplication id with its message and takes receipts of earlier deliveries; FIFO queues don't."""
    add = sqs.Queue.add_message

    def add_once(queue: Any, message: Any) -> None:
        is_new = message.approximate_receive_count == 0
        if queue.fifo_queue and is_new:
            now = sqs.unix_time_millis()
            sent = queue.__dict__.setdefault("sent_ids", {})
            if now - sent.get(message.deduplication_id, -DEDUPLICATION_MS) < DEDUPLICATION_MS:
                return
            sent[message.deduplication_id] = now
        add(queue, message)

    sqs.Queue.add_message = add_once
    sqs.Message.had_receipt_handle = lambda message, receipt: message.receipt_handle == receipt


def leave_polling_to_us() -> None:
    """moto calls a mapped Lambda within SendMessage; ours are polled for (queues.py)."""
    sqs.Queue.lambda_event_source_mappings = property(lambda queue: {}, lambda queue, value: None)


def let_receivers_wait() -> None:
    """A receiver that waits for messages must not keep the lock meanwhile; application.py calls it without."""
    receive = sqs.SQSBackend.receive_message

    def receive_patiently(backend: Any, name: str, count: int, wait: float, *rest: Any, **options: Any) -> Any:
        end = time.monotonic() + (wait or 0)
        while True:
            with lock:
                found = receive(backend, name, count, 0, *rest, **options)
            if found or time.monotonic() >= end:
                return found
            time.sleep(LOOK_AGAIN)

    sqs.SQSBackend.receive_message = receive_patiently


def know_ended_uploads() -> None:
    """moto answers a part for an upload that is over with an internal error; S3 says NoSuchUpload."""
    upload = s3.S3Backend.upload_part

    def upload_known(backend: Any, bucket_name: str, multipart_id: str, *rest: Any, **options: Any) -> Any:
        if multipart_id not in backend.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=multipart_id)
        return upload(backend, bucket_name, multipart_id, *rest, **options)

    s3.S3Backend.upload_part = upload_known


def heed_client_tokens() -> None:
    """moto starts a task for each RunTask; ECS starts one for each client token."""
    run = ecs_responses.EC2ContainerServiceResponse.run_task
    answers: dict[str, Any] = {}

    def run_once(response: Any) -> Any:
        token = response._get_param("clientToken")
        if token is None:
            return run(response)
        if token not in answers:
            answers[token] = run(response)
        return answers[token]

    ecs_responses.EC2ContainerServiceResponse.run_task = run_once


def write_policies_as_sent() -> None:
    """moto writes RedrivePolicy anew, with blanks, and does not know RedriveAllowPolicy: Terraform then sees a
    change."""
    if "RedriveAllowPolicy" not in sqs.Queue.BASE_ATTRIBUTES:
        sqs.Queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")
        sqs.Queue.redrive_allow_policy = None
    attributes = sqs.Queue.attributes.fget

    def as_sent(queue: Any) -> dict[str, Any]:
        found = {name: value for name, value in attributes(queue).items() if value or name != "RedriveAllowPolicy"}
        policy = found.get("RedrivePolicy")
        if isinstance(policy, str) and policy:
            found["RedrivePolicy"] = json.dumps(json.loads(policy), separators=(",", ":"))
        return found

    sqs.Queue.attributes = property(as_sent)
    set_attributes = sqs.Queue._set_attributes

    def set_but_keep_policy(queue: Any, given: dict[str, Any], *rest: Any) -> None:
        """A change of other attributes leaves the policy as it is."""
        policy = getattr(queue, "_policy_json", None)
        set_attributes(queue, given, *rest)
        if policy and "Policy" not in given:
            queue._policy_json = policy

    sqs.Queue._set_attributes = set_but_keep_policy


def import_mocks() -> None:
    """moto wants an address and a method of each integration of an imported API; mocks have none."""
    arguments = apigateway.APIGatewayBackend._build_integration_args

    def arguments_of(backend: Any, integration: dict[str, Any]) -> dict[str, Any]:
        given = arguments(backend, integration)
        return {**given, "uri": given["uri"] or "", "integration_method": given["integration_method"] or ""}

    apigateway.APIGatewayBackend._build_integration_args = arguments_of


def apply() -> None:
    set_sqs_clock()
    keep_fifo_promises()
    leave_polling_to_us()
    let_receivers_wait()
    know_ended_uploads()
    heed_client_tokens()
    write_policies_as_sent()
    import_mocks()
