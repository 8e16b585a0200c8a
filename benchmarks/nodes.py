"""Two servers on one PostgreSQL: what the log takes from both together, and when one hears what the other appended."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection

import uvloop
from websockets.asyncio.client import connect

from benchmarks import endpoint, material, posting, program
from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_least, at_most
from benchmarks.posting import Poster
from benchmarks.storm import p99
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.settings import Settings

_BLOGS = ("night", "day", "match", "vote")
"""Every group has entries for each, so that the nodes' transactions want the same rows."""
_ELSEWHERE = 40
"""Posts of which it is measured how long they take to the other server's readers."""


def measure(bench: Bench) -> Iterator[Table]:
    """Events a second, read models included, from one node and from two."""
    sizes = bench.sizes
    ones, twos, waits = [], [], []
    for number in range(sizes.runs):
        url = bench.postgres.database()
        token = uvloop.run(_start(url))
        ones.append(_appended(url, sizes.nodes_s, [number * 2]))
        twos.append(_appended(url, sizes.nodes_s, [number * 2, number * 2 + 1]))
        with program.liveblog(url) as here, program.liveblog(url) as there:
            waits += uvloop.run(_elsewhere(here.port, there.port, token))
    version = bench.postgres.version()
    yield Table(
        f"nodes: log alone, groups of {material.GROUP} over {len(_BLOGS)} blogs, PostgreSQL {version}, fsync on",
        [
            Row("two nodes", twos, "/s", "one node"),
            Row("one node", ones, "/s"),
            Row("a post at another server's reader", waits, "ms"),
        ],
        f"a deadlock would end the run; p99 at another server's reader: {p99(waits):.0f} ms",
        [
            at_least(5_000, "log alone, PostgreSQL, two nodes", sorted(twos)[len(twos) // 2], "/s"),
            at_most(250, "a post at another server's reader, p99", p99(waits), "ms"),
        ],
    )


async def _start(url: str) -> str:
    async with main.open_store(Settings(database_url=url)) as store:
        for slug in _BLOGS:
            await material.append(store.event_log, [material.start(slug)])
        return await endpoint.token(store.tokens)


def _appended(url: str, seconds: float, seeds: Sequence[int]) -> float:
    """Events a second that so many nodes append together."""
    context = get_context("spawn")
    pipes = []
    processes = []
    for seed in seeds:
        ours, theirs = context.Pipe()
        processes.append(context.Process(target=_node, args=(theirs, url, seconds, seed), daemon=True))
        processes[-1].start()
        theirs.close()
        pipes.append(ours)
    for pipe in pipes:
        assert pipe.recv() == "ready"
    for pipe in pipes:
        pipe.send("go")
    counts: list[int] = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join()
    return sum(counts) / seconds


def _node(pipe: Connection, url: str, seconds: float, seed: int) -> None:
    pipe.send(uvloop.run(_append(pipe, url, seconds, seed)))


async def _append(pipe: Connection, url: str, seconds: float, seed: int) -> int:
    """Append groups for so long; returns how many events that were."""
    of_blogs = [material.posts(slug, 4_096, seed * len(_BLOGS) + number) for number, slug in enumerate(_BLOGS)]
    posts = [post for together in zip(*of_blogs, strict=True) for post in together]
    async with main.open_store(Settings(database_url=url)) as store:
        await material.append(store.event_log, posts[: material.GROUP])
        pipe.send("ready")
        assert pipe.recv() == "go"
        count = 0
        end = time.perf_counter() + seconds
        for group in material.groups(posts[material.GROUP :]):
            if time.perf_counter() >= end:
                break
            await material.append(store.event_log, group)
            count += len(group)
        else:
            count = round(count * seconds / (seconds - end + time.perf_counter()))
        return count


async def _elsewhere(here: int, there: int, token: str) -> list[float]:
    """Milliseconds from sending a post here until a reader has it who is connected there."""
    waits = []
    poster = await Poster.connected(here)
    async with connect(f"ws://127.0.0.1:{there}/v1/blogs/{SLUG}/stream", compression=None) as socket:
        await socket.recv()
        for body, _ in zip(material.bodies(1), range(_ELSEWHERE), strict=False):
            sent = time.perf_counter()
            request = posting.request(endpoint.path_of(SLUG), endpoint.command(body), Authorization=f"Bearer {token}")
            answered = asyncio.create_task(poster.send(request))
            while '"type":"event"' not in str(await socket.recv()):
                pass
            waits.append((time.perf_counter() - sent) * 1000)
            await answered
    return waits
