"""The rows of the read models: what a fold leaves, in the order of the tables' columns.

Appending writes them, a rebuild writes them anew, and a check compares them with what is stored.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy import Connection, bindparam

from liveblog.log.rows import Close, EntryRevision, Rows
from liveblog.storage import bulk, tables


def _closing(table: sa.Table, name: sa.Column[str]) -> sa.Update:
    return (
        sa.update(table)
        .where(table.c.blog_id == bindparam("blog_id"), table.c.generation == bindparam("generation"))
        .where(name == bindparam("name"), table.c.valid_from == bindparam("valid_from"))
        .values(valid_to=bindparam("valid_to"))
    )


_CLOSE_ENTRY = _closing(tables.entry_revisions, tables.entry_revisions.c.entry_id)
_CLOSE_POINT = _closing(tables.key_point_revisions, tables.key_point_revisions.c.point_id)


def write(connection: Connection, rows: Rows, latest: dict[str, int | None]) -> None:
    """Insert the rows of a fold, and let the stored revisions end that it ended.

    Args:
        connection: In a transaction that writes.
        rows: Of any blogs.
        latest: By blog id, the highest `published_at` before these rows; it is brought up to date.

    """
    for table, lines in by_table(rows, latest):
        bulk.insert(connection, table, lines)
    _close(connection, _CLOSE_ENTRY, rows.closed_entries)
    _close(connection, _CLOSE_POINT, rows.closed_points)


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


def _close(connection: Connection, statement: sa.Update, closed: Sequence[Close]) -> None:
    bulk.update(connection, statement, [structs.asdict(each) for each in closed])
