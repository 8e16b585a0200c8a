"""Header injection: no byte that an asker sends ends a header of an answer, or begins another one."""

import json

import pytest

from house import House
from rawhttp import Answer, ask

pytestmark = pytest.mark.anyio
INJECTED = (
    b"a\r\nX-Injected: b",
    b"a\nX-Injected: b",
    b"a\rX-Injected: b",
    b"a%0d%0aX-Injected:%20b",
    "a嘊嘍X-Injected: b".encode(),
)


async def send(house: House, line: bytes, headers: bytes, body: bytes = b"") -> Answer:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    request = line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + length + b"\r\n" + body
    return await ask(house.address, request)


def clean(answer: Answer) -> None:
    """An answer of ours, with headers of ours only."""
    assert answer.status in {200, 201, 204, 304, 400, 401, 403, 404, 405, 410, 415, 422}
    assert "x-injected" not in {name for name, _ in answer.headers}
    assert not any("\r" in value or "\n" in value for _, value in answer.headers)


@pytest.mark.parametrize("value", INJECTED)
async def test_no_part_of_a_request_becomes_a_header(house: House, value: bytes) -> None:
    quoted = value.replace(b"\r", b"%0d").replace(b"\n", b"%0a").replace(b" ", b"%20")
    for target in (b"/v1/blogs/" + quoted, b"/v1/blogs/night?" + quoted, b"/v1/blogs?cursor=" + quoted, b"/" + quoted):
        if target.isascii():
            clean(await send(house, b"GET " + target, b""))
    bearer = b"Authorization: Bearer " + house.editor.encode() + b"\r\nContent-Type: application/json\r\n"
    body = b'{"type":"nonsense"}'
    for name in (
        b"X-Request-Id",
        b"Idempotency-Key",
        b"If-None-Match",
        b"Origin",
        b"Referer",
        b"Last-Event-ID",
        b"Cookie",
    ):
        header = name + b": " + value + b"\r\n"
        clean(await send(house, b"GET /v1/blogs/night", header))
        clean(await send(house, b"POST /v1/admin/blogs/night/commands", bearer + header, body))
    named = json.dumps({"slug": value.decode(), "headline": value.decode()}).encode()
    clean(await send(house, b"POST /v1/admin/blogs", bearer, named))
    for method in (b"GET\r\nX-Injected: b\r\n", b"G\x00T", value):
        answer = await send(house, method + b" /v1/blogs", b"")
        assert answer.status in {0, 400, 405}
        assert "x-injected" not in {name for name, _ in answer.headers}


async def test_a_request_with_two_meanings_is_refused_and_its_connection_ends(house: House) -> None:
    """Two servers in a row that disagree about where a request ends would let one asker write another's."""
    head = b"POST /v1/admin/blogs/night/commands HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    bearer = b"Authorization: Bearer " + house.editor.encode() + b"\r\n"
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    for framing in (
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length: 2, 2\r\n\r\n{}",
        b"Content-Length: 0x2\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n{}",
        b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",
        b"Transfer-Encoding: identity, chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b" Content-Length: 2\r\n\r\n{}",
    ):
        answer = await ask(house.address, head + bearer + framing + smuggled)
        assert answer.status in {0, 400}, framing
    assert (await house.get("/v1/blogs/night"))["position"] == 1
