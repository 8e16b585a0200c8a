"""Who waits for news learns of every commit, whichever process made it, even if the poke is lost."""

from collections.abc import AsyncIterator

import anyio
import pytest
import sqlalchemy as sa

from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from liveblog.storage.postgres import PostgresDatabase
from log.build import Build, FakeClock, accept, render

pytestmark = pytest.mark.anyio

LONG_S = 30.0


@pytest.fixture
async def other(url: str) -> AsyncIterator[Database]:
    """Another process's view of the same database."""
    opened = await open_database(url)
    yield opened
    await opened.close()


async def quiet(database: Database) -> None:
    """Take in what there is to know."""
    while await database.wait_for_change(0):
        pass


@pytest.mark.parametrize("own", [True, False])
async def test_a_commit_ends_the_wait(database: Database, other: Database, own: bool) -> None:
    log, build = SqlLog(database if own else other, FakeClock(), render), Build()
    await accept(log, build.start("night"))
    await quiet(database)
    for _ in range(3):
        with anyio.fail_after(LONG_S):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(accept, log, build.append("night", build.entry()))
                assert await database.wait_for_change(LONG_S)
        await quiet(database)


async def test_a_commit_before_the_wait_ends_it_at_once(database: Database, other: Database) -> None:
    log, build = SqlLog(other, FakeClock(), render), Build()
    await quiet(database)
    await accept(log, build.start("night"))
    with anyio.fail_after(LONG_S):
        assert await database.wait_for_change(LONG_S)


async def test_without_a_commit_the_wait_ends_in_time_and_says_so(database: Database) -> None:
    await quiet(database)
    assert await database.wait_for_change(0.01) is False


async def test_what_is_rolled_back_is_no_news(database: Database, other: Database) -> None:
    await quiet(database)

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text("UPDATE log_head SET log_position = 9"))
        raise KeyError

    with pytest.raises(KeyError):
        await other.write(work)
    assert await database.wait_for_change(0.01) is False


async def test_a_lost_poke_is_made_up_for_by_looking(postgres_url: str) -> None:
    """The listening connection is cut; what is committed until it listens again is found."""
    database, other = await open_database(postgres_url), await open_database(postgres_url)
    assert isinstance(database, PostgresDatabase)
    log, build = SqlLog(other, FakeClock(), render), Build()
    await quiet(database)
    database._listening.remove_termination_listener(database._poke)
    await database._listening.remove_listener("liveblog", database._poke)
    await accept(log, build.start("night"))
    assert await database.wait_for_change(0.01)
    await quiet(database)
    await database._listening.close()
    await accept(log, build.append("night", build.entry()))
    assert await database.wait_for_change(LONG_S)
    await quiet(database)
    with anyio.fail_after(LONG_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(accept, log, build.append("night", build.entry()))
            assert await database.wait_for_change(LONG_S)
    await database.close()
    await other.close()
