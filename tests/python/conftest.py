"""Fixtures: the program in the world on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployment import Deployment
from program import Program, find_program, youtube_options
from server import Server
from tests.aws.account import Settings
from tests.world.fake_youtube import FakeYouTube

pytest_plugins = ["dashboard", "machine_faults", "world_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, help="folder in which pictures of the dashboard are kept")


@pytest.fixture
def aircheck(tmp_path: Path) -> Iterator[Program]:
    program = Program(find_program(), tmp_path)
    yield program
    program.close()


@pytest.fixture
def mkv(tmp_path: Path) -> Path:
    return tmp_path / "recording.mkv"


@pytest.fixture
def serve(aircheck: Program, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server with the options given."""
    started: list[Server] = []

    def start(*options: object, environment: dict[str, str] | None = None) -> Server:
        started.append(Server(aircheck, tmp_path / "data", *options, environment=environment))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """One that takes URLs of any host, loopback too."""
    return serve("--allow-any-host", "--allow-private-hosts")


@pytest.fixture
def youtube_server(serve: Callable[..., Server], youtube: FakeYouTube) -> Server:
    """One whose YouTube is the fake."""
    return serve(*youtube_options(youtube))


@pytest.fixture
def deploy(tmp_path: Path, youtube: FakeYouTube) -> Iterator[Callable[..., Deployment]]:
    """Deploys to an account of the test's own."""
    started: list[Deployment] = []

    def start(settings: Settings | None = None, **options: float) -> Deployment:
        started.append(Deployment(tmp_path / "account", youtube, settings, **options))
        return started[-1]

    yield start
    for deployment in started:
        deployment.close()


@pytest.fixture
def deployed(deploy: Callable[..., Deployment]) -> Deployment:
    """IAM is enforced: every call of functions and tasks is held against the policies of their roles."""
    made = deploy(Settings(task_environment={"AIRCHECK_HEARTBEAT": "2"}))
    made.enforce_iam()
    return made
