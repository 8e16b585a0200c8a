"""The front of a page: what stands above its first entry."""

import re
from typing import Any

from msgspec import Struct, field

from liveblog.application.importing.page_text import captions, related
from liveblog.application.importing.page_text.headings import is_question
from liveblog.application.importing.page_text.pieces import Piece
from liveblog.application.importing.page_text.typography import DIVIDERS
from liveblog.application.importing.script import Note
from liveblog.domain import limits

_CALLS_ITSELF_LIVE = re.compile(
    rf"live\s*[{DIVIDERS}]|.*[{DIVIDERS}]\s*live\b|.*\blive\s+(?:updates?|blog|coverage|text|reporting|page)\b",
    re.IGNORECASE,
)
_TIMES_OF_A_LIVE_PAGE = 2
_PARAGRAPHS = 2


class Front(Struct):
    """The header of a page; `line` is its headline's, from 1, `end` the index of the first piece below it."""

    headline: str | None = None
    line: int = 1
    standfirst: str | None = None
    contributors: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    end: int = 0


def calls_itself_live(pieces: list[Piece]) -> bool:
    """Tell a live page by its headings, or by times of day in front of them."""
    times = sum(piece.clock is not None for piece in pieces)
    headings = (piece for piece in pieces if piece.maybe)
    return times >= _TIMES_OF_A_LIVE_PAGE or any(_CALLS_ITSELF_LIVE.match(piece.text) for piece in headings)


def read(pieces: list[Piece], *, live: bool, notes: list[Note]) -> Front:
    """Read the front of a page: headline, byline, links, picture and at most two paragraphs of introduction."""
    front = Front()
    while front.end < len(pieces):
        piece = pieces[front.end]
        taken = (
            _take_part(piece, front, notes)
            or _take_headline(pieces, front, live=live)
            or _take_standfirst(pieces, front)
        )
        if not taken:
            break
        front.end += taken
    return front


def _take_part(piece: Piece, front: Front, notes: list[Note]) -> int:
    links = piece.links or (related.read_here(piece.text) if piece.form == "paragraph" else None)
    if links:
        front.links += links
        note_links(piece, links, notes)
    elif piece.image:
        front.media = captions.together(front.media, piece.image)
    elif piece.contributors:
        front.contributors += piece.contributors
    elif piece.form in {"furniture", "label"}:
        notes.append(Note(piece.line, f"not placed: {piece.text}"))
    else:
        return 0
    return 1


def _take_headline(pieces: list[Piece], front: Front, *, live: bool) -> int:
    piece = pieces[front.end]
    if front.headline is not None or not piece.maybe:
        return 0
    answered = [after.form for after in pieces[front.end + 1 :][:1]] in (["paragraph"], ["item"])
    if not live and is_question(piece.text) and answered:
        return 0
    front.headline, front.line = piece.text, piece.line
    return 1


def _take_standfirst(pieces: list[Piece], front: Front) -> int:
    run = [front.standfirst] if front.standfirst else []
    taken = 0
    for piece in pieces[front.end :]:
        if piece.form != "paragraph" or related.read_here(piece.text):
            break
        run.append(piece.text)
        taken += 1
    headed = any(piece.form in {"heading", "opening"} for piece in pieces[front.end :])
    text = " ".join(run)
    if front.headline is None or not headed or not taken or len(run) > _PARAGRAPHS or len(text) > limits.STANDFIRST:
        return 0
    front.standfirst = text
    return taken


def note_links(piece: Piece, links: list[dict[str, Any]], notes: list[Note]) -> None:
    """Say that the page kept the words of its links, not where they lead."""
    bare = sum(link["url"] is None for link in links)
    if bare:
        notes.append(
            Note(piece.line, f"{bare} related {'link' if bare == 1 else 'links'} without address: {piece.text}")
        )
