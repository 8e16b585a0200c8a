"""Targets: the places that a stream can start from or be sought to."""

from typing import Annotated

from msgspec import Meta, Struct

from liveblog.domain import instant
from liveblog.domain.text import INSTANT


class Start(Struct, frozen=True):
    """Before the first event."""


class Live(Struct, frozen=True):
    """The head, wherever it is when the target is looked up."""


class Position(Struct, frozen=True):
    """After the event of this number; 0 is before the first."""

    number: int


class Moment(Struct, frozen=True):
    """After the last event at or before an instant, in milliseconds UTC."""

    ms: int


Target = Start | Live | Position | Moment
PlaceName = Annotated[str, Meta(extra_json_schema={"pattern": rf"\A(start|live|{INSTANT[2:-2]})\Z"})]
"""What `from_text` reads."""


def from_text(text: str) -> Target:
    """Read `start`, `live` or an RFC 3339 time; positions have their own form in each place that takes them.

    Raises:
        ValueError: If the text is none of the three.

    """
    match text:
        case "start":
            return Start()
        case "live":
            return Live()
        case _:
            return Moment(instant.parse(text))
