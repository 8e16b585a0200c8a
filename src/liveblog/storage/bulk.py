"""Many rows in one call, in the form that costs each database least.

SQLAlchemy writes each statement once, and the rows go straight to the driver: sent through it one dictionary at a time
they would cost more than the database takes to store them. SQLite runs a prepared statement for each row. PostgreSQL
gets whole columns, as arrays, and takes the rows apart itself: one message for all of them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, Update


def insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, each with a value for every column in the table's order."""
    _insert(connection, table, rows, "")


def insert_missing(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert the rows whose key is not there yet: only for what is kept by its content, where one key is one row."""
    _insert(connection, table, rows, " ON CONFLICT DO NOTHING")


def update(connection: Connection, statement: Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run an update for each row of named parameters."""
    if rows:
        words, names = _updating(statement, connection.dialect)
        connection.exec_driver_sql(words, [tuple([row[name] for name in names]) for row in rows])


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], ending: str) -> None:
    if not rows:
        return
    statement = _inserting(table, connection.dialect) + ending
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement, list(rows))
    else:
        connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True))))


@cache
def _inserting(table: Table, dialect: Dialect) -> str:
    if dialect.name == "sqlite":
        return str(table.insert().compile(dialect=dialect))
    arrays = ", ".join(
        f"${number}::{column.type.compile(dialect=dialect)}[]" for number, column in enumerate(table.columns, 1)
    )
    names = ", ".join(dialect.identifier_preparer.quote(column.name) for column in table.columns)
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608  (our own names)


@cache
def _updating(statement: Update, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    compiled = statement.compile(dialect=dialect)
    assert compiled.positiontup is not None
    return str(compiled), tuple(compiled.positiontup)
