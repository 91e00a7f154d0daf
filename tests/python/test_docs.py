"""What the documents speak of exists: files, commands and their options, variables, names in an AWS account."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from program import ROOT, VENV, find_program

PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
OWN = (
    "apps",
    "api",
    "bench",
    "cmake",
    "docker",
    "docs",
    "packaging",
    "src",
    "terraform",
    "tests",
    "tools",
    "util",
    "web",
)
# A layer's file is called without src/, and docs/dashboard.md speaks of what is in web/.
ROOTS = (ROOT, ROOT / "src", ROOT / "web")
FOLDERS = {path.name for root in ROOTS for path in root.iterdir() if path.is_dir()} - {"build", "node_modules", "out"}
# Of other programs, and of these only.
OPTIONS_OF_OTHERS = {"--live-from-start", "--timestamp", "--pictures", "--kill-whom"}
# Made by a build or by whoever follows the text.
MADE = {"web/out", "terraform/backend/terraform.tfvars", "terraform/frontend/terraform.tfvars"} | {
    "terraform/backend/backend_override.tf",
    "terraform/*/terraform.tfvars",
    "terraform/*/terraform.tfstate",
}


def code(page: Path) -> Iterator[str]:
    """Each line of a block of commands, and each span of code in the text."""
    text = page.read_text()
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from (line.removeprefix("$ ") for line in block.replace("\\\n", " ").splitlines())
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text))


def words(line: str) -> list[str]:
    line = re.sub(r"(^|\s)#.*", "", line)
    try:
        return shlex.split(line)
    except ValueError:  # an apostrophe that stands for itself
        return line.split()


@cache
def said_by(*command: str) -> str:
    done = subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@cache
def offered() -> dict[str, str]:
    """The help of each of the program's commands, by its words."""
    program = str(find_program())
    found = {"": said_by(program)}
    for name in [*re.findall(r"^  (\w+) {2,}", found[""].partition("Options\n")[0], re.MULTILINE), "recorder"]:
        found[name] = said_by(program, name)
    for name in re.findall(
        r"^  (\w+) {2,}", found["watch"].partition("Commands\n")[2].partition("\n\n")[0], re.MULTILINE
    ):
        found[f"watch {name}"] = said_by(program, "watch", name)
    return found


def options(help_text: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z0-9-]*", help_text))


def help_of(command: list[str]) -> str | None:
    """What the program or script that a line begins with says of itself; None when it is none of ours."""
    if not command:
        return None
    first = command[0].removeprefix("./")
    if first == "aircheck":
        names = list(itertools.takewhile(lambda word: re.fullmatch("[a-z]+", word), command[1:3]))
        for some in (" ".join(names), names[0] if names else ""):
            if some in offered():
                return offered()[some]
        raise AssertionError(f"there is no command {command}")
    if first in ("run", "test") or (first.startswith(("util/", "tools/")) and (ROOT / first).is_file()):
        return said_by(str(ROOT / first))
    return None


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", page.read_text()):
        link = "".join(target)
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        aim = page.parent / file if file else page
        assert aim.exists(), link
        titles = re.findall(r"^#+ (.*)$", aim.read_text(), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, (
            link
        )


@every_page
def test_files_are_there(page: Path) -> None:
    for line in code(page):
        for token in re.findall(r"(?<![\w/.$~-])(?:\./)?([a-z][\w.-]*/[\w./*-]+)", line):
            path = token.rstrip("./")
            if path.partition("/")[0] in FOLDERS and not any(f"{path}/".startswith(f"{made}/") for made in MADE):
                found = [list(root.glob(path)) or list(root.glob(f"{path}.*")) for root in ROOTS]
                assert any(found), path


@every_page
def test_commands_have_their_options(page: Path) -> None:
    for line in code(page):
        for part in re.split(r" && | \| | & |; |\$\(", line):
            command = list(itertools.dropwhile(lambda word: re.match(r"[A-Z_]+=", word), words(part)))
            told = help_of(command)
            if told is not None:
                given = {word.partition("=")[0] for word in command if re.match(r"--[a-z]", word)} - {"--help"}
                assert given <= options(told), f"{part}: {given - options(told)}"


@every_page
def test_options_that_are_spoken_of_are_somebodys(page: Path) -> None:
    known = set().union(*map(options, offered().values())) | OPTIONS_OF_OTHERS
    for script in [ROOT / "run", ROOT / "test", *(ROOT / "util").glob("*.sh"), *(ROOT / "tools").iterdir()]:
        known |= options(script.read_text())
    known |= options((ROOT / "bench/run").read_text()) | options((ROOT / "packaging/update-yt-dlp").read_text())
    for span in re.findall(r"`(--[a-z][a-z0-9-]*)", page.read_text()):
        assert span in known


@cache
def sources() -> str:
    """All that is ours but the documents and these tests."""
    listed = subprocess.run(["git", "ls-files", "-z", *OWN, ".github", "run", "test"], capture_output=True, cwd=ROOT)
    names = [name for name in listed.stdout.decode().split("\0") if name and not name.endswith((".md", ".webp"))]
    texts = (ROOT / name for name in names if not name.startswith(("docs/", "tests/python/")))
    return "\n".join(path.read_text(errors="replace") for path in texts if path.is_file())


@every_page
def test_variables_are_read_by_somebody(page: Path) -> None:
    by_option = {
        "AIRCHECK_" + option.removeprefix("--").replace("-", "_").upper()
        for told in offered().values()
        for option in options(told)
    }
    for name in set(re.findall(r"\b(?:AIRCHECK|NEXT_PUBLIC)_[A-Z0-9_]*[A-Z0-9]\b", page.read_text())):
        assert name in by_option or re.search(rf"\b{name}\b", sources()), name


def terraform(module: str) -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "terraform" / module).glob("*.tf")))


