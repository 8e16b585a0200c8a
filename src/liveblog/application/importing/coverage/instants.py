"""Times as people write them in a coverage: a date, a time of day, and an offset or the coverage's own time zone."""

import re
from datetime import UTC, datetime, tzinfo

from msgspec import Struct

from liveblog.domain import instant

_SHAPE = re.compile(
    r"(?P<guess>~?)[ ]*(?P<date>\d{4}-\d\d-\d\d)[T ](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?P<part>\.\d{1,3})?)?"
    r"[ ]?(?P<offset>[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_HELP = "write a time as 2020-01-08 01:30, 2020-01-08 01:30:05 or 2020-01-08 01:30+03:00, with ~ before a guess"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class When(Struct, frozen=True):
    """An instant in milliseconds UTC, and whether it is a guess."""

    at: int
    estimated: bool


def read(text: str, zone: tzinfo) -> When:
    """Read a time.

    Args:
        text: For instance ``~2020-01-08 01:30``; the ``~`` marks a guess. An offset may follow.
        zone: Whose clock a time without an offset was read from.

    Raises:
        ValueError: If the text is no such time, or names one that the zone's clock showed twice or never.

    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time: {_HELP}")
    clock = f"{match['date']}T{match['minute']}:{match['second'] or '00'}{match['part'] or ''}"
    found = instant.parse(clock + (match["offset"] or "Z").upper())
    if match["offset"] is None:
        found = _local(found, zone, text)
    return When(found, bool(match["guess"]))


def write(when: When) -> str:
    """Write a time in UTC, as short as it can be without losing anything."""
    text = instant.show(when.at).replace("T", " ").removesuffix("Z").removesuffix(".000").removesuffix(":00")
    return f"{'~' if when.estimated else ''}{text}Z"


def _local(clock: int, zone: tzinfo, text: str) -> int:
    """The instant at which the zone's clock showed what UTC's shows at `clock`."""
    naive = datetime.fromisoformat(instant.show(clock).removesuffix("Z"))
    try:
        found = {
            (moment - _EPOCH)
            for moment in (naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
            if moment.astimezone(zone).replace(tzinfo=None) == naive
        }
    except OverflowError:
        raise ValueError(f"{text!r} lies outside the years 1 to 9999") from None
    if len(found) != 1:
        fate = "twice" if found else "never"
        raise ValueError(f"the clocks of {zone} showed {text!r} {fate}: add an offset, as in {text}+01:00")
    since = found.pop()
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
