"""Whether anything stays behind of connections that come and go: the server's memory and descriptors."""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Literal, NamedTuple, cast

import uvloop

from benchmarks import endpoint, posting, program
from benchmarks.bench import SLUG, Bench
from benchmarks.program import Program
from benchmarks.table import Row, Table

AT_ONCE = 32
"""Visits under way."""
HELD = 20
"""Streams that one address may have; another one has them all the time, and is refused any more."""
QUARTERS = 4
_PATIENCE_S = 60.0
_UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
_CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
"""A client's close frame, with 1000 (RFC 6455, section 5.5.1)."""


class Visit(NamedTuple):
    """A kind of visit: what it asks for, which bytes it waits for, what it says when they have come, and what then.

    `then`: it cuts the connection, waits for the server to end it, or stays.
    """

    path: str
    headers: str
    awaited: bytes
    said: bytes = b""
    then: Literal["cut", "wait", "stay"] = "cut"


_STREAM = f"/v1/blogs/{SLUG}/stream"
VISITS: Sequence[Visit] = (
    Visit(_STREAM, _UPGRADE, b'"subscribed"', _CLOSE, then="wait"),
    Visit(f"{_STREAM}?from=start", _UPGRADE, b'"caught_up"'),
    Visit(f"{_STREAM}?from=start&at_end=end", _UPGRADE, b'"ended"', _CLOSE, then="wait"),
    Visit(f"{_STREAM}?from=start&rate=1", _UPGRADE, b'"event"', b"\x81\x05\x00\x00\x00\x00hello"),
    Visit(_STREAM, f"{_UPGRADE}Sec-WebSocket-Extensions: permessage-deflate\r\n", b'"subscribed"'),
    Visit(_STREAM.replace("stream", "sse"), "", b"subscribed"),
    Visit(f"/v1/blogs/{SLUG}/sse?from=start", "Last-Event-ID: nobody:1\r\n", b"event: snapshot"),
    Visit("/v1/blogs/nowhere-{}/stream", _UPGRADE, b"no_such_blog"),
    Visit("/v1/blogs/nowhere-{}/sse", "Connection: close\r\n", b"no_such_blog", then="wait"),
    Visit(f"{_STREAM}?from=never", _UPGRADE, b"bad_query"),
    Visit(f"/v1/blogs/{SLUG}?limit=1", "", b'"slug"'),
    Visit("/{}", "Content-Length: 7\r\n", b""),
)
REFUSED = Visit(_STREAM, _UPGRADE, b"too_many_requests")
STAYING = Visit(_STREAM, _UPGRADE, b'"subscribed"', then="stay")


def measure(bench: Bench) -> Iterator[Table]:
    """The server's memory and descriptors after each quarter of the visits, beside those after the first thousands."""
    url = bench.sqlite()
    token = asyncio.run(endpoint.prepare(url))
    limits = {"max_connections_per_address": str(HELD), "heartbeat_s": "1"}
    with program.liveblog(url, None, **limits) as server:
        figures = uvloop.run(_visit(server, token, bench.sizes.visits))
    (name, first), *later = figures.items()
    before = Row(f"memory {name}", [first.memory_kib / 1024], "MiB")
    memory = [Row(f"memory {name}", [each.memory_kib / 1024], "MiB", before.label) for name, each in later]
    files = [Row(f"descriptors {name}", [float(each.descriptors)], "") for name, each in figures.items()]
    done = bench.sizes.visits / max(each.seconds for each in figures.values())
    yield Table(
        f"growth: {bench.sizes.visits:,} connections that came and went, {done:,.0f} a second",
        [before, *memory, *files],
        f"{len(VISITS) + 1} kinds of them: streams of both forms that end in order, are cut, refused or wrong",
    )


class Look(NamedTuple):
    """What the server holds, so many seconds after the first look."""

    memory_kib: int
    descriptors: int
    seconds: float


async def _visit(server: Program, token: str, visits: int) -> dict[str, Look]:
    async with asyncio.timeout(_PATIENCE_S):
        await _post(server.port, token)
    held = [Visitor(STAYING, STAYING.path) for _ in range(HELD)]
    numbers = count()
    for each in held:
        await _meet(server.port, each, "127.0.0.2")
    await _come_and_go(server.port, numbers, max(1_000, visits // 20))  # pools and caches fill
    begun = time.perf_counter()
    quiet = await _settled(server)
    figures = {"before": Look(server.memory_kib(), quiet, 1e-9)}
    for quarter in range(1, QUARTERS + 1):
        await _come_and_go(server.port, numbers, visits // QUARTERS)
        files = await _settled(server, quiet)
        name = f"after {visits * quarter // QUARTERS:,}"
        figures[name] = Look(server.memory_kib(), files, time.perf_counter() - begun)
    for each in held:
        each.cut()
    return figures


async def _come_and_go(port: int, numbers: Iterator[int], visits: int) -> None:
    left = iter(range(visits))

    async def one_after_another() -> None:
        for _ in left:
            number = next(numbers)
            # From so many addresses that what is kept by address would show, and no port is used twice too soon.
            address = f"127.{1 + number // 62_500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"
            kind = VISITS[number % len(VISITS)]
            await _meet(port, Visitor(kind, kind.path.format(number)), address)
            if number % len(VISITS) == 0:
                await _meet(port, Visitor(REFUSED, REFUSED.path), "127.0.0.2")

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


async def _meet(port: int, visitor: "Visitor", address: str) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(_PATIENCE_S):
        await loop.create_connection(lambda: visitor, "127.0.0.1", port, local_addr=(address, 0))
        await visitor.done


async def _settled(server: Program, most: float = math.inf) -> int:
    """Wait until the server has noticed that visitors are gone; returns the descriptors that it then has."""
    seen = server.descriptors()
    for _ in range(100):
        await asyncio.sleep(0.1)
        before, seen = seen, server.descriptors()
        if before == seen <= most:
            break
    return seen


async def _post(port: int, token: str) -> None:
    requests = [
        posting.request(endpoint.path_of(SLUG), endpoint.command(f"Number {number}"), Authorization=f"Bearer {token}")
        for number in range(20)
    ]
    await posting.post(port, requests, 1)


class Visitor(asyncio.Protocol):
    """One connection of a kind."""

    def __init__(self, visit: Visit, path: str) -> None:
        self._visit = visit
        self._path = path
        self._heard = b""
        self._is_answered = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        head = f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: growth\r\n{self._visit.headers}\r\n"
        self._transport.write(head.encode())
        if not self._visit.awaited:
            self.cut()  # in the middle of what it was about to say

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._is_answered:
            return
        self._heard += data
        if self._visit.awaited not in self._heard:
            return
        self._is_answered = True
        if self._visit.said:
            self._transport.write(self._visit.said)
        if self._visit.then == "cut":
            self.cut()
        elif self._visit.then == "stay":
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if self.done.done():
            return
        if self._is_answered or not self._visit.awaited:
            self.done.set_result(None)
        else:
            self.done.set_exception(exc or ConnectionError(f"{self._path} was answered with {self._heard[-300:]!r}"))

    def cut(self) -> None:
        """End the connection without a word."""
        self._transport.abort()
