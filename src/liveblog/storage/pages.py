"""Pages of entries as of a position, walked in the order of readers: `published_at`, then `first_position`.

The walk runs over the index `places`, which holds each entry once however often it was revised, begins at the last
place that was taken at that moment, however many entries came later, and looks up each entry's revision of then.
A page so costs the same at the head and in the middle of a long blog. Where only marked entries are wanted, the walk
runs over the few revisions that bear a mark.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Select, and_, bindparam, func, literal_column, or_, tuple_

from liveblog.application.readmodels import EntryPage, EntryQuery, Place, PlacedEntry
from liveblog.storage import heads, moments
from liveblog.storage.moments import Standing
from liveblog.storage.named import entries_named
from liveblog.storage.revisions import revisions_between
from liveblog.storage.tables import entry_revisions

_FIRST = Place(-(1 << 62), 0)
"""Before every place."""

_place = entry_revisions.alias("place")
_then = entry_revisions.alias("then")
_newer = entry_revisions.alias("newer")


def _same_entry(one: Any, other: Any) -> Any:
    return and_(
        one.c.blog_id == other.c.blog_id, one.c.generation == other.c.generation, one.c.entry_id == other.c.entry_id
    )


def _bounded(table: Any, query: Select[Any], *, falling: bool) -> Select[Any]:
    """Walk a blog's part of an index between two places, both left out."""
    place = tuple_(table.c.published_at, table.c.first_position)
    steps = (table.c.published_at, table.c.first_position)
    return (
        query.where(
            table.c.blog_id == bindparam("blog_id"),
            table.c.generation == bindparam("generation"),
            table.c.first_position <= bindparam("position"),
            place > tuple_(bindparam("above_at"), bindparam("above_position")),
            place < tuple_(bindparam("below_at"), bindparam("below_position")),
        )
        .order_by(*(step.desc() if falling else step for step in steps))
        .limit(bindparam("limit"))
    )


def _walk(*, falling: bool) -> Select[Any]:
    newest = (
        sa.select(func.max(_newer.c.valid_from))
        .where(_same_entry(_newer, _place), _newer.c.valid_from <= bindparam("position"))
        .correlate(_place)
        .scalar_subquery()
    )
    joined = _place.join(_then, and_(_same_entry(_then, _place), _then.c.valid_from == newest))
    columns = (_place.c.entry_id, _place.c.published_at, _place.c.first_position, _then.c.document)
    query = sa.select(*columns).select_from(joined).where(_place.c.valid_from == _place.c.first_position)
    return _bounded(_place, query, falling=falling)


def _walk_marked(*, falling: bool) -> Select[Any]:
    columns = (_then.c.entry_id, _then.c.published_at, _then.c.first_position, _then.c.document)
    query = sa.select(*columns).where(
        _then.c.marks != literal_column("0"),
        _then.c.marks.bitwise_and(bindparam("only")) != literal_column("0"),
        _then.c.valid_from <= bindparam("position"),
        or_(_then.c.valid_to.is_(None), _then.c.valid_to > bindparam("position")),
    )
    return _bounded(_then, query, falling=falling)


_ALL = {falling: _walk(falling=falling) for falling in (False, True)}
_MARKED = {falling: _walk_marked(falling=falling) for falling in (False, True)}
_PLACE_OF = (
    sa.select(entry_revisions.c.published_at, entry_revisions.c.first_position)
    .where(
        entry_revisions.c.blog_id == bindparam("blog_id"),
        entry_revisions.c.generation == bindparam("generation"),
        entry_revisions.c.entry_id == bindparam("entry_id"),
        entry_revisions.c.valid_from <= bindparam("position"),
    )
    .order_by(entry_revisions.c.valid_from)
    .limit(1)
)


class _Found(Struct, frozen=True):
    entry_id: str
    placed: PlacedEntry


