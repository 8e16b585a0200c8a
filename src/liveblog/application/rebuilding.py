"""Rebuilding the read models: a blog's log is folded once more, beside the running server, and takes their place.

Blog by blog a new generation of rows is made in short transactions, between which others write. Appends go on to the
generation in use; the last transaction holds the log, folds what was appended since, and changes the number that every
reader reads together with the rows. Then the old rows go, in short transactions again.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol, TypeAlias

from msgspec import Struct

from liveblog.log.request import LogUnavailable

SHORT_S = 0.030
"""How long a transaction may take, in seconds, so that with its commit it stays below 50 ms."""
FIRST, FEWEST, MOST = 128, 16, 2_048
"""Events in one transaction: to begin with, at least, and at most."""
AT_ONCE = 500
"""Events compared in one snapshot."""

Told: TypeAlias = Callable[[int], None]
"""Told how many of a blog's events are done."""


class Rebuilt(Struct, frozen=True):
    """What was made of a blog: `edition_before` is another one if its readers must begin anew."""

    slug: str
    position: int
    edition: str
    edition_before: str


class Difference(Struct, frozen=True):
    """The first place where stored read models are not what the log makes of them.

    `column`: which; None if the row is missing or stands there without reason, as `what` says.
    """

    position: int
    table: str
    column: str | None
    what: str


class NoSuchBlog(LookupError):
    """There is no blog of that name."""


class AnotherRebuild(Exception):
    """Another rebuild is at work on the same database, or came first."""


class Moved(Exception):
    """What was being compared is not in use any more."""


class OtherRenderer(Exception):
    """The blog's texts were rendered by another release's renderer, so that they cannot be compared with ours."""

    def __init__(self, slug: str, edition: str, ours: str) -> None:
        super().__init__(f"{slug} is of edition {edition}, this release makes {ours}")


class Step(Struct, frozen=True):
    """What one transaction did: how many events or rows, and for how many seconds it kept others from writing."""

    done: int
    held_s: float


class Making(Protocol):
    """A blog's next generation, being made."""

    @property
    def position(self) -> int:
        """How far it has come."""

    async def advance(self, limit: int) -> Step:
        """Fold up to so many events more, and keep their rows."""

    async def flip(self) -> Rebuilt:
        """Fold what is left with the log locked, and put the generation in use."""


class Comparing(Protocol):
    """A blog's stored read models, being compared; `done` when they are right up to their end."""

    done: bool

    @property
    def position(self) -> int:
        """Up to where they are right."""

    async def advance(self, limit: int) -> Difference | None:
        """Compare up to so many events more; the first difference, if there is one.

        Raises:
            Moved: If a rebuild put another generation in use meanwhile.

        """


class Generations(Protocol):
    """The port of the store: generations of read models, made, swapped, removed and compared."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Keep every other rebuild of this database out, also one of another process.

        Raises:
            AnotherRebuild: If one is at work.

        """

    async def heads(self) -> dict[str, int]:
        """All blogs with their positions, by slug, in order."""

    async def make(self, slug: str, *, anew: bool = False) -> Making:
        """Begin the blog's next generation; `anew`: every text is rendered again, whatever is kept of it."""

    async def sweep(self, slug: str, limit: int) -> Step:
        """Remove about so many rows of generations that are not in use; none are left when nothing was done."""

    async def compare(self, slug: str) -> Comparing:
        """Begin to compare the blog's stored read models with its log.

        Raises:
            OtherRenderer: If they are of another renderer than this release's.

        """


class Pace:
    """How much goes into one transaction: what the last one took decides about the next."""

    def __init__(self) -> None:
        self.limit = FIRST

    def took(self, step: Step) -> None:
        """Learn from a transaction; one slow disk sync alone does not halve the pace for good."""
        factor = min(2.0, max(0.5, SHORT_S / max(step.held_s, 0.000_1)))
        if step.done >= self.limit or factor < 1:
            self.limit = min(MOST, max(FEWEST, int(self.limit * factor)))


class Rebuilder:
    """Rebuilds blogs, and compares them.

    Args:
        generations: Where their read models are.

    """

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    async def blogs(self, slugs: Sequence[str] = ()) -> dict[str, int]:
        """The blogs named, or all of them, with their positions.

        Raises:
            NoSuchBlog: If one of them does not exist.

        """
        heads = await self._generations.heads()
        for slug in slugs:
            if slug not in heads:
                raise NoSuchBlog(slug)
        return {slug: heads[slug] for slug in dict.fromkeys(slugs)} if slugs else heads

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Keep other rebuilds out while blogs are rebuilt.

        Raises:
            AnotherRebuild: If one is at work.

        """
        return self._generations.alone()

    async def rebuild(self, slug: str, told: Told, *, anew: bool = False) -> Rebuilt:
        """Rebuild a blog; if anything is raised, it is as it was.

        Args:
            slug: Which.
            told: Told of the progress.
            anew: Render every text again, for what is kept of them was changed.

        Raises:
            UnknownEvent: If a newer release wrote to it.
            AnotherRebuild: If another rebuild came between all the same.
            LogUnavailable: If the database cannot be read or written now.

        """
        await self._sweep(slug)  # what an interrupted rebuild left
        making = await self._generations.make(slug, anew=anew)
        try:
            pace = Pace()
            while (step := await making.advance(pace.limit)).done:
                told(making.position)
                if step.done < pace.limit // 2:
                    break  # what is appended from now on is folded under the lock
                pace.took(step)
            rebuilt = await making.flip()
        except AnotherRebuild:
            raise
        except Exception:
            with suppress(LogUnavailable):  # then the next rebuild sweeps
                await self._sweep(slug)
            raise
        await self._sweep(slug)
        return rebuilt

    async def check(self, slug: str, told: Told) -> Difference | None:
        """Compare a blog's read models with its log, and find the first difference; nothing is written.

        Raises:
            OtherRenderer: If they are of another renderer than this release's.
            UnknownEvent: If a newer release wrote to the blog.
            LogUnavailable: If the database cannot be read now.

        """
        while True:
            comparing = await self._generations.compare(slug)
            with suppress(Moved):
                while not comparing.done:
                    if (difference := await comparing.advance(AT_ONCE)) is not None:
                        return difference
                    told(comparing.position)
                return None

    async def _sweep(self, slug: str) -> None:
        pace = Pace()
        while (step := await self._generations.sweep(slug, pace.limit)).done:
            pace.took(step)
            await asyncio.sleep(step.held_s)  # a turn for those who wait to write; between two pieces a fold gives it
