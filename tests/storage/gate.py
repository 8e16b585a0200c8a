"""A gate in the middle of a transaction, so that a test says what happens meanwhile."""

import asyncio
import threading

from sqlalchemy import Connection
from sqlalchemy.util import await_only

PATIENCE_S = 30.0


class Gate:
    """A transaction's function calls `wait`; the test awaits `reached`, does what it likes, and calls `open`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reached = asyncio.Event()
        self._opened = asyncio.Event()
        self._opened_for_threads = threading.Event()

    def wait(self, connection: Connection) -> None:
        """Stay here until the gate is opened: as a thread on SQLite, as a coroutine on PostgreSQL."""
        if connection.dialect.name == "sqlite":
            self._loop.call_soon_threadsafe(self._reached.set)
            assert self._opened_for_threads.wait(PATIENCE_S)
        else:
            self._reached.set()
            await_only(asyncio.wait_for(self._opened.wait(), PATIENCE_S))

    async def reached(self) -> None:
        """Return when the transaction is at the gate."""
        await asyncio.wait_for(self._reached.wait(), PATIENCE_S)

    def open(self) -> None:
        """Let the transaction go on."""
        self._opened.set()
        self._opened_for_threads.set()
