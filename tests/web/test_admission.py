"""Who counts as a reader while a request waits for the log: no more get in than may, and who is gone leaves nothing."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from house import PATIENCE_S, House, open_house, until
from liveblog.log.request import LogUnavailable
from liveblog.log.rows import BlogHead
from liveblog.web.channel import Channel
from liveblog.web.event_stream import EventStream
from web.raw_socket import raw_socket

pytestmark = pytest.mark.anyio

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
AT_ONCE = struct.pack("ii", 1, 0)
"""Of SO_LINGER: whoever closes resets the connection."""
HEADERS = {"stream": UPGRADE, "sse": ""}
KINDS = pytest.mark.parametrize("kind", HEADERS)


class SlowHead:
    """A log whose look for a blog's head takes until it is let go. Readers who are ahead of the server ask for it."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.go_on = asyncio.Event()
        self._head = house.services.event_log.head
        monkeypatch.setattr(house.services.event_log, "head", self)

    async def __call__(self, slug: str) -> BlogHead | None:
        self.asked += 1
        await self.go_on.wait()
        return await self._head(slug)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def knock(house: House, path: str, method: str = "GET") -> socket.socket:
    """Send the head of a request for a stream of either kind."""
    loop, address = asyncio.get_running_loop(), urlsplit(house.address)
    raw = socket.socket()
    raw.setblocking(False)
    await loop.sock_connect(raw, (address.hostname, address.port))
    (headers,) = (given for kind, given in HEADERS.items() if f"/{kind}" in path)
    await loop.sock_sendall(raw, f"{method} /v1/blogs/{path} HTTP/1.1\r\nHost: here\r\n{headers}\r\n".encode())
    return raw


def counting(monkeypatch: pytest.MonkeyPatch, kind: type[Channel | EventStream]) -> list[object]:
    """Note the connections of a kind that are lost, but for those over which nothing is asked any more."""
    lost: list[object] = []
    whole: Callable[..., None] = kind.connection_lost

    def note(connection: Any, exc: Exception | None) -> None:
        idle = kind is EventStream and (connection.cycle is None or connection.cycle.response_complete)
        whole(connection, exc)
        if not idle:
            lost.append(connection)

    monkeypatch.setattr(kind, "connection_lost", note)
    return lost


@KINDS
async def test_those_who_left_while_the_log_was_read_are_no_readers(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    feed = await house.services.hub.feed("night")
    assert feed is not None
    lost = counting(monkeypatch, Channel if kind == "stream" else EventStream)
    slow = SlowHead(house, monkeypatch)
    for number in range(1, 11):
        raw = await knock(house, f"night/{kind}?from=9")
        await until(lambda number=number: slow.asked == number)  # type: ignore[misc]  # it is the number of now
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        raw.close()
    await until(lambda: len(lost) == 10)
    if kind == "stream":
        assert house.services.tally.closed == {"1006": 10}
    slow.go_on.set()
    async with house.stream() as newcomer:  # when it has been served, those before it have been gone through
        await newcomer.next("subscribed")
    await until(lambda: house.services.admission.streams == 0)
    assert not house.services.admission._by_address
    assert not feed.live
    assert not feed.others
    assert house.services.tally.opened.total() == 1


@KINDS
@pytest.mark.parametrize(
    ("limit", "status"), [("max_connections", b"503"), ("max_connections_per_address", b"429")], ids=["all", "address"]
)
async def test_no_more_get_in_than_may_however_many_wait_at_once(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, kind: str, limit: str, status: bytes
) -> None:
    loop = asyncio.get_running_loop()
    async with open_house(sqlite_url, **{limit: 2}) as house:
        await house.start()
        await house.services.hub.feed("night")
        slow, refused = SlowHead(house, monkeypatch), house.services.tally.refused
        with ExitStack() as leaving:
            knocking = [leaving.enter_context(await knock(house, f"night/{kind}?from=9")) for _ in range(6)]
            await until(lambda: slow.asked + refused.total() == 6)
            slow.go_on.set()
            async with asyncio.timeout(PATIENCE_S):
                answers = [await loop.sock_recv(raw, 65_536) for raw in knocking]
        statuses = [answer.split()[1] for answer in answers]
        assert Counter(statuses) == {b"101" if kind == "stream" else b"200": 2, status: 4}
        for answer in answers:
            assert (b"retry-after: 2" in answer.lower()) == (answer.split()[1] == status)
        await until(lambda: house.services.admission.streams == 0)


async def refuse(slug: str) -> BlogHead | None:
    raise LogUnavailable("not now")


async def fail(slug: str) -> BlogHead | None:
    raise LookupError("a defect")


@pytest.mark.parametrize(
    ("path", "head", "expected"),
    [
        ("night/stream?rate=0", None, 4500),
        ("none/stream", None, 4504),
        ("night/stream?session=none", None, 4505),
        ("night/stream?from=9", refuse, 1013),
        ("night/stream?from=9", fail, 1011),
        ("unknown/stream", refuse, 503),
        ("unknown/stream", fail, 500),
        ("night/sse?rate=0", None, 400),
        ("none/sse", None, 404),
        ("night/sse?session=none", None, 404),
        ("night/sse?at_end=end", None, 204),
        ("night/sse?is=HEAD", None, 200),
        ("night/sse?from=9", refuse, 503),
        ("night/sse?from=9", fail, 500),
    ],
)
async def test_who_does_not_get_in_takes_nobodys_place(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str, head: Any, expected: int
) -> None:
    """Also where the server has a defect, of which the client is told."""
    feed = await house.services.hub.feed("night")
    assert feed is not None
    if head is not None:
        monkeypatch.setattr(house.services.event_log, "head", head)
    if expected >= 1_000:
        async with raw_socket(house.address, f"/v1/blogs/{path}") as stream:
            assert await stream.closed() == expected
    else:
        path, _, method = path.partition("?is=")
        with await knock(house, path, method or "GET") as raw:
            async with asyncio.timeout(PATIENCE_S):
                answer = await asyncio.get_running_loop().sock_recv(raw, 65_536)
        assert int(answer.split()[1]) == expected
    await until(lambda: house.services.admission.streams == 0)
    assert not house.services.admission._by_address
    assert not feed.others
