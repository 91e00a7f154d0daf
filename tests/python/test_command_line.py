"""The command line itself: help, messages, configuration, what tables look like. No stream is recorded here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from program import Program
from server import Server
from tests.world.origin import Origin

NOWHERE = "http://127.0.0.1:9"  # the discard port, where nobody listens


def submitted(server: Server, count: int = 1) -> list[str]:
    """Jobs that will not get far, with titles wider than any terminal."""
    address = f"{server.address}/nothing.m3u8"
    return [server.submit(address, title=f"{number} " + "東京 wide title " * 12) for number in range(count)]


class TestMessages:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ([], "a command is wanted"),
            (["bananas"], "no command 'bananas'"),
            (["record"], "url is required"),
            (["record", "x", "--quality", "good"], "'good' is no quality"),
            (["record", "x", "--stall-timeout", "soon"], "'soon' is no duration"),
            (["list", "--limit", "0"], "--limit"),
            (["list", "--status", "lost", "--server", NOWHERE], "no status 'LOST'"),
            (["completion", "tcsh"], "tcsh"),
            (["serve", "--config", "/nowhere.toml"], "/nowhere.toml"),
            (["list", "--token-file", "/nowhere"], "/nowhere"),
        ],
    )
    def test_usage(self, aircheck: Program, words: list[str], said: str) -> None:
        process = aircheck.start(*words).expect(2)
        assert process.errors.startswith("aircheck: ") and said in process.errors
        assert process.output == "" and process.errors.count("\n") == 1

    @pytest.mark.parametrize("command", ["list", "submit", "show", "watch", "stop", "cancel", "retry", "delete"])
    def test_server_does_not_run(self, aircheck: Program, command: str) -> None:
        words = [] if command == "list" else ["https://youtu.be/jfKfPfyJRdk" if command == "submit" else "0190"]
        process = aircheck.start(command, *words, "--server", NOWHERE).expect(1)
        assert "aircheck serve" in process.errors and NOWHERE in process.errors

    def test_error_as_json(self, aircheck: Program) -> None:
        process = aircheck.start("list", "--json", "--server", NOWHERE).expect(1)
        assert json.loads(process.output)["error"]["kind"] == "unavailable"

    def test_something_else_answers(self, aircheck: Program, origin: Origin) -> None:
        process = aircheck.start("list", "--server", origin.http.address).expect(1)
        assert "aircheck server" in process.errors


class TestConfiguration:
    def data_of(self, aircheck: Program, folder: Path, text: str, environment: dict[str, str], *words: object) -> str:
        """Which folder the doctor looks at; the default one is of no interest."""
        config = folder / "config.toml"
        config.write_text(text)
        process = aircheck.start("doctor", "--json", "--config", config, *words, environment=environment)
        process.wait()
        checks = json.loads(process.output)["checks"]
        return next(check["found"] for check in checks if check["name"] == "disk").split(" in ")[1]

    @pytest.mark.parametrize(
        ("text", "environment", "words", "expected"),
        [
            ('data = "{0}/general"', {}, [], "general"),
            ('data = "{0}/general"\n[doctor]\ndata = "{0}/special"', {}, [], "special"),
            ('[serve]\ndata = "{0}/special"\n[doctor]\ndata = "{0}/general"', {}, [], "general"),
            ('data = "{0}/general"', {"AIRCHECK_DATA": "{0}/environment"}, [], "environment"),
            ('data = "{0}/general"', {"AIRCHECK_DATA": "{0}/environment"}, ["--data", "{0}/flag"], "flag"),
        ],
        ids=["file", "own-section-first", "other-section", "environment", "flag"],
    )
    def test_precedence(
        self, aircheck: Program, tmp_path: Path, text: str, environment: dict, words: list[str], expected: str
    ) -> None:
        for name in ("general", "special", "environment", "flag"):
            (tmp_path / name).mkdir()

        def placed(value: str) -> str:
            return value.replace("{0}", str(tmp_path))

        variables = {name: placed(value) for name, value in environment.items()}
        # No yt-dlp and no network: the disk is all that is looked at.
        words = [placed(word) for word in words] + ["--yt-dlp", "/nowhere", "--proxy", NOWHERE]
        assert self.data_of(aircheck, tmp_path, placed(text), variables, *words) == str(tmp_path / expected)

    @pytest.mark.parametrize("text", ['[sevre]\ndata = "x"', '[list]\nlisten = "x"', 'no-such = "x"'])
    def test_mistakes(self, aircheck: Program, tmp_path: Path, text: str) -> None:
        config = tmp_path / "config.toml"
        config.write_text(text)
        process = aircheck.start("list", "--config", config).expect(2)
        assert str(config) in process.errors

    def test_bad_value_in_the_environment(self, aircheck: Program) -> None:
        process = aircheck.start("record", "x", environment={"AIRCHECK_QUALITY": "good"}).expect(2)
        assert "'good' is no quality" in process.errors


class TestTables:
    @pytest.mark.parametrize("width", [60, 80, 132])
    def test_fit_the_terminal(self, aircheck: Program, server: Server, width: int) -> None:
        submitted(server, 3)
        process = aircheck.start("list", "--server", server.address, environment={"COLUMNS": str(width)}).expect(0)
        lines = process.output.splitlines()
        assert len(lines) == 4 and lines[0].startswith("ID")
        assert all(len(line) + line.count("東") + line.count("京") <= width for line in lines)

    def test_no_colours_into_a_file(self, aircheck: Program, server: Server) -> None:
        (job_id,) = submitted(server)
        for words in (["list"], ["show", job_id]):
            assert "\x1b" not in aircheck.start(*words, "--server", server.address).expect(0).said

    def test_limit_and_status(self, aircheck: Program, server: Server) -> None:
        submitted(server, 3)
        listed = aircheck.start("list", "--json", "--limit", 2, "--server", server.address).expect(0).output
        assert len(json.loads(listed)) == 2
        none = aircheck.start("list", "--status", "completed", "--server", server.address).expect(0).output
        assert none == "no jobs\n"


class TestIds:
    def test_may_be_abbreviated(self, aircheck: Program, server: Server) -> None:
        (job_id,) = submitted(server)
        shown = aircheck.start("show", "--json", job_id[:10], "--server", server.address).expect(0).output
        assert json.loads(shown)["id"] == job_id

    def test_must_be_unique(self, aircheck: Program, server: Server) -> None:
        submitted(server, 2)
        process = aircheck.start("show", "0", "--server", server.address).expect(2)
        assert "2 jobs' ids begin with '0'" in process.errors

    def test_must_be_known(self, aircheck: Program, server: Server) -> None:
        process = aircheck.start("show", "ffff", "--server", server.address).expect(1)
        assert "no job's id begins with 'ffff'" in process.errors


def test_one_server_per_folder(aircheck: Program, server: Server) -> None:
    process = aircheck.start("serve", "--data", server.data, "--listen", "127.0.0.1:0").expect(1)
    assert "another aircheck server" in process.errors and "--data" in process.errors


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(aircheck: Program, shell: str) -> None:
    script = aircheck.start("completion", shell).expect(0).output
    assert "yt-dlp-args" in script and "recorder" not in script


def test_manual_page(aircheck: Program) -> None:
    page = aircheck.start("man").expect(0).output
    assert page.startswith(".TH AIRCHECK 1") and "EXIT STATUS" in page and "yt\\-dlp\\-args" in page
