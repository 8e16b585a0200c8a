"""What the database does for a query: its plans, and how much it looks at."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection


def statements(connection: Connection, work: Callable[[Connection], Any]) -> list[tuple[str, Any]]:
    """The statements that a function runs, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    work(connection)
    sa.event.remove(connection, "before_cursor_execute", note)
    return seen


def plans(connection: Connection, work: Callable[[Connection], Any]) -> list[str]:
    """The plan of each statement that a function runs."""
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    found = []
    for statement, parameters in statements(connection, work):
        rows = connection.exec_driver_sql(explain + statement, parameters)
        found.append(statement + "\n" + "\n".join(str(row[-1]) for row in rows))
    return found


SCANS = re.compile(r"SCAN (?!wanted\b|search\b|s\b|(\d+ )?CONSTANT ROW)|Seq Scan")
"""What reads a whole table."""
SORTS = re.compile(r"USE TEMP B-TREE|Sort Key|Hash Join")
"""What reads more rows than are shown, so as to order them."""


def looked_at(connection: Connection, work: Callable[[Connection], Any]) -> int:
    """How much a function makes the database do: SQLite's steps, in hundreds; PostgreSQL's pages, in cache or not."""
    work(connection)
    if connection.dialect.name == "sqlite":
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(count, 100)
        work(connection)
        raw.set_progress_handler(None, 0)
        return steps
    blocks = 0
    for statement, parameters in statements(connection, work):
        explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement
        plan = connection.exec_driver_sql(explain, parameters).scalar_one()[0]["Plan"]
        blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return blocks
