"""The first line of a saved page: its date, perhaps the word "Live", perhaps more."""

import re
from datetime import date

from msgspec import Struct

from liveblog.application.importing.page_text.typography import DIVIDERS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_LEAD = rf"(?:date:?\s+|(?:published|updated)(?:\s+on)?:?\s+)?{_WEEKDAY}"
_DATES = tuple(
    re.compile(rf"{_LEAD}{shape}(?![\w/-])(?!:\d)", re.IGNORECASE | re.ASCII)
    for shape in (
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
        rf"{_DAY}\s+{_MONTH},?\s+(?P<year>\d{{4}})",
        rf"{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})",
    )
)
_LIVE = re.compile(rf"[\s{DIVIDERS}]*live\b(?-i:(?!\s+[a-z]))", re.IGNORECASE)
_DIVIDER = f" \t{DIVIDERS}"


class Dateline(Struct, frozen=True):
    """A page's date, whether it calls itself live, and what else its first line says."""

    day: date
    live: bool
    rest: str


def read(text: str) -> Dateline | None:
    """Read a line that begins with a date, or give None."""
    text = text.strip()
    for shape in _DATES:
        match = shape.match(text)
        if match is None:
            continue
        month = match["month"]
        try:
            day = date(
                int(match["year"]),
                int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1,
                int(match["day"]),
            )
        except ValueError:
            return None
        rest = text[match.end() :]
        live = _LIVE.match(rest)
        return Dateline(day, live is not None, (rest[live.end() :] if live else rest).strip(_DIVIDER))
    return None
