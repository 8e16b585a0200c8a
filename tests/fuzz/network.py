"""A running server: raw requests, bodies and WebSocket frames. It answers or closes, and the next request works."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog

from fuzz import samples
from fuzz.target import Target
from house import House, open_house
from rawhttp import ask

_FAILED = 500
_TOKEN = b"TOKEN"
"""Stands in the samples for a token, which is another one in each run."""
_READS = (
    *(
        "/v1/blogs",
        "/v1/blogs/night",
        "/v1/blogs/night/entries",
        "/v1/blogs/night/events",
        "/v1/blogs/night/corrections",
    ),
    *("/v1/blogs/night/key-points", "/v1/blogs/night/timeline", f"/v1/blogs/night/entries/{samples.ENTRY}"),
    *("/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", "/v1/blogs/night/sse", "/v1/admin/whoami"),
)
_HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def _request(line: str, headers: str = "", body: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}{length}\r\n".encode() + body


def _frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros so that its payload stays as it is (RFC 6455, section 5.3)."""
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


_POST = "POST /v1/admin/blogs/night/commands"
_EDITOR = "Authorization: Bearer TOKEN\r\nContent-Type: application/json\r\n"
_BODIES = samples.encoded(samples.COMMANDS)
_REQUESTS = (
    *(_request(f"GET {path}") for path in _READS),
    *(_request(f"GET /v1/blogs/night?{query}") for query in samples.READ_QUERIES),
    *(_request(f"GET /v1/blogs/night/entries?{query}", "If-None-Match: *\r\n") for query in samples.READ_QUERIES),
    *(_request(f"GET /v1/blogs/night/stream?{query}", _HANDSHAKE) for query in samples.STREAM_QUERIES),
    *(_request(f"GET /v1/blogs/night/sse?{query}", "Last-Event-ID: abc:2\r\n") for query in samples.STREAM_QUERIES),
    *(_request(_POST, _EDITOR + f"Idempotency-Key: k{number}\r\n", body) for number, body in enumerate(_BODIES)),
    _request("POST /v1/admin/blogs", _EDITOR, samples.encoded((samples.START,))[0]),
    *(_request("POST /v1/admin/blogs/night/drafts", _EDITOR, body) for body in samples.encoded(samples.WISHES[:6])),
    _request(f"PUT /v1/admin/blogs/night/drafts/{samples.ENTRY}", _EDITOR, samples.encoded(samples.WISHES)[7]),
    _request("PUT /v1/admin/blogs/night/presence", _EDITOR, samples.encoded(samples.WISHES)[-1]),
    _request(
        "POST /admin/sign-in",
        "Origin: http://x\r\nCookie: liveblog_token=TOKEN\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        b"token=TOKEN&next=%2Fadmin%2Fnight",
    ),
    _request("OPTIONS /v1/blogs", "Origin: https://e.example\r\n"),
    _request("HEAD /v1/blogs/night", "Cookie: a=b\r\nX-Request-Id: r1\r\n"),
    _request("GET /v1/admin/whoami", _EDITOR),
    _request(_POST, _EDITOR + "Transfer-Encoding: chunked\r\n") + b"13\r\n" + b'{"type":"end_blog"}' + b"\r\n0\r\n\r\n",
)
_WORDS = (
    *(
        b"%00",
        b"%2f",
        b"%ff",
        b"%ed%a0%80",
        b"..",
        b"//",
        b"?",
        b"&",
        b"\r\n",
        b"\r\n\r\n",
        b" HTTP/1.0",
        b"POST ",
        b"PUT ",
    ),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 99\r\n",
        b"Content-Type: text/plain\r\n",
        b"Expect: 100-continue\r\n",
    ),
    *(b"Upgrade: h2c\r\n", b"Authorization: Bearer TOKEN\r\n", b"Range: bytes=0-1\r\n", b"Accept-Encoding: gzip\r\n"),
    *(b"X-Forwarded-For: ::1, \xff\r\n", b"Idempotency-Key: \xff\r\n", b"Last-Event-ID: :\r\n", b"expected_position=1"),
)
_MESSAGES = samples.encoded(samples.MESSAGES)
_FRAMES = (
    *(_frame(1, message) for message in _MESSAGES),
    b"".join(_frame(1, message) for message in _MESSAGES),
    _frame(1, b'{"type":"seek","to":"start","id":"' + b"x" * 200 + b'"}'),
    _frame(9, b"ping") + _frame(10, b"pong") + _frame(2, b"\x00\x01"),
    b"\x01" + _frame(1, b'{"type":')[1:] + _frame(0, b'"pause"}'),
    _frame(8, b"\x03\xe8bye"),
)


