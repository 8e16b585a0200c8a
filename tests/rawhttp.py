"""HTTP byte by byte, for requests that no client library would send. Of an endless answer only the head is read."""

import asyncio
from typing import NamedTuple

PATIENCE_S = 20.0
_WITHOUT_BODY = {101, 204, 304}


class Answer(NamedTuple):
    """An answer as it came; `headers` in the order of the wire, names in lower case. `status` 0: closed without one."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header that is there once at most."""
        found = [value for each, value in self.headers if each == name]
        assert len(found) <= 1, found
        return found[0] if found else None


async def ask(address: str, *chunks: bytes, eof: bool = False) -> Answer:
    """Send bytes on a connection of their own and read one answer.

    Args:
        address: `http://host:port`.
        chunks: What to send.
        eof: Whether to say that nothing follows.

    """
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 24)
    try:
        async with asyncio.timeout(PATIENCE_S):
            try:
                for chunk in chunks:
                    writer.write(chunk)
                    await writer.drain()
                if eof:
                    writer.write_eof()
            except ConnectionError:
                pass  # refused before it was all sent: the answer says why
            return await _answer(reader)
    finally:
        writer.transport.abort()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answer(0, (), b"")
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    status, length = int(first.split(" ")[1]), dict(headers).get("content-length")
    endless = dict(headers).get("content-type", "").startswith("text/event-stream")
    if endless or status in _WITHOUT_BODY:
        return Answer(status, headers, b"")
    try:
        body = await reader.readexactly(int(length)) if length is not None else await reader.read()
    except (asyncio.IncompleteReadError, ConnectionError):
        body = b""
    return Answer(status, headers, body)
