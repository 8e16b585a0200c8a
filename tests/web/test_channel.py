"""A channel on its own: in which order its bytes leave, and whom it serves when its connection is ending."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from house import PATIENCE_S, until
from liveblog.web.channel import HIGH_WATER, Channel
from liveblog.web.subscriber import Nobody
from web.raw_socket import TEXT, frame

pytestmark = pytest.mark.anyio


class Pair:
    """A channel, and the other end of its connection."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        self.ours = ours
        self.theirs = theirs
        self.codes: list[int] = []
        """Of the connections that are gone."""
        self.lost = 0
        self.channel: Channel

    async def connect(self) -> None:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, self.ours)
        self.channel = Channel(transport, set(), self.codes.append)

    def lose(self) -> None:
        self.lost += 1


class Opened(Nobody):
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def open(self) -> None:
        self.heard.append("open")

    def received(self, text: str | bytes) -> None:
        self.heard.append(str(text))

    def closed(self) -> None:
        self.heard.append("closed")


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    theirs.setblocking(False)
    with theirs:
        pair = Pair(ours, theirs)
        await pair.connect()
        yield pair
        pair.channel._transport.abort()
        await until(lambda: bool(pair.codes))


async def test_bytes_that_wait_leave_before_those_that_come_later(pair: Pair) -> None:
    """Also if the socket has room again for the later ones before the loop has looked at it."""
    first, second = bytes(range(250)) * 200, b"the second" * 10
    pair.channel.write(first)
    waiting = pair.channel._transport.get_write_buffer_size()
    assert 0 < waiting < len(first) <= HIGH_WATER
    got = b""
    while len(got) < len(first) - waiting:
        got += pair.theirs.recv(65_536)
    pair.channel.write(second)
    assert pair.channel._transport.get_write_buffer_size() == waiting + len(second)
    async with asyncio.timeout(PATIENCE_S):
        while len(got) < len(first) + len(second):
            got += await asyncio.get_running_loop().sock_recv(pair.theirs, 65_536)
    assert got == first + second
    pair.channel.write(b"and what follows")
    async with asyncio.timeout(PATIENCE_S):
        assert await asyncio.get_running_loop().sock_recv(pair.theirs, 65_536) == b"and what follows"


async def test_who_is_gone_is_served_by_nobody(pair: Pair) -> None:
    pair.theirs.close()
    await until(lambda: bool(pair.codes))
    subscriber = Opened()
    pair.channel.serve(subscriber, pair.lose)
    assert (pair.codes, pair.lost, subscriber.heard) == ([1006], 1, [])


async def test_who_was_told_that_the_server_stops_is_served_by_nobody_but_counts_until_it_is_gone(pair: Pair) -> None:
    subscriber = Opened()
    pair.channel.shutdown()
    pair.channel.serve(subscriber, pair.lose)
    assert (pair.codes, pair.lost) == ([], 0)
    pair.theirs.close()
    await until(lambda: bool(pair.codes))
    assert (pair.codes, pair.lost, subscriber.heard) == ([4001], 1, [])


async def test_reading_goes_on_when_what_came_before_it_was_served_has_been_heard(pair: Pair) -> None:
    subscriber = Opened()
    pair.theirs.send(frame(TEXT, b"one") + frame(TEXT, b"two")[:4])
    await until(lambda: bool(pair.channel._early))
    pair.channel.serve(subscriber, pair.lose)
    pair.theirs.send(frame(TEXT, b"two")[4:] + frame(TEXT, b"three"))
    await until(lambda: len(subscriber.heard) == 4)
    assert subscriber.heard == ["open", "one", "two", "three"]
