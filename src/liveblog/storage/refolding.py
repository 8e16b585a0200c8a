"""One piece of a blog's log, read in one snapshot with all that its fold needs, and folded."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, bindparam

from liveblog.domain.rendering import Rendering
from liveblog.log.held import Held
from liveblog.log.record import Envelope
from liveblog.log.refold import Piece, Refold, Told, named, tell
from liveblog.log.rows import Rows
from liveblog.storage.tables import events
from liveblog.storage.wanted import Wanted

_EVENTS = (
    sa.select(events.c.envelope, events.c.payload, events.c.hash)
    .where(events.c.blog_id == bindparam("blog_id"))
    .where(events.c.position > bindparam("after"), events.c.position <= bindparam("until"))
    .order_by(events.c.position)
)
_OF_BLOG = (("blog_id", "text"), ("generation", "bigint"), ("name", "text"), ("position", "bigint"))
_ENTRIES = Wanted(
    _OF_BLOG,
    "SELECT r.entry_id, r.valid_from, r.owner, r.document FROM wanted JOIN entry_revisions AS r"
    " ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation AND r.entry_id = wanted.name"
    " AND r.valid_from = (SELECT max(n.valid_from) FROM entry_revisions AS n WHERE n.blog_id = wanted.blog_id"
    " AND n.generation = wanted.generation AND n.entry_id = wanted.name AND n.valid_from <= wanted.position)",
)
_POINTS = Wanted(
    _OF_BLOG,
    "SELECT r.point_id, r.valid_from, r.withdrawn, r.document FROM wanted JOIN key_point_revisions AS r"
    " ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation AND r.point_id = wanted.name"
    " AND r.valid_from = (SELECT max(n.valid_from) FROM key_point_revisions AS n WHERE n.blog_id = wanted.blog_id"
    " AND n.generation = wanted.generation AND n.point_id = wanted.name AND n.valid_from <= wanted.position)",
)
_RENDERINGS = Wanted(
    (("renderer", "integer"), ("source", "bytea")),
    "SELECT r.source, r.html, r.text FROM wanted JOIN renderings AS r"
    " ON r.renderer = wanted.renderer AND r.source = wanted.source",
)

_decode = msgspec.json.Decoder(Envelope).decode


class Folded(Struct, frozen=True):
    """The rows of a piece and the renderings made for it, as rows of `renderings`.

    `before`: the position that the piece follows; `latest`: the highest `published_at` until there; `anew`: whether
    the renderings take the place of those that are kept.
    """

    before: int
    latest: int | None
    told: list[Told]
    rows: Rows
    renderings: list[tuple[int, bytes, str, str]]
    anew: bool


class Renderings:
    """Where a fold takes its renderings from: those that are kept, and a renderer for the others.

    Args:
        number: Under which they are kept.
        make: The renderer.
        anew: Whether none that is kept is taken, because one of them was changed.

    """

    def __init__(self, number: int, make: Callable[[str], Rendering], *, anew: bool = False) -> None:
        self.number = number
        self.make = make
        self.anew = anew

    def kept(self, connection: Connection, told: list[Told]) -> dict[str, Rendering]:
        """The renderings that are kept of the bodies of these events, by their source."""
        digests = {digest_of(source): source for each in told if (source := body_of(each))}
        keys = [(self.number, digest) for digest in digests]
        return {digests[digest]: Rendering(html, text) for digest, html, text in _RENDERINGS.rows(connection, keys)}


def fold_next(connection: Connection, refold: Refold, renderings: Renderings, limit: int) -> Folded:
    """Fold up to `limit` events that follow.

    Raises:
        UnknownEvent: If a newer release wrote one of them; the fold stays where it was.

    """
    told = read(connection, refold, limit)
    kept = {} if renderings.anew else renderings.kept(connection, told)
    fresh: list[tuple[int, bytes, str, str]] = []

    def render(source: str) -> Rendering:
        found = kept.get(source)
        if found is None:
            kept[source] = found = renderings.make(source)
            fresh.append((renderings.number, digest_of(source), found.html, found.text))
        return found

    before, latest = refold.head.position, refold.latest
    rows = refold.fold(piece_of(connection, refold, told), render)
    return Folded(before, latest, told, rows, fresh, renderings.anew)


def read(connection: Connection, refold: Refold, limit: int) -> list[Told]:
    """Up to `limit` events that follow.

    Raises:
        UnknownEvent: If a newer release wrote one of them.

    """
    after = refold.head.position
    found = connection.execute(_EVENTS, {"blog_id": refold.head.blog_id, "after": after, "until": after + limit}).all()
    return [tell(_decode(envelope), payload, chained) for envelope, payload, chained in found]


def piece_of(connection: Connection, refold: Refold, told: list[Told]) -> Piece:
    """The events with all that they name, as it stood where the fold is."""
    entries, points = named(told)
    ground = (refold.head.blog_id, refold.head.generation)

    def keys(names: set[str]) -> list[tuple[Any, ...]]:
        return [(*ground, name, refold.head.position) for name in names]

    return Piece(
        told,
        {
            name: Held(document, valid_from, owner)
            for name, valid_from, owner, document in _ENTRIES.rows(connection, keys(entries))
        },
        {
            name: Held(document, valid_from, withdrawn=bool(withdrawn))
            for name, valid_from, withdrawn, document in _POINTS.rows(connection, keys(points))
        },
    )


def body_of(told: Told) -> str | None:
    """The Markdown that an event brings, if it brings any."""
    body = getattr(told.event, "body", None)
    return body if isinstance(body, str) else None


def digest_of(source: str) -> bytes:
    """Under which a source's rendering is kept."""
    return sha256(source.encode()).digest()
