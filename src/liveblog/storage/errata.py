"""Corrections and retractions, each with the entry as readers had it: after the one, before the other.

They are found by an index that holds nothing else, so that they cost the same in a blog of any length.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Connection, Select, Text, bindparam

from liveblog.application.readmodels import Erratum, Ledger
from liveblog.log.rows import BlogHead
from liveblog.storage import heads
from liveblog.storage.revisions import documents_at
from liveblog.storage.tables import ERRATA, AnyRow

_BEYOND = 1 << 62


def newest(columns: Iterable[str], only: sa.TextClause, index: str) -> Mapping[str, Select[Any]]:
    """By dialect, the query for the newest events of a blog out of an index of few events.

    SQLite is told to use it: where most blogs are short it may take the index of all events for the better one, and
    walk through a long blog.
    """
    hints = {"sqlite": f" INDEXED BY {index}", "postgresql": ""}
    wanted: list[sa.ColumnElement[Any]] = [sa.column(name) for name in columns]
    return {
        dialect: sa.select(*wanted)
        .select_from(sa.text(f"events{hint}"))
        .where(
            sa.column("blog_id") == bindparam("blog_id", type_=Text),
            sa.column("position") < bindparam("before", type_=BigInteger),
            only,
        )
        .order_by(sa.column("position").desc())
        .limit(bindparam("limit"))
        for dialect, hint in hints.items()
    }


_ERRATA = newest(("position", "event_type", "at", "entry_id", "payload"), ERRATA, "ix_events_errata")


def find(connection: Connection, slug: str, before: int | None, limit: int) -> Ledger | None:
    """A blog's newest errata before a position (None: all); None if there is no such blog."""
    stored = heads.find(connection, slug)
    if stored is None:
        return None
    head = stored.head
    before = _BEYOND if before is None else before
    named = {"blog_id": head.blog_id, "before": before, "limit": limit + 1}
    rows = connection.execute(_ERRATA[connection.dialect.name], named).all()
    shown = rows[:limit]
    errata = tuple(
        Erratum(
            position=row.position,
            event_type=row.event_type,
            at=row.at,
            entry_id=row.entry_id,
            document=document,
            payload=row.payload,
        )
        for row, document in zip(shown, entries_of(connection, head, shown), strict=True)
        if document is not None
    )
    return Ledger(head=head, errata=errata, more=len(rows) > limit)


def entries_of(connection: Connection, head: BlogHead, rows: Sequence[AnyRow]) -> list[bytes | None]:
    """For each event the entry that it touched, as it left it; a retraction, which leaves no text, as it found it."""
    places = [(row.entry_id, row.position - 1 if row.event_type == "entry_retracted" else row.position) for row in rows]
    wanted = {place for place in places if place[0] is not None}
    found = documents_at(connection, head.blog_id, head.generation, wanted)
    return [found.get(place) for place in places]
