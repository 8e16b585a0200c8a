"""A client that posts over kept connections, one request in flight on each, and times every answer."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import cast

from msgspec import Struct

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Posted(Struct, frozen=True):
    """What became of a run: answers a second, and how long each took, in milliseconds, sorted."""

    rate: float
    waits: Sequence[float]

    def percentile(self, part: float) -> float:
        """The wait that this part of the answers did not exceed."""
        return self.waits[min(len(self.waits) - 1, int(part * len(self.waits)))]


def request(path: str, body: bytes, **headers: str) -> bytes:
    """The bytes of a POST."""
    given = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


async def post(port: int, requests: Sequence[bytes], in_flight: int) -> Posted:
    """Send all requests, always so many at a time; each must be answered with 201."""
    left = iter(requests)
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(in_flight):
        _, client = await loop.create_connection(lambda: Client(left, waits), "127.0.0.1", port)
        clients.append(client)
    begun = time.perf_counter()
    for client in clients:
        client.next()
    await asyncio.gather(*(client.finished for client in clients))
    return Posted(len(requests) / (time.perf_counter() - begun), sorted(waits))


class Client(asyncio.Protocol):
    """One connection, which takes the next request when the last one is answered."""

    def __init__(self, left: Iterator[bytes], waits: list[float]) -> None:
        self._left = left
        self._waits = waits
        self.answer = b""
        self._sent = 0.0
        self._transport: asyncio.Transport
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def next(self) -> None:
        """Send the next request, or finish."""
        following = next(self._left, None)
        if following is None:
            self.finished.set_result(None)
            self._transport.close()
            return
        self.write(following)

    def write(self, request: bytes) -> None:
        """Send a request."""
        self.answer = b""
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self.answer += data
        end = self.answer.find(_END)
        if end < 0:
            return
        start = self.answer.find(_LENGTH, 0, end) + len(_LENGTH)
        if len(self.answer) < end + len(_END) + int(self.answer[start : self.answer.find(b"\r", start)]):
            return
        self._waits.append((time.perf_counter() - self._sent) * 1000)
        assert self.answer.startswith(b"HTTP/1.1 201"), self.answer
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if not self.finished.done():
            self.finished.set_exception(exc or ConnectionError("the server closed the connection"))


class Poster(Client):
    """A client that sends what it is told to, and hands out the answer's body."""

    def __init__(self) -> None:
        super().__init__(iter(()), [])
        self._answered: asyncio.Future[bytes] | None = None

    @classmethod
    async def connected(cls, port: int) -> "Poster":
        """A client on a connection of its own."""
        _, poster = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return poster

    async def send(self, request: bytes) -> bytes:
        """Send a request, and wait for its answer."""
        self._answered = asyncio.get_running_loop().create_future()
        self.write(request)
        return await self._answered

    def next(self) -> None:
        """An answer came."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(self.answer.partition(_END)[2])

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionError("the server closed the connection"))
