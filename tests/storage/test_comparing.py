"""Whatever is damaged in the read models, the check says where first; and it writes nothing."""

from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application import rebuilding
from liveblog.application.rebuilding import Difference, Moved, Rebuilder
from liveblog.domain.commands import ReviseEntry
from liveblog.log.record import Record, Recorded
from liveblog.log.rows import Mark
from liveblog.storage import tables
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.rebuilding import SqlGenerations
from log.build import Build, FakeClock, accept, records_of
from storage.nights import long_night
from storage.rebuilt import MADE, RENDERER, check, dump, generations, keep_night, rebuild

pytestmark = pytest.mark.anyio

POSITION = {"counts": "position"}
"""The column that says to which position a row belongs; `valid_from` elsewhere."""
SILENT = {"blog_id", "slug", "epoch", "edition", "generation"}
"""Columns of `blogs` that name the blog and its copy, which the read models cannot tell."""


@pytest.fixture(scope="module")
def history() -> list[Recorded]:
    return anyio.run(long_night)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The night is many pieces, so that they meet each other's revisions."""
    monkeypatch.setattr(rebuilding, "AT_ONCE", 40)


@pytest.fixture
async def records(database: Database, history: list[Recorded]) -> list[Record]:
    """The night, in the database."""
    found = records_of(history)
    await keep_night(SqlLog(database, FakeClock(), RENDERER.render), found)
    return found


Row = dict[str, Any]


def changed(column: sa.Column[Any], value: Any) -> Any:
    """Another value of the column's type."""
    if isinstance(column.type, sa.Boolean):
        return not value
    if isinstance(column.type, sa.LargeBinary):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(column.type, sa.Text):
        return f"{value}!"
    return 7 if value is None else value + (10**6 if column.primary_key else 1)


async def rows_of(database: Database, table: sa.Table) -> list[Row]:
    """The night's rows, in the order of their positions."""
    query = sa.select(table)
    if "blog_id" in table.c:
        night = sa.select(tables.blogs.c.blog_id).where(tables.blogs.c.slug == "night").scalar_subquery()
        query = query.where(table.c.blog_id == night)
    if table in MADE:
        query = query.order_by(POSITION.get(table.name, "valid_from"))
    return await database.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


async def replace(database: Database, table: sa.Table, old: Row | None, new: Row | None) -> None:
    """Put a row in another's place, which no program of ours would do."""

    def work(connection: Connection) -> None:
        if old is not None:
            named = [column == old[column.name] for column in table.primary_key.columns]
            assert connection.execute(sa.delete(table).where(*named)).rowcount == 1
        if new is not None:
            connection.execute(sa.insert(table).values(new))

    await database.write(work)


