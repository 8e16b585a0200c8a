"""A database that is older than the mark on summaries gets it when it is brought up to date."""

import anyio
import sqlalchemy as sa

from liveblog.domain.commands import FlagBreaking, RetractEntry, ReviseEntry
from liveblog.log.rows import Mark
from liveblog.storage import migrate
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import connect
from liveblog.storage.tables import entry_revisions
from log.build import Build, FakeClock, accept, render

_MARKS = sa.select(entry_revisions.c.entry_id, entry_revisions.c.valid_from, entry_revisions.c.marks).order_by(
    entry_revisions.c.valid_from
)


def marks(url: str) -> dict[tuple[str, int], Mark]:
    """The marks of every revision."""

    async def look() -> dict[tuple[str, int], Mark]:
        database = await connect(url)
        rows = await database.read(lambda connection: connection.execute(_MARKS).all())
        await database.close()
        return {(entry_id, valid_from): Mark(marks) for entry_id, valid_from, marks in rows}

    return anyio.run(look)


def fill(url: str) -> None:
    async def write() -> None:
        database, build = await connect(url), Build(2)
        summary, other = build.entry(kind="summary", headline='A "summary"'), build.entry(headline='"kind":"summary"')
        name = summary.entry_id or ""
        await accept(
            SqlLog(database, FakeClock(), render),
            build.start("night", summary, other, FlagBreaking(entry_id=name), ReviseEntry(entry_id=name, body="more")),
            build.append("night", RetractEntry(entry_id=name, reason="r")),
        )
        await database.close()

    anyio.run(write)


def test_summaries_are_marked_and_nothing_else(url: str) -> None:
    fill(url)
    newest = marks(url)
    summaries = [each for each in newest.values() if Mark.SUMMARY in each]
    assert summaries == [
        Mark.SUMMARY,
        Mark.SUMMARY | Mark.BREAKING,
        Mark.SUMMARY | Mark.BREAKING,
        Mark.SUMMARY | Mark.RETRACTED,
    ]
    assert len(newest) == len(summaries) + 1
    migrate.downgrade(url, "0001")
    assert marks(url) == {place: each & ~Mark.SUMMARY for place, each in newest.items()}
    migrate.upgrade(url)
    assert marks(url) == newest
