"""Rows by many keys in one statement: the keys go in as a table of values that the query joins.

An IN of tuples would be written anew for every number of keys; here their number is rounded up to a power of two, so
that drivers meet few statements, and prepare them once.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from liveblog.storage.tables import AnyRow

_AT_ONCE = 256


class Wanted(Struct, frozen=True):
    """A query over the table ``wanted``.

    Args:
        columns: The columns of ``wanted``, with their types.
        query: What to select from it.

    """

    columns: tuple[tuple[str, str], ...]
    query: str

    def rows(self, connection: Connection, keys: Collection[tuple[Any, ...]]) -> Iterator[AnyRow]:
        """Ask for all keys; a row may come more than once."""
        left = iter(keys)
        while some := list(islice(left, _AT_ONCE)):
            size = 1 << (len(some) - 1).bit_length()
            some += some[-1:] * (size - len(some))
            statement = _statement(self, size, connection.dialect.name)
            yield from connection.exec_driver_sql(statement, tuple(chain.from_iterable(some))).all()


@lru_cache(maxsize=256)
def _statement(wanted: Wanted, size: int, dialect: str) -> str:
    names = ", ".join(name for name, _ in wanted.columns)
    if dialect == "sqlite":
        row = ", ".join("?" * len(wanted.columns))
        values = ", ".join([f"({row})"] * size)
    else:
        numbers = iter(range(1, size * len(wanted.columns) + 1))
        values = ", ".join(
            "(" + ", ".join(f"${next(numbers)}::{kind}" for _, kind in wanted.columns) + ")" for _ in range(size)
        )
    return f"WITH wanted ({names}) AS (VALUES {values}) {wanted.query}"
