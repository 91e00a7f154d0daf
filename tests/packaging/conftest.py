"""Fixtures: what is packaged, built once a session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import image as images
from debian import Missing

pytest_plugins = ["world_fixtures"]


@pytest.fixture(scope="session")
def image() -> Iterator[images.Image]:
    """Of the program and the dashboard that the build tree holds."""
    try:
        images.build("aircheck", "--layers", *images.built_program(), *images.built_dashboard())
    except Missing as reason:
        pytest.skip(str(reason))
    made = images.Image("aircheck")
    yield made
    made.close()


@pytest.fixture
def data(image: images.Image, tmp_path: Path) -> Path:
    """A volume that the image's user owns."""
    folder = tmp_path / "data"
    folder.mkdir()
    user, group = map(int, image.config["User"].split(":"))
    os.chown(folder, user, group)
    return folder


@pytest.fixture
def start(image: images.Image, data: Path, tmp_path: Path) -> Iterator[Callable[..., images.Container]]:
    """Runs a container of the image with the arguments given; /data is the volume."""
    started: list[images.Container] = []

    def run(*arguments: object, mounts: dict[str, Path] | None = None, **options: object) -> images.Container:
        binds = {"/data": data, **(mounts or {})}
        started.append(images.Container(image, tmp_path / "containers", *arguments, mounts=binds, **options))
        return started[-1]

    yield run
    for container in started:
        container.close()
