"""Generations of a blog's read models: one is made beside the one in use, takes its place, and the old one goes.

Each function is one transaction, and short. The checkpoint of a generation is written before its first row and goes
after its last, so that nothing that was left behind is overlooked. It also says how far the generation has come: who
finds it elsewhere than expected is not the only one at work, and stops.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy import Connection, bindparam

from liveblog.application.rebuilding import AnotherRebuild, Rebuilt
from liveblog.log.refold import Refold
from liveblog.log.request import NewBlog
from liveblog.storage import heads, projected
from liveblog.storage.bulk import Change, Writes
from liveblog.storage.refolding import Folded, Renderings, fold_next
from liveblog.storage.tables import (
    audit,
    blogs,
    checkpoints,
    counts,
    entry_revisions,
    headers,
    key_point_revisions,
    log_head,
    renderings,
)

AT_ONCE = 500
"""Events folded at once while the log is locked; only those appended in the last moment are left by then."""

_LOCK = sa.select(log_head.c.log_position).with_for_update()
_LOCK_BLOG = (
    sa.select(blogs.c.generation, blogs.c.edition).where(blogs.c.blog_id == bindparam("blog_id")).with_for_update()
)
_BLOG = sa.select(blogs.c.blog_id, blogs.c.epoch, blogs.c.edition, blogs.c.generation).where(
    blogs.c.slug == bindparam("slug")
)
_OTHERS = sa.select(checkpoints.c.generation).where(
    checkpoints.c.blog_id == bindparam("blog_id"), checkpoints.c.generation != bindparam("generation")
)
_ADVANCE = (
    sa.update(checkpoints)
    .where(checkpoints.c.blog_id == bindparam("of"), checkpoints.c.generation == bindparam("made"))
    .where(checkpoints.c.position == bindparam("from"))
    .values(position=bindparam("to"))
)
_FLIP = Change(blogs, ("generation", "edition", *heads.CHANGING), ("blog_id",))
_FORGET = sa.delete(checkpoints).where(
    checkpoints.c.blog_id == bindparam("blog_id"), checkpoints.c.generation == bindparam("generation")
)


class _Removal(Struct, frozen=True):
    """How rows are taken out of a table in the order of its key: statements, so that no table needs a row number."""

    find_last: sa.Select[Any]
    remove_until: sa.Delete
    remove_all: sa.Delete


def _removal(table: sa.Table, key: sa.Column[Any]) -> _Removal:
    of = (table.c.blog_id == bindparam("blog_id"), table.c.generation == bindparam("generation"))
    every = sa.delete(table).where(*of)
    return _Removal(
        sa.select(key).where(*of).order_by(key).limit(1).offset(bindparam("skip")),
        every.where(key <= bindparam("last")),
        every,
    )


_REMOVALS = (
    _removal(entry_revisions, entry_revisions.c.entry_id),
    _removal(key_point_revisions, key_point_revisions.c.point_id),
    _removal(headers, headers.c.valid_from),
    _removal(counts, counts.c.position),
)

_UNKEEP = sa.delete(renderings).where(
    renderings.c.renderer == bindparam("number"), renderings.c.source == bindparam("of")
)


class Blog(Struct, frozen=True):
    """What a rebuild takes from a blog's row: nothing that it makes anew, for that may be what is damaged."""

    slug: str
    identity: NewBlog
    generation: int


def find(connection: Connection, slug: str) -> Blog | None:
    """A blog as it is, or None if there is no such blog."""
    row = connection.execute(_BLOG, {"slug": slug}).first() if heads.may_exist(slug) else None
    return None if row is None else Blog(slug, NewBlog(row.blog_id, row.epoch, row.edition), row.generation)


def begin(connection: Connection, refold: Refold) -> None:
    """Note that a generation is being made."""
    connection.execute(
        checkpoints.insert(), {"blog_id": refold.head.blog_id, "generation": refold.head.generation, "position": 0}
    )


def keep(connection: Connection, refold: Refold, folded: Folded) -> None:
    """Write a piece of the generation.

    Raises:
        AnotherRebuild: If the generation is not where this fold left it.

    """
    head = refold.head
    step = {"of": head.blog_id, "made": head.generation, "from": folded.before, "to": head.position}
    if connection.execute(_ADVANCE, step).rowcount != 1:
        raise AnotherRebuild
    writes = Writes()
    projected.write(writes, folded.rows, {head.blog_id: folded.latest})
    if folded.anew and folded.renderings:
        keys = [{"number": number, "of": source} for number, source, _, _ in folded.renderings]
        connection.execute(_UNKEEP, keys)
    writes.insert_missing(renderings, folded.renderings)
    writes.run(connection)


def flip(connection: Connection, refold: Refold, source: Renderings, edition: str, now: int) -> Rebuilt:
    """Under the log's lock fold what is left, and let the new generation take the old one's place.

    Args:
        connection: In a transaction that writes and has done nothing yet.
        refold: The fold, which has come this far.
        source: Where renderings come from.
        edition: What the new generation is of.
        now: The wall clock, in milliseconds, for the audit.

    Raises:
        AnotherRebuild: If another generation was put in use meanwhile.
        UnknownEvent: If a newer release appended meanwhile.

    """
    connection.execute(_LOCK)
    generation, before = connection.execute(_LOCK_BLOG, {"blog_id": refold.head.blog_id}).one()
    if generation >= refold.head.generation:
        raise AnotherRebuild
    while (folded := fold_next(connection, refold, source, AT_ONCE)).told:
        keep(connection, refold, folded)
    head = structs.replace(refold.head, edition=edition)
    writes = Writes()
    writes.update(_FLIP, [(head.generation, edition, *heads.changes_of(head, refold.latest), head.blog_id)])
    writes.run(connection)
    detail = {"generation": head.generation, "edition": edition, "edition_before": before}
    done = {"at": now, "what": "read_models_rebuilt", "blog_id": head.blog_id, "position": head.position}
    connection.execute(audit.insert(), [done | {"detail": msgspec.json.encode(detail).decode()}])
    return Rebuilt(head.slug, head.position, edition, before)


def sweep(connection: Connection, slug: str, limit: int) -> int:
    """Remove rows of generations that are not in use.

    Readers are safe: each reads the generation's number and its rows in one snapshot.

    Returns:
        How many rows went, about `limit`; 0 when none is left.

    """
    blog = find(connection, slug)
    assert blog is not None, "no blog ever goes"
    place = {"blog_id": blog.identity.blog_id, "generation": blog.generation}
    for generation in connection.execute(_OTHERS, place).scalars().all():
        if gone := _remove_some(connection, place | {"generation": generation}, limit):
            return gone
        connection.execute(_FORGET, place | {"generation": generation})
    return 0


def _remove_some(connection: Connection, place: dict[str, Any], limit: int) -> int:
    for removal in _REMOVALS:
        last = connection.execute(removal.find_last, place | {"skip": limit - 1}).scalar()
        if last is None:
            gone = connection.execute(removal.remove_all, place)
        else:
            gone = connection.execute(removal.remove_until, place | {"last": last})
        if gone.rowcount:
            return gone.rowcount
    return 0
