"""The shell in .github/: each step as GitHub would run it, with stand-ins for what it calls."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from program import ROOT

GITHUB = ROOT / ".github"
OWN_FOLDERS = ("util/", "tools/", "docker/", ".ci/")
# What stands in for terraform, gh …: notes its words, and says what it is told to say.
STAND_IN = """#!/bin/sh
echo "${0##*/} $*" >>"$SAID"
case "$*" in *" output "*) [ -z "$OUTPUT_FAILS" ] || exit 1; printf '%s' "$OUTPUTS" ;; esac
"""


@dataclass
class Step:
    place: str
    script: str
    shell: list[str]

    def run(self, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        script = folder / "step.sh"
        script.write_text(self.script)
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        own = {"PATH": path, "SAID": str(folder / "said"), "HOME": str(folder), **environment}
        command = [*self.shell, str(script)]
        return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=60)


def shell_of(step: dict[str, Any], job: dict[str, Any]) -> list[str]:
    """GitHub's own choice: strict where bash is asked for by name, else less so, and in a container sh."""
    wanted = step.get("shell") or job.get("defaults", {}).get("run", {}).get("shell")
    if wanted == "bash":
        return ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
    assert wanted is None
    return ["sh", "-e"] if "container" in job else ["bash", "-e"]


def steps_of(path: Path) -> list[Step]:
    content = yaml.safe_load(path.read_text())
    jobs = content.get("jobs") or {path.parent.name: {"steps": content["runs"]["steps"]}}
    found = []
    for name, job in jobs.items():
        for number, step in enumerate(job.get("steps", [])):
            if "run" in step:
                place = f"{path.stem}/{name}/{step.get('name') or step.get('id') or number}"
                found.append(Step(place, step["run"], shell_of(step, job)))
    return found


FILES = sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])
STEPS = {step.place: step for path in FILES for step in steps_of(path)}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


def one(beginning: str, words: str) -> Step:
    [found] = [step for place, step in STEPS.items() if place.startswith(beginning) and words in step.script]
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Where a step runs: stand-ins come first in its PATH."""
    (tmp_path / "bin").mkdir()
    for name in ("terraform", "gh", "docker"):
        (tmp_path / "bin" / name).write_text(STAND_IN)
        (tmp_path / "bin" / name).chmod(0o755)
    for module in ("backend", "frontend"):
        (tmp_path / "terraform" / module).mkdir(parents=True)
    return tmp_path


def said(tree: Path) -> list[str]:
    note = tree / "said"
    return note.read_text().splitlines() if note.exists() else []


def applied(tree: Path) -> list[str]:
    """The words of each `terraform apply`."""
    return [line for line in said(tree) if " apply " in line]


APPLY = "terraform -chdir=terraform/backend apply -input=false -auto-approve"


@every_step
def test_nothing_from_outside_is_pasted_into_shell(step: Step) -> None:
    """A branch's name may hold `$(…)`: such values come by the environment."""
    assert "${{" not in step.script


