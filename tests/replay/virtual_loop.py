"""An event loop whose clock is virtual: whenever all wait, it jumps to the next timer. Nobody sleeps, nothing is late.

What runs on it is the program itself; hours pass in no time, and a deadline is kept to the last digit.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Waits for nothing: what is not ready now will not be, so the time of the next timer has come."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everyone waits, and nothing will ever happen")
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop that begins at second 0."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def lose(self, seconds: float) -> None:
        """Let time pass in the middle of a step, as when the processor is taken away."""
        self._jumping.now += seconds


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run something to its end, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