async def found_with(database: Database, table: sa.Table, old: Row | None, new: Row | None) -> Difference | None:
    """What the check says while one row is another."""
    await replace(database, table, old, new)
    difference = await check(database)
    await replace(database, table, new, old)
    return difference


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("table", MADE, ids=str)
async def test_every_column_of_every_row_counts(database: Database, table: sa.Table) -> None:
    """In rows at the beginning, in the middle and at the end: each column in turn, a row gone, a row too many."""
    assert await check(database) is None
    before, rows = await dump(database), await rows_of(database, table)
    place = POSITION.get(table.name, "valid_from")
    assert len(rows) > 10
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        at = row[place]
        for column in table.columns:
            new = row | {column.name: changed(column, row[column.name])}
            difference = await found_with(database, table, row, new)
            ended = row["valid_to"] if column.name == "valid_to" else None
            wanted: tuple[str | None, str] = (column.name, "differs")
            if column.primary_key:  # no entry of another id has an event at this position, so that comes first
                wanted = (None, "row too many" if column.name == "entry_id" else "row missing")
            assert difference == Difference(ended or at, table.name, *wanted), column
        assert await found_with(database, table, row, None) == Difference(at, table.name, None, "row missing")
    assert await check(database) is None
    assert await dump(database) == before


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("table", MADE, ids=str)
async def test_a_row_too_many_is_found(database: Database, table: sa.Table, records: list[Record]) -> None:
    """At a position where such a row belongs, at one where none does, before the first and beyond the last."""
    rows = await rows_of(database, table)
    place = POSITION.get(table.name, "valid_from")
    middle = rows[len(rows) // 2]
    taken = {row[place] for row in rows}
    for at in (*sorted(set(range(1, len(records))) - taken)[3:5], -1, 0, len(records) + 1, 10**6):
        difference = await found_with(database, table, None, middle | {place: at})
        assert difference == Difference(at, table.name, None, "row too many")
    names = {"entry_revisions": "entry_id", "key_point_revisions": "point_id"}
    if name := names.get(table.name):
        for row in (rows[0], middle):
            difference = await found_with(database, table, None, row | {name: "0"})
            assert difference == Difference(row[place], table.name, None, "row too many")


@pytest.mark.usefixtures("records")
async def test_a_revision_that_ends_too_late_or_for_no_reason_is_found(database: Database) -> None:
    for table in (tables.entry_revisions, tables.key_point_revisions):
        rows = await rows_of(database, table)
        ended = next(row for row in rows if row["valid_to"] is not None)
        standing = next(row for row in rows if row["valid_to"] is None)
        for end in (None, ended["valid_to"] + 1, ended["valid_from"], 10**9):
            difference = await found_with(database, table, ended, ended | {"valid_to": end})
            assert difference == Difference(ended["valid_to"], table.name, "valid_to", "differs"), end
        for end in (standing["valid_from"], standing["valid_from"] + 1, 10**9):
            difference = await found_with(database, table, standing, standing | {"valid_to": end})
            assert difference == Difference(standing["valid_from"], table.name, "valid_to", "differs"), end


@pytest.mark.usefixtures("records")
async def test_every_column_of_a_blog_counts_that_the_log_tells_of(database: Database, records: list[Record]) -> None:
    (row,) = await rows_of(database, tables.blogs)
    for column in tables.blogs.columns:
        if column.name not in SILENT:
            new = row | {column.name: changed(column, row[column.name])}
            assert await found_with(database, tables.blogs, row, new) == Difference(
                len(records), "blogs", column.name, "differs"
            )
    (row,) = await rows_of(database, tables.checkpoints)
    for wrong in (row | {"position": 5}, row | {"generation": 9}, None):
        assert await found_with(database, tables.checkpoints, row, wrong) == Difference(
            len(records), "checkpoints", "position", "differs"
        )


@pytest.mark.usefixtures("records")
async def test_a_generation_that_is_not_there_is_found(database: Database) -> None:
    (row,) = await rows_of(database, tables.blogs)
    difference = await found_with(database, tables.blogs, row, row | {"generation": 2})
    assert difference is not None
    assert (difference.position, difference.what) == (1, "row missing")


@pytest.mark.usefixtures("records")
async def test_a_rendering_that_is_not_what_the_source_makes_is_found(database: Database) -> None:
    rows = await rows_of(database, tables.renderings)
    for row in rows[::40]:
        for column in ("html", "text"):
            difference = await found_with(database, tables.renderings, row, row | {column: f"{row[column]}<script>"})
            # It need not be of this blog.
            assert difference is None or (difference.table, difference.column) == ("renderings", column)
    everything = [(row, row | {"html": ""}) for row in rows]
    for old, new in everything:
        await replace(database, tables.renderings, old, new)
    difference = await check(database)
    assert difference is not None
    assert (difference.table, difference.column) == ("renderings", "html")


@pytest.mark.usefixtures("records")
async def test_the_first_of_several_differences_is_said(database: Database) -> None:
    entries, counted = await rows_of(database, tables.entry_revisions), await rows_of(database, tables.counts)
    for row in (entries[-1], entries[30], entries[60]):
        await replace(database, tables.entry_revisions, row, row | {"owner": "nobody"})
    await replace(database, tables.counts, None, counted[40] | {"position": 10**6})
    difference = await check(database)
    assert difference == Difference(entries[30]["valid_from"], "entry_revisions", "owner", "differs")


@pytest.mark.usefixtures("records")
async def test_a_check_that_a_rebuild_overtakes_begins_anew(database: Database) -> None:
    store = generations(database)
    comparing = await store.compare("night")
    await comparing.advance(50)
    await rebuild(database)
    with pytest.raises(Moved):
        await comparing.advance(50)

    class Once(SqlGenerations):
        async def compare(self, slug: str) -> Any:
            begun = await super().compare(slug)
            if self.first:
                self.first = False
                await rebuild(database)
            return begun

        first = True

    once = Once(database, RENDERER, lambda: 0)
    assert await Rebuilder(once).check("night", lambda _: None) is None
    assert not once.first


@pytest.mark.usefixtures("records")
async def test_what_is_appended_during_a_check_is_no_difference(database: Database) -> None:
    """Between two steps revisions end that were compared and that are still to come."""
    build, log = Build(6_000), SqlLog(database, FakeClock(), RENDERER.render)
    comparing = await generations(database).compare("night")
    rows = await rows_of(database, tables.entry_revisions)
    standing = [row["entry_id"] for row in rows if row["valid_to"] is None and not row["marks"] & Mark.RETRACTED]
    while not comparing.done:
        entry_id = standing.pop(build.dice.randrange(len(standing)))
        await accept(log, build.append("night", ReviseEntry(entry_id=entry_id, body=build.id()), build.entry()))
        assert await comparing.advance(30) is None
    assert comparing.position > rows[-1]["valid_from"] + 10
