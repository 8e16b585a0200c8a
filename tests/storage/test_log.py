"""The logs on SQLite and on PostgreSQL keep the contract of every log."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import IntegrityError

from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from log.build import FakeClock, render
from log.contract import LogContract


class SqlLogContract(LogContract):
    event_id_clash = IntegrityError

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()


class TestSqliteLog(SqlLogContract):
    @pytest.fixture
    async def log(self, sqlite_url: str, clock: FakeClock) -> AsyncIterator[SqlLog]:
        database = await open_database(sqlite_url)
        yield SqlLog(database, clock, render)
        await database.close()


class TestPostgresLog(SqlLogContract):
    @pytest.fixture
    async def log(self, postgres_url: str, clock: FakeClock) -> AsyncIterator[SqlLog]:
        database = await open_database(postgres_url)
        yield SqlLog(database, clock, render)
        await database.close()
