"""Events read back from the log, each with the effect it had."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Connection, and_, bindparam

from liveblog.domain import limits
from liveblog.domain.header import Counts
from liveblog.log.record import Effect, Record, Recorded
from liveblog.storage.named import entries_named
from liveblog.storage.records import record_of
from liveblog.storage.revisions import Revisions, revisions_between
from liveblog.storage.tables import AnyRow, blogs, counts, entry_revisions, events, headers

_entry = and_(
    entry_revisions.c.blog_id == events.c.blog_id,
    entry_revisions.c.generation == blogs.c.generation,
    entry_revisions.c.entry_id == events.c.entry_id,
    entry_revisions.c.valid_from == events.c.position,
)
_header = and_(
    headers.c.blog_id == events.c.blog_id,
    headers.c.generation == blogs.c.generation,
    headers.c.valid_from == events.c.position,
)
_counts = and_(
    counts.c.blog_id == events.c.blog_id,
    counts.c.generation == blogs.c.generation,
    counts.c.position == events.c.position,
)
_RECORD = (
    *(events.c.log_position, events.c.envelope, events.c.payload, events.c.salt, events.c.commitment, events.c.hash),
)
_COUNTS = (counts.c.entries, counts.c.retracted, counts.c.corrections, counts.c.key_events, counts.c.breaking)
# Positions have no gaps, so a page is a range of them.
_OF_BLOG = (
    sa.select(
        *_RECORD,
        events.c.position,
        events.c.entry_id,
        blogs.c.generation,
        entry_revisions.c.document.label("entry"),
        headers.c.document.label("header"),
        *_COUNTS,
    )
    .select_from(blogs)
    .join(events, events.c.blog_id == blogs.c.blog_id)
    .join(counts, _counts)
    .outerjoin(entry_revisions, _entry)
    .outerjoin(headers, _header)
    .where(blogs.c.blog_id == bindparam("blog_id"))
    .where(events.c.position > bindparam("after"), events.c.position <= bindparam("until"))
    # Said once more: from an equality of columns no planner concludes a range of the other.
    .where(counts.c.position > bindparam("after"), counts.c.position <= bindparam("until"))
    .order_by(events.c.position)
)
_OF_ALL = (
    sa.select(*_RECORD)
    .where(events.c.log_position > bindparam("after"), events.c.log_position <= bindparam("until"))
    .order_by(events.c.log_position)
)


def records(connection: Connection, after: int, limit: int) -> list[Record]:
    """Up to `limit` events of all blogs after a log position."""
    rows = connection.execute(_OF_ALL, {"after": after, "until": after + limit})
    return [record_of(row) for row in rows]


def recorded(connection: Connection, blog_id: str, after: int, limit: int) -> list[Recorded]:
    """Up to `limit` events of a blog after a position, each with its effect."""
    rows = connection.execute(_OF_BLOG, {"blog_id": blog_id, "after": after, "until": after + limit}).all()
    changed = [row for row in rows if row.header is not None]
    revisions = _revisions_named(connection, blog_id, changed)
    return [Recorded(record_of(row), _effect(row, revisions)) for row in rows]


def _revisions_named(connection: Connection, blog_id: str, rows: list[AnyRow]) -> Revisions:
    """The revisions of all entries that the headers of these rows name, over the time of these rows."""
    if not rows:
        return Revisions({})
    names = {name for row in rows for name in entries_named(row.header)}
    first, last = rows[0], rows[-1]
    return revisions_between(connection, blog_id, first.generation, names, first=first.position, last=last.position)


def _effect(row: AnyRow, revisions: Revisions) -> Effect:
    included = () if row.header is None else tuple(_included(row, revisions))
    counted = Counts(row.entries, row.retracted, row.corrections, row.key_events, row.breaking)
    return Effect(row.entry, row.header, included, counted)


def _included(row: AnyRow, revisions: Revisions) -> Iterable[bytes]:
    """The other entries that a new header names, as far as they fit into a message."""
    own = None if row.entry is None else row.entry_id
    room = limits.MESSAGE_BYTES - limits.EVENT_MARGIN_BYTES - len(row.header) - len(row.entry or b"")
    for name in entries_named(row.header):
        document = None if name == own else revisions.at(name, row.position)
        if document is not None and len(document) < room:
            room -= len(document) + 1
            yield document
