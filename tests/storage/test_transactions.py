"""A transaction happens whole or not at all, and nobody sees half of it."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.domain.commands import ReviseEntry
from liveblog.log.request import LogUnavailable
from liveblog.storage.appending import append
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.sqlite import SqliteDatabase
from liveblog.storage.tables import metadata
from log.build import Build, FakeClock, accept, render
from storage.gate import Gate

pytestmark = pytest.mark.anyio

TESTS = Path(__file__).parents[1]


def everything(connection: Connection) -> dict[str, list[Any]]:
    """All rows of all tables."""
    return {table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in metadata.sorted_tables}


class Case:
    """A log with one blog, and a request that touches every table."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock()
        self.database = database
        self.log = SqlLog(database, self.clock, render)
        self.build = Build(1)

    async def started(self) -> "Case":
        entry = self.build.entry(pinned=True)
        await accept(self.log, self.build.start("night", entry))
        edit = ReviseEntry(entry_id=entry.entry_id or "", body="other")
        self.request = self.build.append("night", edit, self.build.entry(breaking=True), key="k")
        return self

    async def rows(self) -> dict[str, list[Any]]:
        return await self.database.read(everything)

    def append(self, connection: Connection) -> None:
        append(connection, [self.request], self.clock, render, 1)


@pytest.fixture
async def case(database: Database) -> Case:
    return await Case(database).started()


class Stop(Exception):
    """Something that goes wrong in the middle."""


async def test_what_fails_after_writing_leaves_nothing(case: Case) -> None:
    before = await case.rows()

    def work(connection: Connection) -> None:
        case.append(connection)
        assert everything(connection) != before
        raise Stop

    with pytest.raises(Stop):
        await case.database.write(work)
    assert await case.rows() == before
    await accept(case.log, case.request)
    assert await case.rows() != before


async def test_a_clock_that_is_not_to_be_believed_leaves_nothing(case: Case) -> None:
    before = await case.rows()
    case.clock.error = LogUnavailable("the clock jumped")
    with pytest.raises(LogUnavailable, match="the clock jumped"):
        await case.log.append([case.request])
    assert await case.rows() == before
    case.clock.error = None
    await accept(case.log, case.request)


async def test_a_writer_that_is_killed_before_its_commit_leaves_nothing(case: Case, url: str) -> None:
    """Nor does it keep anyone from writing."""
    before = await case.rows()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])}
    command = [sys.executable, str(TESTS / "storage" / "killed.py"), url]
    done = await anyio.run_process(command, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert await case.rows() == before
    await accept(case.log, case.request)


async def test_nobody_sees_half_a_transaction(case: Case) -> None:
    before, gate = await case.rows(), Gate()

    def work(connection: Connection) -> None:
        case.append(connection)
        gate.wait(connection)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(case.database.write, work)
        await gate.reached()
        assert await case.rows() == before
        gate.open()
    assert await case.rows() != before


async def test_a_reading_transaction_sees_one_moment(case: Case) -> None:
    gate, seen = Gate(), []

    def work(connection: Connection) -> None:
        seen.append(connection.scalar(sa.text("SELECT log_position FROM log_head")))
        gate.wait(connection)
        seen.append(connection.scalar(sa.text("SELECT log_position FROM log_head")))
        seen.append(connection.scalar(sa.text("SELECT count(*) FROM events")))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(case.database.read, work)
        await gate.reached()
        (done,) = await accept(case.log, case.request)
        gate.open()
    assert seen == [2, 2, 2]
    assert done.position == 4


async def test_a_reading_transaction_cannot_write(case: Case) -> None:
    before = await case.rows()
    with pytest.raises((LogUnavailable, sa.exc.DBAPIError)):
        await case.database.read(lambda connection: connection.execute(sa.text("UPDATE log_head SET log_position = 9")))
    assert await case.rows() == before


@pytest.mark.parametrize("breaking", ["close", "begin"])
async def test_a_connection_that_cannot_roll_back_is_replaced(
    sqlite_url: str, breaking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed under our hands, or left in its transaction: the next writer gets a fresh one."""
    database = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    case = await Case(database).started()
    before = await case.rows()

    def failing(_: object) -> None:
        raise Stop

    if breaking == "begin":
        monkeypatch.setattr(database._writing.dialect, "do_rollback", failing)

    def work(connection: Connection) -> None:
        case.append(connection)
        if breaking == "close":
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.close()
        raise Stop

    with pytest.raises((Stop, LogUnavailable)):
        await database.write(work)
    monkeypatch.undo()
    assert await case.rows() == before
    await accept(case.log, case.request)
    await database.close()


@pytest.mark.parametrize("breaking", ["close", "begin"])
async def test_a_reader_whose_connection_cannot_roll_back_gets_another(
    sqlite_url: str, breaking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed under our hands, or left in its transaction and so in an old snapshot."""
    database = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    await database.read(everything)
    reached = 0

    def failing(_: object) -> None:
        raise Stop

    if breaking == "begin":
        monkeypatch.setattr(database._reading.dialect, "do_rollback", failing)

    def work(connection: Connection) -> None:
        nonlocal reached
        everything(connection)
        reached += 1
        if breaking == "close":
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.close()
        raise Stop

    for _ in range(8):
        with pytest.raises((Stop, LogUnavailable)):
            await database.read(work)
    assert reached == 8
    monkeypatch.undo()
    await Case(database).started()
    rows = [await database.read(everything) for _ in range(8)]
    assert len(rows[0]["events"]) == 2
    assert rows == rows[:1] * 8
    await database.close()
