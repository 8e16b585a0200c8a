"""A time of day in front of a heading, or alone on its line."""

import re

from msgspec import Struct

from liveblog.application.importing.page_text.typography import DIVIDERS

_HOURS, _MINUTES, _NOON = 24, 60, 12
_OFFSETS = {
    "UTC": 0,
    "GMT": 0,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "EST": -5,
    "EDT": -4,
    "PST": -8,
    "PDT": -7,
}
_TIME = re.compile(
    r"(?:(?:posted|published|updated)(?:\s+at)?:?\s+|at\s+(?=\S+\s*$))?"
    r"(?P<hour>\d{1,2})(?P<mark>[:.])(?P<minute>\d\d)(?::\d\d)?\s?(?P<half>[ap]\.?m\b\.?)?"
    rf"(?:\s?\b(?P<zone>{'|'.join(_OFFSETS)})\b)?(?![\w.%])(?!:\d)[\s{DIVIDERS}]*",
    re.IGNORECASE | re.ASCII,
)


class Clock(Struct, frozen=True):
    """A time of day in minutes after midnight; `offset` in hours where a zone was named; `rest` follows it."""

    minute: int
    offset: int | None
    rest: str


def read(text: str) -> Clock | None:
    """Read a line that begins with a time of day, or give None.

    A point between hour and minute makes a time only with a zone or half of the day, for 14.32 is oftener a number.
    """
    match = _TIME.match(text)
    if match is None or (match["mark"] == "." and not (match["half"] or match["zone"])):
        return None
    hour, minute, rest = int(match["hour"]), int(match["minute"]), text[match.end() :]
    if rest[:1].islower():
        return None
    if match["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if match["half"][0] in "pP" else 0)
    if hour >= _HOURS or minute >= _MINUTES:
        return None
    return Clock(hour * 60 + minute, _OFFSETS[match["zone"].upper()] if match["zone"] else None, rest.strip())
