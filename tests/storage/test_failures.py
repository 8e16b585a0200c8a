"""What goes wrong in a database reaches the asker as one error of ours, and leaves nothing behind."""

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from liveblog.log.request import LogUnavailable
from liveblog.storage.failures import explain, translated
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import address, connect, open_database
from liveblog.storage.postgres import PostgresDatabase, Timeouts
from liveblog.storage.sqlite import SqliteDatabase
from liveblog.storage.tables import log_head
from log.build import Build, FakeClock, accept, render
from postgres import Postgres
from storage.gate import Gate

pytestmark = pytest.mark.anyio

POSITION = sa.select(log_head.c.log_position)


def sqlite_error(name: str) -> DBAPIError:
    cause = sqlite3.OperationalError("words of the driver")
    cause.sqlite_errorname = name
    return OperationalError("SELECT 1", {}, cause)


class PostgresError(Exception):
    """An error as asyncpg raises it."""

    def __init__(self, state: str) -> None:
        super().__init__("words of the driver")
        self.sqlstate = state


def postgres_error(state: str) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, PostgresError(state))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite_error("SQLITE_BUSY"), "lock"),
        (sqlite_error("SQLITE_BUSY_SNAPSHOT"), "lock"),
        (sqlite_error("SQLITE_LOCKED_SHAREDCACHE"), "lock"),
        (sqlite_error("SQLITE_PROTOCOL"), "lock"),
        (sqlite_error("SQLITE_FULL"), "full"),
        (sqlite_error("SQLITE_IOERR"), "failed"),
        (sqlite_error("SQLITE_IOERR_WRITE"), "failed"),
        (sqlite_error("SQLITE_IOERR_FSYNC"), "failed"),
        (sqlite_error("SQLITE_CANTOPEN"), "opened"),
        (sqlite_error("SQLITE_READONLY"), "written"),
        (sqlite_error("SQLITE_READONLY_DBMOVED"), "written"),
        (sqlite_error("SQLITE_NOMEM"), "memory"),
        (sqlite_error("SQLITE_CORRUPT"), "damaged"),
        (sqlite_error("SQLITE_CORRUPT_INDEX"), "damaged"),
        (sqlite_error("SQLITE_NOTADB"), "no SQLite database"),
        (postgres_error("08006"), "broke"),
        (postgres_error("25P03"), "too long"),
        (postgres_error("25P04"), "too long"),
        (postgres_error("28P01"), "password"),
        (postgres_error("3D000"), "no such database"),
        (postgres_error("40001"), "another's way"),
        (postgres_error("40P01"), "another's way"),
        (postgres_error("53100"), "disk"),
        (postgres_error("53300"), "connection"),
        (postgres_error("55P03"), "too long"),
        (postgres_error("57014"), "too long"),
        (postgres_error("57P01"), "stopping"),
        (postgres_error("58030"), "disk"),
        (PostgresError("3D000"), "no such database"),
        (DBAPIError("SELECT 1", {}, Exception(), connection_invalidated=True), "broke"),
        (PoolExhausted(), "in use"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "refused"),
        (TimeoutError(), "cannot be reached"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space"),
    ],
    ids=repr,
)
async def test_what_is_the_databases_fault_is_translated(error: Exception, words: str) -> None:
    with pytest.raises(LogUnavailable, match=words) as caught, translated():
        raise error
    assert caught.value.__cause__ is error
    assert str(caught.value).endswith("send the request again later")
    assert "driver" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error("SQLITE_ERROR"),
        sqlite_error("SQLITE_CONSTRAINT_UNIQUE"),
        sqlite_error("SQLITE_MISUSE"),
        postgres_error("23505"),
        postgres_error("25P02"),
        postgres_error("42P01"),
        postgres_error("22021"),
        IntegrityError("INSERT", {}, Exception()),
        AssertionError("ours"),
        KeyError("ours"),
    ],
    ids=repr,
)
async def test_what_is_our_fault_is_not(error: Exception) -> None:
    assert explain(error) is None
    with pytest.raises(type(error)) as caught, translated():
        raise error
    assert caught.value is error


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def position(connection: Connection) -> Any:
    return connection.scalar(POSITION)


