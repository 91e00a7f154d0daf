"""What moto's CloudFront lacks: response headers policies, the publishing of functions, and members of distributions
that it forgets or invents. Policies are kept as they were sent.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from moto.cloudfront import models

API = "/2020-05-31"
NAMESPACE = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'
Answer = tuple[str, bytes, list[tuple[str, str]]]


class HeadersPolicies:
    def __init__(self) -> None:
        self.policies: dict[str, bytes] = {}

    def answer(self, environ: dict[str, Any]) -> Answer | None:
        """Nothing where moto itself knows the answer."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "POST" and (published := re.fullmatch(f"{API}/function/([^/]+)/publish", path)):
            name = published[1].encode()
            body = b"<FunctionSummary %s><Name>%s</Name></FunctionSummary>" % (NAMESPACE.encode(), name)
            return "200 OK", body, [("Content-Type", "text/xml")]
        found = re.fullmatch(f"{API}/response-headers-policy(?:/([^/]+))?", path)
        return self.policy(method, found[1], environ) if found else None

    def policy(self, method: str, policy_id: str | None, environ: dict[str, Any]) -> Answer | None:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if method in ("POST", "PUT"):
            policy_id = policy_id or str(uuid.uuid4())
            self.policies[policy_id] = re.sub(rb"^<\?xml[^>]*>\s*", b"", sent)
            return self.stored("201 Created" if method == "POST" else "200 OK", policy_id)
        if policy_id not in self.policies:
            body = f"<ErrorResponse {NAMESPACE}><Error><Code>NoSuchResponseHeadersPolicy</Code></Error></ErrorResponse>"
            return "404 Not Found", body.encode(), [("Content-Type", "text/xml")]
        if method == "DELETE":
            del self.policies[policy_id]
            return "204 No Content", b"", []
        return self.stored("200 OK", policy_id)

    def stored(self, status: str, policy_id: str) -> Answer:
        head = f"<ResponseHeadersPolicy {NAMESPACE}><Id>{policy_id}</Id>".encode()
        time = b"<LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>"
        body = head + time + self.policies[policy_id] + b"</ResponseHeadersPolicy>"
        return status, body, [("Content-Type", "text/xml"), ("ETag", "E1")]


def remember_all_members() -> None:
    """Terraform sees a change in each member that comes back otherwise than it was sent."""
    behaviour, certificate, origin = models.DefaultCacheBehaviour, models.ViewerCertificate, models.Origin
    make_behaviour, make_certificate, make_origin = behaviour.__init__, certificate.__init__, origin.__init__

    def behaviour_as_sent(made: Any, config: dict[str, Any]) -> None:
        make_behaviour(made, config)
        if not config.get("ForwardedValues"):
            made.forwarded_values = None
        made.function_associations = config.get("FunctionAssociations") or {"Quantity": 0}

    def certificate_as_sent(made: Any, config: dict[str, Any]) -> None:
        make_certificate(made, config)
        sent = config.get("ViewerCertificate") or config
        if not (sent.get("ACMCertificateArn") or sent.get("IAMCertificateId")):
            made.ssl_support_method = None

    def origin_as_sent(made: Any, config: dict[str, Any]) -> None:
        make_origin(made, config)
        made.origin_access_control_id = config.get("OriginAccessControlId")

    behaviour.__init__, certificate.__init__, origin.__init__ = behaviour_as_sent, certificate_as_sent, origin_as_sent
