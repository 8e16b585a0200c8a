"""A reader who comes for the first time, over HTTP: fifty thousand entries must cost no more than a few."""

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from statistics import median

from benchmarks import program
from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_most
from benchmarks.program import Program
from benchmarks.table import Row, Table

_LIMIT = 10
"""Entries and events of a page: what the short blog has."""
_READS = {
    "blog": f"?limit={_LIMIT}",
    "older entries": f"/entries?limit={_LIMIT}&order=oldest",
    "corrections": "/corrections",
    "key points": "/key-points",
    "timeline": "/timeline?max_gap=60",
    "first events": f"/events?limit={_LIMIT}",
}
_WHOLE = "a whole visit"


def measure(bench: Bench) -> Iterator[Table]:
    """Each document that a page needs when it opens, and all of them, in wall time and in the server's own."""
    sizes = bench.sizes
    short, long = f"{sizes.short:,} entries", f"{sizes.long:,} entries"
    found: dict[tuple[str, str], list[float]] = {}
    with program.liveblog(bench.short) as few, program.liveblog(bench.long) as many:
        for name, server in ((short, few), (long, many)):
            found["the first timeline of a server", name] = [_timed(server, "/timeline", 1)]
        for _ in range(sizes.runs):
            for name, server in ((short, few), (long, many)):
                for what, taken in _visits(server, sizes.reads).items():
                    found.setdefault((what, name), []).append(taken)
    rows: list[Row] = []
    for what in dict.fromkeys(what for what, _ in found):
        rows.append(Row(f"{what}, {long}", found[what, long], "us", f"{what}, {short}"))
        rows.append(Row(f"{what}, {short}", found[what, short], "us"))
    goals = [
        at_most(1.5, f"visiting, {what}, {long}", median(values) / median(found[what, short]), f"x {short}")
        for (what, name), values in found.items()
        if name == long
    ]
    yield Table("visiting: HTTP on one connection, SQLite", rows, "the client shares the machine", goals=goals)


def _visits(server: Program, times: int) -> dict[str, float]:
    before = server.cpu_s()
    taken = {what: _timed(server, path, times) for what, path in _READS.items()}
    cpu = (server.cpu_s() - before) / times * 1e6
    return taken | {_WHOLE: sum(taken.values()), f"{_WHOLE}, processor time of the server": cpu}


def _timed(server: Program, path: str, times: int) -> float:
    connection = HTTPConnection("127.0.0.1", server.port)
    begun = time.perf_counter()
    for _ in range(times):
        connection.request("GET", f"/v1/blogs/{SLUG}{path}")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    taken = time.perf_counter() - begun
    connection.close()
    return taken / times * 1e6
