"""The stored read models beside those that the log says there should be, piece by piece; nothing is written.

A piece of the log is folded on the rows stored before it, which the pieces before have found to be right. A row belongs
to the position that wrote it, and a revision's end to the position that ended it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from liveblog.application.rebuilding import Difference, Moved
from liveblog.domain.rendering import Rendering
from liveblog.log.refold import Refold, Told
from liveblog.log.rows import Close, Rows
from liveblog.storage import heads, projected, tables
from liveblog.storage.generations import Blog
from liveblog.storage.refolding import Renderings, body_of, piece_of, read
from liveblog.storage.wanted import Wanted

_Line = tuple[Any, ...]

_KEYS = (("blog_id", "text"), ("generation", "bigint"), ("name", "text"), ("valid_from", "bigint"))
_POINT_EVENTS = "('key_point_set', 'key_point_withdrawn')"
_ROW = sa.select(tables.blogs).where(tables.blogs.c.blog_id == bindparam("blog_id"))
_CHECKPOINT = sa.select(tables.checkpoints.c.position).where(
    tables.checkpoints.c.blog_id == bindparam("blog_id"), tables.checkpoints.c.generation == bindparam("generation")
)


def _names(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _by_key(table: sa.Table, key: str) -> Wanted:
    return Wanted(
        _KEYS,
        f"SELECT {', '.join(f'r.{name}' for name in _names(table))} FROM wanted"  # noqa: S608  (our own names)
        f" JOIN {table.name} AS r ON r.blog_id = wanted.blog_id AND r.generation = wanted.generation"
        f" AND r.{key} = wanted.name AND r.valid_from = wanted.valid_from",
    )


_REVISIONS = {
    tables.entry_revisions: _by_key(tables.entry_revisions, "entry_id"),
    tables.key_point_revisions: _by_key(tables.key_point_revisions, "point_id"),
}


def _in_order(table: sa.Table, position: sa.Column[int]) -> sa.Select[Any]:
    return sa.select(table).where(
        table.c.blog_id == bindparam("blog_id"),
        table.c.generation == bindparam("generation"),
        position > bindparam("after"),
        position <= bindparam("until"),
    )


_ORDERED = {
    tables.headers: _in_order(tables.headers, tables.headers.c.valid_from),
    tables.counts: _in_order(tables.counts, tables.counts.c.position),
}


def _without_event(table: sa.Table, position: str, more: str = "") -> sa.TextClause:
    return sa.text(
        f"SELECT min(r.{position}) FROM {table.name} AS r"  # noqa: S608  (our own names)
        " WHERE r.blog_id = :blog_id AND r.generation = :generation AND NOT EXISTS"
        f" (SELECT 1 FROM events AS e WHERE e.blog_id = r.blog_id AND e.position = r.{position}{more})"
    )


_WITHOUT_EVENT = {
    tables.entry_revisions: _without_event(tables.entry_revisions, "valid_from", " AND e.entry_id = r.entry_id"),
    tables.key_point_revisions: _without_event(
        tables.key_point_revisions, "valid_from", f" AND e.event_type IN {_POINT_EVENTS}"
    ),
    tables.headers: _without_event(tables.headers, "valid_from"),
    tables.counts: _without_event(tables.counts, "position"),
}
_TWO_POINTS = sa.text(
    "SELECT valid_from FROM key_point_revisions WHERE blog_id = :blog_id AND generation = :generation"
    " GROUP BY valid_from HAVING count(*) > 1 ORDER BY valid_from LIMIT 1"
)


def _ends_nowhere(table: sa.Table, key: str) -> sa.TextClause:
    return sa.text(
        f"SELECT min(r.valid_from) FROM {table.name} AS r"  # noqa: S608  (our own names)
        " WHERE r.blog_id = :blog_id AND r.generation = :generation AND r.valid_to IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {table.name} AS n WHERE n.blog_id = r.blog_id AND n.generation = r.generation"
        f" AND n.{key} = r.{key} AND n.valid_from = r.valid_to)"
    )


_ENDS_NOWHERE = {
    tables.entry_revisions: _ends_nowhere(tables.entry_revisions, "entry_id"),
    tables.key_point_revisions: _ends_nowhere(tables.key_point_revisions, "point_id"),
}


def surplus(connection: Connection, blog: Blog) -> Difference | None:
    """The first row that no event of the blog can have left."""
    place = {"blog_id": blog.identity.blog_id, "generation": blog.generation}
    found = [(connection.execute(query, place).scalar(), table) for table, query in _WITHOUT_EVENT.items()]
    found.append((connection.execute(_TWO_POINTS, place).scalar(), tables.key_point_revisions))
    return _first(Difference(at, table.name, None, "row too many") for at, table in found if at is not None)


def compare_next(
    connection: Connection, refold: Refold, renderings: Renderings, limit: int
) -> tuple[Difference | None, bool]:
    """Compare what up to `limit` events more have left.

    Returns:
        The first difference among that, and whether this is the end.

    Raises:
        Moved: If another generation is in use by now.
        UnknownEvent: If a newer release wrote one of the events.

    """
    row = connection.execute(_ROW, {"blog_id": refold.head.blog_id}).mappings().one()
    if row["generation"] != refold.head.generation:
        raise Moved
    told = read(connection, refold, limit)
    rows_before = {refold.head.blog_id: refold.latest}
    found = list(_renderings(connection, renderings, told))  # judged here, so that nothing is taken from them below
    piece = piece_of(connection, refold, told)
    place = {"blog_id": refold.head.blog_id, "generation": refold.head.generation, "after": refold.head.position}
    rows = refold.fold(piece, renderings.make)
    place["until"] = refold.head.position
    for table, lines in projected.by_table(rows, rows_before):
        if table in _REVISIONS:
            found += _revisions(connection, table, lines, _ended(table, rows), refold.head.position)
        else:
            stored = {line[2]: line for line in map(tuple, connection.execute(_ORDERED[table], place))}
            found += _in_place(table, {line[2]: line for line in lines}, stored)
    done = len(told) < limit
    if done and not found:
        found += _end(connection, refold, row)
    return _first(found), done


def _first(found: Iterable[Difference]) -> Difference | None:
    return min(found, key=lambda each: each.position, default=None)


def _renderings(connection: Connection, renderings: Renderings, told: list[Told]) -> Iterator[Difference]:
    kept = renderings.kept(connection, told)
    for each in told:
        source = body_of(each)
        if source and (have := kept.get(source)) is not None:
            want = renderings.make(source)
            for column in Rendering.__struct_fields__:
                if getattr(have, column) != getattr(want, column):
                    yield Difference(each.position, tables.renderings.name, column, "differs")


def _ended(table: sa.Table, rows: Rows) -> list[Close]:
    return rows.closed_entries if table is tables.entry_revisions else rows.closed_points


def _revisions(
    connection: Connection, table: sa.Table, lines: list[_Line], ended: list[Close], until: int
) -> Iterator[Difference]:
    ends = {(each.name, each.valid_from): (each.blog_id, each.generation, each.valid_to) for each in ended}
    wanted = [line[:4] for line in lines]
    wanted += [(blog_id, generation, *key) for key, (blog_id, generation, _) in ends.items()]
    stored = {row[2:4]: tuple(row) for row in _REVISIONS[table].rows(connection, wanted)}
    names = _names(table)
    end = names.index("valid_to")
    for line in lines:
        row = stored.get(line[2:4])
        if row is None:
            yield Difference(line[3], table.name, None, "row missing")
            continue
        want, have = line[end], row[end]
        if want is None and isinstance(have, int) and have > until:
            want = have  # the event that ended it comes later, and is asked about then
        expected = (*line[:end], want, *line[end + 1 :])
        yield from _columns(table, line[3], expected, row, ended_at=want)
    for key, (_, _, want) in ends.items():
        row = stored.get(key)
        if row is None or row[end] != want:
            yield Difference(want, table.name, names[end], "differs")


def _in_place(table: sa.Table, expected: dict[int, _Line], stored: dict[int, _Line]) -> Iterator[Difference]:
    for position, line in expected.items():
        if (row := stored.get(position)) is None:
            yield Difference(position, table.name, None, "row missing")
        else:
            yield from _columns(table, position, line, row)
    for position in stored.keys() - expected.keys():
        yield Difference(position, table.name, None, "row too many")


def _columns(
    table: sa.Table, position: int, expected: _Line, row: _Line, ended_at: int | None = None
) -> Iterator[Difference]:
    for name, want, have in zip(_names(table), expected, row, strict=True):
        if want != have:
            at = ended_at if name == "valid_to" and ended_at is not None else position
            yield Difference(at, table.name, name, "differs")


def _end(connection: Connection, refold: Refold, row: Mapping[Any, Any]) -> Iterator[Difference]:
    head = refold.head
    for name, want in zip(heads.CHANGING, heads.changes_of(head, refold.latest), strict=True):
        if row[name] != want:
            yield Difference(head.position, tables.blogs.name, name, "differs")
    place = {"blog_id": head.blog_id, "generation": head.generation}
    if connection.execute(_CHECKPOINT, place).scalar() != head.position:
        yield Difference(head.position, tables.checkpoints.name, "position", "differs")
    for table, query in _ENDS_NOWHERE.items():
        if (at := connection.execute(query, place).scalar()) is not None:
            yield Difference(at, table.name, "valid_to", "differs")
