"""Thousands of readers who were cut off and come back within a second, each with its own cursor, while posts go on.

They ask as the reader's page does, with the epoch and the hash of what they read.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from random import Random
from statistics import median

import uvloop
from msgspec import Struct
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
_OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
_DESCRIPTORS = 100
"""More than a server without readers holds."""
_BEFORE_S = 2.0
"""For so long it is counted what the database is asked for a post anyway, the looks for others' commits included."""
_SENT = re.compile(r"sent (\d+)")


class _Seen(Struct):
    """What was seen of one storm.

    Args:
        back_s: Until all are back, in seconds.
        used_s: Processor time of the server until then.
        cut_ms: The longest that an event took to who stayed while the others were cut off.
        waits_ms: How long events took to who stayed, during the storm.
        answers_ms: How long posts took to be answered.
        reads: Transactions that read, beyond those that the posts make without a storm.

    """

    back_s: float
    used_s: float
    cut_ms: float
    waits_ms: list[float]
    answers_ms: list[float]
    reads: float


def measure(bench: Bench) -> Iterator[Table]:
    """When the last of them has all it missed, what others notice meanwhile, and what the database is asked."""
    for form, headers in (("compressed, as browsers ask", _OFFER), ("plain", "")):
        yield _table(bench, form, [_run(bench, number, headers) for number in range(bench.sizes.runs)])


def _table(bench: Bench, form: str, seen: Sequence[_Seen]) -> Table:
    sizes = bench.sizes
    back = [each.back_s for each in seen]
    waits = [wait for each in seen for wait in each.waits_ms]
    rows = [
        Row("all are at the live edge", back, "s"),
        Row("processor time of the server", [each.used_s for each in seen], "s"),
        Row("an event at a reader who stayed, p99", [p99(each.waits_ms) for each in seen], "ms"),
        Row("an event at a reader who stayed, longest", [max(each.waits_ms) for each in seen], "ms"),
        Row("the same, while the others are cut off", [each.cut_ms for each in seen], "ms"),
        Row("a post's answer, p99", [p99(each.answers_ms) for each in seen], "ms"),
        Row("transactions that read, beyond those of posts", [each.reads for each in seen], ""),
    ]
    return Table(
        f"storm, {form}: {sizes.returning:,} readers within {WITHIN_S:.0f} s, cursors over {sizes.missed:,} events",
        rows,
        f"{1 / _PAUSE_S:.0f} posts a second go on; not pinned; readers and posts share the machine",
        [
            at_most(5, f"storm, {form}: all at the live edge", median(back), "s"),
            at_most(50, f"storm, {form}: readers who stayed, p99", p99(waits), "ms"),
            at_most(48, f"storm, {form}: reads of the database", max(each.reads for each in seen), ""),
        ],
    )


def _run(bench: Bench, number: int, headers: str) -> _Seen:
    sizes = bench.sizes
    url = bench.sqlite()
    token = asyncio.run(endpoint.prepare(url))
    cursors = Random(number).choices(uvloop.run(build_on(url, sizes.missed)), k=sizes.returning)
    limits = {"max_connections_per_address": "20000", "heartbeat_s": "3600"}
    with program.liveblog(url, core=None, **limits) as server, Crowd.gathered() as crowd:
        seen = uvloop.run(_storm(bench, server, crowd, token, cursors, headers))
    bench.remove(url)
    return seen


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


async def _storm(  # noqa: PLR0917  (who takes part in it)
    bench: Bench, server: Program, crowd: Crowd, token: str, cursors: Sequence[str], headers: str
) -> _Seen:
    sizes = bench.sizes
    waits: list[float] = []
    crowd.do("join", server.port, [f"{_STREAM}from=live"] * sizes.returning, 0.0, "open", headers)
    async with asyncio.TaskGroup() as tasks:
        sockets = []
        for _ in range(sizes.steady):
            url = f"ws://127.0.0.1:{server.port}{_STREAM}from=live"
            sockets.append(await connect(url, compression=None, ping_interval=None))
            tasks.create_task(_watch(sockets[-1], waits))
        poster = await Poster.connected(server.port)
        answered: list[float] = []
        posts = tasks.create_task(keep_posting(poster, token, _PAUSE_S, answered))
        await asyncio.sleep(1.0)
        answered.clear()
        usual = await asyncio.to_thread(_reads, server)
        await asyncio.sleep(_BEFORE_S)
        usual = (await asyncio.to_thread(_reads, server) - usual) / len(answered)
        waits.clear()
        crowd.do("leave")
        await asyncio.to_thread(_await_few, server, 2 * sizes.steady + _DESCRIPTORS)
        before = await asyncio.to_thread(_reads, server)
        await asyncio.sleep(2 * _PAUSE_S)
        begun, cut = server.cpu_s(), max(waits)
        waits.clear()
        answered.clear()
        crowd.begin("join", server.port, cursors, WITHIN_S, "arrived", headers)
        reached: list[float] = await asyncio.to_thread(crowd.end)
        used = server.cpu_s() - begun
        asked = await asyncio.to_thread(_reads, server) - before - usual * len(answered)
        posts.cancel()
        for socket in sockets:
            await socket.close()
    return _Seen(reached[-1], used, cut, waits, answered, max(0.0, asked))


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


def _await_few(server: Program, descriptors: int) -> None:
    """Wait until a server has let go of those who are gone."""
    while server.descriptors() > descriptors:
        time.sleep(_PAUSE_S)


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
