"""The commands that own a log, as processes: migrate, token, import, export, serve."""

import json
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from program import done, run, serving

SEED = Path(__file__).parents[2] / "seeds" / "night-of-the-missiles.txt"
PAGE = """ date 2021-03-04 Live
Bridge closed after ship hits pier
By Ann Reporter and Ben Writer
Police: 'Nobody is hurt'
The harbour police say that nobody was hurt when the ship hit the pier.
BreakingShip hits bridge
A ship has hit the bridge, the port authority says.
Welcome to our live page
This is what we know so far:
- A ship hit the bridge
- The bridge is closed
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE)
    return path


def test_migrate_makes_the_tables_once(empty_sqlite_url: str) -> None:
    assert "migrated from nothing" in done("migrate", url=empty_sqlite_url)
    assert "already at" in done("migrate", url=empty_sqlite_url)


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["token", "list"], ["export", "x"]])
def test_without_the_tables_one_line_says_which_command_to_run(empty_sqlite_url: str, command: list[str]) -> None:
    finished = run(*command, url=empty_sqlite_url)
    assert finished.returncode == 1
    (line,) = finished.stderr.splitlines()
    assert "liveblog migrate" in line


@pytest.mark.parametrize(
    ("url", "word"), [("mysql://x/y", "no driver"), ("nonsense", "not a database URL"), ("sqlite://", "name a file")]
)
def test_a_database_that_cannot_be_is_refused_in_one_line(url: str, word: str) -> None:
    for command in (["migrate"], ["token", "list"]):
        finished = run(*command, url=url)
        assert finished.returncode == 1
        (line,) = finished.stderr.splitlines()
        assert word in line


def test_a_token_is_printed_alone_and_once(sqlite_url: str) -> None:
    printed = done("token", "create", "--name", "Edith Editor", "--role", "author", "--blog", "night", url=sqlite_url)
    assert len(printed.split()) == 1
    listed = done("token", "list", url=sqlite_url)
    assert printed.strip() not in listed
    assert "edith-editor (Edith Editor)  author  night  valid" in listed
    assert "revoked" in done("token", "revoke", listed.split()[0], url=sqlite_url)
    assert "revoked 2" in done("token", "list", url=sqlite_url)
    again = run("token", "revoke", listed.split()[0], url=sqlite_url)
    assert again.returncode == 1


@pytest.mark.parametrize(
    "wrong",
    [["--name", "\n"], ["--name", "x" * 201], ["--name", "x", "--blog", "Bad Slug"], ["--name", "x", "--actor", "A"]],
)
def test_a_token_for_what_cannot_be_is_wrong_usage(sqlite_url: str, wrong: list[str]) -> None:
    assert run("token", "create", *wrong, url=sqlite_url).returncode == 2
    assert done("token", "list", url=sqlite_url) == ""


def test_an_import_says_what_it_understood_and_repeats_nothing(sqlite_url: str, page: Path) -> None:
    said = done("import", str(page), "--slug", "bridge", "--interval", "10m", url=sqlite_url)
    assert "text, blog bridge" in said
    assert "~2021-03-04T00:10:00.000Z  summary: Welcome to our live page" in said
    assert "update: Ship hits bridge [breaking]" in said
    assert "added 4 events: positions 1 to 4" in said
    again = done("import", str(page), "--slug", "bridge", "--interval", "10m", url=sqlite_url)
    assert "nothing added" in again
    _, *events = done("export", "bridge", url=sqlite_url).splitlines()
    assert len(events) == 4
    assert [json.loads(line)["envelope"]["at_estimated"] for line in events] == [True] * 4


def test_another_file_does_not_extend_a_blog(sqlite_url: str, page: Path) -> None:
    done("import", str(page), "--slug", "bridge", url=sqlite_url)
    page.write_text(PAGE.replace("pier", "bridge"))
    finished = run("import", str(page), "--slug", "bridge", url=sqlite_url)
    assert finished.returncode == 1
    assert "another slug" in finished.stderr


def test_a_dry_run_imports_nothing(sqlite_url: str, page: Path) -> None:
    assert "would add 4 events" in done("import", "--dry-run", str(page), url=sqlite_url)
    done("import", str(page), "--slug", "bridge", url=sqlite_url)
    assert "added 4" not in done("import", str(page), "--slug", "bridge", url=sqlite_url)


def test_of_several_files_all_are_imported_or_none(sqlite_url: str, page: Path, tmp_path: Path) -> None:
    done("import", str(page), url=sqlite_url)
    other = tmp_path / "other.txt"
    other.write_text(PAGE.replace("By Ann", "By Zoe"))
    # The second file would be another blog under the first one's slug.
    finished = run("import", str(SEED), str(other), url=sqlite_url)
    assert finished.returncode == 1
    assert str(other) in finished.stderr
    assert run("export", "night-of-the-missiles", url=sqlite_url).returncode == 1


def test_coverage_from_the_future_is_refused_with_its_line(sqlite_url: str, page: Path) -> None:
    finished = run("import", str(page), "--start", "2999-01-01T00:00:00Z", url=sqlite_url)
    assert finished.returncode == 1
    assert "has not come yet" in finished.stderr


def test_a_file_in_no_known_format_is_refused_in_one_line(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "noise"
    for noise in (b"\xff\xfe\x00", b"", b"hello", b'{"format":"liveblog-recording"'):
        path.write_bytes(noise)
        finished = run("import", str(path), url=sqlite_url)
        assert finished.returncode == 1, noise
        assert len(finished.stderr.splitlines()) == 1, finished.stderr


def test_a_recording_goes_through_another_database_unchanged(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    done("import", str(SEED), url=sqlite_url)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    done("export", "night-of-the-missiles", "--output", str(first), url=sqlite_url)
    assert "added 48 events" in done("import", str(first), url=postgres_url)
    assert "nothing added" in done("import", str(first), url=postgres_url)
    done("export", "night-of-the-missiles", "--output", str(second), url=postgres_url)
    assert first.read_bytes() == second.read_bytes()


def test_the_server_says_when_it_is_ready_and_ends_well(sqlite_url: str, tmp_path: Path) -> None:
    done("import", str(SEED), url=sqlite_url)
    with serving(sqlite_url, tmp_path) as server:
        answer = httpx2.get(f"{server.address}/v1/blogs/night-of-the-missiles")
        assert answer.json()["position"] == 48
        assert server.kill(signal.SIGTERM) == 0


def test_a_taken_port_is_said_in_one_line(sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finished = run("serve", "--port", str(taken.getsockname()[1]), url=sqlite_url)
    assert finished.returncode == 1
    assert "--port" in finished.stderr.splitlines()[-1]


def test_a_setting_that_is_no_such_value_is_said_in_one_line(sqlite_url: str, tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="LIVEBLOG_MAX_CONNECTIONS takes a whole number"),
        serving(sqlite_url, tmp_path, LIVEBLOG_MAX_CONNECTIONS="many"),
    ):
        pass


def test_the_terminal_posts_to_a_running_server(sqlite_url: str, tmp_path: Path) -> None:
    token = done("token", "create", "--name", "Edith", url=sqlite_url).strip()
    secret = tmp_path / "token"
    secret.write_text(token)
    with serving(sqlite_url, tmp_path) as server:
        where = ["--server", server.address, "--token-file", str(secret)]
        done("start", "night", "A night", *where, url=sqlite_url)
        posted = json.loads(done("post", "night", "Two *bases*", "--breaking", "--json", *where, url=sqlite_url))
        entry = posted["entry"]["id"]
        corrected = ["correct", "night", entry, "--headline", "22", "--was", "12", "--now", "22", "--reason", "counted"]
        done(*corrected, *where, url=sqlite_url)
        done("unflag", "night", entry, *where, url=sqlite_url)
        done("pin", "night", entry, *where, url=sqlite_url)
        done("retract", "night", entry, "--reason", "duplicate", *where, url=sqlite_url)
        refused = run("flag", "night", entry, *where, url=sqlite_url)
        assert refused.returncode == 1
        assert "entry_retracted" in refused.stderr
        watched = done(
            "watch", f"{server.address}/v1/blogs/night", "--from", "start", "--at-end", "end", "--json", url=sqlite_url
        )
        events = [json.loads(line) for line in watched.splitlines()]
        kinds = [event["event_type"] for event in events if event["type"] == "event"]
        assert kinds == [
            "blog_started",
            "entry_published",
            "entry_corrected",
            "breaking_cleared",
            "entry_pinned",
            "entry_retracted",
        ]
