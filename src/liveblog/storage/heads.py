"""The rows of `blogs`: each blog's newest state."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, bindparam

from liveblog.domain.state import Blog
from liveblog.log.rows import BlogHead
from liveblog.storage.bulk import Change, Writes
from liveblog.storage.tables import AnyRow, blogs, checkpoints

_decode = msgspec.json.Decoder(Blog).decode
_encode = msgspec.json.encode

_named = blogs.c.slug.in_(bindparam("slugs", expanding=True))
_known = blogs.c.blog_id.in_(bindparam("ids", expanding=True))
_BY_SLUG = sa.select(blogs).where(blogs.c.slug == bindparam("slug"))
_BY_IDS = sa.select(blogs).where(_known).order_by(blogs.c.blog_id)
_LOCK_NAMED = sa.select(blogs).where(_named).order_by(blogs.c.blog_id).with_for_update()
_LOCK_NAMED_OR_KNOWN = sa.select(blogs).where(_named | _known).order_by(blogs.c.blog_id).with_for_update()
CHANGING = ("position", "hash", "at", "latest", "status", "state")
"""The columns of a blog's row that an event may change."""
_CHANGE = Change(blogs, CHANGING, ("blog_id",))
_CHECK = Change(checkpoints, ("position",), ("blog_id", "generation"))


class StoredHead(Struct, frozen=True):
    """A head, and the highest `published_at` of the blog's entries, in milliseconds; None while it has none."""

    head: BlogHead
    latest: int | None


def may_exist(name: str) -> bool:
    """Whether anything can have that name: PostgreSQL fails where a text with U+0000 is so much as asked for."""
    return "\0" not in name


def find(connection: Connection, slug: str) -> StoredHead | None:
    """The newest state of a blog."""
    if not may_exist(slug):
        return None
    row = connection.execute(_BY_SLUG, {"slug": slug}).first()
    return None if row is None else head_of(row)


def find_all(connection: Connection, blog_ids: Collection[str]) -> list[StoredHead]:
    """The newest states of the blogs named, where they exist, in the order of their ids."""
    return [head_of(row) for row in connection.execute(_BY_IDS, {"ids": list(blog_ids)})]


def lock(connection: Connection, slugs: Collection[str], blog_ids: Collection[str]) -> list[StoredHead]:
    """Lock the blogs that exist of those named, always in the order of their ids, and read their newest states."""
    slugs = list(filter(may_exist, slugs))
    if blog_ids:
        rows = connection.execute(_LOCK_NAMED_OR_KNOWN, {"slugs": slugs, "ids": list(blog_ids)})
    else:
        rows = connection.execute(_LOCK_NAMED, {"slugs": slugs})
    return [head_of(row) for row in rows]


def save(writes: Writes, heads: Iterable[BlogHead], started: Collection[str], latest: Mapping[str, int | None]) -> None:
    """Write what blogs have become, those that just began among them."""
    begun: list[BlogHead] = []
    known: list[BlogHead] = []
    for head in heads:
        (begun if head.blog_id in started else known).append(head)
    writes.insert(blogs, [_row(head, latest.get(head.blog_id)) for head in begun])
    writes.insert(checkpoints, [(head.blog_id, head.generation, head.position) for head in begun])
    writes.update(_CHANGE, [(*changes_of(head, latest.get(head.blog_id)), head.blog_id) for head in known])
    writes.update(_CHECK, [(head.position, head.blog_id, head.generation) for head in known])


def head_of(row: AnyRow) -> StoredHead:
    """Read a row of `blogs`."""
    head = BlogHead(
        blog_id=row.blog_id,
        slug=row.slug,
        epoch=row.epoch,
        edition=row.edition,
        generation=row.generation,
        position=row.position,
        hash=row.hash,
        at=row.at,
        blog=_decode(row.state),
    )
    return StoredHead(head, row.latest)


def _row(head: BlogHead, latest: int | None) -> tuple[Any, ...]:
    identity = (head.blog_id, head.slug, head.epoch, head.edition, head.generation)
    return (*identity, *changes_of(head, latest))


def changes_of(head: BlogHead, latest: int | None) -> tuple[Any, ...]:
    """What an event may change of a blog's row, in the order of `CHANGING`."""
    return head.position, head.hash, head.at, latest, head.blog.header.status, _encode(head.blog)
