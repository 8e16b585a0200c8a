"""How the rows of a batch reach the database."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.domain.commands import ReviseEntry
from liveblog.log.request import Accepted, Request
from liveblog.storage import bulk, tables
from liveblog.storage.appending import append
from liveblog.storage.bulk import Change, Writes
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from log.build import Build, FakeClock, accept, render
from storage.plans import statements

pytestmark = pytest.mark.anyio

BLOGS = ("day", "match", "night", "vote")


def everything(connection: Connection, table: sa.Table) -> Sequence[sa.Row[Any]]:
    return connection.execute(sa.select(table)).all()


async def appended(database: Database, *requests: Request) -> list[str]:
    """The statements of one batch, all of which is accepted."""

    def work(connection: Connection) -> None:
        outcomes = append(connection, requests, FakeClock(), render, 1)
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)

    return [statement for statement, _ in await database.write(lambda connection: statements(connection, work))]


async def test_a_batch_over_many_blogs_says_no_more_than_one_over_one(database: Database) -> None:
    build = Build()
    entries = {slug: build.entry() for slug in BLOGS}
    log = SqlLog(database, FakeClock(), render)
    await accept(log, *(build.start(slug, entry) for slug, entry in entries.items()))

    def requests(slug: str) -> list[Request]:
        revision = ReviseEntry(entry_id=entries[slug].entry_id or "", body="another text")
        return [build.append(slug, build.entry()), build.append(slug, revision)]

    one = await appended(database, *requests("night"))
    many = await appended(database, *(request for slug in BLOGS for request in requests(slug)))
    assert len(many) == len(one)


async def test_postgres_is_told_all_rows_of_a_batch_at_once(postgres_url: str) -> None:
    build = Build()
    database = await open_database(postgres_url)
    await accept(SqlLog(database, FakeClock(), render), build.start("night"))
    written = await appended(database, build.append("night", build.entry(), build.entry()))
    await database.close()
    assert len([statement for statement in written if "INSERT" in statement or "SET" in statement]) == 1


async def test_rows_beyond_what_one_message_holds_are_written_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Build()
    log = SqlLog(database, FakeClock(), render)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    (started,) = await accept(log, build.start("night", *(build.entry() for _ in range(6))))
    for table, rows in ((tables.events, 7), (tables.entry_revisions, 6), (tables.counts, 7), (tables.headers, 1)):
        assert len(await database.read(partial(everything, table=table))) == rows
    head = await log.head("night")
    assert head is not None
    assert (head.position, head.hash) == (7, started.recorded[-1].record.hash)


async def test_postgres_finds_what_changes_through_its_key_from_the_first_row_on(postgres_url: str) -> None:
    """A connection keeps a plan that it made while the table was empty; the table grows."""
    close = Change(tables.entry_revisions, ("valid_to",), ("blog_id", "generation", "entry_id", "valid_from"))

    def plan(connection: Connection) -> str:
        writes = Writes()
        writes.update(close, [(2, "blog", 1, f"entry {number}", 1) for number in range(64)])
        ((statement, parameters),) = statements(connection, writes.run)
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())

    database = await open_database(postgres_url)
    found = await database.write(plan)
    await database.close()
    assert "Index Scan using pk_entry_revisions" in found
    assert "Seq Scan" not in found
