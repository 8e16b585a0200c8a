"""Turns: short pieces of work for many readers, done a few milliseconds at a time.

Thousands of readers who come back at once each want pages. Whatever they want at the same moment would be done in one
go of the loop, and those who read at the live edge, and those who post, would wait for all of it.
"""

import asyncio
from collections import deque
from collections.abc import Callable

TURN_S = 0.002
"""After so many seconds others get their turn."""


class Turns:
    """Does what it was given, in that order. For one loop."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        """How much waits."""
        return len(self._waiting)

    def wait(self, work: Callable[[], None]) -> None:
        """Do this when its turn comes, and never before this returns."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._go_on)
        self._waiting.append(work)

    def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + TURN_S
        try:
            while self._waiting:
                self._waiting[0]()
                self._waiting.popleft()
                if loop.time() > end:
                    break
        except BaseException:
            self._waiting.popleft()  # a defect with one reader must not silence the others
            raise
        finally:
            if self._waiting:
                loop.call_soon(self._go_on)
