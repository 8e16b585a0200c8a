"""PostgreSQL: asyncpg under SQLAlchemy, the same functions run on its connections; notifications as pokes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from liveblog.storage.failures import translated
from liveblog.storage.tables import log_head

T = TypeVar("T")

CHANNEL = "liveblog"
_LIMITS_TRANSACTIONS = 17
"""The first PostgreSQL that does."""


_JOINS = {"enable_hashjoin": "off", "enable_mergejoin": "off"}
"""Every join of ours leads from a few rows through an index. A connection keeps its plans, and one that was made while
a table was nearly empty would go on to read all of it when it has grown."""


class Timeouts(Struct, frozen=True):
    """How long one node may keep the others waiting, in milliseconds."""

    connect: int = 10_000
    """For a connection, whether a new one or one of the pool's."""
    lock: int = 10_000
    statement: int = 30_000
    idle: int = 15_000
    """Within a transaction: a node that was stopped loses the lock after this."""
    transaction: int = 120_000
    """A whole transaction; PostgreSQL before 17 has no such limit."""


TIMEOUTS = Timeouts()


class PostgresDatabase:
    """A `Database` on a server. Transactions that write take the log head's lock themselves, before any other.

    Args:
        url: With the driver asyncpg.
        timeouts: Limits that the server enforces.
        connections: How many to keep open at most, the one that listens aside.

    """

    notes: tuple[str, ...] = ()

    def __init__(self, url: URL, timeouts: Timeouts = TIMEOUTS, connections: int = 8) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=timeouts.connect / 1000,
            pool_pre_ping=False,
            hide_parameters=True,  # an error goes to the log, what an editor wrote does not
            connect_args={
                "timeout": timeouts.connect / 1000,
                "server_settings": {
                    "application_name": "liveblog",
                    "lock_timeout": str(timeouts.lock),
                    "statement_timeout": str(timeouts.statement),
                    "idle_in_transaction_session_timeout": str(timeouts.idle),
                    **_JOINS,
                },
            },
        )
        _limit_transactions(self._engine, timeouts)
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._poked = asyncio.Event()
        self._listening: Any = None
        self._seen: int | None = None

    @classmethod
    async def open(cls, url: URL, timeouts: Timeouts = TIMEOUTS) -> "PostgresDatabase":
        """Connect.

        Raises:
            LogUnavailable: If the server cannot be reached.

        """
        database = cls(url, timeouts)
        try:
            await database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `Database.write`."""
        with translated():
            async with self._engine.begin() as connection:
                # Heard by others once this is committed; said first, it is not said while the log is locked.
                await connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                return await connection.run_sync(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `Database.read`."""
        with translated():
            async with self._snapshots.begin() as connection:
                return await connection.run_sync(work)

    async def wait_for_change(self, timeout_s: float) -> bool:
        """See `Database.wait_for_change`."""
        with translated():
            await self._listen()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._poked.wait()
            poked = self._poked.is_set()
            self._poked.clear()
            # Polling closes what a lost notification leaves open.
            position = await self.read(lambda connection: connection.scalar(sa.select(log_head.c.log_position)))
            before, self._seen = self._seen, position
            return poked or before != position

    @asynccontextmanager
    async def reserved(self, what: str) -> AsyncIterator[bool]:
        """See `Database.reserved`."""
        with translated():
            connection = await self._engine.raw_connection()
            driver: Any = connection.driver_connection
            connection.detach()  # what is reserved is the session's, so it is given back by closing it
            ours = await driver.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", f"liveblog {what}")
        try:
            yield bool(ours)
        finally:
            await driver.close()

    def note(self, log_position: int) -> None:
        """See `Database.note`: what stood in the database would be restored with it."""

    def noted(self) -> int:
        """See `Database.noted`."""
        return 0

    async def close(self) -> None:
        """See `Database.close`."""
        if self._listening is not None:
            with suppress(Exception):
                await self._listening.close(timeout=1)
        await self._engine.dispose()

    async def _listen(self) -> None:
        if self._listening is not None and not self._listening.is_closed():
            return
        connection = await self._engine.raw_connection()
        self._listening = connection.driver_connection
        connection.detach()  # else it would go back to the pool with its listener
        await self._listening.add_listener(CHANNEL, self._poke)
        self._listening.add_termination_listener(self._poke)
        self._poked.set()  # what came while nobody listened

    def _poke(self, *_: object) -> None:
        self._poked.set()


def _limit_transactions(engine: AsyncEngine, timeouts: Timeouts) -> None:
    @sa.event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, _record: object) -> None:
        if connection.driver_connection.get_server_version()[0] >= _LIMITS_TRANSACTIONS:
            cursor = connection.cursor()
            cursor.execute(f"SET transaction_timeout = {timeouts.transaction}")
            cursor.close()
            connection.commit()
