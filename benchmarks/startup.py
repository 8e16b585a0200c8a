"""From the execution of the server to its ready line: nothing may be folded or warmed, however long the blog."""

from collections.abc import Iterator
from statistics import median

from benchmarks import program
from benchmarks.bench import Bench
from benchmarks.goals import at_most
from benchmarks.table import Row, Table


def measure(bench: Bench) -> Iterator[Table]:
    """A long blog beside a short one, and beside a plain Starlette application under the same server."""
    sizes = bench.sizes
    found: dict[str, list[float]] = {"long": [], "short": [], "plain": []}
    for _ in range(sizes.runs):
        for name, url in (("long", bench.long), ("short", bench.short)):
            with program.liveblog(url) as server:
                found[name].append(server.started_s)
        with program.running("benchmarks.plain") as server:
            found["plain"].append(server.started_s)
    short, plain = f"{sizes.short:,} entries", "plain Starlette"
    yield Table(
        "startup: execution to ready line, SQLite",
        [
            Row(f"{sizes.long:,} entries", found["long"], "s", short),
            Row(short, found["short"], "s", plain),
            Row(plain, found["plain"], "s"),
        ],
        goals=[at_most(1, f"start on {sizes.long:,} entries", median(found["long"]), "s")],
    )
