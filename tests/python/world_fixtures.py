"""The world on loopback, for every suite: a plugin of pytest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cloud import Account, Moto
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


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    made = Moto()
    yield made
    made.close()


@pytest.fixture
def account(moto: Moto) -> Iterator[Account]:
    yield Account(moto)
    moto.heal()
