"""A text's lines as an editor counts them, whatever system wrote them."""

import re

from msgspec import Struct

_BREAK = re.compile(r"\r\n|\n|\r")
_BYTE_ORDER_MARK = "\ufeff"


class Line(Struct, frozen=True):
    """One line without its break; `number` counts from 1."""

    number: int
    text: str


def split(text: str) -> tuple[Line, ...]:
    """Cut a text at LF, CRLF or CR, after dropping a byte order mark; other separators stay in their line."""
    parts = _BREAK.split(text.removeprefix(_BYTE_ORDER_MARK))
    return tuple(Line(number, part) for number, part in enumerate(parts, start=1))
