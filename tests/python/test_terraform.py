"""An account from nothing to nothing: util/deploy.sh on loopback, a recording through what it made, with IAM enforced
and its recorder killed, a second plan that is empty, and util/destroy.sh. Takes minutes: the provider waits for things
that are there at once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from cloud import plain
from program import ROOT, VENV, Program, find_program, wait_until
from tests.world import oracle
from tests.world.fake_youtube import FakeYouTube

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

REGION = "eu-central-1"
VIDEO = "abcdefghij0"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "testing"}
# For the emulator alone: it has one address for all buckets, and no metadata service.
OVERRIDE = """
provider "aws" {{
  {alias}
  s3_use_path_style       = true
  skip_metadata_api_check = "true"
}}
"""
# Stands in for the dashboard's build, which has tests of its own.
BUILD_WEB = """#!/bin/sh
mkdir -p web/out/_next/static
echo "<title>$NEXT_PUBLIC_API_URL</title>" >web/out/index.html
echo 404 >web/out/404.html
echo 1 >web/out/_next/static/a.js
echo 1 >web/out/_next/static/a.js.gz
echo "default-src 'none'; media-src 'self'" >web/out/content-security-policy.txt
"""
# Stands in for docker, which no test can run: notes its words and the password, and what it pushes is then there.
DOCKER = """#!/bin/sh
echo "$*" >>"$DOCKER_SAID"
case $1 in
  login) cat >>"$DOCKER_SAID" ;;
  push)
    [ -z "$DOCKER_FAILS" ] || exit 1
    aws ecr put-image --repository-name aircheck-recorder --image-tag "${2##*:}" --image-manifest \\
      '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}'
    ;;
