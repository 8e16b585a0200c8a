"""The server's clock, believed only while it keeps step with a clock that nobody can set."""

from collections.abc import Callable

from liveblog.log.request import LogUnavailable

STEP_MS = 60_000


class WallClock:
    """The wall clock in milliseconds, checked against the time since boot.

    A wrong instant in an append-only log is there for ever, so a wall clock that has jumped since the server started is
    not written down.

    Args:
        wall: Milliseconds since the Unix epoch.
        boot: Milliseconds since some fixed moment, which go on while the machine sleeps (CLOCK_BOOTTIME).

    """

    def __init__(self, wall: Callable[[], int], boot: Callable[[], int]) -> None:
        self._wall = wall
        self._boot = boot
        self._offset = wall() - boot()

    def __call__(self) -> int:
        """The present instant in milliseconds.

        Raises:
            LogUnavailable: If the wall clock jumped by more than a minute since the server started.

        """
        now = self._wall()
        jump = now - self._boot() - self._offset
        if abs(jump) > STEP_MS:
            raise LogUnavailable(
                f"the server's clock jumped by {jump / 1000:.0f} s since it started: set it right or restart the server"
            )
        return now
