"""A night in a database, its rebuild, and every row of it, as the tests of rebuilding need them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy import Connection

from liveblog.application.desk import edition_of
from liveblog.application.rebuilding import Difference, Rebuilder, Rebuilt
from liveblog.application.rendering import Renderer
from liveblog.domain.rendering import Rendering
from liveblog.log.port import EventLog
from liveblog.log.record import Record
from liveblog.log.request import Adopt, NewBlog
from liveblog.storage import tables
from liveblog.storage.database import Database
from liveblog.storage.rebuilding import SqlGenerations
from log.build import Build, accept

RENDERER = Renderer()
EDITION = edition_of(RENDERER)
NOW = 1_700_000_000_000
MADE = (tables.entry_revisions, tables.key_point_revisions, tables.headers, tables.counts)
"""The tables of which a generation is made."""
_OTHERS = (tables.log_head, tables.blogs, tables.events, tables.idempotency_keys, tables.renderings, tables.checkpoints)


class Newer(Renderer):
    """A release that renders otherwise."""

    number = 2  # type: ignore[misc] # that is the point of it

    def render(self, source: str) -> Rendering:
        """Render so that nobody takes it for what the present release made."""
        return Rendering(f"<p>{source}, newly</p>", f"{source}, newly")


async def keep_night(log: EventLog, records: Sequence[Record]) -> None:
    """Append the night in two goes, and another blog beside it, that no rebuild of the night may touch."""
    build = Build(77)
    other = build.start("other", build.entry(breaking=True, pinned=True))
    assert other.start is not None
    await accept(log, adopted(records[: records[len(records) // 3].envelope.commit_end]))
    await accept(log, structs.replace(other, start=structs.replace(other.start, edition=EDITION)), adopted(records))


def adopted(records: Sequence[Record]) -> Adopt:
    """The night, under this release's edition."""
    start = NewBlog(records[0].envelope.blog_id, "epoch", EDITION)
    return Adopt(slug="night", start=start, records=tuple(records))


def generations(database: Database, renderer: Renderer = RENDERER) -> SqlGenerations:
    """The store that a rebuild works on."""
    return SqlGenerations(database, renderer, lambda: NOW)


async def rebuild(
    database: Database, renderer: Renderer = RENDERER, slug: str = "night", *, anew: bool = False
) -> Rebuilt:
    """Rebuild one blog."""
    return await Rebuilder(generations(database, renderer)).rebuild(slug, lambda _: None, anew=anew)


async def check(database: Database, renderer: Renderer = RENDERER, slug: str = "night") -> Difference | None:
    """The first difference between the rows of one blog and its log."""
    return await Rebuilder(generations(database, renderer)).check(slug, lambda _: None)


async def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row by table, in order, but for its generation."""

    def work(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {table.name: _rows(connection, table) for table in (*MADE, *_OTHERS)}

    return await database.read(work)


async def in_use(database: Database) -> dict[str, set[int]]:
    """The generations of the night of which there is anything, by table."""
    blog_id = sa.select(tables.blogs.c.blog_id).where(tables.blogs.c.slug == "night").scalar_subquery()

    def work(connection: Connection) -> dict[str, set[int]]:
        return {
            table.name: set(
                connection.execute(sa.select(table.c.generation).where(table.c.blog_id == blog_id)).scalars()
            )
            for table in (*MADE, tables.blogs, tables.checkpoints)
        }

    return await database.read(work)


def all_of(generation: int) -> dict[str, set[int]]:
    """What `in_use` finds where nothing is left of any other generation."""
    return {table.name: {generation} for table in (*MADE, tables.blogs, tables.checkpoints)}


def _rows(connection: Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    columns = [column for column in table.columns if column.name != "generation"]
    key = [column for column in table.primary_key.columns if column.name != "generation"]
    return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*key))]
