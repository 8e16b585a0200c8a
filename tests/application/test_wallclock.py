"""The server's clock is believed while it keeps step with the time since boot."""

import pytest

from liveblog.application.wallclock import STEP_MS, WallClock
from liveblog.log.request import LogUnavailable


class Clocks:
    """A wall clock that can be set, and a clock that cannot."""

    def __init__(self) -> None:
        self.time = 1_000_000
        self.passed = 0

    def wall(self) -> int:
        return self.time + self.passed

    def boot(self) -> int:
        return self.passed


def test_time_that_passes_is_believed_however_long_it_is() -> None:
    clocks = Clocks()
    clock = WallClock(clocks.wall, clocks.boot)
    clocks.passed = 10**12
    assert clock() == 10**12 + 1_000_000


@pytest.mark.parametrize("jump", [STEP_MS, -STEP_MS])
def test_a_clock_that_was_put_right_by_a_minute_is_believed(jump: int) -> None:
    clocks = Clocks()
    clock = WallClock(clocks.wall, clocks.boot)
    clocks.time += jump
    assert clock() == 1_000_000 + jump


@pytest.mark.parametrize("jump", [STEP_MS + 1, -STEP_MS - 1, 10**11])
def test_a_clock_that_jumped_is_not_written_down(jump: int) -> None:
    clocks = Clocks()
    clock = WallClock(clocks.wall, clocks.boot)
    clocks.time += jump
    with pytest.raises(LogUnavailable, match=f"jumped by {jump / 1000:.0f} s"):
        clock()
    clocks.time -= jump
    assert clock() == 1_000_000
