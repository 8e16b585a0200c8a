"""Connections as bytes: what has two meanings, comes too slowly or does not end is refused, and harms nobody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from house import PATIENCE_S, House, open_house, until
from liveblog.web.connection import HEAD_LIMIT, LINE_LIMIT

pytestmark = pytest.mark.anyio

HOST = b"Host: blog.example\r\n"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


class Wire:
    """A plain socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, headers = parsed(head)
            return status, headers, await self.reader.readexactly(int(headers.get("content-length", "0")))


def parsed(head: bytes) -> tuple[int, dict[str, str]]:
    line, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = [each.partition(": ") for each in lines]
    return int(line.split()[1]), {name.lower(): value for name, _, value in pairs}


def problem(sent: bytes) -> tuple[int, str]:
    """The one answer that came, a problem, after which the connection ended."""
    head, _, body = sent.partition(b"\r\n\r\n")
    status, headers = parsed(head)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert int(headers["content-length"]) == len(body), "another answer followed"
    return status, json.loads(body)["code"]


@asynccontextmanager
async def wire(house: House) -> AsyncIterator[Wire]:
    host, _, port = house.address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


async def said(house: House, sent: bytes) -> bytes:
    async with wire(house) as raw:
        await raw.send(sent)
        return await raw.rest()


GET = b"GET /healthz HTTP/1.1\r\n" + HOST
POST = b"POST /v1/admin/blogs/night/commands HTTP/1.1\r\n" + HOST
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length: 5, 6\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length: +5\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length: -1\r\n\r\n" + SMUGGLED,
        POST + b"Content-Length: 0x5\r\n\r\nhello" + SMUGGLED,
        POST + b"Content-Length : 5\r\n\r\nhello" + SMUGGLED,
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SMUGGLED,
        POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + SMUGGLED,
        GET + b"X: a\rb\r\n\r\n",
        GET + b"X: a\nContent-Length : 5\r\n\r\n",
        GET + b"X: a\x00b\r\n\r\n",
        GET + b" folded: line\r\n\r\n",
        GET + b"no colon\r\n\r\n",
        GET + HOST + b"\r\n",
        b"GET /healthz\r\nHTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_has_no_meaning_or_two_is_refused_and_nothing_after_it_is_read(house: House, sent: bytes) -> None:
    answers = await said(house, sent)
    # Where a head was whole before the fault in its body showed, its own refusal may come first; nothing comes after.
    assert answers.count(b"HTTP/1.1 ") == 1
    head, _, body = answers.partition(b"\r\n\r\n")
    status, headers = parsed(head)
    assert (status, json.loads(body)["code"]) in {(400, "bad_request"), (401, "unauthenticated")}
    assert status == 400 or b"chunked\r\n\r\n" in sent
    assert headers["content-type"] == "application/problem+json"
    assert b"smuggled" not in answers
    assert (await house.http.get("/healthz")).status_code == 200
    assert not [key for key in house.services.tally.requests if key[1] == "none"]


async def test_requests_one_after_another_are_answered_in_order(house: House) -> None:
    async with wire(house) as raw:
        await raw.send(
            GET + b"\r\n" + b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n" + GET + b"Connection: close\r\n\r\n"
        )
        assert [(await raw.answer())[0] for _ in range(3)] == [200, 404, 200]
        assert await raw.rest() == b""


async def test_a_fault_after_a_whole_request_does_not_answer_in_its_place(house: House) -> None:
    answers = await said(house, b"GET /v1/blogs/night HTTP/1.1\r\n" + HOST + b"\r\n" + b"no request\r\n\r\n")
    assert answers == b"" or answers.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"x" * HEAD_LIMIT + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        GET + b"Cookie: " + b"x" * HEAD_LIMIT + b"\r\n\r\n",
        GET + b"".join(b"X-%d: x\r\n" % number for number in range(100)) + b"\r\n",
        GET
        + b"Sec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX: "
        + b"x" * HEAD_LIMIT
        + b"\r\n\r\n",
    ],
    ids=["long address", "long header", "many headers", "long handshake"],
)
async def test_a_head_that_is_too_long_is_refused(house: House, sent: bytes) -> None:
    assert problem(await said(house, sent)) == (431, "headers_too_large")


async def test_a_head_without_an_end_is_not_kept(house: House) -> None:
    async with wire(house) as raw:
        await raw.send(GET + b"X: ")
        try:
            for _ in range(100):
                await raw.send(b"x" * 1024)
                await asyncio.sleep(0)
            answer = await raw.rest()
        except ConnectionError:
            return  # closed while it was still being written to
        assert problem(answer) == (431, "headers_too_large")


