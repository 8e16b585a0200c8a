"""The database itself refuses to change what happened, whoever asks: no statement of ours stands between."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from postgres import Postgres

COLUMNS = (
    *("log_position", "blog_id", "position", "event_id", "event_type", "schema_version", "at", "recorded_at"),
    *("commit_end", "entry_id", "envelope", "payload", "salt", "commitment", "hash"),
)
INSERT = (
    f"INTO events ({', '.join(COLUMNS)}) VALUES"
    " ({log_position}, '{blog_id}', {position}, '{event_id}', 'blog_started', 1, 5, 6, 1, NULL,"
    " 'envelope', 'payload', 'salt', 'commitment', 'hash')"
)
FIRST = {"log_position": 1, "blog_id": "b", "position": 1, "event_id": "e1"}
REDACTED = "payload = NULL, salt = NULL"
CHANGES = {
    "log_position": "7",
    "blog_id": "'other'",
    "position": "7",
    "event_id": "'other'",
    "event_type": "'other'",
    "schema_version": "7",
    "at": "7",
    "recorded_at": "7",
    "commit_end": "7",
    "entry_id": "'other'",
    "envelope": "'other'",
    "commitment": "'other'",
    "hash": "'other'",
}


def insert(**others: object) -> str:
    return INSERT.format(**(FIRST | others))


class Refused(Exception):
    """The database said no."""


class Shell:
    """A stranger's connection: it runs statements and tells what the log holds then."""

    def __init__(self, run: Callable[[str], list[tuple[object, ...]]]) -> None:
        self.run = run

    def rows(self) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.run(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY log_position")]


@pytest.fixture
def sqlite_shell(sqlite_url: str) -> Iterator[Shell]:
    """A connection with SQLite's own defaults: no recursive triggers."""
    connection = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")), isolation_level=None)

    def run(statement: str) -> list[tuple[object, ...]]:
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.IntegrityError as error:
            raise Refused from error

    assert run("PRAGMA recursive_triggers") == [(0,)]
    yield Shell(run)
    connection.close()


@pytest.fixture
def postgres_shell(postgres_url: str, postgres: Postgres) -> Shell:
    """A superuser's connection."""
    name = sa.make_url(postgres_url).database
    assert name is not None

    def run(statement: str) -> list[tuple[object, ...]]:
        try:
            return postgres.run(*statement.split(";"), database=name)
        except Exception as error:
            if getattr(error, "sqlstate", "")[:2] == "23":
                raise Refused from error
            raise

    return Shell(run)


@pytest.fixture(params=["sqlite", "postgres"])
def shell(request: pytest.FixtureRequest) -> Shell:
    """A connection to a log of one event."""
    found: Shell = request.getfixturevalue(f"{request.param}_shell")
    found.run("INSERT " + insert())
    return found


def refuses(shell: Shell, statement: str) -> None:
    before = shell.rows()
    assert len(before) == 1
    with pytest.raises(Refused):
        shell.run(statement)
    assert shell.rows() == before


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_changes(shell: Shell, column: str) -> None:
    refuses(shell, f"UPDATE events SET {column} = {CHANGES[column]}")


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_changes_beside_a_redaction(shell: Shell, column: str) -> None:
    refuses(shell, f"UPDATE events SET {REDACTED}, {column} = {CHANGES[column]}")


@pytest.mark.parametrize(
    "change", ["payload = NULL", "salt = NULL", "payload = 'other'", "salt = 'other'", "payload = NULL, salt = 'other'"]
)
def test_payload_and_salt_go_only_together_and_never_change(shell: Shell, change: str) -> None:
    refuses(shell, f"UPDATE events SET {change}")


def test_payload_and_salt_may_go_together_and_not_come_back(shell: Shell) -> None:
    shell.run(f"UPDATE events SET {REDACTED}")
    (row,) = shell.rows()
    assert dict(zip(COLUMNS, row, strict=True))["payload"] is None
    assert dict(zip(COLUMNS, row, strict=True))["salt"] is None
    refuses(shell, "UPDATE events SET payload = 'payload', salt = 'salt'")


def test_no_event_is_deleted(shell: Shell) -> None:
    refuses(shell, "DELETE FROM events")


def test_the_next_event_is_taken(shell: Shell) -> None:
    shell.run("INSERT " + insert(log_position=2, position=2, event_id="e2"))
    assert len(shell.rows()) == 2


TWINS = [{"log_position": 1}, {"position": 1}, {"event_id": "e1"}]
NEXT = {"log_position": 2, "blog_id": "b", "position": 2, "event_id": "e2"}


@pytest.mark.parametrize("same", TWINS)
def test_nothing_stands_twice(shell: Shell, same: dict[str, object]) -> None:
    refuses(shell, "INSERT " + insert(**(NEXT | same)))


@pytest.mark.parametrize("same", TWINS)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_sqlite_replaces_nothing_whatever_the_connection_says(
    sqlite_shell: Shell, same: dict[str, object], recursive: str
) -> None:
    sqlite_shell.run("INSERT " + insert())
    sqlite_shell.run(f"PRAGMA recursive_triggers = {recursive}")
    refuses(sqlite_shell, "INSERT OR REPLACE " + insert(**(NEXT | same)))
    refuses(sqlite_shell, "REPLACE " + insert(**(NEXT | same)))
    refuses(sqlite_shell, "UPDATE OR REPLACE events SET position = 9")


def test_postgres_truncates_nothing(postgres_shell: Shell) -> None:
    postgres_shell.run("INSERT " + insert())
    refuses(postgres_shell, "TRUNCATE events")
    refuses(postgres_shell, "TRUNCATE events, blogs CASCADE")


@pytest.mark.parametrize("change", ["UPDATE events SET position = 9", "DELETE FROM events", "TRUNCATE events"])
def test_postgres_refuses_a_replica_too(postgres_shell: Shell, change: str) -> None:
    postgres_shell.run("INSERT " + insert())
    refuses(postgres_shell, f"SET session_replication_role = replica;{change}")


@pytest.mark.parametrize("same", TWINS)
def test_postgres_replaces_nothing(postgres_shell: Shell, same: dict[str, object]) -> None:
    postgres_shell.run("INSERT " + insert())
    (target,) = same
    key = {"position": "blog_id, position"}.get(target, target)
    upsert = f"INSERT {insert(**(NEXT | same))} ON CONFLICT ({key}) DO UPDATE SET hash = 'other'"
    refuses(postgres_shell, upsert)
