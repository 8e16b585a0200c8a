"""How a blog went: when each of its events happened, and those that a timeline marks."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, literal_column

from liveblog.application.readmodels import Course, Turn
from liveblog.log.rows import BlogHead, Mark
from liveblog.storage import heads
from liveblog.storage.errata import entries_of, newest
from liveblog.storage.tables import BORN_MARKED, ERRATA, TURNS, entry_revisions, events

_SHOWN = Mark.BREAKING | Mark.KEY_EVENT | Mark.SUMMARY
"""The marks that an entry can be published with and that a timeline shows."""
_NONE = Mark(0)

_INSTANTS = (
    sa.select(events.c.at)
    .where(events.c.blog_id == bindparam("blog_id"), events.c.position > bindparam("after"))
    .order_by(events.c.position)
)
_KEYS = ("position", "event_type", "entry_id")
_EVENTS = (newest(_KEYS, TURNS, "ix_events_turns"), newest(_KEYS, ERRATA, "ix_events_errata"))
_BORN = (
    sa.select(
        entry_revisions.c.first_position,
        entry_revisions.c.entry_id,
        entry_revisions.c.marks,
        entry_revisions.c.document,
    )
    .where(
        entry_revisions.c.blog_id == bindparam("blog_id"),
        entry_revisions.c.generation == bindparam("generation"),
        entry_revisions.c.first_position < bindparam("before"),
        BORN_MARKED,
        entry_revisions.c.marks.bitwise_and(literal_column(str(int(_SHOWN)))) != literal_column("0"),
    )
    .order_by(entry_revisions.c.first_position.desc())
    .limit(bindparam("limit"))
)


def find(connection: Connection, slug: str, after: int, limit: int) -> Course | None:
    """The instants after a position, and the newest turns of all; None if there is no such blog."""
    stored = heads.find(connection, slug)
    if stored is None:
        return None
    head = stored.head
    if after >= head.position:
        return Course(head=head, instants=(), turns=(), more_turns=False)
    instants = connection.execute(_INSTANTS, {"blog_id": head.blog_id, "after": after}).scalars()
    turns = sorted(_turns(connection, head, limit + 1), key=lambda turn: turn.position)
    return Course(head=head, instants=tuple(instants), turns=tuple(turns[-limit:]), more_turns=len(turns) > limit)


def _turns(connection: Connection, head: BlogHead, limit: int) -> Iterator[Turn]:
    named: dict[str, Any] = {"blog_id": head.blog_id, "before": head.position + 1, "limit": limit}
    for query in _EVENTS:
        rows = connection.execute(query[connection.dialect.name], named).all()
        for row, document in zip(rows, entries_of(connection, head, rows), strict=True):
            yield Turn(
                position=row.position,
                event_type=row.event_type,
                entry_id=row.entry_id,
                born=_NONE,
                document=document,
            )
    for row in connection.execute(_BORN, named | {"generation": head.generation}):
        yield Turn(
            position=row.first_position,
            event_type="entry_published",
            entry_id=row.entry_id,
            born=Mark(row.marks) & _SHOWN,
            document=row.document,
        )
