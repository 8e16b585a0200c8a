"""What it costs to hand one event to a thousand open sockets, beside a plain broadcast with a queue for each reader."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

import msgspec
import uvloop
from msgspec import Raw

from benchmarks import endpoint, material, posting, program
from benchmarks.bench import SLUG, Bench
from benchmarks.posting import Client
from benchmarks.program import Program
from benchmarks.table import Row, Table

_SHORT, _MIDDLE = 126, 65_536
_END = b"\r\n\r\n"

_Post = Callable[["_Poster", str], Awaitable[int]]
"""Posts a body; returns the bytes of the message that each reader is about to get."""


def measure(bench: Bench) -> Iterator[Table]:
    """Processor time of the server per message and reader, the cost of the posts without any reader taken off."""
    url = bench.sqlite()
    token = asyncio.run(endpoint.prepare(url))
    quiet = {"max_connections_per_address": str(bench.sizes.readers + 1), "heartbeat_s": "3600"}
    with program.liveblog(url, **quiet) as ours, program.running("benchmarks.plain") as plain:
        figures = uvloop.run(_take_turns(bench, ours, plain, token))
    yield Table(
        f"fanout: {bench.sizes.readers:,} readers, processor time a delivery",
        [Row("stream", figures["stream"], "us", "plain broadcast"), Row("plain broadcast", figures["plain"], "us")],
        "the same messages; each is out to everyone before the next is posted",
    )


async def _take_turns(bench: Bench, ours: Program, plain: Program, token: str) -> dict[str, list[float]]:
    messages: list[bytes] = []

    async def post(client: _Poster, body: str) -> int:
        answer = await client.send(
            posting.request(endpoint.path_of(SLUG), endpoint.command(body), Authorization=f"Bearer {token}")
        )
        (event,) = msgspec.json.decode(msgspec.json.decode(answer, type=dict[str, Raw])["events"], type=list[Raw])
        messages.append(bytes(event))
        return _frame_bytes(len(messages[-1]))

    async def broadcast(client: _Poster, body: str) -> int:
        del body
        message = messages.pop(0)
        await client.send(posting.request("/broadcast", message))
        return _frame_bytes(len(message))

    figures: dict[str, list[float]] = {"stream": [], "plain": []}
    for _ in range(2):  # the first time warms up
        before = [await _cost(bench, ours, [], post, 0), await _cost(bench, plain, [], broadcast, 0)]
    crowd = await _crowd(ours.port, f"/v1/blogs/{SLUG}/stream", bench.sizes.readers)
    plain_crowd = await _crowd(plain.port, "/stream", bench.sizes.readers)
    deliveries = bench.sizes.broadcasts * bench.sizes.readers
    for number in range(1, bench.sizes.runs + 1):
        taken = await _cost(bench, ours, crowd, post, number)
        figures["stream"].append((taken - before[0]) / deliveries * 1e6)
        taken = await _cost(bench, plain, plain_crowd, broadcast, number)
        figures["plain"].append((taken - before[1]) / deliveries * 1e6)
    for reader in (*crowd, *plain_crowd):
        reader.leave()
    return figures


async def _cost(bench: Bench, server: Program, crowd: "list[_Reader]", post: _Post, seed: int) -> float:
    """Seconds of the server's processor for one run."""
    loop = asyncio.get_running_loop()
    # A new one each time: a server closes connections that idled while others were measured.
    transport, client = await loop.create_connection(_Poster, "127.0.0.1", server.port)
    begun = server.cpu_s()
    for body, _ in zip(material.bodies(seed), range(bench.sizes.broadcasts), strict=False):
        size = await post(client, body)
        for reader in crowd:
            await reader.take(size)
    taken = server.cpu_s() - begun
    transport.close()
    return taken


async def _crowd(port: int, path: str, count: int) -> "list[_Reader]":
    loop = asyncio.get_running_loop()
    crowd = []
    for _ in range(count):
        _, reader = await loop.create_connection(lambda: _Reader(path), "127.0.0.1", port)
        await reader.ready
        crowd.append(reader)
    return crowd


def _frame_bytes(payload: int) -> int:
    """Bytes of a server's frame (RFC 6455, section 5.2)."""
    return payload + (2 if payload < _SHORT else 4 if payload < _MIDDLE else 10)


class _Reader(asyncio.Protocol):
    """A WebSocket client that counts bytes: it must cost little, for it shares the machine."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opening: bytes | None = b""
        self._received = 0
        self._wanted = 0
        self._arrived: asyncio.Future[None] | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13"
        self._transport.write(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{upgrade}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._opening is not None:
            self._open(data)
            return
        self._received += len(data)
        if self._arrived is not None and self._received >= self._wanted:
            arrived, self._arrived = self._arrived, None
            arrived.set_result(None)

    def _open(self, data: bytes) -> None:
        """Wait for the handshake's answer and the first message, which comes in one frame."""
        assert self._opening is not None
        self._opening += data
        _, end, frame = self._opening.partition(_END)
        if not end or len(frame) < 4:
            return
        size = frame[1] if frame[1] < _SHORT else int.from_bytes(frame[2:4], "big")
        if len(frame) >= _frame_bytes(size):
            self._opening = None
            self.ready.set_result(None)

    async def take(self, size: int) -> None:
        """Wait for a message of so many bytes, which is the next one and has no other behind it."""
        if self._received < size:
            self._wanted = size
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        assert self._received == size, (self._received, size)
        self._received = 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        for waiting in (self.ready, self._arrived):
            if waiting is not None and not waiting.done():
                waiting.set_exception(exc or ConnectionError("the server closed the connection"))

    def leave(self) -> None:
        """Cut the connection."""
        self._transport.abort()


class _Poster(Client):
    """A client that hands out the answer's body."""

    def __init__(self) -> None:
        super().__init__(iter(()), [])
        self._answered: asyncio.Future[bytes]

    async def send(self, request: bytes) -> bytes:
        """Send a request, and wait for its answer."""
        self._answered = asyncio.get_running_loop().create_future()
        self.write(request)
        return await self._answered

    def next(self) -> None:
        """An answer came."""
        self._answered.set_result(self.answer.partition(_END)[2])

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if not self._answered.done():
            self._answered.set_exception(exc or ConnectionError("the server closed the connection"))
