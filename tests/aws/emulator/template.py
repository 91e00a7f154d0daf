"""A process that has moto in memory and forks an emulator for each test that asks: to start one by itself takes seconds
of CPU, most of them at its first answers.

    python -m tests.aws.emulator.template      # standard input: a Unix socket (SOCK_SEQPACKET)

Each message is a JSON list, the emulator's options, with two descriptors: a socket, which becomes the emulator's
standard input and output, and its log. Options that moto reads when it is imported (--small-parts) are not heeded. Ends
with its standard input.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import threading

from .__main__ import main as emulate

QUESTIONS = {
    "apigateway": "get_rest_apis",
    "dynamodb": "list_tables",
    "ec2": "describe_vpcs",
    "ecs": "list_clusters",
    "events": "list_rules",
    "iam": "list_users",
    "lambda": "list_functions",
    "s3": "list_buckets",
    "sqs": "list_queues",
}
MOST_BYTES = 1 << 16


def warm() -> None:
    """Asks each service something, for moto loads much at the first question."""
    import boto3
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from . import server

    application = DomainDispatcherApplication(create_backend_app)
    listening = server.listen(0, application)
    serving = threading.Thread(target=listening.serve_forever)
    serving.start()
    for service, question in QUESTIONS.items():
        client = boto3.client(
            service,
            region_name="eu-central-1",
            endpoint_url=f"http://127.0.0.1:{listening.server_port}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        getattr(client, question)()
        client.close()
    listening.shutdown()
    listening.server_close()
    serving.join()


def become(words: list[str], channel: int, log: int) -> None:
    """The emulator, in a process of its own."""
    for source, target in ((channel, 0), (channel, 1), (log, 2)):
        os.dup2(source, target)
    os.close(channel)
    os.close(log)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()
    sys.argv = ["emulator", *words]
    emulate()


def main() -> None:
    warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    with socket.socket(fileno=os.dup(0)) as control:
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, MOST_BYTES, 2)
            if not message:
                return
            if os.fork() == 0:
                control.close()
                become(json.loads(message), *descriptors)
                os._exit(0)
            for descriptor in descriptors:
                os.close(descriptor)


if __name__ == "__main__":
    main()