class _Walker:
    """Walks one blog's entries as of one moment. `onward` is the order that the query asks for."""

    def __init__(self, connection: Connection, standing: Standing, query: EntryQuery) -> None:
        self._connection = connection
        self._latest = standing.latest
        self._only = query.only
        self._newest_first = query.order == "newest"
        head = standing.moment.head
        self._ground: dict[str, Any] = {
            "blog_id": head.blog_id,
            "generation": head.generation,
            "position": standing.moment.position,
        }

    def walk(self, start: Place | None, limit: int, *, onward: bool = True, inclusive: bool = False) -> list[_Found]:
        """Up to `limit` entries from a place on (None: from the end where the direction begins), in that direction."""
        if self._latest is None:
            return []
        falling = self._newest_first is onward
        above, below = _FIRST, Place(self._latest + 1, 0)
        if start is not None and falling:
            below = min(below, Place(start.published_at, start.first_position + inclusive))
        elif start is not None:
            above = Place(start.published_at, start.first_position - inclusive)
        bounds = {
            "above_at": above.published_at,
            "above_position": above.first_position,
            "below_at": below.published_at,
            "below_position": below.first_position,
        }
        named = self._ground | bounds | {"limit": limit}
        if self._only is None:
            rows = self._connection.execute(_ALL[falling], named)
        else:
            rows = self._connection.execute(_MARKED[falling], named | {"only": int(self._only)})
        return [
            _Found(entry_id, PlacedEntry(Place(published_at, first_position), document))
            for entry_id, published_at, first_position, document in rows
        ]

    def any(self, start: Place, *, onward: bool, inclusive: bool = False) -> bool:
        """Whether a walk from there would find anything."""
        return bool(self.walk(start, 1, onward=onward, inclusive=inclusive))

    def place_of(self, entry_id: str) -> Place:
        """Where an entry stands.

        Raises:
            LookupError: If it did not stand there then.

        """
        if heads.may_exist(entry_id):
            row = self._connection.execute(_PLACE_OF, self._ground | {"entry_id": entry_id}).first()
            if row is not None:
                return Place(*row)
        raise LookupError(entry_id)


def find(connection: Connection, slug: str, position: int | None, query: EntryQuery) -> EntryPage | None:
    """A page of entries; None if there is no such blog.

    Raises:
        NoSuchMoment: If the position is negative or beyond the head.
        LookupError: If `around` names no entry that stood in the blog then.

    """
    standing = moments.find(connection, slug, position)
    if standing is None:
        return None
    walker = _Walker(connection, standing, query)
    found, more_before, more_after = _page(walker, query)
    return EntryPage(
        moment=standing.moment,
        entries=tuple(each.placed for each in found),
        more_before=more_before,
        more_after=more_after,
        included=tuple(_included(connection, standing, {each.entry_id for each in found})),
    )


def _page(walker: _Walker, query: EntryQuery) -> tuple[list[_Found], bool, bool]:
    """The entries of the page in order, and whether there are more before and after them."""
    limit = query.limit
    if query.around is not None:
        middle = walker.place_of(query.around)
        before = walker.walk(middle, limit + 1, onward=False)
        after = walker.walk(middle, limit + 1, inclusive=True)
        # Half the page stands before the middle, and more where there is too little after it.
        ahead = min(len(before), max(limit // 2, limit - len(after)))
        behind = limit - ahead
        return [*reversed(before[:ahead]), *after[:behind]], len(before) > ahead, len(after) > behind
    if query.before is not None:
        found = walker.walk(query.before, limit + 1, onward=False)
        more_after = walker.any(query.before, onward=True, inclusive=True)
        return found[:limit][::-1], len(found) > limit, more_after
    found = walker.walk(query.after, limit + 1)
    more_before = query.after is not None and walker.any(query.after, onward=False, inclusive=True)
    return found[:limit], more_before, len(found) > limit


def _included(connection: Connection, standing: Standing, shown: set[str]) -> Iterable[bytes]:
    moment = standing.moment
    names = [name for name in entries_named(moment.header) if name not in shown]
    head, position = moment.head, moment.position
    revisions = revisions_between(connection, head.blog_id, head.generation, names, first=position, last=position)
    for name in names:
        if (document := revisions.at(name, position)) is not None:
            yield document