class Newsroom:
    """A server with a blog, and whatever its log says of defects.

    Args:
        house: The server.
        logged: What was logged since the last look.

    """

    def __init__(self, house: House, logged: list[str]) -> None:
        self._house = house
        self._logged = logged

    def targets(self) -> tuple[Target, ...]:
        """What is fuzzed of it."""
        return (
            Target("bodies", _BODIES, (), self.take_body, is_json=True),
            Target("requests", _REQUESTS, _WORDS, self.take_request),
            Target(
                "frames", _FRAMES, (b"\x81\xfe\xff\xff", b"\x88\x80", b"\xc1", b"\x00\x00\x00\x00"), self.take_frames
            ),
        )

    async def take_body(self, data: bytes) -> bool:
        """Post a body as an editor."""
        head = f"{_POST} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{_EDITOR}Content-Length: {len(data)}\r\n\r\n"
        answer = await ask(self._house.address, self._signed(head.encode()), data)
        assert answer.status in {200, 201, 400, 404, 409, 413, 422}, answer
        body = json.loads(answer.body)
        assert (answer.status < 300) == ("events" in body) == ("code" not in body)
        await self._lives()
        return "events" in body

    async def take_request(self, data: bytes) -> bool:
        """Send bytes as a request, whole or not."""
        answer = await ask(self._house.address, self._signed(data))
        assert answer.status < _FAILED, answer
        if answer.header("content-type") == "application/problem+json" and answer.body:
            assert json.loads(answer.body)["status"] == answer.status
        await self._lives()
        return 0 < answer.status < 400

    async def take_frames(self, data: bytes) -> bool:
        """Send bytes as a client's frames after a handshake, and read until the server closes."""
        host, _, port = self._house.address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(_request("GET /v1/blogs/night/stream?from=start", _HANDSHAKE))
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
            with contextlib.suppress(ConnectionError):
                writer.write(data + _frame(8, b"\x03\xe8"))
                writer.write_eof()
                await writer.drain()
                said = await reader.read()
                assert b'"type":"subscribed"' in said
        finally:
            writer.transport.abort()
        await self._lives()
        return True

    async def _lives(self) -> None:
        """Nothing failed, and the next request is answered."""
        answer = await ask(self._house.address, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.status == 200, answer
        logged, self._logged[:] = list(self._logged), []
        assert logged == [], "\n".join(logged)

    def _signed(self, data: bytes) -> bytes:
        return data.replace(_TOKEN, self._house.editor.encode())


class _Defects(logging.Handler):
    """Keeps what libraries log of their own or our defects."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self._kept.append(self.format(record))


@contextmanager
def listening() -> Iterator[list[str]]:
    """Gather what the server logs of defects, and keep the rest of its log to itself."""
    logged: list[str] = []

    def keep(_: object, level: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if level in {"error", "critical"}:
            logged.append(str(event))
        raise structlog.DropEvent

    before = structlog.get_config()
    handler = _Defects(logged)
    logging.getLogger().addHandler(handler)
    structlog.configure(processors=[keep], cache_logger_on_first_use=False)
    try:
        yield logged
    finally:
        structlog.configure(**before)
        logging.getLogger().removeHandler(handler)


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Newsroom]:
    """Run a server that waits for nobody long, with a blog of a few entries."""
    with listening() as logged:
        async with open_house(database_url, handshake_s=0.05, body_s=0.05, idle_s=0.05) as house:
            await house.start()
            await house.publish(entry_id=samples.ENTRY, **samples.CONTENT)
            await house.post("night", {"type": "set_key_point", "point_id": "p1", "text": "Known"})
            yield Newsroom(house, logged)
