"""When the entries of a page were published: as the page says, or as near as can be guessed."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from msgspec import Struct

from liveblog.application.importing.page_text.clock import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_MS = 60_000
_HALF_A_DAY_MS = 12 * 60 * _MINUTE_MS


class Moment(Struct, frozen=True):
    """The instants of one entry, in milliseconds UTC.

    `at` never decreases from entry to entry. `published` is the time that the page gave, where it gave one.
    """

    at: int
    published: int | None

    @property
    def estimated(self) -> bool:
        """Whether `at` is a guess."""
        return self.at != self.published


def midnight(day: date) -> int:
    """The first instant of a day in UTC, in milliseconds."""
    return _instant(day, 0, UTC)


def plan(clocks: list[Clock | None], *, start: int, interval_ms: int, since: date | int, zone: tzinfo) -> list[Moment]:
    """Give each entry its instants.

    Args:
        clocks: The entries' times of day, oldest entry first; None where the page gave none.
        start: When the blog started, in milliseconds.
        interval_ms: Milliseconds between entries without a time.
        since: The day of the first time of day, or an instant in milliseconds that it does not precede.
        zone: Where times of day were read that name no zone.

    Raises:
        OverflowError: If an instant lies outside the years 1 to 9999.

    """
    published = _published(clocks, since, zone)
    moments: list[Moment] = []
    latest = min([start, *(time for time in published[:1] if time is not None)])
    for time, bound in zip(published, _bounds(published), strict=True):
        if time is not None:
            latest = max(latest, time)
        else:
            guess = latest + interval_ms
            latest = max(latest, guess if bound is None else min(guess, bound))
        moments.append(Moment(latest, time))
    return moments


def _bounds(published: list[int | None]) -> list[int | None]:
    """For each entry the time that the page gave it or else the next one that it gave, if any."""
    bounds: list[int | None] = []
    bound = None
    for time in reversed(published):
        bound = bound if time is None else time
        bounds.append(bound)
    return bounds[::-1]


def _published(clocks: list[Clock | None], since: date | int, zone: tzinfo) -> list[int | None]:
    """Instants of times of day. A time far before the one above it was shown after midnight."""
    found: list[int | None] = []
    for clock in clocks:
        if clock is None:
            found.append(None)
            continue
        where = zone if clock.offset is None else timezone(timedelta(hours=clock.offset))
        if isinstance(since, date):
            time = _instant(since, clock.minute, where)
            since = time - _HALF_A_DAY_MS
        else:
            time = _first(clock.minute, since, where)
            since = max(since, time - _HALF_A_DAY_MS)
        found.append(time)
    return found


def _first(minute: int, since: int, zone: tzinfo) -> int:
    """The first instant not before `since` at which the zone's clock showed that minute of the day."""
    day = (_EPOCH + timedelta(milliseconds=since)).astimezone(zone).date()
    time = _instant(day, minute, zone)
    return time if time >= since else _instant(day + timedelta(days=1), minute, zone)


def _instant(day: date, minute: int, zone: tzinfo) -> int:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return (local.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
