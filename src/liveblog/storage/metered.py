"""A database that counts: how long its transactions took, and how many it could not take."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from sqlalchemy import Connection

from liveblog.application.tally import Tally
from liveblog.log.request import LogUnavailable
from liveblog.storage.database import Database

T = TypeVar("T")


class Metered:
    """A `Database` in front of another.

    Args:
        database: The other.
        tally: Where it is counted.

    """

    def __init__(self, database: Database, tally: Tally) -> None:
        self._database = database
        self._tally = tally
        self.notes = database.notes
        self.seen_at = time.monotonic()
        """When the database last said whether there is anything new, in seconds of the monotonic clock."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `Database.write`."""
        return await self._metered("write", self._database.write(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `Database.read`."""
        return await self._metered("read", self._database.read(work))

    async def wait_for_change(self, timeout_s: float) -> bool:
        """See `Database.wait_for_change`."""
        try:
            changed = await self._database.wait_for_change(timeout_s)
        except LogUnavailable:
            self._tally.database_failures["poll"] += 1
            raise
        self.seen_at = time.monotonic()
        return changed

    def reserved(self, what: str) -> AbstractAsyncContextManager[bool]:
        """See `Database.reserved`."""
        return self._database.reserved(what)

    def note(self, log_position: int) -> None:
        """See `Database.note`."""
        self._database.note(log_position)

    def noted(self) -> int:
        """See `Database.noted`."""
        return self._database.noted()

    async def close(self) -> None:
        """See `Database.close`."""
        await self._database.close()

    async def _metered(self, kind: str, running: Awaitable[T]) -> T:
        began = time.perf_counter()
        try:
            return await running
        except LogUnavailable:
            self._tally.database_failures[kind] += 1
            raise
        finally:
            self._tally.transaction_s[kind].observe(time.perf_counter() - began)
