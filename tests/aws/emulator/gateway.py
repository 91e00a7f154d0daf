"""API Gateway's REST APIs as deployed in moto: /_api/<api>/<stage>/<path>, or the API's own host name. Proxy
integrations call their function with payload 1.0, mock ones answer by themselves; what is not deployed is refused
in AWS's words.
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import uuid
from collections.abc import Iterable
from typing import Any

from moto.apigateway.models import apigateway_backends

from .lambdas import Lambdas, decode_body
from .roles import ACCOUNT

HOST = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")
Answer = tuple[int, bytes, list[tuple[str, str]]]


def split(path: str, host: str) -> tuple[str, str, str] | None:
    """API, stage and path of a request that is one to an API."""
    if own := HOST.match(host):
        path = f"/_api/{own[1]}{path}"
    if not path.startswith("/_api/"):
        return None
    parts = path.split("/", 4)
    return (*(parts[2:4] + [""])[:2], "/" + (parts[4] if len(parts) > 4 else ""))


def refusal(status: int, message: str, kind: str) -> Answer:
    body = json.dumps({"message": message}).encode()
    return status, body, [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]


def find_api(name: str) -> Any:
    for region in list(apigateway_backends[ACCOUNT].keys()):
        if api := apigateway_backends[ACCOUNT][region].apis.get(name):
            return api
    return None


def pattern_of(resource_path: str) -> re.Pattern:
    escaped = re.escape(resource_path).replace(r"\{", "{").replace(r"\}", "}").replace(r"\+", "+")
    return re.compile(re.sub(r"\{(\w+)(\+?)\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", escaped))


def find_resource(api: Any, path: str) -> tuple[Any, dict[str, str]]:
    """Literal paths go before those with parameters."""
    resources = sorted(api.resources.values(), key=lambda resource: resource.get_path().count("{"))
    for resource in resources:
        if found := pattern_of(resource.get_path()).fullmatch(path):
            return resource, found.groupdict()
    return None, {}


def headers_of(environ: dict[str, Any]) -> dict[str, str]:
    headers = {key[5:].replace("_", "-").title(): value for key, value in environ.items() if key.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    return headers


def proxy_event(environ: dict[str, Any], stage: str, path: str, resource: Any, parameters: dict) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"""
    headers = headers_of(environ)
    query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return {
        "resource": resource.get_path(),
        "path": path,
        "httpMethod": environ["REQUEST_METHOD"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "stage": stage,
            "httpMethod": environ["REQUEST_METHOD"],
            "path": f"/{stage}{path}",
            "identity": {"sourceIp": environ.get("REMOTE_ADDR"), "userAgent": headers.get("User-Agent")},
            "requestTimeEpoch": int(time.time() * 1000),
        },
        "body": body.decode(errors="replace") if body else None,
        "isBase64Encoded": False,
    }


def mock_answer(integration: Any) -> Answer:
    response = next(iter((integration.integration_responses or {}).values()), None)
    parameters = (response and response.response_parameters) or {}
    headers = [(name.split(".header.")[1], value.strip("'")) for name, value in parameters.items()]
    return int(response.status_code) if response else 200, b"", headers


class Gateway:
    def __init__(self, lambdas: Lambdas):
        self.lambdas = lambdas

    def answer(self, environ: dict[str, Any], name: str, stage: str, path: str) -> Answer:
        api = find_api(name)
        if not api or stage not in api.stages:
            return refusal(403, "Forbidden", "ForbiddenException")
        resource, parameters = find_resource(api, path)
        methods = resource.resource_methods if resource else {}
        method = methods.get(environ["REQUEST_METHOD"]) or methods.get("ANY")
        if not method or not method.method_integration:
            return refusal(403, "Missing Authentication Token", "MissingAuthenticationTokenException")
        integration = method.method_integration
        if integration.integration_type.upper() == "MOCK":
            return mock_answer(integration)
        event = proxy_event(environ, stage, path, resource, parameters)
        return self.call(integration.uri, event)

    def call(self, uri: str, event: dict[str, Any]) -> Answer:
        arn = uri.split("/functions/")[1].rsplit("/invocations", 1)[0]
        outcome = self.lambdas.invoke(self.lambdas.named(arn), json.dumps(event).encode())
        try:
            answer = json.loads(outcome.payload)
            if not outcome.ok or not isinstance(answer["statusCode"], int):
                raise ValueError
            return answer["statusCode"], decode_body(answer), list(self.headers(answer))
        except (ValueError, KeyError, TypeError):
            return refusal(502, "Internal server error", "InternalServerErrorException")

    @staticmethod
    def headers(answer: dict[str, Any]) -> Iterable[tuple[str, str]]:
        for name, value in (answer.get("headers") or {}).items():
            yield name, str(value)
        for name, values in (answer.get("multiValueHeaders") or {}).items():
            for value in values:
                yield name, str(value)