def declared(kind: str, module: str) -> set[str]:
    return set(re.findall(rf'^{kind} "(\w+)"', terraform(module), re.MULTILINE))


@every_page
def test_terraform_has_what_it_is_asked_for(page: Path) -> None:
    text = page.read_text()
    both = terraform("backend") + terraform("frontend")
    for name in re.findall(r"terraform(?: -chdir=\S+)? output (?:-raw )?(\w+)", text):
        assert f'output "{name}"' in both, name
    for name in re.findall(r"-var [\"']?(\w+)=", text):
        assert f'variable "{name}"' in both, name
    for kind, name in re.findall(r"-target=(\w+)\.(\w+)", text):
        assert f'resource "{kind}" "{name}"' in both, f"{kind}.{name}"


def rows(page: Path, heading: str) -> list[list[str]]:
    """A table below a heading, without its first line."""
    section = page.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def default_of(module: str, variable: str) -> str:
    block = terraform(module).partition(f'variable "{variable}" {{')[2].partition("\n}")[0]
    found = re.search(r"^ +default += (.*)$", block, re.MULTILINE)
    assert found, variable
    return found[1].strip('"') or "none"


def test_settings_have_the_defaults_that_are_told() -> None:
    table = rows(ROOT / "docs/deploy.md", "Settings")
    assert len(table) > 10
    for names, default, _ in table:
        module = "frontend" if "(frontend)" in names else "backend"
        variables = re.findall(r"`(\w+)`", names)
        wanted = re.sub("[`,]", "", default).split() if len(variables) > 1 and "," in default else [default.strip("`")]
        for variable, told in zip(variables, wanted * (len(variables) if len(wanted) == 1 else 1), strict=True):
            assert default_of(module, variable) == told.partition(",")[0], variable


def test_a_pipeline_reads_the_variables_that_are_told() -> None:
    told = {name for row in rows(ROOT / "docs/deploy.md", "Pipelines") for name in re.findall(r"`(\w+)`", row[0])}
    files = [*(ROOT / ".github").rglob("*.yml")]
    read = {name for path in files for name in re.findall(r"\bvars\.(\w+)", path.read_text())}
    assert read and told == read
    secrets = {name for path in files for name in re.findall(r"\bsecrets\.(\w+)", path.read_text())}
    assert all(f"`{name}`" in (ROOT / "docs/deploy.md").read_text() for name in secrets)


def test_names_in_an_account_are_terraforms() -> None:
    """Of an installation that is called aircheck."""
    told = {"${var.name}": "aircheck", "${local.account}": "123456789012", "${var.region}": "eu-central-1"}
    made = set(re.findall(r'"([^"\n]*\$\{var\.name\}[^"\n]*)"', terraform("backend")))
    for variable, value in told.items():
        made = {name.replace(variable, value) for name in made}
    functions = set(re.findall(r"^    (\w+) = \{\n      timeout", terraform("backend"), re.MULTILINE))
    assert len(functions) == 3
    made |= {name.replace("${each.key}", function) for name in made for function in functions}
    for page in PAGES:
        for name in re.findall(
            r"(?<![\w./-])(aircheck-[\w-]+|/aircheck/[\w-]+|/aws/lambda/[\w-]+|aircheck/cookies)\b", page.read_text()
        ):
            ours = {
                "aircheck-yt-dlp",
                "aircheck-update",
                "aircheck-jobs-restored",
            }  # of the package; of the runbook's own command
            assert name in made | ours, f"{page.name}: {name}"


def test_what_the_runbook_quotes_of_a_log_is_logged() -> None:
    look = re.findall(r"\*\*Look\*\*:.*?\*\*Do\*\*", (ROOT / "docs/runbook.md").read_text(), re.DOTALL)
    quoted = [" ".join(span.split()) for part in look for span in re.findall(r"`([^`]+)`", part)]
    sentences = [text.removesuffix(": …") for text in quoted if re.fullmatch(r"[A-Za-z]+( [a-z]+){2,}(: …)?", text)]
    assert len(sentences) >= 2
    for sentence in sentences:
        assert sentence in sources(), sentence


def test_metrics_are_sent() -> None:
    told = re.findall(
        r"`([A-Z]\w+)`", (ROOT / "docs/aws.md").read_text().partition("| line | metrics |")[2].partition("\n\n")[0]
    )
    assert len(told) > 5
    for name in told:
        assert f'"{name}"' in sources(), name


def test_workflows_that_are_spoken_of_are_there() -> None:
    there = {path.name for path in (ROOT / ".github/workflows").iterdir()}
    names = {yaml.safe_load(path.read_text())["name"] for path in (ROOT / ".github/workflows").iterdir()}
    for page in PAGES:
        assert set(re.findall(r"`(\w+\.yml)`", page.read_text())) <= there | {"compose.yml"}
        assert set(re.findall(r"workflow \*(\w+)\*", page.read_text())) <= names


def test_python_tools_that_are_called_are_there() -> None:
    for page in PAGES:
        for name in re.findall(r"build/venv/bin/([\w-]+)", page.read_text()):
            assert os.access(VENV / name, os.X_OK), name
