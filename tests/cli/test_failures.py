"""Every command, and what it says when it fails: one line on standard error, exit 1; wrong usage, exit 2."""

import functools
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.newsroom import Newsroom, refused
from cli.stage import Stage
from liveblog.cli import COMMANDS, main
from liveblog.cli.admin import Admin
from program import run as run_program
from replay.history import NIGHT
from replay.scenario import FOLDER

RECORDING = str(FOLDER / f"{NIGHT}.jsonl")
ENTRY = "7b0a4c1e-9d5f-4c55-8f0e-3f5a1d2b6c7d"
EDITORIAL: dict[str, Sequence[str]] = {
    "start": ["night", "A headline"],
    "post": ["night", "Some words."],
    "revise": ["night", ENTRY, "Other words."],
    "correct": ["night", ENTRY, "22", "--was", "12", "--now", "22", "--reason", "counted"],
    "retract": ["night", ENTRY, "--reason", "twice"],
    **{name: ["night", ENTRY] for name in ("flag", "unflag", "pin", "unpin", "key", "unkey")},
    "point": ["set", "night", "toll", "22"],
    "headline": ["night", "Another headline"],
    "end": ["night"],
    "reopen": ["night"],
    "whoami": [],
}
"""What an editor does, through a server."""
OWNING: dict[str, Sequence[Sequence[str]]] = {
    "import": [[RECORDING]],
    "export": [["night"]],
    "verify": [["night"]],
    "rebuild": [[], ["--check"], ["night"]],
    "epoch": [["renew", "night"]],
    "token": [["list"], ["create", "--name", "Edith"], ["revoke", "7"]],
}
"""What is done to a database."""
ELSEWHERE = {"demo", "serve", "migrate", "watch", "replay", "completion"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    for module in ("editor", "whoami", "replay"):
        monkeypatch.setattr(f"liveblog.cli.{module}.Admin", functools.partial(Admin, sleep=lambda _: None))
    monkeypatch.setenv("LIVEBLOG_TOKEN", "secret")


@pytest.fixture
def nowhere() -> str:
    """An address on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def assert_one_line(result: Result, *said: str) -> None:
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("liveblog: ")
    for words in said:
        assert words in line


def test_the_tables_below_have_every_command() -> None:
    assert {*EDITORIAL, *OWNING, *ELSEWHERE} == {*COMMANDS}


@pytest.mark.usefixtures("quick")
class TestServer:
    @pytest.mark.parametrize("command", EDITORIAL)
    def test_no_server(self, command: str, nowhere: str) -> None:
        assert_one_line(run(command, *EDITORIAL[command], "--server", nowhere), "no answer from 127.0.0.1")

    @pytest.mark.parametrize("command", EDITORIAL)
    def test_a_refused_token(self, command: str) -> None:
        with Newsroom(refused(401, "unauthenticated", "Make a token.")) as room:
            assert_one_line(run(command, *EDITORIAL[command], "--server", room.url), "unauthenticated: Make a token.")

    @pytest.mark.parametrize("command", sorted(EDITORIAL.keys() - {"start", "whoami"}))
    def test_an_unknown_blog(self, command: str) -> None:
        with Newsroom(refused(404, "no_such_blog", "There is no blog night.")) as room:
            assert_one_line(run(command, *EDITORIAL[command], "--server", room.url), "no_such_blog: There is no")

    @pytest.mark.parametrize("command", EDITORIAL)
    def test_an_answer_that_is_no_json(self, command: str) -> None:
        with Newsroom((500, {}, b"<html>\nOops</html>")) as room:
            assert_one_line(run(command, *EDITORIAL[command], "--server", room.url), "the server answered 500")

    @pytest.mark.parametrize("command", EDITORIAL)
    def test_no_token_is_wrong_usage(self, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LIVEBLOG_TOKEN")
        result = run(command, *EDITORIAL[command])
        assert (result.exit_code, result.stdout) == (2, "")
        assert "set LIVEBLOG_TOKEN" in result.stderr

    def test_watch(self, nowhere: str) -> None:
        assert_one_line(run("watch", "night", "--server", nowhere), "cannot reach")
        with Stage((404, {}, b"{}")) as stage:
            assert_one_line(run("watch", "night", "--server", stage.url), "the server answered 404")

    def test_replay(self, nowhere: str, tmp_path: Path) -> None:
        assert_one_line(
            run("replay", RECORDING, "--to", nowhere, "--rate", "instant"),
            "stopped after event 0 of 48: no answer from 127.0.0.1",
            "run the same command again",
        )
        with Newsroom(refused(401, "unauthenticated", "Make a token.")) as room:
            assert_one_line(run("replay", RECORDING, "--to", room.url), "unauthenticated")
        damaged = tmp_path / "damaged.jsonl"
        for content, line in ((b"", 1), (b"hello\n", 1), (Path(RECORDING).read_bytes()[:-1], 49)):
            damaged.write_bytes(content)
            assert_one_line(run("replay", str(damaged), "--to", nowhere), f"{damaged}: line {line}: ")


class TestDatabase:
    @pytest.mark.parametrize(
        "arguments", [[command, *rest] for command, each in OWNING.items() for rest in each] + [["migrate"]]
    )
    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("mysql://x/y", "no driver"),
            ("nonsense", "not a database URL"),
            ("sqlite:////no/such/folder/blog.db", ""),
            ("postgresql://nobody@127.0.0.1:1/none", ""),
        ],
    )
    def test_no_database(self, arguments: list[str], url: str, said: str) -> None:
        assert_one_line(run(*arguments, "--database-url", url), said)

    @pytest.mark.parametrize("arguments", [[command, *rest] for command, each in OWNING.items() for rest in each])
    def test_a_database_without_tables(self, arguments: list[str], empty_sqlite_url: str) -> None:
        assert_one_line(run(*arguments, "--database-url", empty_sqlite_url), "liveblog migrate")

    @pytest.mark.parametrize("command", ["export", "verify", "rebuild", "epoch"])
    def test_an_unknown_blog(self, command: str, sqlite_url: str) -> None:
        (arguments, *_) = [each for each in OWNING[command] if "night" in each]
        assert_one_line(run(command, *arguments, "--database-url", sqlite_url), "there is no blog night")

    @pytest.mark.parametrize("arguments", [["import"], ["import", "--dry-run"], ["verify"]])
    def test_a_bad_file(self, arguments: list[str], sqlite_url: str, tmp_path: Path) -> None:
        bad = tmp_path / "bad.jsonl"
        bad.write_bytes(Path(RECORDING).read_bytes().replace(b"Irbil", b"Erbil", 1))
        assert_one_line(run(*arguments, str(bad), "--database-url", sqlite_url), str(bad), "line ")

    def test_a_folder_that_cannot_be_written_to(self, sqlite_url: str, tmp_path: Path) -> None:
        assert run("import", RECORDING, "--database-url", sqlite_url).exit_code == 0
        output = str(tmp_path / "none" / "night.jsonl")
        assert_one_line(run("export", NIGHT, "--output", output, "--database-url", sqlite_url), "cannot write", output)

    @pytest.mark.parametrize("command", ["serve", "demo"])
    def test_a_taken_port(self, command: str, sqlite_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            finished = run_program(command, "--port", str(taken.getsockname()[1]), url=sqlite_url)
        assert finished.returncode == 1
        assert "Traceback" not in finished.stderr
        said = [line for line in finished.stderr.splitlines() if line.startswith("liveblog: ")]
        assert len(said) == 1
        assert "--port" in said[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_wrong_usage(command: str) -> None:
    result = run(command, "--no-such-option")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: No such option" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_on_standard_output(command: str) -> None:
    result = run(command, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: main {command} ")
