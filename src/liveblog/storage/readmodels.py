"""The read models on a SQL database: each query in one snapshot."""

from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection, tuple_

from liveblog.application.readmodels import Course, EntryPage, EntryQuery, History, Ledger, Moment, PointsHistory
from liveblog.log.rows import BlogHead
from liveblog.storage import courses, errata, heads, history, moments, pages, points
from liveblog.storage.database import Database
from liveblog.storage.tables import blogs, log_head

_LOG_POSITION = sa.select(log_head.c.log_position)


class SqlReadModels:
    """`ReadModels` in tables.

    Args:
        database: Where they are.

    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def blogs(
        self, before: tuple[int, str] | None, limit: int, status: Literal["live", "ended"] | None
    ) -> list[BlogHead]:
        """See `ReadModels.blogs`."""
        query = sa.select(blogs).order_by(blogs.c.at.desc(), blogs.c.blog_id.desc()).limit(limit)
        if status is not None:
            query = query.where(blogs.c.status == status)
        if before is not None:
            query = query.where(tuple_(blogs.c.at, blogs.c.blog_id) < before)

        def work(connection: Connection) -> list[BlogHead]:
            return [heads.head_of(row).head for row in connection.execute(query)]

        return await self._database.read(work)

    async def moment(self, slug: str, position: int | None) -> Moment | None:
        """See `ReadModels.moment`."""
        standing = await self._database.read(lambda connection: moments.find(connection, slug, position))
        return None if standing is None else standing.moment

    async def entries(self, slug: str, position: int | None, query: EntryQuery) -> EntryPage | None:
        """See `ReadModels.entries`."""
        return await self._database.read(lambda connection: pages.find(connection, slug, position, query))

    async def history(self, slug: str, entry_id: str) -> History | None:
        """See `ReadModels.history`."""
        return await self._database.read(lambda connection: history.find(connection, slug, entry_id))

    async def ledger(self, slug: str, before: int | None, limit: int) -> Ledger | None:
        """See `ReadModels.ledger`."""
        return await self._database.read(lambda connection: errata.find(connection, slug, before, limit))

    async def points(self, slug: str, limit: int) -> PointsHistory | None:
        """See `ReadModels.points`."""
        return await self._database.read(lambda connection: points.find(connection, slug, limit))

    async def course(self, slug: str, after: int, limit: int) -> Course | None:
        """See `ReadModels.course`."""
        return await self._database.read(lambda connection: courses.find(connection, slug, after, limit))

    async def position_at(self, slug: str, instant: int) -> int | None:
        """See `ReadModels.position_at`."""
        return await self._database.read(lambda connection: moments.position_at(connection, slug, instant))

    async def heads(self, blog_ids: list[str]) -> list[BlogHead]:
        """See `ReadModels.heads`."""
        stored = await self._database.read(lambda connection: heads.find_all(connection, blog_ids))
        return [each.head for each in stored]

    async def log_position(self) -> int:
        """See `ReadModels.log_position`."""
        return await self._database.read(lambda connection: connection.execute(_LOG_POSITION).scalar_one())
