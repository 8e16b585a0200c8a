"""A blog as of a position: its header, its counts, and where its entries of that time begin."""

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, and_, bindparam

from liveblog.application.readmodels import Moment, NoSuchMoment
from liveblog.domain.header import Counts
from liveblog.domain.state import initial_state
from liveblog.log.chain import genesis
from liveblog.log.rows import BlogHead
from liveblog.storage import heads
from liveblog.storage.tables import counts, events, headers

_HEADER = (
    sa.select(headers.c.document)
    .where(
        headers.c.blog_id == bindparam("blog_id"),
        headers.c.generation == bindparam("generation"),
        headers.c.valid_from <= bindparam("position"),
    )
    .order_by(headers.c.valid_from.desc())
    .limit(1)
)
_EVENT = (
    sa.select(
        events.c.hash,
        events.c.at,
        counts.c.entries,
        counts.c.retracted,
        counts.c.corrections,
        counts.c.key_events,
        counts.c.breaking,
        counts.c.latest,
    )
    .select_from(events)
    .join(
        counts,
        and_(
            counts.c.blog_id == events.c.blog_id,
            counts.c.generation == bindparam("generation"),
            counts.c.position == events.c.position,
        ),
    )
    .where(events.c.blog_id == bindparam("blog_id"), events.c.position == bindparam("position"))
)
_BEGAN = sa.select(events.c.at).where(events.c.blog_id == bindparam("blog_id"), events.c.position == 1)
_BEFORE_OR_AT = sa.text(
    # The instants of a blog never decrease, so the position is found by halving: no index needs to be kept for it.
    "WITH RECURSIVE search (low, high) AS ("
    " SELECT CAST(0 AS BIGINT), CAST(:head AS BIGINT)"
    " UNION ALL"
    " SELECT CASE WHEN e.at <= :instant THEN e.position ELSE s.low END,"
    " CASE WHEN e.at <= :instant THEN s.high ELSE e.position - 1 END"
    " FROM search AS s JOIN events AS e ON e.blog_id = :blog_id AND e.position = (s.low + s.high + 1) / 2"
    " WHERE s.low < s.high"
    ") SELECT low FROM search WHERE low = high"
)


class Standing(Struct, frozen=True):
    """A moment, and the highest `published_at` of the entries that stood then; None if there were none."""

    moment: Moment
    latest: int | None


def find(connection: Connection, slug: str, position: int | None) -> Standing | None:
    """The blog as of a position, or of its head; None if there is no such blog.

    Raises:
        NoSuchMoment: If the position is negative or beyond the head.

    """
    stored = heads.find(connection, slug)
    if stored is None:
        return None
    head = stored.head
    if position is None or position == head.position:
        return Standing(
            Moment(
                head=head,
                position=head.position,
                hash=head.hash,
                at=head.at,
                header=msgspec.json.encode(head.blog.header),
                counts=head.blog.counts,
            ),
            stored.latest,
        )
    if position < 0:
        raise NoSuchMoment("before_start", head.position)
    if position > head.position:
        raise NoSuchMoment("position_beyond_head", head.position)
    return _start(connection, head) if position == 0 else _past(connection, head, position)


def _start(connection: Connection, head: BlogHead) -> Standing:
    blank = initial_state(head.slug).blog
    moment = Moment(
        head=head,
        position=0,
        hash=genesis(head.blog_id),
        at=connection.execute(_BEGAN, {"blog_id": head.blog_id}).scalar_one(),
        header=msgspec.json.encode(blank.header),
        counts=blank.counts,
    )
    return Standing(moment, None)


def _past(connection: Connection, head: BlogHead, position: int) -> Standing:
    place = {"blog_id": head.blog_id, "generation": head.generation, "position": position}
    row = connection.execute(_EVENT, place).one()
    moment = Moment(
        head=head,
        position=position,
        hash=row.hash,
        at=row.at,
        header=connection.execute(_HEADER, place).scalar_one(),
        counts=Counts(row.entries, row.retracted, row.corrections, row.key_events, row.breaking),
    )
    return Standing(moment, row.latest)


def position_at(connection: Connection, slug: str, instant: int) -> int | None:
    """The position of the last event not after an instant, 0 if all are after it; None if there is no such blog."""
    stored = heads.find(connection, slug)
    if stored is None:
        return None
    search = {"blog_id": stored.head.blog_id, "head": stored.head.position, "instant": instant}
    return int(connection.execute(_BEFORE_OR_AT, search).scalar_one())
