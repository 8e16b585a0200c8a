"""Closings: whose stream a stopping server ends next, and when.

Ended all at once, its readers would come back all at once, to servers that have readers of their own. So each tick ends
a share of them, and the shares fill a window.
"""

import math
from collections.abc import Container, Iterable
from typing import Generic, TypeVar

TICK_S = 0.1
"""Seconds between two shares."""
LEAST = 10
"""Streams in a share at least: nobody waits for the window when there are few."""

Stream = TypeVar("Stream")


class Closings(Generic[Stream]):
    """Streams that are still to be ended.

    Args:
        streams: All of them, in the order in which they go.
        window_s: Seconds within which the last one goes; 0 for all at once.
        now: Seconds of a clock that only rises.

    """

    def __init__(self, streams: Iterable[Stream], window_s: float, now: float) -> None:
        self._waiting = list(reversed(list(streams)))
        ticks = max(1, math.floor(window_s / TICK_S))
        self.share = max(LEAST, math.ceil(len(self._waiting) / ticks))
        """Streams that go at a tick, at most."""
        self._next = now

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def due(self, now: float, open_ones: Container[Stream]) -> list[Stream]:
        """The streams that go now. A tick that comes late is one tick: what it missed is not made up for.

        Args:
            now: Seconds of the same clock.
            open_ones: Who is still there; the others take nobody's turn.

        """
        if now < self._next:
            return []
        self._next = now + TICK_S
        self._waiting = [each for each in self._waiting if each in open_ones]
        going = self._waiting[: -self.share - 1 : -1]
        del self._waiting[-self.share :]
        return going
