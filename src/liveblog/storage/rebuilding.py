"""Generations of read models on a SQL database."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application.desk import edition_of
from liveblog.application.rebuilding import AnotherRebuild, Comparing, Difference, Making, OtherRenderer, Rebuilt, Step
from liveblog.application.rendering import Renderer
from liveblog.log.refold import Refold
from liveblog.storage import comparing, generations
from liveblog.storage.database import Database
from liveblog.storage.generations import Blog
from liveblog.storage.refolding import Renderings, fold_next
from liveblog.storage.tables import blogs

_HEADS = sa.select(blogs.c.slug, blogs.c.position).order_by(blogs.c.slug)
_EDITIONS = sa.select(sa.func.count()).select_from(blogs).where(blogs.c.edition != sa.bindparam("edition"))


class SqlGenerations:
    """`Generations` in tables.

    Args:
        database: Where they are.
        renderer: Renders what no kept rendering is there for.
        clock: The wall clock in milliseconds, for the audit.

    """

    def __init__(self, database: Database, renderer: Renderer, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._renderings = Renderings(renderer.number, renderer.render)
        self._edition = edition_of(renderer)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """See `Generations.alone`."""
        async with self._database.reserved("rebuild") as ours:
            if not ours:
                raise AnotherRebuild
            yield

    async def heads(self) -> dict[str, int]:
        """See `Generations.heads`."""
        rows = await self._database.read(lambda connection: connection.execute(_HEADS).all())
        return {row.slug: row.position for row in rows}

    async def outdated(self) -> int:
        """How many blogs are of another renderer's edition than this release's."""
        return await self._database.read(
            lambda connection: connection.execute(_EDITIONS, {"edition": self._edition}).scalar_one()
        )

    async def make(self, slug: str, *, anew: bool = False) -> Making:
        """See `Generations.make`."""
        blog = await self._find(slug)
        refold = Refold(slug, blog.identity, blog.generation + 1)
        await self._database.write(lambda connection: generations.begin(connection, refold))
        source = Renderings(self._renderings.number, self._renderings.make, anew=anew)
        return SqlMaking(self._database, refold, source, self._edition, self._clock)

    async def sweep(self, slug: str, limit: int) -> Step:
        """See `Generations.sweep`."""
        return await _timed(self._database, lambda connection: generations.sweep(connection, slug, limit))

    async def compare(self, slug: str) -> Comparing:
        """See `Generations.compare`."""
        blog = await self._find(slug)
        if blog.identity.edition != self._edition:
            raise OtherRenderer(slug, blog.identity.edition, self._edition)
        surplus = await self._database.read(lambda connection: comparing.surplus(connection, blog))
        return SqlComparing(self._database, blog, self._renderings, surplus)

    async def _find(self, slug: str) -> Blog:
        blog = await self._database.read(lambda connection: generations.find(connection, slug))
        assert blog is not None, "no blog ever goes"
        return blog


class SqlMaking:
    """`Making` in tables: what is folded in a snapshot of readers is written in a transaction of its own."""

    def __init__(
        self, database: Database, refold: Refold, renderings: Renderings, edition: str, clock: Callable[[], int]
    ) -> None:
        self._database = database
        self._refold = refold
        self._renderings = renderings
        self._edition = edition
        self._clock = clock

    @property
    def position(self) -> int:
        """See `Making.position`."""
        return self._refold.head.position

    async def advance(self, limit: int) -> Step:
        """See `Making.advance`."""
        refold = self._refold
        folded = await self._database.read(lambda connection: fold_next(connection, refold, self._renderings, limit))
        if not folded.told:
            return Step(0, 0)

        def keep(connection: Connection) -> int:
            generations.keep(connection, refold, folded)
            return len(folded.told)

        return await _timed(self._database, keep)

    async def flip(self) -> Rebuilt:
        """See `Making.flip`."""
        now = self._clock()
        return await self._database.write(
            lambda connection: generations.flip(connection, self._refold, self._renderings, self._edition, now)
        )


class SqlComparing:
    """`Comparing` in tables: each step in one snapshot."""

    def __init__(self, database: Database, blog: Blog, renderings: Renderings, surplus: Difference | None) -> None:
        self.done = False
        self._database = database
        self._refold = Refold(blog.slug, blog.identity, blog.generation)
        self._renderings = renderings
        self._surplus = surplus

    @property
    def position(self) -> int:
        """See `Comparing.position`."""
        return self._refold.head.position

    async def advance(self, limit: int) -> Difference | None:
        """See `Comparing.advance`."""
        # Nothing that stands there without reason may be taken for what an event found.
        if self._surplus is not None:
            limit = min(limit, self._surplus.position - 1 - self.position)
            if limit <= 0:
                return self._surplus
        found, self.done = await self._database.read(
            lambda connection: comparing.compare_next(connection, self._refold, self._renderings, limit)
        )
        return found or (self._surplus if self.done else None)


async def _timed(database: Database, work: Callable[[Connection], int]) -> Step:
    """Run a transaction, and measure it from when it has its turn."""

    def timed(connection: Connection) -> Step:
        begun = time.perf_counter()
        done = work(connection)
        return Step(done, time.perf_counter() - begun)

    return await database.write(timed)
