"""Thousands of readers who were cut off and come back within a second, each with its own cursor, while posts go on.

They ask as the reader's page does, with the epoch and the hash of what they read.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from random import Random

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks import endpoint, material, posting, program
from benchmarks.bench import SLUG, Bench
from benchmarks.crowd import Crowd
from benchmarks.goals import at_most
from benchmarks.posting import Poster
from benchmarks.program import Program
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.settings import Settings

WITHIN_S = 1.0
"""Seconds in which they all come back."""
_PAUSE_S = 0.05
"""Between two posts."""
_STREAM = f"/v1/blogs/{SLUG}/stream?"
_BEFORE_S = 2.0
"""For so long it is counted what the database is asked for a post anyway, the looks for others' commits included."""
_SENT = re.compile(r"sent (\d+)")


def measure(bench: Bench) -> Iterator[Table]:
    """When the last of them has all it missed, what others notice meanwhile, and what the database is asked."""
    sizes = bench.sizes
    back: list[float] = []
    waits: list[float] = []
    posts: list[float] = []
    reads: list[float] = []
    used: list[float] = []
    for number in range(sizes.runs):
        url = bench.sqlite()
        token = asyncio.run(endpoint.prepare(url))
        cursors = uvloop.run(build_on(url, sizes.missed))
        back_from = Random(number).choices(cursors, k=sizes.returning)
        limits = {"max_connections_per_address": "20000", "heartbeat_s": "3600"}
        with program.liveblog(url, core=None, **limits) as server, Crowd.gathered() as crowd:
            taken, seen, answered, asked, cpu = uvloop.run(_storm(bench, server, crowd, token, back_from))
        back.append(taken)
        used.append(cpu)
        waits += seen
        posts += answered
        reads.append(asked)
        bench.remove(url)
    rows = [
        Row("all are at the live edge", back, "s"),
        Row("processor time of the server", used, "s"),
        Row("an event at a reader who stayed, p99", [p99(waits)], "ms"),
        Row("an event at a reader who stayed, longest", [max(waits)], "ms"),
        Row("a post's answer, p99", [p99(posts)], "ms"),
        Row("transactions that read, beyond those as before", reads, ""),
    ]
    yield Table(
        f"storm: {sizes.returning:,} readers come back in {WITHIN_S:.0f} s, cursors over {sizes.missed:,} events",
        rows,
        "not pinned; readers and posts share the machine",
        [
            at_most(5, "reconnect storm, all at the live edge", sorted(back)[len(back) // 2], "s"),
            at_most(50, "reconnect storm, readers who stayed, p99", p99(waits), "ms"),
            at_most(48, "reconnect storm, reads of the database", max(reads), ""),
        ],
    )


async def build_on(url: str, events: int) -> list[str]:
    """Fill a blog that is there already; returns how a reader asks for what came after each event."""
    async with main.open_store(Settings(database_url=url)) as store:
        log = store.event_log
        for group in material.groups(material.posts(SLUG, events)):
            await material.append(log, group)
        head = await log.head(SLUG)
        assert head is not None
        records = [each.record for each in await log.read(head.blog_id, 0, events)]
        return [f"{_STREAM}from={each.envelope.position}&epoch={head.epoch}&hash={each.hash.hex()}" for each in records]


async def _storm(
    bench: Bench, server: Program, crowd: Crowd, token: str, cursors: Sequence[str]
) -> tuple[float, list[float], list[float], float, float]:
    """Seconds until all are back; milliseconds that events took to who stayed, and answers; reads; processor time."""
    sizes = bench.sizes
    waits: list[float] = []
    crowd.do("join", server.port, [f"{_STREAM}from=live"] * sizes.returning, 0.0, "open")
    async with asyncio.TaskGroup() as tasks:
        sockets = []
        for _ in range(sizes.steady):
            url = f"ws://127.0.0.1:{server.port}{_STREAM}from=live"
            sockets.append(await connect(url, compression=None, ping_interval=None))
            tasks.create_task(_watch(sockets[-1], waits))
        poster = await Poster.connected(server.port)
        answered: list[float] = []
        posts = tasks.create_task(keep_posting(poster, token, _PAUSE_S, answered))
        answered.clear()
        usual = await asyncio.to_thread(_reads, server)
        await asyncio.sleep(_BEFORE_S)
        usual = (await asyncio.to_thread(_reads, server) - usual) / len(answered)
        crowd.do("leave")
        before = await asyncio.to_thread(_reads, server)
        begun = server.cpu_s()
        waits.clear()
        answered.clear()
        crowd.begin("join", server.port, cursors, WITHIN_S, "arrived")
        reached: list[float] = await asyncio.to_thread(crowd.end)
        used = server.cpu_s() - begun
        asked = max(0.0, await asyncio.to_thread(_reads, server) - before - usual * len(answered))
        posts.cancel()
        for socket in sockets:
            await socket.close()
    return reached[-1], waits, answered, asked, used


async def keep_posting(poster: Poster, token: str, pause_s: float, answered: list[float], slug: str = SLUG) -> None:
    """Post until cancelled; each entry says when it was sent."""
    for body in material.bodies(0):
        sent = time.monotonic_ns()
        command = endpoint.command(f"sent {sent} {body}"[: material.BODY_BYTES])
        await poster.send(posting.request(endpoint.path_of(slug), command, Authorization=f"Bearer {token}"))
        answered.append((time.monotonic_ns() - sent) / 1e6)
        await asyncio.sleep(pause_s)


async def _watch(socket: ClientConnection, waits: list[float]) -> None:
    try:
        async for text in socket:
            assert isinstance(text, str)
            if (found := _SENT.search(text)) is not None:
                waits.append((time.monotonic_ns() - int(found[1])) / 1e6)
    except ConnectionClosed:
        pass


def _reads(server: Program) -> float:
    """Transactions that read, so far."""
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    found = re.search(r'liveblog_database_transaction_seconds_count\{kind="read"\} (\S+)', text)
    assert found is not None
    return float(found[1])


def p99(values: list[float]) -> float:
    """What 99 of 100 did not exceed."""
    return sorted(values)[int(len(values) * 0.99)]
