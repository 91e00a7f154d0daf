"""moto as the AWS of src/aws's tests, on a free port of loopback. Prints the port when it listens, ends when its
standard input does, so that it never outlives the test that started it.

    python tests/aws/moto_world.py

Beside AWS's own interfaces it has two of its own:
  POST /_world/time?ms=N stops SQS's clock at N milliseconds after the epoch, so that visibility timeouts and
    deduplication pass without waiting
  POST /_world/fault?on=T&kind=K&count=N lets the next N requests fail in whose "<method> <path>?<query> <target>" T
    occurs: "lost" is carried out, but answered with 500; "500" and "throttle" are refused, "denied" and "expired" too, as
    IAM and old credentials are; "capacity" is RunTask's answer when there is none
  POST /_world/heal forgets the faults
"""

import os
import sys
import threading
import urllib.parse

os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
os.environ.setdefault("S3_UPLOAD_PART_MIN_SIZE", "4096")  # recordings of a few hundred kilobytes, in parts

from moto.core import utils as moto_time
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3 import models as s3
from moto.s3.exceptions import NoSuchUpload
from moto.sqs import models as sqs
from werkzeug.serving import WSGIRequestHandler, make_server

REAL_UNIX_TIME = moto_time.unix_time
NO_CAPACITY = b'{"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time."}]}'
REFUSALS = {"denied": ("AccessDenied", "AccessDeniedException"), "expired": ("ExpiredToken", "ExpiredTokenException")}
DEDUPLICATION_MS = 5 * 60 * 1000
clock = {"milliseconds": None, "looks": 0}


def world_milliseconds(moment=None):
    if moment is None and clock["milliseconds"] is not None:
        # moto compares with "later than": what is due now must be so by some microseconds at the next look.
        clock["looks"] += 1
        return clock["milliseconds"] + clock["looks"] / 1000
    return REAL_UNIX_TIME(moment) * 1000


def set_sqs_clock():
    sqs.unix_time_millis = world_milliseconds
    sqs.unix_time = lambda moment=None: world_milliseconds(moment) / 1000


def keep_fifo_promises():
    """moto forgets a deduplication id with its message and takes receipts of earlier deliveries; FIFO queues don't."""
    add = sqs.Queue.add_message

    def add_once(queue, message):
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


def know_ended_uploads():
    """moto answers a part for an upload that is over with an internal error; S3 says NoSuchUpload."""
    upload = s3.S3Backend.upload_part

    def upload_known(backend, bucket_name, multipart_id, *rest, **options):
        if multipart_id not in backend.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=multipart_id)
        return upload(backend, bucket_name, multipart_id, *rest, **options)

    s3.S3Backend.upload_part = upload_known


def heed_client_tokens():
    """moto starts a task for each RunTask; ECS starts one for each client token."""
    run = EC2ContainerServiceResponse.run_task
    answers = {}

    def run_once(response):
        token = response._get_param("clientToken")
        if token not in answers:
            answers[token] = run(response)
        return answers[token]

    EC2ContainerServiceResponse.run_task = run_once


class World:
    """The moto application with its clock and its faults."""

    def __init__(self, moto):
        self.moto = moto
        self.faults = []
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if path.startswith("/_world/"):
            self.control(path, {name: values[0] for name, values in urllib.parse.parse_qs(query).items()})
            return reply(start_response, "200 OK", b"{}")
        about = f"{environ['REQUEST_METHOD']} {path}?{query} {environ.get('HTTP_X_AMZ_TARGET', '')}"
        kind = self.next_fault(about)
        if kind is None:
            return self.one_by_one(environ, start_response)
        if kind == "throttle":
            return reply(start_response, "400 Bad Request", b'{"__type": "ThrottlingException", "message": "slower"}')
        if kind in REFUSALS:
            return reply(start_response, *refusal(kind, path))
        if kind == "capacity":
            return reply(start_response, "200 OK", NO_CAPACITY)
        if kind == "lost":
            self.one_by_one(environ, lambda *_: None)
        return reply(start_response, "500 Internal Server Error", b"")

    def one_by_one(self, environ, start_response):
        """moto compares and writes in two steps, with room for another thread between them; AWS does it in one."""
        with self.lock:
            return list(self.moto(environ, start_response))

    def control(self, path, query):
        if path == "/_world/time":
            clock["milliseconds"] = int(query["ms"])
        elif path == "/_world/heal":
            self.faults.clear()
        else:
            self.faults.append([query["on"], query["kind"], int(query["count"])])

    def next_fault(self, about):
        for fault in list(self.faults):
            if fault[0] in about and fault[2] > 0:
                fault[2] -= 1
                return fault[1]
        return None


def refusal(kind, path):
    """S3 speaks XML, the others JSON."""
    s3_code, code = REFUSALS[kind]
    if path == "/":
        return "400 Bad Request", f'{{"__type": "{code}", "message": "refused by the test"}}'.encode()
    return "403 Forbidden", f"<Error><Code>{s3_code}</Code><Message>refused by the test</Message></Error>".encode()


def reply(start_response, status, body):
    start_response(status, [("Content-Length", str(len(body))), ("Content-Type", "application/json")])
    return [body]


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


def main():
    set_sqs_clock()
    keep_fifo_promises()
    know_ended_uploads()
    heed_client_tokens()
    application = World(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietHandler)
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
