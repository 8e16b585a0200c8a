"""The playhead: a paced replay's place on the timeline, and when its next event is due.

It knows the moment that it was last anchored at (an event that left, or where a seek landed) and, once the next event
has been read, the stretch up to it. The time it shows never passes an event that has not left: with the next event
unread it stands at the anchor, and an overdue event holds it at that event's instant. So the time that a reader is
told never goes backwards, whatever slips. Every change of the clock is based on the time shown.
"""

from liveblog.session.clock import PlaybackClock
from liveblog.session.timeline import Segment


class Playhead:
    """Where a paced replay stands. Instants in milliseconds UTC, wall times in seconds.

    Args:
        at: The instant of the event at the cursor (at position 0: of event 1).
        time: The moment to start at: `at`, or a later one before the next event.
        rate: Timeline seconds per wall second.
        max_gap: Milliseconds, or None.
        now: The wall time at which the clock starts.

    """

    __slots__ = ("_clock", "_mark", "_max_gap", "_segment", "_time", "at")

    def __init__(self, at: int, time: int, rate: float, max_gap: float | None, now: float) -> None:
        self.at = at
        self._time = time
        self._mark = 0.0
        self._max_gap = max_gap
        self._segment: Segment | None = None
        self._clock = PlaybackClock(now, 0.0, rate)

    @property
    def due(self) -> float | None:
        """The wall time at which the next event may leave; None while that event is not known."""
        return None if self._segment is None else self._clock.deadline(self._segment.next_mark)

    def expect(self, next_at: int) -> None:
        """Learn the instant of the next event. To learn it again changes nothing."""
        if self._segment is None:
            self._segment = Segment.towards(
                next_at, at=self.at, time=self._time, mark=self._mark, max_gap=self._max_gap
            )

    def passed(self) -> None:
        """Anchor at the expected event, which has left. The clock is not touched, so nothing drifts."""
        segment = self._segment
        assert segment is not None, "an event left that was not expected"
        self.at = self._time = segment.next_at
        self._mark = segment.next_mark
        self._segment = None

    def jump(self, at: int) -> None:
        """Anchor a paused playhead at an event, as after a step. The next `run` sets the clock there."""
        self.at = self._time = at
        self._segment = None

    def pause(self, now: float) -> None:
        """Stand at the time shown."""
        self._clock = self._clock.moved(self._standing(now), now).paused(now)

    def run(self, rate: float, now: float) -> None:
        """Go on from the time shown, at this rate: after a pause, and when the rate changes."""
        self._clock = self._clock.moved(self._standing(now), now).at_rate(rate, now).resumed(now)

    def recover(self, now: float) -> None:
        """Go on after a stall: from the overdue event if there is one, so that it and all behind it slip alike."""
        self._clock = self._clock.moved(self._standing(now), now)

    def shown(self, now: float) -> int:
        """Return the original instant at which the playhead stands, cut to a millisecond."""
        return self._time if self._segment is None else self._segment.expand(self._standing(now))

    def _standing(self, now: float) -> float:
        if self._segment is None:
            return self._mark
        return min(self._clock.at(now), self._segment.next_mark)
