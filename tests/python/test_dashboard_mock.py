"""What `npm run mock` serves is understood by the dashboard: a bare list, and nothing but the words of json-server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dashboard import WEB, Visits, card, state
from playwright.sync_api import Route, expect

from program import VENV, wait_until
from server import Server


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/jobs", timeout=5).status == 200
    except OSError:
        return False


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[str]:
    shutil.copy(WEB.parent / "mock/db.json", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = WEB.parent / "node_modules/json-server/lib/bin.js"
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:{VENV}"}
    arguments = ["node", program, "db.json", "--port", str(port), "--host", "127.0.0.1"]
    process = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(address), what="json-server's start")
    yield address
    process.kill()
    process.wait()


def test_the_mock(serve: Callable[..., Server], visit: Visits, mock: str) -> None:
    server, name = serve("--web", WEB), "Rocket launch: the countdown"

    def pass_on(route: Route) -> None:
        url = urlsplit(route.request.url)
        route.fulfill(response=route.fetch(url=mock + url.path.removeprefix("/api") + "?" + url.query))

    page = visit(server, "/nothing")
    page.route("**/api/**", pass_on)
    page.goto(server.address)
    expect(page.get_by_role("article")).to_have_count(8)
    page.get_by_role("radio", name="Live").check(force=True)
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("searchbox").fill("rocket")
    expect(state(page, name, "RECORDING")).to_be_visible()
    card(page, "Rocket launch: the countdown").get_by_role(
        "link", name="Rocket launch: the countdown", exact=True
    ).click()
    expect(page.get_by_role("heading", level=1, name="Rocket launch: the countdown")).to_be_visible()
