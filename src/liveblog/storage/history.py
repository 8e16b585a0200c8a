"""An entry with all its revisions, each beside the event that made it."""

import sqlalchemy as sa
from sqlalchemy import Connection, and_, bindparam

from liveblog.application.readmodels import History, Revision
from liveblog.storage import heads, moments
from liveblog.storage.tables import entry_revisions, events

_REVISIONS = (
    sa.select(
        events.c.position,
        events.c.event_type,
        events.c.at,
        entry_revisions.c.document,
        events.c.envelope,
        events.c.payload,
    )
    .select_from(entry_revisions)
    .join(
        events,
        and_(events.c.blog_id == entry_revisions.c.blog_id, events.c.position == entry_revisions.c.valid_from),
    )
    .where(
        entry_revisions.c.blog_id == bindparam("blog_id"),
        entry_revisions.c.generation == bindparam("generation"),
        entry_revisions.c.entry_id == bindparam("entry_id"),
    )
    .order_by(entry_revisions.c.valid_from)
)


def find(connection: Connection, slug: str, entry_id: str) -> History | None:
    """An entry's history, or None if there is no such blog, or no such entry in it."""
    standing = moments.find(connection, slug, None)
    if standing is None or not heads.may_exist(entry_id):
        return None
    head = standing.moment.head
    rows = connection.execute(
        _REVISIONS, {"blog_id": head.blog_id, "generation": head.generation, "entry_id": entry_id}
    ).all()
    if not rows:
        return None
    return History(
        moment=standing.moment,
        document=rows[-1].document,
        revisions=tuple(
            Revision(
                position=row.position,
                event_type=row.event_type,
                at=row.at,
                document=row.document,
                envelope=row.envelope,
                payload=row.payload,
            )
            for row in rows
        ),
    )
