"""Documents of single entries as of single positions."""

from bisect import bisect_right
from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import Connection

from liveblog.storage.wanted import Wanted

# From the revision that was valid at the first position to the last one before the end.
_BETWEEN = Wanted(
    (("blog_id", "text"), ("generation", "bigint"), ("entry_id", "text"), ("first", "bigint"), ("last", "bigint")),
    "SELECT r.entry_id, r.valid_from, r.document FROM wanted JOIN entry_revisions AS r"
    " ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation AND r.entry_id = wanted.entry_id"
    " AND r.valid_from <= wanted.last AND r.valid_from >= coalesce((SELECT max(n.valid_from) FROM entry_revisions AS n"
    " WHERE n.blog_id = wanted.blog_id AND n.generation = wanted.generation AND n.entry_id = wanted.entry_id"
    " AND n.valid_from <= wanted.first), wanted.first)",
)

_AT = Wanted(
    (("blog_id", "text"), ("generation", "bigint"), ("entry_id", "text"), ("position", "bigint")),
    "SELECT wanted.entry_id, wanted.position, r.document FROM wanted JOIN entry_revisions AS r"
    " ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation AND r.entry_id = wanted.entry_id"
    " AND r.valid_from = (SELECT max(n.valid_from) FROM entry_revisions AS n WHERE n.blog_id = wanted.blog_id"
    " AND n.generation = wanted.generation AND n.entry_id = wanted.entry_id AND n.valid_from <= wanted.position)",
)


class Revisions(Struct, frozen=True):
    """Some revisions of some entries: by entry, (valid from, document), the oldest first."""

    by_entry: dict[str, list[tuple[int, bytes]]]

    def at(self, entry_id: str, position: int) -> bytes | None:
        """The entry's document as of a position, or None if it was not published by then."""
        known = self.by_entry.get(entry_id, [])
        index = bisect_right(known, position, key=lambda each: each[0])
        return known[index - 1][1] if index else None


def revisions_between(
    connection: Connection, blog_id: str, generation: int, entry_ids: Collection[str], *, first: int, last: int
) -> Revisions:
    """All that is needed to tell what the entries were at any position from `first` to `last`."""
    found: dict[str, dict[int, bytes]] = {}
    keys = [(blog_id, generation, entry_id, first, last) for entry_id in entry_ids]
    for entry_id, valid_from, document in _BETWEEN.rows(connection, keys):
        found.setdefault(entry_id, {})[valid_from] = document
    return Revisions({entry_id: sorted(each.items()) for entry_id, each in found.items()})


def documents_at(
    connection: Connection, blog_id: str, generation: int, places: Collection[tuple[str, int]]
) -> dict[tuple[str, int], bytes]:
    """Entries as of positions, each entry as of its own: (entry id, position) to document, where there was one."""
    keys = [(blog_id, generation, entry_id, position) for entry_id, position in places]
    return {(entry_id, position): document for entry_id, position, document in _AT.rows(connection, keys)}
