"""The sequencer: one queue in front of the log, so that what arrives together is committed together.

While a commit is under way the next requests gather; a lone writer waits for nobody, and sixty-four share one commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

from liveblog.log.port import EventLog
from liveblog.log.request import LogUnavailable, Outcome, Request

AT_ONCE = 128
"""Requests in one commit, at most: enough to pay for it, few enough to be over soon."""
WAITING = 1_000
"""Requests in the queue, at most: each holds its commands in memory, and is answered soon or told to come again."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Sequencer(Generic[T]):
    """Takes requests one by one and gives them to the log in groups, in order of arrival.

    Args:
        log: Where they go.
        committed: Called with each request's outcome, in the order of the log; what it returns is the submitter's.

    """

    def __init__(self, log: EventLog, committed: Callable[[Outcome], T]) -> None:
        self._log = log
        self._committed = committed
        self._waiting: list[tuple[Request, asyncio.Future[T]]] = []
        self._arrived = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._waiting)

    async def submit(self, request: Request) -> T:
        """Put a request in the queue and wait until it is decided; what was accepted is durable then.

        Raises:
            LogUnavailable: If the log could not commit, or too many requests wait already.

        """
        if len(self._waiting) >= WAITING:
            raise LogUnavailable("too many requests are waiting: send this one again in a moment")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        self._arrived.set()
        return await future

    async def run(self) -> None:
        """Commit what arrives, until cancelled; what is being committed then is finished all the same."""
        try:
            while True:
                await self._arrived.wait()
                group, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                if not self._waiting:
                    self._arrived.clear()
                await asyncio.shield(self._commit(group))
        finally:
            _fail(self._waiting, LogUnavailable("the server is stopping: send the request again"))

    async def _commit(self, group: Sequence[tuple[Request, "asyncio.Future[T]"]]) -> None:
        try:
            outcomes = await self._log.append([request for request, _ in group])
        except LogUnavailable as error:
            _fail(group, error)
        except Exception:
            # A defect of ours must not end the queue with it: these requests fail, the next ones are tried.
            log.exception("append_failed", requests=len(group))
            _fail(group, LogUnavailable("the log failed: send the request again"))
        else:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                result = self._committed(outcome)
                if not future.done():
                    future.set_result(result)


def _fail(group: Sequence[tuple[Request, "asyncio.Future[T]"]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
