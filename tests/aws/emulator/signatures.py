"""What AWS looks at before it does anything: when a request was signed, by AWS's own clock, and whether the keys that
it was signed with are good. Whether the signature itself is right is moto's matter, once IAM is enforced.
"""

from __future__ import annotations

import datetime
import re
from email.utils import format_datetime
from typing import Any

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")
S3_TOLERANCE, TOLERANCE = 15 * 60, 5 * 60  # s, of clocks


class Signatures:
    def __init__(self) -> None:
        self.ahead = 0.0  # s, of AWS's clock before this machine's
        self.expired: set[str] = set()  # access keys

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.ahead)

    def date(self) -> str:
        """As a response's header."""
        return format_datetime(self.now(), usegmt=True)

    def refusal(self, environ: dict[str, Any]) -> str | None:
        """The kind of it (application.py, REFUSALS). What is not signed by header passes."""
        found = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        signed = environ.get("HTTP_X_AMZ_DATE")
        if not found or not signed:
            return None
        key, service = found.groups()
        then = datetime.datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        tolerance = S3_TOLERANCE if service == "s3" else TOLERANCE
        if abs((self.now() - then).total_seconds()) > tolerance:
            return "skewed"
        return "expired" if key in self.expired else None
