"""From a database's URL to a database."""

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from liveblog.storage.database import Database
from liveblog.storage.schema import require_current
from liveblog.storage.sqlite import SqliteDatabase

_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})
_NEEDED = ("asyncpg", "greenlet")
"""Packages that come with the extra `postgres` alone."""
_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})


class BadDatabaseUrl(ValueError):
    """A URL that names no database we can use; the text says what to write instead."""


class MissingDriver(Exception):
    """What the database needs is not installed."""


def address(url: str) -> URL:
    """Read a database's URL, the driver left out or written out.

    Args:
        url: For instance ``sqlite:///liveblog.db`` or ``postgresql://user@host/name``.

    Raises:
        BadDatabaseUrl: If it is neither, or a SQLite database in memory.

    """
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        # What was written may hold a password, so it is not repeated.
        raise BadDatabaseUrl("not a database URL: write sqlite:///liveblog.db or postgresql://user@host/name") from None
    if found.drivername in _POSTGRES:
        return found.set(drivername="postgresql+asyncpg")
    if found.drivername not in _SQLITE:
        raise BadDatabaseUrl(f"no driver for {found.drivername}: write sqlite:///… or postgresql://…")
    if found.query:
        raise BadDatabaseUrl("a SQLite URL takes no parameters: write sqlite:///liveblog.db")
    if not found.database or found.database == ":memory:" or found.database.startswith("file:"):
        raise BadDatabaseUrl("a database in memory would be another one for each thread: name a file, sqlite:///x.db")
    return found.set(drivername="sqlite+pysqlite")


async def open_database(url: str) -> Database:
    """Open the database that a URL names, at the schema of this release.

    Args:
        url: As for `address`.

    Raises:
        BadDatabaseUrl: If the URL names no database we can use.
        MissingDriver: If what PostgreSQL needs is not installed.
        SchemaOutdated: If it was not migrated to this release's schema; the text says which command to run.
        LogUnavailable: If the database cannot be reached.

    """
    database = await connect(url)
    try:
        await database.read(require_current)
    except BaseException:
        await database.close()
        raise
    return database


async def connect(url: str, *, create: bool = False) -> Database:
    """Open the database that a URL names, whatever its schema.

    Args:
        url: As for `address`.
        create: Make a SQLite file where there is none.

    Raises:
        BadDatabaseUrl: If the URL names no database we can use.
        MissingDriver: If what PostgreSQL needs is not installed.
        SchemaOutdated: If there is no such SQLite file.
        LogUnavailable: If the database cannot be reached.

    """
    found = address(url)
    if found.drivername.startswith("sqlite"):
        assert found.database is not None
        return SqliteDatabase(Path(found.database), create=create)
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise MissingDriver(f"PostgreSQL needs {' and '.join(missing)}: pip install liveblog[postgres]")
    from liveblog.storage.postgres import PostgresDatabase  # noqa: PLC0415  (what it needs is an extra)

    return await PostgresDatabase.open(found)
