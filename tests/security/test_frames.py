"""WebSocket frames that no client library would send: the server answers or closes, and holds no more than it must."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Frame, Opcode

from fuzz.network import listening
from house import House
from liveblog.web.channel import HIGH_WATER, MOST_PIECES, Channel

pytestmark = pytest.mark.anyio
HANDSHAKE = (
    b"GET /v1/blogs/night/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PATIENCE_S = 20.0
PAUSE = b'{"type":"pause","id":"a"}'
CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)


def text(data: bytes, *, fin: bool = True) -> bytes:
    return Frame(Opcode.TEXT, data, fin).serialize(mask=True)


def more(data: bytes = b"", *, fin: bool = False) -> bytes:
    return Frame(Opcode.CONT, data, fin).serialize(mask=True)


class Wire:
    """A connection after its handshake, frame by frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def frame(self) -> tuple[int, bytes]:
        """The next frame: its opcode and payload."""
        first, length = await self._reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self._reader.readexactly(2), "big")
        return first & 0x0F, await self._reader.readexactly(length)

    async def message(self) -> dict[str, object]:
        """The next message."""
        opcode, payload = await self.frame()
        assert opcode == Opcode.TEXT
        found: dict[str, object] = json.loads(payload)
        return found

    async def close_code(self) -> int:
        """The code of the server's close frame, and that nothing follows it."""
        while True:
            opcode, payload = await self.frame()
            if opcode == Opcode.CLOSE:
                self.writer.write(CLOSE)
                assert await self._reader.read() == b""
                return int.from_bytes(payload[:2], "big")


@asynccontextmanager
async def wire(house: House) -> AsyncIterator[Wire]:
    """Shake hands."""
    host, _, port = house.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        with listening() as logged:
            async with asyncio.timeout(PATIENCE_S):
                writer.write(HANDSHAKE)
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
                yield Wire(reader, writer)
        assert logged == []
    finally:
        writer.transport.abort()


FRAMES: dict[str, tuple[bytes, set[int]]] = {
    "no JSON": (text(b"nonsense"), {4500}),
    "no UTF-8": (text(b"\xff"), {1007}),
    "a raw surrogate": (text(b"\xed\xa0\x80"), {1007}),
    "no UTF-8 in two pieces": (text(b"\xc3", fin=False) + more(b"\x28", fin=True), {1007}),
    "binary": (Frame(Opcode.BINARY, PAUSE).serialize(mask=True), {1003}),
    "a message within a message": (text(PAUSE, fin=False) + text(PAUSE), {1002}),
    "an end without a beginning": (more(fin=True), {1002}),
    "not masked": (Frame(Opcode.TEXT, PAUSE).serialize(mask=False), {1002}),
    "an extension that nobody agreed on": (b"\xc1" + text(PAUSE)[1:], {1002}),
    "an unknown opcode": (b"\x83" + text(PAUSE)[1:], {1002}),
    "a ping in pieces": (b"\x09\x80" + bytes(4), {1002}),
    "a ping that is too long": (b"\x89\xfe\x00\x7e" + bytes(4 + 126), {1002}),
    "a length beyond all": (b"\x81\xff" + b"\xff" * 8 + bytes(4), {1002, 1009}),
    "a message that is too long": (b"\x81\xfe\x40\x01" + bytes(4 + 0x4001), {1009}),
    "pieces that are too long together": (text(b" " * 10_000, fin=False) + more(b" " * 10_000, fin=True), {1009}),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_frames_that_no_client_sends_end_the_stream_with_a_code(house: House, name: str) -> None:
    frames, codes = FRAMES[name]
    async with wire(house) as connection:
        assert (await connection.message())["type"] == "subscribed"
        connection.writer.write(frames)
        assert await connection.close_code() in codes


@pytest.mark.parametrize("name", ["no JSON", "no UTF-8", "binary"])
async def test_a_bad_message_and_a_close_in_one_packet_end_the_stream_in_order(house: House, name: str) -> None:
    """What came first is what the stream ends for; the client's own close is the answer to that."""
    async with wire(house) as connection:
        await connection.message()
        connection.writer.write(FRAMES[name][0] + CLOSE)
        assert await connection.close_code() in FRAMES[name][1]


async def test_a_message_may_come_in_pieces(house: House) -> None:
    async with wire(house) as connection:
        assert (await connection.message())["type"] == "subscribed"
        connection.writer.write(text(PAUSE[:5], fin=False) + more(PAUSE[5:9]) + more() + more(PAUSE[9:], fin=True))
        assert (await connection.message())["re"] == "a"


async def test_a_message_in_endless_pieces_is_not_kept(house: House) -> None:
    """Empty pieces make no message too long, and never an end."""
    async with wire(house) as connection:
        await connection.message()
        connection.writer.write(text(b"{", fin=False) + more() * (MOST_PIECES + 1))
        assert await connection.close_code() == 1009


async def test_a_flood_of_pings_from_a_client_that_reads_nothing_is_not_kept(house: House) -> None:
    ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
    async with wire(house) as connection:
        await connection.message()
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can be both
        (socket,) = (each for each in _sockets() if each._subscriber is not None)
        for _ in range(200):
            connection.writer.write(ping * 1_000)
            async with asyncio.timeout(5):
                await connection.writer.drain()
        assert socket._transport.get_write_buffer_size() < 10 * HIGH_WATER, "25 MB of pongs went nowhere"
    assert (await house.http.get("/healthz")).status_code == 200


def _sockets() -> list[Channel]:
    """Every open stream of this process's servers."""
    return [each for each in gc.get_objects() if type(each) is Channel and not each._transport.is_closing()]
