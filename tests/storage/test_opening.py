"""URLs of databases: what they may look like, and what to write instead."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from liveblog.storage.opening import BadDatabaseUrl, MissingDriver, address, open_database
from liveblog.storage.sqlite import SqliteDatabase, _notes


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("sqlite:///liveblog.db", "sqlite+pysqlite:///liveblog.db"),
        ("sqlite:////var/lib/liveblog.db", "sqlite+pysqlite:////var/lib/liveblog.db"),
        ("postgresql://user:secret@host:5433/name", "postgresql+asyncpg://user:secret@host:5433/name"),
        ("postgres://host/name", "postgresql+asyncpg://host/name"),
        ("postgresql+asyncpg:///name?host=/run", "postgresql+asyncpg:///name?host=%2Frun"),
    ],
)
def test_the_driver_need_not_be_named(url: str, found: str) -> None:
    assert address(url).render_as_string(hide_password=False) == found


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "in memory .* name a file"),
        ("sqlite:///", "in memory .* name a file"),
        ("sqlite:///:memory:", "in memory .* name a file"),
        ("sqlite:///file:x?mode=memory", "no parameters|in memory"),
        ("sqlite:///x.db?timeout=5", "no parameters"),
        ("sqlite+aiosqlite:///x.db", "no driver for sqlite.aiosqlite"),
        ("postgresql+psycopg://host/name", "no driver for postgresql.psycopg"),
        ("mysql://host/name", "no driver for mysql"),
        ("liveblog.db", "not a database URL"),
        ("", "not a database URL"),
        ("postgresql://host:port/name", "not a database URL"),
    ],
)
def test_other_urls_are_refused_with_what_to_write(url: str, words: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=words):
        address(url)


def test_a_refusal_repeats_no_password() -> None:
    for url in ("postgresql:/user:secret@host/name", "postgresql://user:secret@host:port/name", "x://u:secret@h/n"):
        with pytest.raises(BadDatabaseUrl) as refusal:
            address(url)
        assert "secret" not in str(refusal.value)


@pytest.mark.anyio
@pytest.mark.parametrize("missing", ["asyncpg", "greenlet"])
async def test_without_its_driver_postgresql_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingDriver, match=rf"needs {missing}: pip install liveblog\[postgres\]"):
        await open_database("postgresql://host/name")


@pytest.mark.anyio
async def test_sqlite_is_opened_so_that_a_commit_survives_a_power_cut(sqlite_url: str) -> None:
    database = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    pragmas = {"journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "foreign_keys": 1, "query_only": 0}

    def found(connection: Connection) -> dict[str, object]:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas}

    assert await database.write(found) == pragmas
    assert (await database.read(found))["query_only"] == 1
    await database.close()


@pytest.mark.parametrize(
    ("version", "warned"), [((3, 51, 2), True), ((3, 40, 1), True), ((3, 51, 3), False), ((4, 0, 0), False)]
)
def test_an_old_sqlite_is_warned_of(version: tuple[int, int, int], warned: bool) -> None:
    notes = _notes(version)
    assert len(notes) == warned
    assert all(".".join(map(str, version)) in note for note in notes)
