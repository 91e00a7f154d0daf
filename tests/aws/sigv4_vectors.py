"""Prints requests and botocore's signatures for them, one JSON object a line, for src/aws/sigv4_test.cpp.

python tests/aws/sigv4_vectors.py COUNT SEED
"""

import datetime
import json
import random
import sys
import types
import urllib.parse

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# Everything that is escaped, escaped twice by mistake, or sorted wrongly somewhere.
PIECES = list("abcXYZ019-_.~ +&=%?#*'()!@$,;:[]\"<>|\\") + ["é", "日本", "🎬", "%2F", "  "]
SERVICES = ["s3", "s3", "s3", "dynamodb", "sqs", "ecs"]


def word(rng, pieces, most):
    return "".join(rng.choice(pieces) for _ in range(rng.randint(1, most)))


def make_request(rng):
    """A request in decoded form."""
    service = rng.choice(SERVICES)
    path = "/"
    if service == "s3":
        path += "/".join(word(rng, PIECES, 8) for _ in range(rng.randint(0, 4)))
    query = []
    for _ in range(rng.randint(0, 5)):
        query.append((word(rng, PIECES, 6), word(rng, PIECES, 6) if rng.random() < 0.8 else ""))
    if rng.random() < 0.2:
        query.append(("uploads", ""))
    headers = {"Content-Type": "application/x-amz-json-1.0"} if rng.random() < 0.5 else {}
    for _ in range(rng.randint(0, 3)):
        headers["X-Amz-Meta-" + word(rng, list("abcXYZ09"), 6)] = word(rng, list("abc XYZ,;=\"'"), 12).strip() or "v"
    host = rng.choice(["bucket.s3.eu-central-1.amazonaws.com", "127.0.0.1:5000", "localhost:9000", "example.com"])
    return {
        "service": service,
        "region": rng.choice(["us-east-1", "eu-central-1", "auto"]),
        "method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]),
        "host": host,
        "path": path,
        "query": query,
        "headers": list(headers.items()),
        "body": word(rng, PIECES, 20) if rng.random() < 0.7 else "",
        "unsigned": service == "s3" and rng.random() < 0.4,
        "access_key": "AKIA" + word(rng, list("ABCDEFGH"), 16),
        "secret_key": word(rng, list("abcXYZ019/+="), 40),
        "token": word(rng, list("abcXYZ019/+="), 60) if rng.random() < 0.4 else "",
        "time": rng.randint(946684800, 4102444800),
        "validity": rng.randint(1, 604800),
    }


def freeze(time):
    """Lets botocore's signer believe that it is `time` (epoch seconds)."""
    now = datetime.datetime.fromtimestamp(time, datetime.UTC).replace(tzinfo=None)
    auth.get_current_datetime = lambda remove_tzinfo=True: now


def as_aws_request(request, signed_body):
    quote = urllib.parse.quote
    query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in request["query"])
    url = f"https://{request['host']}{quote(request['path'], safe='/-_.~')}" + ("?" + query if query else "")
    made = AWSRequest(request["method"], url, headers=dict(request["headers"]), data=request["body"].encode())
    if request["service"] == "s3":
        made.context["client_config"] = types.SimpleNamespace(s3={"payload_signing_enabled": signed_body})
    return made


def signers(service):
    if service == "s3":
        return auth.S3SigV4Auth, auth.S3SigV4QueryAuth
    return auth.SigV4Auth, auth.SigV4QueryAuth


def sign(request):
    """Adds `authorization` and `presigned`, as botocore makes them."""
    credentials = Credentials(request["access_key"], request["secret_key"], request["token"] or None)
    header_signer, query_signer = signers(request["service"])
    freeze(request["time"])
    made = as_aws_request(request, not request["unsigned"])
    header_signer(credentials, request["service"], request["region"]).add_auth(made)
    request["authorization"] = made.headers["Authorization"]
    if request["service"] == "s3":
        made = as_aws_request({**request, "headers": [], "body": ""}, False)
        query_signer(credentials, "s3", request["region"], expires=request["validity"]).add_auth(made)
        request["presigned"] = made.url
    return request


def main():
    rng = random.Random(int(sys.argv[2]))
    for _ in range(int(sys.argv[1])):
        print(json.dumps(sign(make_request(rng))))


if __name__ == "__main__":
    main()
