"""Turns: when the loop does what many readers want: short pieces of work, a few milliseconds at a time, and timers.

Thousands of readers who come back at once each want pages. Whatever they want at the same moment would be done in one
go of the loop, and those who read at the live edge, and those who post, would wait for all of it.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable

TURN_S = 0.001
"""After so many seconds others get their turn."""
UVLOOP_TICKS = 1_000
"""A second: uvloop's timers count in milliseconds."""


class Turns:
    """Does what it was given, in that order. For one loop.

    Args:
        ticks: How many a second the loop's timers count; None where they are exact.

    Attributes:
        looking_up: Held by who looks up a place in the database, which keeps a thread busy for some hundred
            microseconds. A crowd that seeks would keep several busy, and as the interpreter goes from one to the next,
            the loop would have its turn the more seldom.

    """

    def __init__(self, ticks: int | None = None) -> None:
        self.looking_up = asyncio.Lock()
        self._ticks = ticks
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        """How much waits."""
        return len(self._waiting)

    def at(self, time: float, work: Callable[[], None]) -> asyncio.TimerHandle:
        """Do this as soon as the loop's clock has reached a time, in seconds.

        A timer for a time between two ticks would go off at the earlier one, and when it was set again at once, again
        and again, until the tick is over. A thousand replays kept a processor busy with nothing else.
        """
        when = time if self._ticks is None else math.ceil(time * self._ticks) / self._ticks
        return asyncio.get_running_loop().call_at(when, work)

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
