"""Brings a database's schema to a revision. Alembic is loaded only when something is to be done."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.storage.opening import connect
from liveblog.storage.schema import HEAD, revision

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 5_283_990_021
"""The number, chosen by dice, of the lock that keeps two nodes from migrating one PostgreSQL database at once."""


def scripts() -> Path:
    """The folder of the migrations: inside an installed package, or at the root of the repository."""
    package = Path(__file__).parent.parent
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent.parent / "migrations"


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database up to date, making a SQLite file where there is none. Not to be called on a running loop.

    Raises:
        BadDatabaseUrl: If the URL names no database we can use.
        LogUnavailable: If the database cannot be reached, or others keep it busy.

    """

    def work(connection: Connection) -> None:
        if revision(connection) != (HEAD if to == "head" else to):
            from alembic import command  # noqa: PLC0415  (0.4 s that an up-to-date database need not wait for)

            command.upgrade(_config(connection), to)

    _run(url, work)


def downgrade(url: str, to: str) -> None:
    """Take a database back to an older revision, with all that only newer ones can hold; ``base`` empties it."""

    def work(connection: Connection) -> None:
        from alembic import command  # noqa: PLC0415  (as above)

        command.downgrade(_config(connection), to)

    _run(url, work)


def current(url: str) -> str | None:
    """The revision that a database is at; None if it was never migrated."""

    async def look() -> str | None:
        database = await connect(url)
        try:
            return await database.read(revision)
        finally:
            await database.close()

    return asyncio.run(look())


def _run(url: str, work: Any) -> None:
    def alone(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        work(connection)

    async def run() -> None:
        database = await connect(url, create=True)
        try:
            await database.write(alone)
        finally:
            await database.close()

    asyncio.run(run())


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  (as above)

    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
