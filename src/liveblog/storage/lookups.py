"""What a batch needs to know before it decides: keys that are bound, newest revisions, and hashes to compare with."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from liveblog.log.held import Held
from liveblog.log.lookups import Found, Lookups
from liveblog.log.rows import KeyRow
from liveblog.storage.heads import may_exist
from liveblog.storage.tables import blogs, events, idempotency_keys
from liveblog.storage.wanted import Wanted

_KEYS = Wanted(
    (("blog_id", "text"), ("actor_id", "text"), ("key", "text")),
    "SELECT k.blog_id, k.actor_id, k.key, k.fingerprint, k.first, k.count, k.entry_id FROM wanted"
    " JOIN idempotency_keys AS k"
    " ON k.blog_id = wanted.blog_id AND k.actor_id = wanted.actor_id AND k.key = wanted.key",
)
_ENTRIES = Wanted(
    (("blog_id", "text"), ("generation", "bigint"), ("entry_id", "text")),
    "SELECT r.blog_id, r.entry_id, r.valid_from, r.owner, r.document FROM wanted JOIN entry_revisions AS r"
    " ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation AND r.entry_id = wanted.entry_id"
    " AND r.valid_from = (SELECT max(n.valid_from) FROM entry_revisions AS n WHERE n.blog_id = wanted.blog_id"
    " AND n.generation = wanted.generation AND n.entry_id = wanted.entry_id)",
)
_POINTS = Wanted(
    (("blog_id", "text"), ("generation", "bigint"), ("point_id", "text")),
    "SELECT r.blog_id, r.point_id, r.valid_from, r.withdrawn, r.document FROM wanted JOIN key_point_revisions AS r"
    " ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation AND r.point_id = wanted.point_id"
    " AND r.valid_from = (SELECT max(n.valid_from) FROM key_point_revisions AS n WHERE n.blog_id = wanted.blog_id"
    " AND n.generation = wanted.generation AND n.point_id = wanted.point_id)",
)
_EVENTS = Wanted(
    (("event_id", "text"),),
    "SELECT e.event_id FROM wanted JOIN events AS e ON e.event_id = wanted.event_id",
)
_HASHES = sa.select(events.c.hash).where(events.c.blog_id == bindparam("blog_id")).order_by(events.c.position)

_BOUND = (
    sa.select(idempotency_keys.c.key)
    .join(blogs, blogs.c.blog_id == idempotency_keys.c.blog_id)
    .where(
        blogs.c.slug == bindparam("slug"),
        idempotency_keys.c.actor_id == bindparam("actor_id"),
        idempotency_keys.c.key == bindparam("key"),
    )
)


def is_bound(connection: Connection, slug: str, actor_id: str, key: str) -> bool:
    """Whether an idempotency key of that actor stands for a request to that blog."""
    return (
        may_exist(slug)
        and connection.execute(_BOUND, {"slug": slug, "actor_id": actor_id, "key": key}).first() is not None
    )


def find(connection: Connection, lookups: Lookups) -> Found:
    """Look up all that a batch asks for."""
    return Found(
        keys={(key.blog_id, key.actor_id, key.key): key for key in _keys(connection, lookups)},
        entries={
            (blog_id, name): Held(document, valid_from, owner)
            for blog_id, name, valid_from, owner, document in _ENTRIES.rows(connection, lookups.entries)
        },
        points={
            (blog_id, name): Held(document, valid_from, withdrawn=bool(withdrawn))
            for blog_id, name, valid_from, withdrawn, document in _POINTS.rows(connection, lookups.points)
        },
        hashes={
            blog_id: list(connection.execute(_HASHES, {"blog_id": blog_id}).scalars()) for blog_id in lookups.hashes
        },
        events={name for (name,) in _EVENTS.rows(connection, [(each,) for each in lookups.events])},
    )


def _keys(connection: Connection, lookups: Lookups) -> Iterator[KeyRow]:
    for blog_id, actor_id, key, fingerprint, first, count, entry_id in _KEYS.rows(connection, lookups.keys):
        yield KeyRow(
            blog_id=blog_id,
            actor_id=actor_id,
            key=key,
            fingerprint=fingerprint,
            first=first,
            count=count,
            entry_id=entry_id,
        )
