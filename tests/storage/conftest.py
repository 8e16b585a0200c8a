"""Fixtures of the storage tests: one database of each kind, behind one name."""

from collections.abc import AsyncIterator

import pytest

from liveblog.storage.database import Database
from liveblog.storage.opening import open_database

BOTH = ("sqlite", "postgresql")


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    """A database at the newest schema; the test runs on each kind."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without tables; the test runs on each kind."""
    name = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[request.param]
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The database, open."""
    opened = await open_database(url)
    yield opened
    await opened.close()
