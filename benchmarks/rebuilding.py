"""Read models made anew from the log, with renderings that are kept; beside a mere copy of the same rows."""

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import TypeVar

import uvloop
from sqlalchemy import Connection

from benchmarks.bench import SLUG, Bench, build
from benchmarks.goals import at_least
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.application.rebuilding import Rebuilder
from liveblog.cli.rebuild import GARBAGE
from liveblog.settings import Settings
from liveblog.storage.metered import Metered
from liveblog.storage.rebuilding import SqlGenerations

T = TypeVar("T")

_PROCESSOR = "processor time an event"
_COPY = [
    """INSERT INTO entry_revisions SELECT blog_id, 0, entry_id, valid_from, valid_to, published_at, first_position,
    owner, marks, document FROM entry_revisions ORDER BY first_position""",
    """INSERT INTO counts SELECT blog_id, 0, position, entries, retracted, corrections, key_events, breaking, latest
    FROM counts ORDER BY position""",
]
_CLEAR = ["DELETE FROM entry_revisions WHERE generation = 0", "DELETE FROM counts WHERE generation = 0"]


def measure(bench: Bench) -> Iterator[Table]:
    """A long blog on SQLite, and a shorter one on PostgreSQL."""
    yield _table("SQLite", bench, bench.sqlite(bench.long))
    url = bench.postgres.database()
    uvloop.run(build(url, bench.sizes.appends))
    yield _table(f"PostgreSQL {bench.postgres.version()}", bench, url)


def _table(database: str, bench: Bench, url: str) -> Table:
    found: dict[str, list[float]] = {}
    longest = 0.0
    for _ in range(bench.sizes.runs):
        rates, held_s = uvloop.run(_rebuild(url))
        longest = max(longest, held_s)
        for name, rate in rates.items():
            found.setdefault(name, []).append(rate)
    rows = [
        Row(name, rates, "us") if name == _PROCESSOR else Row(name, rates, "/s", () if name == "copied" else "copied")
        for name, rates in found.items()
    ]
    note = f"longest transaction that writes, its commit and a checkpoint included: {longest * 1000:.0f} ms"
    goals = [at_least(40_000, "rebuild with kept renderings, SQLite", median(found["until in use"]), "/s")]
    return Table(f"rebuilding: events a second, {database}", rows, note, goals=goals if database == "SQLite" else ())


async def _rebuild(url: str) -> tuple[dict[str, float], float]:
    """What was measured, and the seconds of the longest transaction."""
    async with main.open_store(Settings(database_url=url)) as store:
        stopwatch = Stopwatch(store.database, store.tally)
        rebuilder = Rebuilder(SqlGenerations(stopwatch, store.renderer, main.wall))
        (head,) = (await rebuilder.blogs()).values()
        gc.set_threshold(GARBAGE)  # as the command does
        used, marks = [time.process_time()], [(0, time.perf_counter())]

        def told(position: int) -> None:
            used.append(time.process_time())
            marks.append((position, time.perf_counter()))

        await rebuilder.rebuild(SLUG, told)
        removed = time.perf_counter()
        assert await rebuilder.check(SLUG, lambda _: None) is None
        checked = time.perf_counter()
        await store.database.write(lambda connection: _all(connection, _COPY))
        copied = time.perf_counter()
        await store.database.write(lambda connection: _all(connection, _CLEAR))
    begun = marks[0][1]
    half = min(marks, key=lambda mark: abs(mark[0] - head // 2))
    rates = {
        _PROCESSOR: (used[-1] - used[0]) / head * 1e6,
        "until in use": head / (marks[-1][1] - begun),
        "its second half": (head - half[0]) / (marks[-1][1] - half[1]) if len(marks) > 2 else 0.0,
        "old rows removed too": head / (removed - begun),
        "compared": head / (checked - removed),
        "copied": head / (copied - checked),
    }
    return rates, stopwatch.longest_s


class Stopwatch(Metered):
    """A database that remembers how long its longest transaction took."""

    longest_s = 0.0

    async def write(self, work: Callable[[Connection], T]) -> T:
        begun = time.perf_counter()
        done = await super().write(work)
        self.longest_s = max(self.longest_s, time.perf_counter() - begun)
        return done


def _all(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
