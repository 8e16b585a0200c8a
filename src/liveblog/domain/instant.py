"""Instants: milliseconds since 1970-01-01T00:00Z inside, RFC 3339 text outside."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (UTC; a naive one is shown without its offset)
_MILLISECOND = timedelta(milliseconds=1)
_SHAPE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
EARLIEST = -62_135_596_800_000
"""0001-01-01T00:00:00.000Z: the first instant that the text form can show."""
LATEST = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: the last one."""


@lru_cache(maxsize=1024)  # the events of a batch share few instants
def parse(text: str) -> int:
    """Read an RFC 3339 date-time with any offset; digits finer than a millisecond are cut.

    Args:
        text: For instance ``2020-01-08T01:30:00.5+03:00``. A leap second (``:60``) counts as the second after it.

    Returns:
        Milliseconds since the Unix epoch, in UTC.

    Raises:
        ValueError: If the text is no RFC 3339 date-time, names no offset, or lies outside the years 1 to 9999.

    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError("expected an RFC 3339 date-time with an offset, such as 2020-01-08T01:30:00Z")
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    offset = timedelta(0)
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 23 or minutes > 59:  # noqa: PLR2004  (hours of a day, minutes of an hour)
            raise ValueError(f"no such offset: {match[9]}{match[10]}:{match[11]}")
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if match[9] == "-" else 1)
    leap = second == 60  # noqa: PLR2004  (RFC 3339, section 5.7)
    milliseconds = int((match[7] or "0")[:3].ljust(3, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=timezone(offset))
        found = (moment - _EPOCH) // _MILLISECOND + milliseconds + (1000 if leap else 0)
        show(found)
    except (ValueError, OverflowError):
        raise ValueError(f"no such date-time: {text[:40]}") from None
    return found


@lru_cache(maxsize=1024)
def show(instant: int) -> str:
    """Write an instant in UTC with exactly three decimals, so that texts sort as instants do.

    Raises:
        OverflowError: If the instant lies outside the years 1 to 9999.

    """
    return (_NAIVE_EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds") + "Z"
