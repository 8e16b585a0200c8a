"""Pieces: what each line of a page is, judged by its form and by what follows it."""

import re
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from liveblog.application.importing.lines import Line
from liveblog.application.importing.page_text import bylines, captions, clock, flags, related
from liveblog.application.importing.page_text.clock import Clock
from liveblog.application.importing.page_text.headings import has_form_of_heading
from liveblog.application.importing.page_text.typography import BULLETS

Form: TypeAlias = Literal[
    "heading", "opening", "paragraph", "item", "caption", "label", "byline", "related", "clock", "furniture"
]
_ITEM = re.compile(rf"(?:[-*\u2013]\s+|[{BULLETS}]\s*)(?P<text>\S.*)")
_FURNITURE = re.compile(r"©|\(c\)\s|copyright\b.*\d{4}", re.IGNORECASE)
_LONGEST_FLAGGED = 200


class Piece(Struct, kw_only=True):
    """One line of a page that says something; `line` counts from 1, `text` is without marks and flags.

    `maybe` is true of a line that has the form of a heading; its `form` is heading only if text follows it. An
    `opening` starts an entry that has no headline.
    """

    line: int
    text: str
    form: Form
    maybe: bool = False
    clock: Clock | None = None
    breaking: bool = False
    video: bool = False
    image: dict[str, Any] | None = None
    contributors: list[dict[str, Any]] | None = None
    links: list[dict[str, Any]] | None = None


def read(lines: Iterable[Line]) -> list[Piece]:
    """Tell what each line is; none may be blank."""
    found: list[Piece] = []
    for line in lines:
        if found and found[-1].form == "label":
            label = found.pop()
            image = captions.read(line.text) or {"type": "image", "url": None, "caption": line.text}
            found.append(Piece(line=label.line, text=line.text, form="caption", image=image))
        else:
            found.append(_read_line(line.number, line.text))
    following: Form | None = None
    for piece in reversed(found):
        if piece.maybe and following not in {"paragraph", "item"}:
            piece.form = "paragraph"
        if piece.form in {"heading", "opening", "paragraph", "item"}:
            following = piece.form
    return found


def _read_line(line: int, text: str) -> Piece:
    item = _ITEM.fullmatch(text)
    if item:
        return Piece(line=line, text=item["text"], form="item")
    if _FURNITURE.match(text):
        return Piece(line=line, text=text, form="furniture")
    if captions.announces(text):
        return Piece(line=line, text=text, form="label")
    image = captions.read(text)
    if image:
        return Piece(line=line, text=text, form="caption", image=image)
    links = related.read_label(text)
    if links:
        return Piece(line=line, text=text, form="related", links=links)
    contributors = bylines.read(text)
    if contributors:
        return Piece(line=line, text=text, form="byline", contributors=contributors)
    time = clock.read(text)
    if time is not None:
        if not time.rest:
            return Piece(line=line, text=text, form="clock", clock=time)
        flagged = _flagged(line, time.rest)
        if flagged is None:
            form: Form = "heading" if has_form_of_heading(time.rest) else "opening"
            return Piece(line=line, text=time.rest, form=form, clock=time)
        flagged.clock = time
        return flagged
    maybe = has_form_of_heading(text)
    return _flagged(line, text) or Piece(line=line, text=text, form="heading" if maybe else "paragraph", maybe=maybe)


def _flagged(line: int, text: str) -> Piece | None:
    """A heading that carries a flag is one whatever follows it."""
    if len(text) > _LONGEST_FLAGGED:
        return None
    plain, breaking, video = text, False, False
    while True:
        news, film = flags.without_breaking(plain), flags.without_watch(plain)
        if not (news or film):
            break
        plain, breaking, video = news or film or plain, breaking or news is not None, video or film is not None
    if plain == text:
        return None
    return Piece(line=line, text=plain, form="heading", breaking=breaking, video=video)