@every_step
@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed (tools/setup test)")
def test_shellcheck_finds_nothing(step: Step) -> None:
    command = ["shellcheck", f"--shell={step.shell[0]}", "-"]
    done = subprocess.run(command, input=step.script, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@every_step
def test_what_it_calls_of_ours_is_there(step: Step) -> None:
    for word in shlex.split(step.script, comments=True):
        if word.startswith(OWN_FOLDERS):
            assert os.access(ROOT / word, os.X_OK), word


def test_what_starts_a_workflow_is_there() -> None:
    for path in FILES:
        # YAML 1.1 takes the key `on` for a truth.
        triggers = yaml.safe_load(path.read_text()).get(True, {})
        for pattern in (triggers.get("push") or {}).get("paths", []) if triggers else []:
            assert (ROOT / pattern.removesuffix("/**")).exists(), f"{path.name}: {pattern}"


def test_the_image_that_is_named_is_applied(tree: Path) -> None:
    done = one("backend/", "apply").run(tree, TAG="0123456789ab-7", OUTPUTS='{"image_tag": {"value": "old"}}')
    assert done.returncode == 0, done.stderr
    assert applied(tree) == [f"{APPLY} -var image_tag=0123456789ab-7"]


def test_without_a_name_the_image_stays(tree: Path) -> None:
    done = one("backend/", "apply").run(tree, TAG="", OUTPUTS='{"image_tag": {"value": "old"}}')
    assert done.returncode == 0, done.stderr
    assert applied(tree) == [f"{APPLY} -var image_tag=old"]


def test_a_state_that_cannot_be_read_is_no_empty_state(tree: Path) -> None:
    """The default tag is of no image that there is: no recorder would start."""
    done = one("backend/", "apply").run(tree, TAG="", OUTPUTS="", OUTPUT_FAILS="1")
    assert done.returncode != 0
    assert applied(tree) == []


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
@pytest.mark.parametrize("state", ["none", "empty"])
def test_terraforms_words_about_an_empty_state_are_no_tag(tree: Path, state: str) -> None:
    real = shutil.which("terraform")
    passed_on = f'case "$*" in *" output "*) exec {real} "$@" ;; esac\n'
    (tree / "bin/terraform").write_text(STAND_IN.replace("case", passed_on + "case", 1))
    if state == "empty":
        empty = {
            "version": 4,
            "terraform_version": "1.11.0",
            "serial": 1,
            "lineage": "x",
            "outputs": {},
            "resources": [],
        }
        (tree / "terraform/backend/terraform.tfstate").write_text(json.dumps(empty))
    done = one("backend/", "apply").run(tree, TAG="", TF_CLI_CONFIG_FILE="/dev/null", CHECKPOINT_DISABLE="1")
    assert done.returncode == 0, done.stderr
    assert applied(tree) == [APPLY]


@pytest.mark.parametrize("module", ["backend", "frontend"])
def test_the_state_lies_where_the_docs_say(tree: Path, module: str) -> None:
    path = f"terraform/{module}"
    done = one("action/account/", "init").run(tree, MODULE=path, BUCKET="my-state", REGION="eu-central-1")
    assert done.returncode == 0, done.stderr
    [words] = said(tree)
    assert words.startswith(f"terraform -chdir={path} init -input=false ")
    given = dict(re.findall(r"-backend-config=(\w+)=(\S+)", words))
    wanted = {"bucket": "my-state", "region": "eu-central-1", "use_lockfile": "true"}
    assert given == wanted | {"key": f"aircheck/{module}.tfstate"}
    assert f'key          = "{given["key"]}"' in (ROOT / "docs/deploy.md").read_text() or module == "frontend"
    override = (tree / path / "backend_override.tf").read_text()
    assert re.sub(r"\s+", " ", override).strip() == 'terraform { backend "s3" {} }'


def test_each_image_has_a_tag_of_its_own(tree: Path) -> None:
    done = one("image/", "tag=").run(
        tree, GITHUB_SHA="0123456789abcdef" * 2, GITHUB_RUN_NUMBER="7", GITHUB_OUTPUT=str(tree / "output")
    )
    assert done.returncode == 0, done.stderr
    assert (tree / "output").read_text() == "tag=0123456789ab-7\n"


def test_a_release_has_all_that_was_built(tree: Path) -> None:
    lambdas = ["dispatch_to_ecs.zip", "sqs_handler.zip", "reconciler.zip"]
    built = ["release/bin/aircheck", "package/aircheck_1_arm64.deb", *(f"lambda/{name}" for name in lambdas)]
    for name in built:
        (tree / "build" / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / "build" / name).write_text(name)
    done = one("release/package/", "tar").run(tree, ARCH="arm64")
    assert done.returncode == 0, done.stderr
    kept = {path.name for path in (tree / "dist").iterdir()}
    assert kept == {"aircheck-arm64.tar.gz", "aircheck-lambdas-arm64.tar.gz", "aircheck_1_arm64.deb"}
    with tarfile.open(tree / "dist/aircheck-lambdas-arm64.tar.gz") as archive:
        assert archive.getnames() == lambdas

    assert one("release/publish/", "sha256sum").run(tree).returncode == 0
    sums = dict(line.split()[::-1] for line in (tree / "dist/SHA256SUMS").read_text().splitlines())
    assert sums == {name: hashlib.sha256((tree / "dist" / name).read_bytes()).hexdigest() for name in kept}
    done = one("release/publish/", "gh ").run(tree, TAG="v1.0.0", GITHUB_REPOSITORY="me/aircheck")
    assert done.returncode == 0, done.stderr
    [words] = said(tree)
    assert words.startswith("gh release create v1.0.0 --repo me/aircheck ")
    assert {Path(word).name for word in words.split() if word.startswith("dist/")} == kept | {"SHA256SUMS"}


def test_an_image_has_one_name_for_both_machines(tree: Path) -> None:
    output = tree / "output"
    done = one("release/image/", "name=").run(tree, GITHUB_REPOSITORY="Me/Aircheck", GITHUB_OUTPUT=str(output))
    assert done.returncode == 0, done.stderr
    name = output.read_text().strip().removeprefix("name=")
    assert name == "ghcr.io/me/aircheck"
    assert one("release/images/", "imagetools").run(tree, NAME=name, TAG="v1").returncode == 0
    tags = [f"{name}:{tag}" for tag in ("v1", "latest", "v1-amd64", "v1-arm64")]
    assert said(tree) == ["docker buildx imagetools create -t {} -t {} {} {}".format(*tags)]


def test_a_part_that_was_not_built_is_no_release(tree: Path) -> None:
    assert one("release/package/", "tar").run(tree, ARCH="arm64").returncode != 0


def test_all_speak_of_the_same_installation() -> None:
    """An image goes into the repository that the backend creates, and both modules bear the same name."""
    name = "${{ vars.AIRCHECK_NAME || 'aircheck' }}"
    for workflow, line in [("backend", "TF_VAR_name: "), ("web", "TF_VAR_name: "), ("image", "/")]:
        assert line + name in (GITHUB / f"workflows/{workflow}.yml").read_text()
    assert 'name                 = "${var.name}-recorder"' in (ROOT / "terraform/backend/recorder.tf").read_text()


@pytest.mark.parametrize(("workflow", "module"), [("backend", "backend"), ("web", "frontend")])
def test_what_terraform_is_told_is_a_variable_of_the_module(workflow: str, module: str) -> None:
    told = set(re.findall(r"TF_VAR_(\w+)", (GITHUB / f"workflows/{workflow}.yml").read_text()))
    declared = set(re.findall(r'variable "(\w+)"', (ROOT / f"terraform/{module}/variables.tf").read_text()))
    assert told and told <= declared
