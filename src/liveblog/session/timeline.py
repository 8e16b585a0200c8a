"""Long silences made short: between original instants and the compressed timeline that the clock runs on.

Two events that lie further apart than `max_gap` are brought to that distance. Between them time is squeezed evenly,
so the clock passes through every original instant of the silence, only faster. All values are in milliseconds;
`max_gap` is None where nothing is shortened.
"""

from collections.abc import Iterable

from msgspec import Struct


def squeezed(gap: int, max_gap: float | None) -> float:
    """Return how long a gap between two neighbouring events is on the compressed timeline."""
    return gap if max_gap is None else min(gap, max_gap)


def offsets(instants: Iterable[int], max_gap: float | None) -> tuple[float, ...]:
    """Return where each of a blog's instants lies on the compressed timeline, counted from the first.

    Args:
        instants: The `at` of neighbouring events, never decreasing.
        max_gap: Milliseconds, or None.

    """
    found: list[float] = []
    before, offset = 0, 0.0
    for at in instants:
        if found:
            offset += squeezed(at - before, max_gap)
        found.append(offset)
        before = at
    return tuple(found)


class Segment(Struct, frozen=True):
    """The stretch from a known moment to the next event: `time` lies at `mark`, `next_at` at `next_mark`."""

    time: int
    mark: float
    next_at: int
    next_mark: float

    @classmethod
    def towards(cls, next_at: int, *, at: int, time: int, mark: float, max_gap: float | None) -> "Segment":
        """Lay the stretch that ends at the next event.

        Args:
            next_at: The instant of the next event.
            at: The instant of the event before it, where the silence began.
            time: The moment within the silence that lies at `mark`; `at` unless someone sought into the silence.
            mark: Where that moment lies on the compressed timeline.
            max_gap: Milliseconds, or None.

        """
        gap = max(0, next_at - at)
        rest = float(max(0, next_at - time))
        if max_gap is not None and gap > max_gap:
            rest *= max_gap / gap
        return cls(time, mark, next_at, mark + rest)

    def expand(self, mark: float) -> int:
        """Return the original instant that lies at a mark, cut to a millisecond; marks outside count as the ends."""
        if mark >= self.next_mark:
            return self.next_at
        share = max(0.0, mark - self.mark) / (self.next_mark - self.mark)
        return self.time + int((self.next_at - self.time) * share)

    def compress(self, time: int) -> float:
        """Return the mark at which an original instant lies; instants outside count as the ends."""
        if time >= self.next_at:
            return self.next_mark
        share = max(0, time - self.time) / (self.next_at - self.time)
        return self.mark + (self.next_mark - self.mark) * share
