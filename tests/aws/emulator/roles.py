"""Credentials of roles, as Lambda puts them into the environment and as ECS's agent hands them out over HTTP."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from moto.sts.models import sts_backends

from . import corrections

ACCOUNT = "123456789012"


def assume(role_arn: str, session: str, seconds: int = 3600) -> dict[str, str]:
    """Keys of a role, in the words of the credential endpoints."""
    with corrections.lock:
        made = sts_backends[ACCOUNT]["aws"].assume_role(
            region_name="us-east-1",
            role_session_name=session,
            role_arn=role_arn,
            policy=None,
            duration=3600,
            external_id=None,
        )
    expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "Token": made.session_token,
        "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "RoleArn": role_arn,
    }


def lambda_environment(role_arn: str, session: str) -> dict[str, str]:
    keys = assume(role_arn, session)
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["Token"],
    }


class CredentialEndpoint:
    """What a task asks at AWS_CONTAINER_CREDENTIALS_FULL_URI. Keys live as long as `seconds` says."""

    def __init__(self, address: str):
        self.address = address
        self.seconds = 3600
        self.known: dict[str, tuple[str, str, str]] = {}  # path → role, session, token
        self.handed_out: set[str] = set()  # access keys

    def environment(self, role_arn: str, session: str) -> dict[str, str]:
        path, token = f"/_credentials/{secrets.token_hex(8)}", secrets.token_hex(16)
        self.known[path] = (role_arn, session, token)
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.address + path,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }

    def answer(self, path: str, authorization: str) -> dict[str, Any] | None:
        role, session, token = self.known.get(path, ("", "", None))
        if token is None or authorization != token:
            return None
        keys = assume(role, session, self.seconds)
        self.handed_out.add(keys["AccessKeyId"])
        return keys
