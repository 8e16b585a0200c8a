"""Many rows of many tables in one go, in the form that costs each database least.

The rows go straight to the driver: sent through SQLAlchemy one dictionary at a time they would cost more than the
database takes to store them. SQLite runs a prepared statement for each row. PostgreSQL gets one statement for all
tables, with whole columns as arrays that it takes apart itself: one message and one answer, while the log is locked.
Its parts see the tables as they were before, so none of them may need what another one wrote.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, count
from typing import Any, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, Dialect, Table

AT_ONCE = 5_000
"""Rows of one table in one of PostgreSQL's messages, at most: a recording taken over brings any number."""


class Insertion(Struct, frozen=True):
    """Rows with a value for every column, in the table's order; `missing`: only those whose key is not there yet."""

    table: Table
    missing: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of which each row brings a value."""
        return tuple(self.table.columns.keys())


class Change(Struct, frozen=True):
    """Rows that change, each found by its key: a row here brings the new values and then the key's."""

    table: Table
    values: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of which each row brings a value."""
        return self.values + self.key


_Part: TypeAlias = Insertion | Change
_Rows: TypeAlias = Sequence[tuple[Any, ...]]


class Writes:
    """Rows that are written together."""

    def __init__(self) -> None:
        self._parts: list[tuple[_Part, _Rows]] = []

    def insert(self, table: Table, rows: _Rows) -> None:
        """Insert rows, each with a value for every column in the table's order."""
        self._add(Insertion(table), rows)

    def insert_missing(self, table: Table, rows: _Rows) -> None:
        """Insert the rows whose key is not there yet: only for what is kept by its content, one key for one row."""
        self._add(Insertion(table, missing=True), rows)

    def update(self, change: Change, rows: _Rows) -> None:
        """Change rows, none of them twice."""
        self._add(change, rows)

    def run(self, connection: Connection) -> None:
        """Write everything; nothing is left to write then."""
        parts, self._parts = self._parts, []
        if connection.dialect.name == "sqlite":
            for part, rows in parts:
                connection.exec_driver_sql(_for_each_row(part, connection.dialect), list(rows))
        else:
            for start in range(0, max((len(rows) for _, rows in parts), default=0), AT_ONCE):
                some = [(part, rows[start : start + AT_ONCE]) for part, rows in parts if len(rows) > start]
                words = _for_all(tuple(part for part, _ in some), connection.dialect)
                columns = chain.from_iterable(zip(*rows, strict=True) for _, rows in some)
                connection.exec_driver_sql(words, tuple(map(list, columns)))

    def _add(self, part: _Part, rows: _Rows) -> None:
        if rows:
            self._parts.append((part, rows))


@lru_cache(maxsize=64)
def _for_each_row(part: _Part, dialect: Dialect) -> str:
    if isinstance(part, Change):
        values, key = (_quoted(names, dialect, "{} = ?") for names in (part.values, part.key))
        return f"UPDATE {part.table.name} SET {', '.join(values)} WHERE {' AND '.join(key)}"  # noqa: S608  (our own names)
    return _into(part, dialect) + f" VALUES ({', '.join('?' * len(part.columns))})" + _ending(part)


@lru_cache(maxsize=512)  # batches differ in which of about ten parts they have
def _for_all(parts: tuple[_Part, ...], dialect: Dialect) -> str:
    numbers = count(1)
    *first, last = [_for_columns(part, dialect, numbers) for part in parts]
    named = ", ".join(f"w{number} AS ({words})" for number, words in enumerate(first))
    return f"WITH {named} {last}" if named else last


def _for_columns(part: _Part, dialect: Dialect, numbers: "count[int]") -> str:
    types = (part.table.columns[name].type.compile(dialect=dialect) for name in part.columns)
    rows = f"unnest({', '.join(f'${next(numbers)}::{each}[]' for each in types)})"
    if isinstance(part, Insertion):
        return f"{_into(part, dialect)} SELECT * FROM {rows}{_ending(part)}"  # noqa: S608  (our own names)
    names = ", ".join(_quoted(part.columns, dialect))
    values = ", ".join(_quoted(part.values, dialect, "{0} = new.{0}"))
    key = " AND ".join(_quoted(part.key, dialect, f"{part.table.name}.{{0}} = new.{{0}}"))
    return f"UPDATE {part.table.name} SET {values} FROM {rows} AS new ({names}) WHERE {key}"  # noqa: S608  (our own names)


def _into(part: Insertion, dialect: Dialect) -> str:
    return f"INSERT INTO {part.table.name} ({', '.join(_quoted(part.columns, dialect))})"


def _ending(part: Insertion) -> str:
    return " ON CONFLICT DO NOTHING" if part.missing else ""


def _quoted(names: Sequence[str], dialect: Dialect, form: str = "{}") -> list[str]:
    return [form.format(dialect.identifier_preparer.quote(name)) for name in names]
