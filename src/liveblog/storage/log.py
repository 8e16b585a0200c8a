"""The log on a SQL database."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from liveblog.application.rendering import RENDERER
from liveblog.domain.evolve import Render
from liveblog.log.record import Record, Recorded
from liveblog.log.request import Outcome, Request
from liveblog.log.rows import BlogHead
from liveblog.storage import heads, lookups, reading
from liveblog.storage.appending import append
from liveblog.storage.database import Database


class SqlLog:
    """An `EventLog` in tables.

    Args:
        database: Where they are.
        clock: The wall clock in milliseconds. It may raise `LogUnavailable`: then nothing is committed.
        render: Makes the rendering of bodies that came without one.
        renderer: Under which number renderings are kept.

    """

    def __init__(self, database: Database, clock: Callable[[], int], render: Render, renderer: int = RENDERER) -> None:
        self._database = database
        self._clock = clock
        self._render = render
        self._renderer = renderer

    async def append(self, requests: Sequence[Request], *, together: bool = False) -> list[Outcome]:
        """See `EventLog.append`."""

        def work(connection: Connection) -> list[Outcome]:
            return append(connection, requests, self._clock, self._render, self._renderer, together=together)

        return await self._database.write(work)

    async def head(self, slug: str) -> BlogHead | None:
        """See `EventLog.head`."""
        found = await self._database.read(lambda connection: heads.find(connection, slug))
        return None if found is None else found.head

    async def is_bound(self, slug: str, actor_id: str, key: str) -> bool:
        """See `EventLog.is_bound`."""
        return await self._database.read(lambda connection: lookups.is_bound(connection, slug, actor_id, key))

    async def read(self, blog_id: str, after: int, limit: int) -> list[Recorded]:
        """See `EventLog.read`."""
        return await self._database.read(lambda connection: reading.recorded(connection, blog_id, after, limit))

    async def read_all(self, after: int, limit: int) -> list[Record]:
        """See `EventLog.read_all`."""
        return await self._database.read(lambda connection: reading.records(connection, after, limit))
