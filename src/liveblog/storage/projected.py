"""The rows of the read models: what a fold leaves, in the order of the tables' columns.

Appending writes them, a rebuild writes them anew, and a check compares them with what is stored.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from msgspec import structs

from liveblog.log.rows import Close, EntryRevision, Rows
from liveblog.storage import tables
from liveblog.storage.bulk import Change, Writes

_CLOSE_ENTRY = Change(tables.entry_revisions, ("valid_to",), ("blog_id", "generation", "entry_id", "valid_from"))
_CLOSE_POINT = Change(tables.key_point_revisions, ("valid_to",), ("blog_id", "generation", "point_id", "valid_from"))


def write(writes: Writes, rows: Rows, latest: dict[str, int | None]) -> None:
    """Insert the rows of a fold, and let the stored revisions end that it ended.

    Args:
        writes: Where they go.
        rows: Of any blogs.
        latest: By blog id, the highest `published_at` before these rows; it is brought up to date.

    """
    for table, lines in by_table(rows, latest):
        writes.insert(table, lines)
    writes.update(_CLOSE_ENTRY, list(map(_ending, rows.closed_entries)))
    writes.update(_CLOSE_POINT, list(map(_ending, rows.closed_points)))


def by_table(rows: Rows, latest: dict[str, int | None]) -> list[tuple[sa.Table, list[tuple[Any, ...]]]]:
    """The rows of every table; `latest` as for `write`."""
    return [
        (tables.entry_revisions, list(map(_entry_row, rows.entries))),
        (tables.key_point_revisions, list(map(structs.astuple, rows.points))),
        (tables.headers, list(map(structs.astuple, rows.headers))),
        (tables.counts, list(_with_latest(rows, latest))),
    ]


def _entry_row(row: EntryRevision) -> tuple[Any, ...]:
    row.marks = int(row.marks)  # to asyncpg a flag would be a collection of its members
    return structs.astuple(row)


def _with_latest(rows: Rows, latest: dict[str, int | None]) -> Iterable[tuple[Any, ...]]:
    """The rows of `counts`, each with the highest `published_at` until then."""
    published = {(row.blog_id, row.valid_from): row for row in rows.entries if row.valid_from == row.first_position}
    for row in rows.counts:
        before = latest.get(row.blog_id)
        new = published.get((row.blog_id, row.position))
        if new is not None and (before is None or new.published_at > before):
            before = latest[row.blog_id] = new.published_at
        yield (row.blog_id, row.generation, row.position, *structs.astuple(row.counts), before)


def _ending(each: Close) -> tuple[Any, ...]:
    return each.valid_to, each.blog_id, each.generation, each.name, each.valid_from