async def test_a_full_disk_refuses_a_batch_and_keeps_what_was_there(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    log, build = SqlLog(database, FakeClock(), render), Build()
    await accept(log, build.start("night"))

    def pages(most: int) -> Callable[[Connection], object]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {most}").scalar()

    await database.write(pages(1))  # as small as it is already
    requests = [build.append("night", build.entry(body="x" * 20_000)) for _ in range(20)]
    with pytest.raises(LogUnavailable, match="full"):
        await log.append(requests)
    assert await database.read(position) == 1
    await database.write(pages(1_000_000))
    await accept(log, *requests)
    assert await database.read(position) == 21
    await database.close()


async def test_a_stranger_that_holds_sqlites_own_lock_is_not_waited_for_without_end(sqlite_url: str) -> None:
    database = SqliteDatabase(path_of(sqlite_url), timeout_s=0.02)
    stranger = sqlite3.connect(path_of(sqlite_url), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="lock"):
        await database.write(position)
    assert await database.read(position) == 0
    stranger.execute("ROLLBACK")
    assert await database.write(position) == 0
    stranger.close()
    await database.close()


async def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all " * 1000)
    with pytest.raises(LogUnavailable, match="no SQLite database"):
        await open_database(f"sqlite:///{tmp_path}/x.db")


async def test_a_folder_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()
    with pytest.raises(LogUnavailable, match="opened"):
        await open_database(f"sqlite:///{tmp_path}/x.db")


async def test_a_folder_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="No such file"):
        await connect(f"sqlite:///{tmp_path}/none/x.db", create=True)


async def test_a_server_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="cannot be reached"):
        await open_database(f"postgresql://postgres@/x?host={tmp_path}")


async def test_a_postgres_database_that_is_not_there_is_said_not_to_be(postgres: Postgres) -> None:
    with pytest.raises(LogUnavailable, match="no such database"):
        await open_database(postgres.url("nowhere"))


async def postgres_database(url: str, timeouts: Timeouts) -> PostgresDatabase:
    return await PostgresDatabase.open(address(url), timeouts)


def lock(connection: Connection) -> Any:
    return connection.scalar(POSITION.with_for_update())


async def test_a_lock_is_not_waited_for_without_end(postgres_url: str) -> None:
    holder = await postgres_database(postgres_url, Timeouts())
    waiter = await postgres_database(postgres_url, Timeouts(lock=20))
    gate = Gate()

    def hold(connection: Connection) -> None:
        lock(connection)
        gate.wait(connection)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(holder.write, hold)
        await gate.reached()
        with pytest.raises(LogUnavailable, match="too long"):
            await waiter.write(lock)
        gate.open()
    assert await waiter.write(lock) == 0
    await holder.close()
    await waiter.close()


@pytest.mark.parametrize("timeouts", [Timeouts(idle=50), Timeouts(transaction=50)], ids=["idle", "transaction"])
async def test_a_node_that_stopped_loses_the_lock(postgres_url: str, timeouts: Timeouts) -> None:
    """It holds the log head and says nothing more; the others go on, and what it began is not kept."""
    stopped = await postgres_database(postgres_url, timeouts)
    other = await open_database(postgres_url)
    gate, failed = Gate(), []

    def hold(connection: Connection) -> None:
        connection.execute(sa.update(log_head).values(log_position=99))
        gate.wait(connection)

    async def stop() -> None:
        with pytest.raises(LogUnavailable) as caught:
            await stopped.write(hold)
        failed.append(str(caught.value))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stop)
        await gate.reached()
        assert await other.write(lock) == 0
        gate.open()
    assert len(failed) == 1
    assert await stopped.write(lock) == 0
    await stopped.close()
    await other.close()


async def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    database = await postgres_database(postgres_url, Timeouts(statement=20))
    with pytest.raises(LogUnavailable, match="too long"):
        await database.read(lambda connection: connection.execute(sa.select(sa.func.pg_sleep(30))))
    await database.close()


async def test_a_server_that_went_away_is_found_again(postgres_url: str, postgres: Postgres) -> None:
    """What was under way fails; later requests get fresh connections."""
    database = await open_database(postgres_url)
    other = await open_database(postgres_url)
    for work in (database.write, database.read):
        assert await work(position) == 0
        await other.write(
            lambda connection: connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            ).all()
        )
        with pytest.raises(LogUnavailable):
            await work(position)
        assert await work(position) == 0
    await database.close()
    await other.close()