esac
"""
ACCOUNT = "123456789012"
# From the names of an installation to those of tests/iam/needed.json, which has one sample of what is many.
AS_NEEDED = {
    f":{REGION}:": ":us-east-1:",
    f"aircheck-recordings-{ACCOUNT}-{REGION}": "aircheck-recordings",
    f":role/aircheck-{REGION}-": ":role/aircheck-",
    "/recordings/.+": "/recordings/2026/11/a-b.mkv",
    r"(:task-definition/[^:]+):\d+": r"\1:7",
    ":task/aircheck/.+": ":task/aircheck/0123456789abcdef",
}


def provider_mirror() -> str | None:
    done = subprocess.run([ROOT / "tools" / "terraform-check", "--mirror"], capture_output=True, text=True)
    return done.stdout.strip() or None


class Installation:
    """A copy of the project's infrastructure, applied to an emulator of its own."""

    def __init__(self, folder: Path, youtube: FakeYouTube):
        self.tree, self.folder = folder / "tree", folder
        self.docker_said = folder / "docker-said"
        self.copy_tree()
        self.start_emulator(youtube)
        self.keys = KEYS

    def copy_tree(self) -> None:
        leave_out = shutil.ignore_patterns(
            ".terraform", "*.tfstate*", "*.auto.tfvars.json", "*.tfvars", "*_override.tf"
        )
        for name in ("terraform", "api", "util", "tools"):
            shutil.copytree(ROOT / name, self.tree / name, ignore=leave_out)
        (self.tree / "docs").mkdir()
        (self.tree / "web").mkdir()
        (self.tree / "build").mkdir()
        shutil.copytree(ROOT / "build" / "lambda", self.tree / "build" / "lambda", ignore=lambda _, names: {
            name for name in names if not name.endswith(".zip")
        })  # fmt: skip
        self.script("tools/build-lambdas", "#!/bin/sh\n")
        self.script("util/build-web.sh", BUILD_WEB)
        (self.tree / "bin").mkdir()
        self.script("bin/docker", DOCKER)
        override = OVERRIDE.format(alias="")
        (self.tree / "terraform/backend/emulator_override.tf").write_text(override)
        other = OVERRIDE.format(alias='alias = "us_east_1"')
        (self.tree / "terraform/frontend/emulator_override.tf").write_text(override + other)

    def script(self, name: str, text: str) -> None:
        (self.tree / name).write_text(text)
        (self.tree / name).chmod(0o755)

    def start_emulator(self, youtube: FakeYouTube) -> None:
        # What the image would bring along, and the way to the fake YouTube.
        image = {
            "PATH": f"{VENV}:/usr/bin:/bin",
            "AIRCHECK_YT_DLP": VENV / "yt-dlp",
            "AIRCHECK_PROXY": youtube.addresses["proxy"],
            "AIRCHECK_CA_FILE": youtube.addresses["ca_file"],
        }
        options = [f"--image-env={name}={value}" for name, value in image.items()]
        with open(self.folder / "emulator.log", "wb") as log:
            self.emulator = subprocess.Popen(
                [sys.executable, "-m", "tests.aws.emulator", "--lifeline", "--folder", str(self.folder / "world"),
                 "--image", str(find_program()), *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
            )  # fmt: skip
        assert self.emulator.stdout
        self.address = self.emulator.stdout.readline().strip()
        assert self.address, (self.folder / "emulator.log").read_text()

    def close(self) -> None:
        assert self.emulator.stdin
        self.emulator.stdin.close()
        self.emulator.wait(timeout=30)

    @property
    def environment(self) -> dict[str, str]:
        unset = ("AIRCHECK_", "AWS_", "TF_", "http", "HTTP")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
        mirror = provider_mirror()
        return {
            **clean, **self.keys, "AWS_ENDPOINT_URL": self.address, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            "PATH": f"{self.tree / 'bin'}:{ROOT / 'tests' / 'aws' / 'bin'}:{VENV}:{clean['PATH']}",
            "NO_PROXY": "127.0.0.1", "DOCKER_SAID": str(self.docker_said),
            "TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color",
            **({"TF_CLI_ARGS_init": f"-plugin-dir={mirror}"} if mirror else {}),
        }  # fmt: skip

    def call(self, *words: object, status: int = 0, **more: str) -> str:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=self.tree,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, f"{words}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def output(self, module: str, name: str) -> str:
        return self.call("terraform", f"-chdir=terraform/{module}", "output", "-raw", name)

    def token(self) -> str:
        parameter = self.output("backend", "token_parameter")
        return self.client("ssm").get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": self.keys["AWS_ACCESS_KEY_ID"], "region_name": REGION}
        secret = self.keys["AWS_SECRET_ACCESS_KEY"]
        return boto3.client(service, endpoint_url=self.address, aws_secret_access_key=secret, **keys)

    def enforce_iam(self) -> None:
        """From now on everybody may do what their role says, and we everything."""
        iam = self.client("iam")
        iam.create_user(UserName="operator")
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="operator", PolicyName="all", PolicyDocument=json.dumps(everything))
        made = iam.create_access_key(UserName="operator")["AccessKey"]
        self.keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
        self.post("/moto-api/reset-auth", b"0")

    def trust_everybody(self) -> None:
        """Of Lambda's own interface moto knows no resources, so that it refuses even the operator."""
        self.post("/moto-api/reset-auth", b"inf")

    def post(self, path: str, body: bytes = b"") -> bytes:
        plain_text = {"Content-Type": "text/plain"}  # or moto takes the body for a form
        request = urllib.request.Request(self.address + path, body, plain_text, method="POST")
        with urllib.request.urlopen(request) as answer:
            return answer.read()


@pytest.fixture
def installation(tmp_path: Path, youtube: FakeYouTube) -> Iterator[Installation]:
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    if not provider_mirror() and "TF_REGISTRY_DISCOVERY" not in os.environ:
        pytest.skip("the provider hashicorp/aws is not at hand; see tools/terraform-check --help")
    if not (ROOT / "build/lambda/reconciler.zip").exists():
        subprocess.run([ROOT / "tools" / "build-lambdas"], check=True)
    made = Installation(tmp_path, youtube)
    yield made
    made.close()


def api_of(installation: Installation) -> str:
    """Where the emulator answers for the deployed API."""
    found = re.fullmatch(
        r"https://(\w+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com/prod", installation.output("backend", "api_endpoint")
    )
    assert found
    return f"{installation.address}/_api/{found[1]}/prod"


