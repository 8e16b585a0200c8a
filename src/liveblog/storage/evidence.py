"""The log's rows as the database holds them, for those who must not believe them.

The statements are plain text: types of ours would read a damaged value as something else, or fail on it.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application.verifying import StoredBlog, StoredEvent
from liveblog.storage.database import Database
from liveblog.storage.heads import may_exist

_COLUMNS = ", ".join(StoredEvent.__struct_fields__)
_BLOG = sa.text(
    "SELECT blog_id, slug, epoch, position, hash, at, log_position,"
    " coalesce((SELECT max(e.position) FROM events AS e WHERE e.blog_id = blogs.blog_id), 0) AS last"
    " FROM blogs CROSS JOIN log_head WHERE slug = :slug"
)
_EVENTS = sa.text(
    f"SELECT {_COLUMNS} FROM events"  # noqa: S608  (our own names)
    " WHERE blog_id = :blog_id AND position > :after AND position <= :until ORDER BY position"
)


class SqlEvidence:
    """`Evidence` in tables.

    Args:
        database: Where they are.

    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def blog(self, slug: str) -> StoredBlog | None:
        """See `Evidence.blog`."""

        def work(connection: Connection) -> StoredBlog | None:
            row = connection.execute(_BLOG, {"slug": slug}).mappings().first() if may_exist(slug) else None
            return None if row is None else StoredBlog(**_plain(row))

        return await self._database.read(work)

    async def events(self, blog_id: str, after: int, until: int) -> Sequence[StoredEvent]:
        """See `Evidence.events`."""

        def work(connection: Connection) -> list[StoredEvent]:
            wanted = {"blog_id": blog_id, "after": after, "until": until}
            return [StoredEvent(**_plain(row)) for row in connection.execute(_EVENTS, wanted).mappings()]

        return await self._database.read(work)


def _plain(row: sa.RowMapping) -> dict[str, Any]:
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
