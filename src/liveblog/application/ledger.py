"""The ledger: every correction and retraction of a blog, in public and for good."""

from typing import Literal

import msgspec
from msgspec import Struct

from liveblog.application.cursors import BadCursor, read, show
from liveblog.application.readmodels import Erratum, Ledger
from liveblog.application.said import said
from liveblog.domain import instant, limits
from liveblog.domain.shown import Ordinal, Timestamp, Uuid

_MARGIN = 16 * 1024
_MOST = 1 << 50


class LedgerLine(Struct, frozen=True, kw_only=True):
    """A correction or a retraction.

    Args:
        position: The event that made it.
        kind: Which of the two. A retraction has no `was` and no `now`.
        entry_id: The entry that was put right or withdrawn.
        headline: The entry's headline as the correction left it, or as it read until the retraction; null if it had
            none.
        was: What had been wrong.
        now: What is right.
        reason: Why.
        at: When.
        by: Who did it.

    """

    position: Ordinal
    kind: Literal["correction", "retraction"]
    entry_id: Uuid
    headline: str | None
    was: str | None
    now: str | None
    reason: str | None
    at: Timestamp
    by: str | None


class Corrections(Struct, frozen=True, kw_only=True):
    """A page of the ledger.

    Args:
        blog: The blog's slug.
        epoch: The copy of its log.
        edition: The edition of its documents.
        position: The blog's newest event when this was read.
        corrections: Corrections and retractions, the newest first.
        next: The cursor of the page of older ones; null if there are none.

    """

    blog: str
    epoch: str
    edition: str
    position: Ordinal
    corrections: tuple[LedgerLine, ...]
    next: str | None


class _Headline(Struct):
    headline: str | None = None


_headline = msgspec.json.Decoder(_Headline).decode


def ledger_document(ledger: Ledger) -> bytes:
    """Write a page of the ledger, under the limit of a message: what does not fit comes with `next`."""
    room = limits.MESSAGE_BYTES - _MARGIN
    lines: list[LedgerLine] = []
    for erratum in ledger.errata:
        line = _line(erratum)
        room -= len(msgspec.json.encode(line)) + 1
        if room < 0:
            break
        lines.append(line)
    left = ledger.more or len(lines) < len(ledger.errata)
    head = ledger.head
    return msgspec.json.encode(
        Corrections(
            blog=head.slug,
            epoch=head.epoch,
            edition=head.edition,
            position=head.position,
            corrections=tuple(lines),
            next=show("corrections", lines[-1].position) if left else None,
        )
    )


def read_ledger_cursor(cursor: str) -> int:
    """Read the cursor of a page: the position that it goes on from.

    Raises:
        BadCursor: If no page of the ledger gave it out.

    """
    direction, parts = read(cursor)
    try:
        (position,) = map(int, parts)
    except ValueError:
        position = -1
    if direction != "corrections" or not 0 <= position <= _MOST:
        raise BadCursor("not a cursor of corrections: take it from next of an answer")
    return position


def _line(erratum: Erratum) -> LedgerLine:
    words = said(erratum.payload)
    return LedgerLine(
        position=erratum.position,
        kind="correction" if erratum.event_type == "entry_corrected" else "retraction",
        entry_id=erratum.entry_id,
        headline=_headline(erratum.document).headline,
        was=words.was,
        now=words.now,
        reason=words.reason,
        at=instant.show(erratum.at),
        by=words.by,
    )
