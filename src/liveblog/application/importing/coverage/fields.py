"""Fields: how each field of a command is read from its line and written to it.

Names are those of the admin endpoint's JSON, but that a list has one line for each item, named in the singular.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from liveblog.application.importing.coverage import values

_NUMBER_DIGITS = 9


class Field(Struct, frozen=True):
    """One kind of line: `name` on the line, `key` in the command; a `many` field has a line for each item."""

    name: str
    key: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    many: bool = False


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
        raise ValueError(f"expected a whole number, not {text!r}")
    return int(text)


def _read_answer(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError(f"expected yes or no, not {text!r}")
    return text == "yes"


def _write_answer(answer: bool) -> str:
    return "yes" if answer else "no"


def _record(*names: str) -> tuple[Callable[[str], dict[str, str | None]], Callable[[dict[str, Any]], str]]:
    """Reader and writer of a small record, its parts in a fixed order and divided by bars."""

    def read(text: str) -> dict[str, str | None]:
        found = values.parts(text)
        if len(found) > len(names):
            raise ValueError(rf"expected at most {' | '.join(names)}: write \| for a bar inside one of them")
        if found[0] is None:
            raise ValueError(f"expected a {names[0]} first: {' | '.join(names)}")
        return dict(zip(names, found + [None] * (len(names) - len(found)), strict=True))

    def write(record: dict[str, Any]) -> str:
        return values.join([record.get(name) for name in names])

    return read, write


_MEDIA: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("url", "alt", "caption", "credit", "poster"), str),
    **dict.fromkeys(("width", "height", "duration_s"), _read_number),
}


def _read_media(text: str) -> dict[str, Any]:
    type_, *rest = values.divide(text)
    media: dict[str, Any] = {"type": values.read(type_)}
    for part in rest:
        name, value = (values.read(side) for side in (*part.split(":", 1), "")[:2])
        if name not in _MEDIA or not value:
            raise ValueError(f"expected one of {', '.join(f'{known}: …' for known in _MEDIA)} after each bar")
        if name in media:
            raise ValueError(f"{name} is there twice")
        media[name] = _MEDIA[name](value)
    return media


def _write_media(media: dict[str, Any]) -> str:
    named = (f"{name}: {values.write_part(str(media[name]))}" for name in _MEDIA if media.get(name) is not None)
    return "\n  | ".join((values.write_part(media["type"]), *named))


def _text(name: str) -> Field:
    return Field(name, name, values.read, values.write)


def _list(name: str, key: str, read: Callable[[str], Any], write: Callable[[Any], str]) -> Field:
    return Field(name, key, read, write, many=True)


HEADLINE, STANDFIRST, BODY, KIND = _text("headline"), _text("standfirst"), _text("body"), _text("kind")
SLUG, LANGUAGE, TIME_ZONE = _text("slug"), _text("language"), _text("time_zone")
QUESTION, TEXT = _text("question"), _text("text")
WAS, NOW, REASON = _text("was"), _text("now"), _text("reason")
PUBLISHED_AT = _text("published_at")
QUOTE = Field("quote", "quote", *_record("speaker", "role"))
CONTRIBUTORS = _list("contributor", "contributors", *_record("name", "role", "outlet"))
SOURCES = _list("source", "sources", *_record("name", "url"))
LINKS = _list("link", "links", *_record("title", "url"))
MEDIA = _list("media", "media", _read_media, _write_media)
TAGS = _list("tag", "tags", values.read, values.write)
EXPECTED_REVISION = Field("expected_revision", "expected_revision", _read_number, str)
BREAKING, PINNED, KEY_EVENT = (
    Field(name, name, _read_answer, _write_answer) for name in ("breaking", "pinned", "key_event")
)
