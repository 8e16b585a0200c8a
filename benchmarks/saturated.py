"""Posts one after the other while thousands of readers are sent each of them: what the newsroom notices."""

import asyncio
from collections.abc import Iterator

import uvloop

from benchmarks import endpoint, program
from benchmarks.bench import SLUG, Bench
from benchmarks.crowd import Crowd
from benchmarks.goals import at_most
from benchmarks.posting import Poster
from benchmarks.storm import keep_posting, p99
from benchmarks.table import Row, Table

_PAUSE_S = 0.0
"""Between two posts: the next follows the answer, so that no reader is ever done."""
_SECONDS = 5.0


def measure(bench: Bench) -> Iterator[Table]:
    """Milliseconds from a post to its answer, without readers and with the most; nobody has a processor of its own."""
    readers = bench.sizes.readers[-1]
    url = bench.sqlite()
    token = asyncio.run(endpoint.prepare(url))
    limits = {"max_connections_per_address": str(readers + 1), "heartbeat_s": "15"}
    seconds = _SECONDS if readers > 100 else 0.5
    with program.liveblog(url, core=None, **limits) as server, Crowd.gathered() as crowd:
        alone = uvloop.run(_post(server.port, token, seconds))
        crowd.do("join", server.port, [f"/v1/blogs/{SLUG}/stream"] * readers, 0.0, "open")
        crowd.begin("listen", seconds + 1.0)
        crowded = uvloop.run(_post(server.port, token, seconds))
        events, used = crowd.end()
    most = f"{readers:,} readers"
    yield Table(
        f"saturated: milliseconds to a post's answer while {most} get every event",
        [
            Row(f"p99, {most}", [p99(crowded)], "ms", "p99, nobody reads"),
            Row("p99, nobody reads", [p99(alone)], "ms"),
            Row(f"posts, {most}", [len(crowded) / seconds], "/s", "posts, nobody reads"),
            Row("posts, nobody reads", [len(alone) / seconds], "/s"),
            Row("events handed to readers", [events / (seconds + 1.0)], "/s"),
            Row("processor of the readers' process", [used / (seconds + 1.0)], "s/s"),
        ],
        "not pinned; readers, posts and server share the machine",
        [at_most(50, f"posts while {most} are saturated, p99", p99(crowded), "ms")],
    )


async def _post(port: int, token: str, seconds: float) -> list[float]:
    poster = await Poster.connected(port)
    waits: list[float] = []
    task = asyncio.create_task(keep_posting(poster, token, _PAUSE_S, waits))
    await asyncio.sleep(seconds)
    task.cancel()
    return waits
