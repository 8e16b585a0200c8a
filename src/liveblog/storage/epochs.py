"""Renewing epochs: a blog's log says that it is another copy than the one that readers know."""

from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from liveblog.storage import heads, tables
from liveblog.storage.database import Database

_LOCK = sa.select(tables.log_head.c.log_position).with_for_update()
_ALL = sa.select(tables.blogs.c.slug).order_by(tables.blogs.c.blog_id)


class Renewed(Struct, frozen=True):
    """A blog whose epoch was renewed."""

    slug: str
    position: int
    epoch: str


class SqlEpochs:
    """Epochs in tables.

    Args:
        database: Where they are.
        fresh: Makes an epoch.
        clock: The wall clock, in milliseconds.

    """

    def __init__(self, database: Database, fresh: Callable[[], str], clock: Callable[[], int]) -> None:
        self._database = database
        self._fresh = fresh
        self._clock = clock

    async def renew(self, slug: str | None, reason: str) -> list[Renewed]:
        """Give a blog a new epoch, or every blog; a running server learns of it as it learns of new events.

        Args:
            slug: Which blog; None for all.
            reason: A word for the audit.

        Returns:
            The blogs that have a new one: none, if there is no such blog.

        Raises:
            LogUnavailable: If the database cannot be written now.

        """
        return await self._database.write(lambda connection: self._renew(connection, slug, reason))

    def _renew(self, connection: Connection, slug: str | None, reason: str) -> list[Renewed]:
        # The order of locks is that of every writer: the log head's, then the blogs'.
        connection.execute(_LOCK)
        slugs: Sequence[str] = connection.execute(_ALL).scalars().all() if slug is None else [slug]
        renewed: list[Renewed] = []
        for stored in heads.lock(connection, slugs, []):
            head, epoch = stored.head, self._fresh()
            connection.execute(
                sa.update(tables.blogs).where(tables.blogs.c.blog_id == head.blog_id).values(epoch=epoch)
            )
            connection.execute(
                tables.audit.insert().values(
                    at=self._clock(),
                    what="epoch_renewed",
                    blog_id=head.blog_id,
                    position=head.position,
                    detail=msgspec.json.encode({"from": head.epoch, "to": epoch, "why": reason}).decode(),
                )
            )
            renewed.append(Renewed(head.slug, head.position, epoch))
        return renewed
