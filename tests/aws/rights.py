"""What each actor of tests/aws's account may do: no more than terraform/backend/iam.tf lets it, and of that what is
called here. The Lambdas' own calls (logs, receiving from the queue) are the emulator's, which asks nobody.
"""

from __future__ import annotations

from typing import Any

REGION = "eu-central-1"
ACCOUNT = "123456789012"
NAME = "aircheck"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def statement(actions: list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def rights() -> dict[str, list[dict[str, Any]]]:
    """The statements of each role's policy."""
    table = arn("dynamodb", f"table/{NAME}-jobs")
    queue, dead = (arn("sqs", f"{NAME}-{kind}.fifo") for kind in ("jobs", "jobs-dead"))
    bucket, objects = f"arn:aws:s3:::{NAME}-recordings", f"arn:aws:s3:::{NAME}-recordings/recordings/*"
    read_write = ["dynamodb:GetItem", "dynamodb:PutItem"]
    discard = statement(["s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], objects)
    listing = statement(["s3:ListBucket", "s3:ListBucketMultipartUploads"], bucket)
    return {
        "task": [
            statement(read_write, table),
            statement(["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], objects),
            listing,
        ],
        "execution": [statement(["logs:PutLogEvents"], arn("logs", f"log-group:/{NAME}/recorder:*"))],
        "dispatch_to_ecs": [
            statement([*read_write, "dynamodb:DeleteItem"], table),
            statement(["dynamodb:Query"], f"{table}/index/by_place"),
            statement(["sqs:SendMessage", "sqs:GetQueueAttributes"], queue),
            statement(["sqs:GetQueueAttributes"], dead),
            discard,
            listing,
        ],
        "sqs_handler": [
            statement(read_write, table),
            statement(["sqs:ChangeMessageVisibility"], queue),
            statement(["ecs:RunTask"], arn("ecs", f"task-definition/{NAME}-recorder:*")),
            statement(["iam:PassRole"], *(f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{r}" for r in ("task", "execution"))),
            discard,
            listing,
        ],
        "reconciler": [
            statement(read_write, table),
            statement(["dynamodb:Query"], f"{table}/index/by_place", f"{table}/index/by_due"),
            statement(["sqs:SendMessage", "sqs:GetQueueAttributes"], queue),
            statement(["sqs:GetQueueAttributes"], dead),
            statement(["ecs:ListTasks"], "*"),
            statement(["ecs:DescribeTasks"], arn("ecs", f"task/{NAME}/*")),
            discard,
            listing,
        ],
    }
