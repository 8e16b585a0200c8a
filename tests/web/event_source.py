"""A client of event streams that keeps to the letter of the HTML standard (section 9.2), over a plain socket."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from contract.witness import see_message
from house import PATIENCE_S


@dataclass
class Dispatched:
    """An event as a page's listener gets it."""

    type: str
    data: str
    last_event_id: str

    @property
    def message(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data)
        return found


@dataclass
class Interpreter:
    """Interprets an event stream, line by line (section 9.2.6)."""

    retry_ms: int | None = None
    last_event_id: str = ""
    _id: str = ""
    _type: str = ""
    _data: list[str] = field(default_factory=list)

    def take(self, line: str) -> Dispatched | None:
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            return None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._type = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_ms = int(value)
        return None

    def _dispatch(self) -> Dispatched | None:
        self.last_event_id = self._id
        kind, data = self._type or "message", "\n".join(self._data)
        self._type, self._data = "", []
        return Dispatched(kind, data, self.last_event_id) if data else None


class Answer:
    """The answer to one request: its head, and then the stream, for as long as it lasts."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.interpreter = Interpreter()
        self.raw = b""

    async def read_head(self) -> None:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}

    async def next(self, *kinds: str) -> Dispatched:
        """The next event; of these types, where some are named."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                line = await self.reader.readline()
                if not line:
                    raise EOFError
                self.raw += line
                event = self.interpreter.take(line.decode().rstrip("\n"))
                if event is not None:
                    see_message("sse", event.data)
                if event is not None and (not kinds or event.type in kinds):
                    return event

    async def events(self, count: int) -> list[dict[str, Any]]:
        """So many events of the blog."""
        return [(await self.next("event")).message for _ in range(count)]

    async def rest(self) -> list[Dispatched]:
        """All events until the server ends the stream."""
        found = []
        with contextlib.suppress(EOFError):
            while True:
                found.append(await self.next())
        return found

    async def body(self) -> bytes:
        """What follows the head, of an answer that has a length."""
        return await self.reader.readexactly(int(self.headers.get("content-length", "0")))

    def take_nothing(self) -> None:
        """Leave what comes in the socket, until that is full."""
        cast("asyncio.Transport", self.writer.transport).pause_reading()

    def take_again(self) -> None:
        """Read on."""
        cast("asyncio.Transport", self.writer.transport).resume_reading()

    @property
    def last_event_id(self) -> str:
        return self.interpreter.last_event_id


@asynccontextmanager
async def ask(
    address: str,
    path: str,
    *,
    last_event_id: str | None = None,
    method: str = "GET",
    version: str = "1.1",
    extra: str = "",
) -> AsyncIterator[Answer]:
    """Send a request as an EventSource does, and read the head of its answer."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
    resumed = "" if last_event_id is None else f"Last-Event-ID: {last_event_id}\r\n"
    request = (
        f"{method} {path} HTTP/{version}\r\nHost: {parts.netloc}\r\nAccept: text/event-stream\r\n{resumed}{extra}\r\n"
    )
    writer.write(request.encode("latin-1"))
    try:
        answer = Answer(reader, writer)
        await answer.read_head()
        yield answer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
