"""The revisions of a blog's key points, each beside the event that made it."""

import sqlalchemy as sa
from sqlalchemy import Connection, and_, bindparam

from liveblog.application.readmodels import PointRevision, PointsHistory, Revision
from liveblog.storage import heads
from liveblog.storage.tables import events, key_point_revisions

_REVISIONS = (
    sa.select(
        events.c.position,
        events.c.event_type,
        events.c.at,
        events.c.envelope,
        events.c.payload,
        key_point_revisions.c.withdrawn,
        key_point_revisions.c.document,
    )
    .select_from(key_point_revisions)
    .join(
        events,
        and_(events.c.blog_id == key_point_revisions.c.blog_id, events.c.position == key_point_revisions.c.valid_from),
    )
    .where(
        key_point_revisions.c.blog_id == bindparam("blog_id"),
        key_point_revisions.c.generation == bindparam("generation"),
    )
    .order_by(key_point_revisions.c.valid_from.desc())
    .limit(bindparam("limit"))
)


def find(connection: Connection, slug: str, limit: int) -> PointsHistory | None:
    """The newest revisions of a blog's key points; None if there is no such blog."""
    stored = heads.find(connection, slug)
    if stored is None:
        return None
    head = stored.head
    named = {"blog_id": head.blog_id, "generation": head.generation, "limit": limit + 1}
    rows = connection.execute(_REVISIONS, named).all()
    revisions = tuple(
        PointRevision(
            withdrawn=row.withdrawn,
            revision=Revision(
                position=row.position,
                event_type=row.event_type,
                at=row.at,
                document=row.document,
                envelope=row.envelope,
                payload=row.payload,
            ),
        )
        for row in rows[:limit]
    )
    return PointsHistory(head=head, revisions=revisions, more=len(rows) > limit)