async def test_a_head_of_nearly_the_limit_is_taken(house: House) -> None:
    async with wire(house) as raw:
        lines = [b"X-%d: " % number + b"x" * 8_000 + b"\r\n" for number in range(HEAD_LIMIT // 8_192)]
        await raw.send(GET + b"".join(lines) + b"Connection: close\r\n\r\n")
        assert (await raw.answer())[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/blogs/x%0d%0aX-Injected:%20yes",
        b"/v1/blogs/night?cursor=%0d%0aX-Injected:%20yes",
        b"/v1/blogs/night/entries/%0d%0aX-Injected:%20yes",
        b"/healthz?%0d%0aX-Injected:%20yes=1",
        b"/v1/blogs/night/events?epoch=x%0d%0aX-Injected:%20yes",
    ],
)
async def test_line_breaks_in_an_address_do_not_become_headers(house: House, path: bytes) -> None:
    async with wire(house) as raw:
        await raw.send(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"X-Request-Id: a%0d%0aX-Injected: no\r\n\r\n")
        status, headers, _ = await raw.answer()
        assert status in {400, 404, 410}
        assert "x-injected" not in headers
        assert "%0d" not in headers["x-request-id"]


# Time.


async def test_a_connection_that_says_nothing_is_closed(sqlite_url: str) -> None:
    async with open_house(sqlite_url, handshake_s=0.1) as house, wire(house) as raw:
        assert await raw.rest() == b""


@pytest.mark.parametrize("begun", [b"G", GET, b"\r\n" + GET])
async def test_half_a_head_is_answered_and_closed(sqlite_url: str, begun: bytes) -> None:
    async with open_house(sqlite_url, handshake_s=0.1) as house:
        assert problem(await said(house, begun)) == (408, "request_timeout")


async def test_a_head_that_comes_byte_by_byte_is_not_waited_for(sqlite_url: str) -> None:
    async with open_house(sqlite_url, handshake_s=0.2) as house, wire(house) as raw:
        await raw.send(GET + b"X: ")
        ending = asyncio.create_task(raw.rest())
        while not ending.done():
            raw.writer.write(b"x")
            await asyncio.sleep(0.01)
        # Bytes that are under way when the server closes may have the system throw its answer away.
        if not isinstance(ending.exception(), ConnectionError):
            assert problem(ending.result()) == (408, "request_timeout")


async def test_a_body_that_does_not_come_is_answered_and_closed(sqlite_url: str) -> None:
    async with open_house(sqlite_url, body_s=0.1) as house:
        bearer = f"Authorization: Bearer {house.editor}\r\n".encode()
        sent = b"POST /v1/admin/blogs HTTP/1.1\r\n" + HOST + bearer + b"Content-Length: 10\r\n\r\n{"
        assert problem(await said(house, sent)) == (408, "request_timeout")


async def test_a_connection_at_rest_is_closed_and_one_that_only_sends_line_breaks_too(sqlite_url: str) -> None:
    async with open_house(sqlite_url, idle_s=0.1, handshake_s=0.1) as house:
        for more in (b"", b"\r\n"):
            async with wire(house) as raw:
                await raw.send(GET + b"\r\n")
                assert (await raw.answer())[0] == 200
                await raw.send(more)
                assert await raw.rest() == b""


async def test_a_client_that_does_not_take_its_answer_is_cut_off(sqlite_url: str) -> None:
    async with open_house(sqlite_url, stall_s=0.2) as house:
        await house.start()
        for _ in range(30):
            await house.publish(body="x" * 20_000)
        connections = house.services.tally.requests
        async with wire(house) as raw:
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined] # an asyncio transport has it
            await raw.send((b"GET /v1/blogs/night/events?limit=1000 HTTP/1.1\r\n" + HOST + b"\r\n") * 30)
            await until(lambda: connections["GET", "/v1/blogs/{slug}/events", 200] > 0)
            async with asyncio.timeout(PATIENCE_S):
                while not raw.writer.transport.is_closing():
                    raw.writer.write(b"\r\n")  # which a connection that is there takes
                    await asyncio.sleep(0.01)
        assert (await house.http.get("/healthz")).status_code == 200


async def test_one_connection_too_many_is_told_to_come_again(sqlite_url: str) -> None:
    async with open_house(sqlite_url, max_sockets=3) as house:
        await house.start()  # over a connection that stays
        async with wire(house), wire(house):
            answer = await said(house, b"")
            assert problem(answer) == (503, "unavailable")
            assert b"retry-after: 1" in answer.lower()
        async with asyncio.timeout(PATIENCE_S):
            while not (await said(house, GET + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200"):
                pass


async def test_an_upgrade_to_anything_but_a_websocket_is_plain_http(house: House) -> None:
    async with wire(house) as raw:
        await raw.send(GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        status, headers, _ = await raw.answer()
        assert status == 200
        assert "upgrade" not in headers


@pytest.mark.parametrize(("length", "status"), [(8_000, 101), (LINE_LIMIT - 12, 101), (LINE_LIMIT, 431), (16_000, 431)])
async def test_a_handshake_with_a_long_header_is_answered(house: House, length: int, status: int) -> None:
    """Up to a line's limit it is one, and beyond it is refused like any other request."""
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    upgrade = b"GET /v1/blogs/night/stream HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n" + key
    async with wire(house) as raw:
        await raw.send(upgrade + b"Cookie: " + b"x" * length + b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            line = await raw.reader.readline()
    assert int(line.split()[1]) == status
