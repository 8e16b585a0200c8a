"""The port between transactions and the databases that run them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Database(Protocol):
    """Runs functions as transactions. A function may run on another thread and must not keep the connection."""

    notes: tuple[str, ...]
    """What the operator should know of this database, for the log at start."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction that writes, alone, and commit it; what it returns is durable.

        Raises:
            LogUnavailable: If the database cannot take it now; nothing of it was kept.

        """

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction that only reads, in one snapshot.

        Raises:
            LogUnavailable: If the database cannot answer now.

        """

    async def wait_for_change(self, timeout_s: float) -> bool:
        """Wait until something was committed since this was last called, by whichever process.

        For one waiter at a time. It may return True for nothing: it says that there may be news, the log says what.

        Args:
            timeout_s: Seconds to wait at most.

        Returns:
            False if nothing was committed in that time.

        Raises:
            LogUnavailable: If the database cannot be asked now.

        """

    def reserved(self, what: str) -> AbstractAsyncContextManager[bool]:
        """Try to be the only one, in all processes, who does what is named; given back when this process dies.

        Yields:
            Whether it is ours. Nobody waits for it, and it keeps nobody from reading and writing.

        """

    def note(self, log_position: int) -> None:
        """Note beside the database how far its log is; where there is no such place, nothing happens."""

    def noted(self) -> int:
        """What was noted last, by whichever process; 0 if nothing was."""

    async def close(self) -> None:
        """Finish what runs, and let go of every connection."""
