"""A WebSocket client that can be told to break every rule: frames are bytes here (RFC 6455, section 5.2)."""

import asyncio
import base64
import json
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 20.0

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    mask: bytes | None = b"\x01\x02\x03\x04",
    length: bytes | None = None,
) -> bytes:
    """Write a frame.

    Args:
        opcode: Any of 16.
        payload: Before masking.
        fin: Whether it ends a message.
        reserved: The three reserved bits, as a number.
        mask: Four bytes; None for a frame that is not masked.
        length: The length's seven bits and what follows them, where it is not to be the right one.

    """
    masked = 0x80 if mask is not None else 0
    if length is None:
        size = len(payload)
        if size < 126:
            length = bytes([size])
        elif size < 1 << 16:
            length = b"\x7e" + struct.pack("!H", size)
        else:
            length = b"\x7f" + struct.pack("!Q", size)
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode, masked | length[0]]) + length[1:]
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def close_body(code: int, reason: bytes = b"") -> bytes:
    """The payload of a close frame."""
    return struct.pack("!H", code) + reason


class RawSocket:
    """An open stream, as bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, extensions: str | None) -> None:
        self._reader = reader
        self._writer = writer
        self.extensions = extensions
        """What the server answered to our offer."""

    async def send(self, *frames: bytes) -> None:
        """Write bytes."""
        self._writer.write(b"".join(frames))
        await self._writer.drain()

    async def receive(self) -> tuple[int, bytes]:
        """The next frame of the server, which is not compressed: opcode and payload."""
        compressed, opcode, payload = await self.receive_any()
        assert not compressed
        return opcode, payload

    async def receive_any(self) -> tuple[bool, int, bytes]:
        """The next frame of the server: whether it is compressed, opcode and payload."""
        async with asyncio.timeout(PATIENCE_S):
            first, second = await self._reader.readexactly(2)
            assert first & 0xB0 == 0x80, "the server's frames are whole and use no extension but one"
            assert not second & 0x80, "a server masks nothing (section 5.1)"
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            return bool(first & 0x40), first & 0xF, await self._reader.readexactly(size)

    async def next(self, opcode: int) -> bytes:
        """The payload of the next frame with an opcode."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found, payload = await self.receive()
                if found == opcode:
                    return payload

    async def answer(self) -> dict[str, Any]:
        """The next `playback` or `error`."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message: dict[str, Any] = json.loads(await self.next(TEXT))
                if message["type"] in {"playback", "error"}:
                    return message

    async def closed(self) -> int | None:
        """The code of the close frame, and that the connection ends after it; None for a close frame without one."""
        body = await self.next(CLOSE)
        code = struct.unpack("!H", body[:2])[0] if body else None
        self._writer.write(frame(CLOSE, body))
        async with asyncio.timeout(PATIENCE_S):
            assert await self._reader.read() == b""
        return code

    async def ended(self) -> None:
        """Wait until the server has ended the connection."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._reader.read(4096):
                pass

    def end_writing(self) -> None:
        """Close our half of the connection."""
        self._writer.write_eof()


@asynccontextmanager
async def raw_socket(address: str, path: str, offer: str | None = None) -> AsyncIterator[RawSocket]:
    """Shake hands by hand, and offer extensions."""
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        if offer is not None:
            head += f"Sec-WebSocket-Extensions: {offer}\r\n"
        writer.write(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        fields = dict(line.split(": ", 1) for line in answer.decode().split("\r\n")[1:] if line)
        yield RawSocket(reader, writer, fields.get("Sec-WebSocket-Extensions"))
    finally:
        writer.transport.abort()
