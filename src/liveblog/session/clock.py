"""The playback clock: which moment of the timeline it is at a given wall time.

An immutable value of a wall reference, a timeline reference and a rate. Pausing, resuming, changing the rate and
seeking make a new one, based at the moment of the change. A deadline is computed from the references and never by
adding up waits, so a replay of any length does not drift.

Its timeline is the compressed one (see `timeline`), in milliseconds; wall times are seconds of any monotonic clock.
"""

import math

from msgspec import Struct


class PlaybackClock(Struct, frozen=True):
    """A clock that shows `mark` at `wall` and from there runs at `rate`, or stands.

    Args:
        wall: The wall reference, in seconds.
        mark: The timeline reference, in compressed milliseconds.
        rate: Timeline seconds per wall second, above 0.
        running: False for a clock that stands at its mark. Its rate is kept for when it goes on.

    """

    wall: float
    mark: float
    rate: float
    running: bool = True

    def at(self, now: float) -> float:
        """Return what the clock shows at a wall time, in compressed milliseconds."""
        if not self.running:
            return self.mark
        return self.mark + max(0.0, now - self.wall) * self.rate * 1000

    def deadline(self, mark: float) -> float:
        """Return the wall time at which the clock reaches a mark: in the past if it has, infinite if it stands."""
        if not self.running:
            return math.inf
        return self.wall + (mark - self.mark) / (self.rate * 1000)

    def based(self, mark: float, now: float, *, rate: float, running: bool) -> "PlaybackClock":
        """Return the clock that shows `mark` at `now`."""
        return PlaybackClock(now, mark, rate, running)

    def paused(self, now: float) -> "PlaybackClock":
        """Return this clock, standing where it is at `now`."""
        return self.based(self.at(now), now, rate=self.rate, running=False)

    def resumed(self, now: float) -> "PlaybackClock":
        """Return this clock, running from where it is at `now`."""
        return self.based(self.at(now), now, rate=self.rate, running=True)

    def at_rate(self, rate: float, now: float) -> "PlaybackClock":
        """Return this clock with another rate from `now` on; what it shows at `now` does not change."""
        return self.based(self.at(now), now, rate=rate, running=self.running)

    def moved(self, mark: float, now: float) -> "PlaybackClock":
        """Return this clock, set to another mark at `now`."""
        return self.based(mark, now, rate=self.rate, running=self.running)
