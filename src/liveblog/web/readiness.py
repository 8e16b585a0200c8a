"""Readiness: whether a load balancer should send readers here, at the price of one look a second however many ask."""

import asyncio
from collections.abc import Awaitable, Callable

FRESH_S = 1.0
"""How long a look is believed, in seconds."""
PATIENCE_S = 2.0
"""How long the database may take to answer, in seconds."""


class NotReady(Exception):
    """The server cannot serve now; the text says why, in words for anybody."""


class Readiness:
    """Looks whether the server can serve.

    Args:
        look: Returns if the database answers and fits this release.
        time: Seconds that only rise.

    """

    def __init__(self, look: Callable[[], Awaitable[None]], time: Callable[[], float]) -> None:
        self._look = look
        self._time = time
        self._looked_at = float("-inf")
        self._reason: str | None = None
        self._looking: asyncio.Task[None] | None = None
        self.draining = False
        """Whether the server was told to stop: it is not ready from that moment."""

    async def check(self) -> None:
        """Do nothing if the server can serve.

        Raises:
            NotReady: If it cannot.

        """
        if not self.draining and self._time() - self._looked_at > FRESH_S:
            # One look for all who ask; it must not die with the first of them.
            if self._looking is None:
                self._looking = asyncio.create_task(self._see())
            await asyncio.shield(self._looking)
        if self.draining:
            raise NotReady("the server is shutting down")
        if self._reason is not None:
            raise NotReady(self._reason)

    async def _see(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._look()
        except NotReady as refusal:
            self._reason = str(refusal)
        except TimeoutError:
            self._reason = f"the database did not answer within {PATIENCE_S:g} s"
        else:
            self._reason = None
        finally:
            self._looked_at = self._time()
            self._looking = None
