"""Appending to the log alone, read models included: one event a commit, and groups of 64."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import uvloop

from benchmarks import material
from benchmarks.bench import SLUG, Bench, Postgres
from benchmarks.goals import at_least
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.settings import Settings

_Bytes = tuple[bytes, bytes | None, bytes | None]
_TABLE = "CREATE TABLE bare (position INTEGER PRIMARY KEY, envelope {0}, payload {0}, document {0})"


def measure(bench: Bench) -> Iterator[Table]:
    """Both databases, each beside a bare INSERT and commit of the same bytes into one table without an index."""
    yield _table("SQLite, synchronous=FULL", bench, _on_sqlite, 15_000)
    yield _table(f"PostgreSQL {bench.postgres.version()}, fsync on, over its socket", bench, _on_postgres, 5_000)


def _table(
    database: str, bench: Bench, run: Callable[[Bench, int, int, int], tuple[float, float]], goal: float
) -> Table:
    sizes, rows = bench.sizes, []
    for size, events in ((1, sizes.single_appends), (material.GROUP, sizes.appends)):
        ours: list[float] = []
        bare: list[float] = []
        for number in range(sizes.runs):
            for values, rate in zip((ours, bare), run(bench, events, size, number), strict=True):
                values.append(rate)
        name = "one by one" if size == 1 else f"groups of {size}"
        rows += [Row(f"log, {name}", ours, "/s", f"bare, {name}"), Row(f"bare, {name}", bare, "/s")]
    goals = [at_least(goal, f"log alone, {database.partition(',')[0]}, {name}", median(ours), "/s")]
    return Table(f"appending: events a second, {database}", rows, goals=goals)


def _on_sqlite(bench: Bench, events: int, size: int, seed: int) -> tuple[float, float]:
    url = bench.sqlite()
    ours, written = uvloop.run(_append(url, events, size, seed))
    bench.remove(url)
    path = bench.folder / "bare.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_TABLE.format('BLOB')}")
    begun = time.perf_counter()
    for group in _cut(written, size):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare (envelope, payload, document) VALUES (?, ?, ?)", group)
        connection.execute("COMMIT")
    bare = len(written) / (time.perf_counter() - begun)
    connection.close()
    bench.remove(f"sqlite:///{path}")
    return ours, bare


def _on_postgres(bench: Bench, events: int, size: int, seed: int) -> tuple[float, float]:
    url = bench.postgres.database()
    ours, written = uvloop.run(_append(url, events, size, seed))
    return ours, uvloop.run(_insert(bench.postgres, url, written, size))


async def _append(url: str, events: int, size: int, seed: int) -> tuple[float, list[_Bytes]]:
    requests = material.posts(SLUG, events, seed)
    async with main.open_store(Settings(database_url=url)) as store:
        await material.append(store.event_log, [material.start(SLUG)])
        await material.append(store.event_log, material.posts(SLUG, size, -1 - seed))  # the first of its size warms up
        begun = time.perf_counter()
        for group in material.groups(requests, size):
            (*_, newest) = await material.append(store.event_log, group)
        taken = time.perf_counter() - begun
        written = await store.event_log.read(newest.blog_id, newest.position - events, events)
    return events / taken, [(each.record.envelope_bytes, each.record.payload, each.effect.entry) for each in written]


async def _insert(server: Postgres, url: str, written: Sequence[_Bytes], size: int) -> float:
    connection = await server.connect(url)
    await connection.execute(_TABLE.format("bytea").replace("INTEGER", "serial"))
    statement = await connection.prepare("INSERT INTO bare (envelope, payload, document) VALUES ($1, $2, $3)")
    begun = time.perf_counter()
    for group in _cut(written, size):
        async with connection.transaction():
            await statement.executemany(group)
    taken = time.perf_counter() - begun
    await connection.close()
    return len(written) / taken


def _cut(written: Sequence[_Bytes], size: int) -> Iterator[Sequence[_Bytes]]:
    for start in range(0, len(written), size):
        yield written[start : start + size]
