"""Fixtures: the world on loopback and the program in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Program, find_program
from tests.world.certificates import Certificates
from tests.world.fake_youtube import FakeYouTube
from tests.world.origin import Origin


@pytest.fixture(scope="session")
def certificates() -> Iterator[Certificates]:
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def origin(certificates: Certificates) -> Iterator[Origin]:
    with Origin(certificates=certificates) as made:
        yield made


@pytest.fixture
def youtube(origin: Origin) -> Iterator[FakeYouTube]:
    with FakeYouTube(origin) as made:
        yield made


@pytest.fixture
def aircheck(tmp_path: Path) -> Iterator[Program]:
    program = Program(find_program(), tmp_path)
    yield program
    program.close()


@pytest.fixture
def mkv(tmp_path: Path) -> Path:
    return tmp_path / "recording.mkv"