def check_api(installation: Installation, api: str, origin: str, token: str) -> None:
    """Locked without the token, open with it, readable by the dashboard's pages alone."""
    for given, status in (("", 401), ("Bearer wrong", 401), (f"Bearer {token}", 200)):
        request = urllib.request.Request(f"{api}/jobs", headers={"Authorization": given, "Origin": origin})
        try:
            with urllib.request.urlopen(request) as answer:
                assert answer.status == status
                assert answer.headers["access-control-allow-origin"] == origin
        except urllib.error.HTTPError as error:
            assert error.code == status
    preflight = urllib.request.Request(f"{api}/jobs", method="OPTIONS", headers={"Origin": origin})
    with urllib.request.urlopen(preflight) as answer:
        assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def check_dashboard(installation: Installation) -> None:
    s3 = installation.client("s3")
    bucket = installation.output("frontend", "bucket_name")
    keys = {found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys == {"index.html", "404.html", "_next/static/a.js"}
    assert "immutable" in s3.head_object(Bucket=bucket, Key="_next/static/a.js")["CacheControl"]
    assert s3.head_object(Bucket=bucket, Key="index.html")["CacheControl"] == "no-cache"
    assert b"/prod" in s3.get_object(Bucket=bucket, Key="index.html")["Body"].read()
    distribution = installation.output("frontend", "distribution_id")
    assert installation.client("cloudfront").list_invalidations(DistributionId=distribution)["InvalidationList"][
        "Quantity"
    ]


def items_of(installation: Installation) -> list[dict[str, Any]]:
    table = installation.output("backend", "table_name")
    return [
        {name: plain(value) for name, value in item.items()}
        for item in installation.client("dynamodb").scan(TableName=table)["Items"]
    ]


def item_of(installation: Installation, video: str) -> dict[str, Any]:
    return next(item for item in items_of(installation) if item["video_id"] == video)


def check_direct_item(installation: Installation, api: str, token: str) -> None:
    """util/add_to_queue.sh --direct writes what the API writes, and the dispatcher understands it."""
    videos = {"directdirec": ["--direct"], "byapibyapib": []}
    for video, way in videos.items():
        words = ["util/add_to_queue.sh", "--title", "Title", *way, f"https://youtu.be/{video}"]
        installation.call(*words, AIRCHECK_SERVER=api, AIRCHECK_TOKEN=token)
    for video in videos:
        wait_until(lambda video=video: item_of(installation, video)["attempt"] > 0, 60, "a recorder")
    direct, by_api = (item_of(installation, video) for video in videos)
    names = {"quality", "from_start", "title", "everything", "recordings", "stop_requested"}
    assert {name: direct[name] for name in names} == {name: by_api[name] for name in names}
    assert direct["search"].replace("directdirec", "byapibyapib") == by_api["search"]


def check_plans_are_empty(installation: Installation) -> None:
    for module in ("backend", "frontend"):
        said = installation.call("terraform", f"-chdir=terraform/{module}", "plan", "-detailed-exitcode", "-lock=false")
        assert "No changes" in said


def check_gone(installation: Installation, modules: tuple[str, ...], buckets: list[str]) -> None:
    for module in modules:
        assert installation.call("terraform", f"-chdir=terraform/{module}", "state", "list").strip() == ""
    assert [bucket["Name"] for bucket in installation.client("s3").list_buckets()["Buckets"]] == buckets
    assert installation.client("dynamodb").list_tables()["TableNames"] == []
    assert "QueueUrls" not in installation.client("sqs").list_queues()
    assert installation.client("lambda").list_functions()["Functions"] == []
    names = [role["RoleName"] for role in installation.client("iam").list_roles()["Roles"]]
    assert [name for name in names if name.startswith("aircheck")] == []


def check_calls(installation: Installation) -> None:
    """Whatever the roles did is what tests/iam/needed.json says they need."""
    wanted = json.loads((ROOT / "tests" / "iam" / "needed.json").read_text())
    calls = json.loads(installation.post("/_world/calls"))
    actors = set()
    for who, called in calls.items():
        if not (found := re.match(f"assumed-role/aircheck-{REGION}-(\\w+)/", who)):
            assert who == "user/operator"
            continue
        actors.add(found[1])
        for action, resource in (call.split(" ", 1) for call in called):
            for name, sample in AS_NEEDED.items():
                resource = re.sub(name, sample, resource)
            titles = wanted["needed"][found[1]].get(action, [])
            assert resource in {wanted["things"][title]["arn"] for title in titles}, f"{who}: {action} on {resource}"
    assert actors == {"dispatch_to_ecs", "sqs_handler", "reconciler", "task"}


def tasks_of(installation: Installation, job_id: str) -> list[dict[str, Any]]:
    return [task for task in json.loads(installation.post("/_world/tasks")) if task["job"] == job_id]


def parts_stored(installation: Installation, bucket: str) -> int:
    s3 = installation.client("s3")
    uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    asked = [{"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]} for upload in uploads]
    return sum(len(s3.list_parts(**upload).get("Parts", [])) for upload in asked)


def kill_and_wait_for_another(installation: Installation, job_id: str) -> None:
    """Of a killed task only ECS's event tells this soon: its lease ends after 150 s."""
    [first] = tasks_of(installation, job_id)
    os.kill(first["pid"], signal.SIGKILL)

    def others() -> list[dict[str, Any]]:
        return [task for task in tasks_of(installation, job_id) if task["pid"] != first["pid"]]

    wait_until(others, 60, "a second recorder, by Terraform's rule")


def test_deploy_record_and_destroy(
    installation: Installation, aircheck: Program, youtube: FakeYouTube, mkv: Path
) -> None:
    # Eighteen megabytes, then nothing until a second recorder is there.
    stream = youtube.add(VIDEO, stream={"profile": "1080p", "speed": 0, "ready": 14}).stream
    assert stream
    said = installation.call("util/deploy.sh", "--yes", "--skip-image", "--tag", "test", "--region", REGION)
    assert "a new API token" in said and "$" in said
    check_dashboard(installation)
    check_plans_are_empty(installation)
    installation.enforce_iam()

    api, origin = api_of(installation), installation.output("frontend", "dashboard_url")
    token = installation.token()
    state = (installation.tree / "terraform/backend/terraform.tfstate").read_text()
    assert re.fullmatch("[0-9a-f]{64}", token) and token not in state
    check_api(installation, api, origin, token)

    server = ["--server", api, "--token", token, "--json"]
    job = json.loads(aircheck.start("submit", f"https://www.youtube.com/watch?v={VIDEO}", *server).expect(0).output)
    bucket = installation.output("backend", "recordings_bucket")
    wait_until(lambda: parts_stored(installation, bucket), 120, "a part of the recording in the bucket")
    kill_and_wait_for_another(installation, job["id"])
    stream.advance(4)
    stream.end()

    def finished() -> dict[str, Any] | None:
        shown = json.loads(aircheck.start("show", job["id"], *server).expect(0).output)
        assert shown["status"] not in ("FAILED", "CANCELLED"), shown
        return shown if shown["status"] == "COMPLETED" else None

    done = wait_until(finished, 120, "the end of the recording")
    assert done["gaps"] == [] and done["attempt"] == 2
    installation.client("s3").download_file(bucket, done["recordings"][0]["key"], str(mkv))
    oracle.check(mkv, stream.truth())
    check_direct_item(installation, api, token)
    check_calls(installation)

    installation.trust_everybody()
    again = installation.call("util/deploy.sh", "--yes", "--skip-image", "--skip-web", "--tag", "test")
    assert "No changes" in again and "a new API token" not in again
    installation.call("util/destroy.sh", "--delete-recordings", "--yes")
    check_gone(installation, ("backend", "frontend"), [])


def test_an_image_a_new_token_and_recordings_that_stay(installation: Installation) -> None:
    deploy = ["util/deploy.sh", "--yes", "--skip-web"]
    installation.call(*deploy, "--tag", "first", "--region", REGION)
    repository = installation.output("backend", "repository_url")
    pushed = [
        f"login --username AWS --password-stdin {repository.partition('/')[0]}",
        f"{ACCOUNT}-auth-token",
        f"build -f docker/Dockerfile -t {repository}:first .",
        f"push {repository}:first",
    ]
    assert installation.docker_said.read_text().splitlines() == pushed
    token = installation.token()

    again = installation.call(*deploy, "--tag", "first", "--new-token")
    assert f"{repository}:first is there" in again and "a new API token" in again
    assert installation.docker_said.read_text().splitlines() == pushed
    assert re.fullmatch("[0-9a-f]{64}", installation.token()) and installation.token() != token

    failed = installation.call(*deploy, "--tag", "second", status=1, DOCKER_FAILS="1")
    assert f"push {repository}:second" in installation.docker_said.read_text() and "== done" not in failed

    bucket, key = installation.output("backend", "recordings_bucket"), "recordings/2026/11/a.mkv"
    s3 = installation.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=b"a recording")
    said = installation.call("util/destroy.sh", "--keep-recordings", "--yes")
    check_gone(installation, ("backend",), [bucket])
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"a recording"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    taken_back = re.search("taken back with: (terraform .*)\\)", said)
    assert taken_back
    installation.call(*taken_back[1].split())
    assert "aws_s3_bucket.recordings" in installation.call("terraform", "-chdir=terraform/backend", "state", "list")
