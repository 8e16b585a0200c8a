"""Handshakes: who is let in and who is not, what an application may answer, and that nothing of them is left."""

import asyncio
import contextlib
import gc
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from house import PATIENCE_S, open_house, until
from liveblog.application.subscription import Subscription
from liveblog.web.channel import Channel
from liveblog.web.connection import Connection
from liveblog.web.deflate import Negotiation
from liveblog.web.judge import Judge
from liveblog.web.server import USER_TIMEOUT_MS, bind, make_server
from liveblog.web.socket import EXTENSION, StreamSocket
from liveblog.web.subscriber import Nobody
from web.event_source import ask
from web.raw_socket import TEXT, frame

pytestmark = pytest.mark.anyio

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
GOOD = {
    b"host": b"blog.example",
    b"upgrade": b"websocket",
    b"connection": b"keep-alive, Upgrade",
    b"sec-websocket-key": KEY,
    b"sec-websocket-version": b"13",
}
OFFER = b"permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits"
EARLY = frame(TEXT, b"first") + frame(TEXT, b"second")
HEAD = b"GET / HTTP/1.1\r\n" + b"".join(b"%s: %s\r\n" % each for each in GOOD.items()) + b"\r\n"


def without_date(answer: bytes) -> bytes:
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.lower().startswith(b"date: "))


@pytest.mark.parametrize(
    ("method", "target", "changes"),
    [
        ("GET", b"/stream?from=live", {}),
        ("GET", b"/", {b"sec-websocket-extensions": OFFER}),
        ("GET", b"/", {b"sec-websocket-extensions": b"permessage-deflate; x="}),
        ("GET", b"/", {b"sec-websocket-extensions": b";"}),
        ("GET", b"/", {b"sec-websocket-protocol": b"chat"}),
        ("GET", b"/", {b"sec-websocket-protocol": b"a b"}),
        ("GET", b"/", {b"content-length": b"0"}),
        ("GET", b"/", {b"content-length": b"5"}),
        ("GET", b"/", {b"content-length": b"00"}),
        ("GET", b"/", {b"transfer-encoding": b"chunked"}),
        ("GET", b"/", {b"upgrade": b"websocket, h2c"}),
        ("GET", b"/", {b"upgrade": b""}),
        ("GET", b"/", {b"connection": b"close"}),
        ("GET", b"/", {b"sec-websocket-key": b"c2hvcnQ="}),
        ("GET", b"/", {b"sec-websocket-key": b"\xe9"}),
        ("GET", b"/", {b"sec-websocket-version": b"8"}),
        ("GET", b"/", {b"sec-websocket-version": b"13, 8"}),
        ("GET", b"/", {b"cookie": b"caf\xe9"}),
        ("GET", b"/", {b"cookie": b"a\x01b"}),
        ("GET", b"/", {b"caf\xe9": b"x"}),
        ("GET", b"/caf\xe9", {}),
        ("POST", b"/", {}),
    ],
)
def test_a_head_is_judged_as_the_library_judges_its_bytes(
    method: str, target: bytes, changes: dict[bytes, bytes]
) -> None:
    fields = [*{**GOOD, **changes}.items()]
    verdict = Judge(Negotiation(6)).judge(method, target, fields)

    reference = ServerProtocol(extensions=[Negotiation(6)])
    lines = b"".join(b"%s: %s\r\n" % each for each in fields)
    reference.receive_data(b"%s %s HTTP/1.1\r\n%s\r\n" % (method.encode(), target, lines))
    requests = reference.events_received()
    if not requests:
        # It says nothing to such a head. We say as much as HTTP allows.
        assert verdict.form is None
        assert verdict.answer.startswith(b"HTTP/1.1 400 ")
        return
    assert isinstance(requests[0], Request)
    answer = reference.accept(requests[0])
    assert (verdict.form is not None) == (answer.status_code == 101)
    end = b"" if verdict.form is None else b"\r\n"
    assert without_date(verdict.answer + end) == without_date(answer.serialize())


def test_judging_one_head_leaves_nothing_to_the_next() -> None:
    judge = Judge(Negotiation(6))
    fields = [*GOOD.items()]
    offered = judge.judge("GET", b"/", [*fields, (b"sec-websocket-extensions", OFFER)])
    judge.judge("POST", b"/", fields)
    plain = judge.judge("GET", b"/", fields)
    assert [each.form and each.form.name for each in (offered, plain)] == ["deflated", "plain"]
    assert [b"Extensions" in each.answer for each in (offered, plain)] == [True, False]


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[int]:
    """A server of an application; yields its port."""
    ready: list[str] = []
    server = make_server(app, ready=ready.append, shutdown_s=1)
    listener = bind("127.0.0.1", 0)
    running = asyncio.create_task(server._serve([listener]))
    try:
        await until(lambda: bool(ready) or running.done())
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await running
    await until(lambda: not server.server_state.connections)


async def answer_of(app: ASGIApp) -> bytes:
    """Shake hands with an application; everything until the end of the connection."""
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return answer


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """Say nothing."""


async def defective(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("what the application did not think of")


async def mute(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.send", "text": "before the handshake"})


async def closing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1000})


async def denying(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "websocket.connect"
    headers = [(b"content-type", b"text/x-reason"), (b"retry-after", b"2")]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"come ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"again"})


async def breaking_off(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
    raise LookupError("the rest of the answer")


@pytest.mark.parametrize(
    ("app", "status"), [(silent, 500), (defective, 500), (mute, 500), (closing, 403), (denying, 503)]
)
async def test_a_client_is_told_once_why_it_is_not_let_in(app: ASGIApp, status: int) -> None:
    head, _, body = (await answer_of(app)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert head.count(b"HTTP/1.1") == 1
    fields = Headers(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])  # type: ignore[misc]  # pairs
    assert fields["Connection"] == "close"
    assert fields["Content-Length"] == str(len(body))
    assert fields["Date"]
    if app is denying:
        assert (fields["Content-Type"], fields["Retry-After"], body) == ("text/x-reason", "2", b"come again")


async def test_half_an_answer_is_not_sent() -> None:
    assert await answer_of(breaking_off) == b""


@pytest.mark.parametrize("app", [closing, denying])
async def test_a_second_answer_is_a_defect(app: ASGIApp) -> None:
    faults: list[RuntimeError] = []

    async def changing_its_mind(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        try:
            await send({"type": "websocket.accept"})
        except RuntimeError as fault:
            faults.append(fault)

    assert (await answer_of(changing_its_mind)).count(b"HTTP/1.1") == 1
    assert len(faults) == 1


async def test_an_application_hears_that_its_client_has_left() -> None:
    heard: list[str] = []
    asked = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append((await receive())["type"])
        asked.set()
        heard.append((await receive())["type"])
        with pytest.raises(OSError):
            await send({"type": "websocket.accept"})
        heard.append("nobody to accept")

    async with serving(waiting) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD)
        async with asyncio.timeout(PATIENCE_S):
            await asked.wait()
        writer.transport.abort()
        await until(lambda: len(heard) == 3)
    assert heard == ["websocket.connect", "websocket.disconnect", "nobody to accept"]


async def test_what_the_application_sees_of_a_handshake() -> None:
    seen: list[Scope] = []

    async def looking(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(dict(scope))

    async with serving(looking) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            HEAD.replace(b"GET /", b"GET /caf%C3%A9/a%2Fb?q=%20&r").replace(b"blog.example", b" blog.example \t")
        )
        async with asyncio.timeout(PATIENCE_S):
            await reader.read()
        address = writer.get_extra_info("sockname")[:2]
        writer.close()
    (scope,) = seen
    assert (scope["type"], scope["scheme"]) == ("websocket", "ws")
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == (
        "/café/a/b",
        b"/caf%C3%A9/a%2Fb",
        b"q=%20&r",
    )
    assert scope["headers"] == [*GOOD.items()]
    assert (scope["client"], scope["server"]) == (address, ("127.0.0.1", port))


async def test_an_accepted_client_is_told_so_though_there_is_no_message_for_it_yet() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, ours)
        codes: list[int] = []
        channel = Channel(transport, set(), codes.append, opening=b"HTTP/1.1 101 ")
        channel.serve(Nobody(), lambda: None)
        async with asyncio.timeout(PATIENCE_S):
            assert await loop.sock_recv(theirs, 100) == b"HTTP/1.1 101 "
            channel.write(b"and more")
            assert await loop.sock_recv(theirs, 100) == b"and more"
        transport.abort()
        await until(lambda: bool(codes))


async def test_what_a_client_says_before_it_is_accepted_is_heard() -> None:
    said: list[str | bytes] = []

    class Listening(Nobody):
        def received(self, text: str | bytes) -> None:
            said.append(text)

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        connection: StreamSocket = scope["extensions"][EXTENSION]
        begun.set()
        async with asyncio.timeout(PATIENCE_S):
            while not connection._early:
                await asyncio.sleep(0)
        await receive()
        await send({"type": "websocket.accept"})
        channel = connection.hand_over()
        assert channel is not None
        channel.serve(Listening(), lambda: None)

    begun = asyncio.Event()
    async with serving(slow) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD)
        async with asyncio.timeout(PATIENCE_S):
            await begun.wait()
            writer.write(frame(TEXT, b"early"))
            await reader.readuntil(b"\r\n\r\n")
            writer.write(frame(TEXT, b"late"))
        await until(lambda: len(said) == 2)
        writer.transport.abort()
    assert said == ["early", "late"]


@pytest.mark.parametrize("late", [0, 1, 5, len(EARLY)])
async def test_what_comes_in_one_piece_with_the_handshake_is_heard(late: int) -> None:
    """Whole or in part: a frame that lost its beginning would make nonsense of all that follows."""
    said: list[str | bytes] = []

    class Listening(Nobody):
        def received(self, text: str | bytes) -> None:
            said.append(text)

    async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        channel = scope["extensions"][EXTENSION].hand_over()
        channel.serve(Listening(), lambda: None)

    async with serving(accepting) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + EARLY[: len(EARLY) - late])
        async with asyncio.timeout(PATIENCE_S):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(EARLY[len(EARLY) - late :] + frame(TEXT, b"last"))
        await until(lambda: len(said) == 3)
        writer.transport.abort()
    assert said == ["first", "second", "last"]


@pytest.mark.parametrize(
    "odd",
    [b"Content-Length: 3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"Content-Length: 00\r\n\r\n"],
)
async def test_a_handshake_with_a_body_is_told_what_is_wrong(odd: bytes) -> None:
    async with serving(denying) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD.removesuffix(b"\r\n") + odd)
        async with asyncio.timeout(PATIENCE_S):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 400 ")
    fields = Headers(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])  # type: ignore[misc]  # pairs
    assert (fields["Content-Type"], fields["Connection"]) == ("application/problem+json", "close")
    assert json.loads(body)["code"] == "bad_request"


async def test_an_older_http_has_no_handshake(sqlite_url: str) -> None:
    """A server passes over the wish for an upgrade (RFC 9110, section 7.8); the stream's address says what it is."""
    async with open_house(sqlite_url) as house:
        upgrade = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in GOOD.items() if name != b"host")
        async with ask(house.address, "/v1/blogs/night/stream", version="1.0", extra=upgrade) as answer:
            assert answer.status == 426
            assert answer.headers["upgrade"] == "websocket"
            assert json.loads(await answer.body())["code"] == "upgrade_required"


async def test_nothing_of_a_handshake_waits_for_the_garbage_collector(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()
        gc.collect()
        gc.disable()
        try:
            known = _connections()
            async with house.stream() as reader:
                await reader.next("subscribed")
                await until(lambda: all(each in known for each in _connections()))
        finally:
            gc.enable()


def _connections() -> list[object]:
    """What has not become a stream, an HTTP client's idle connections among it."""
    return [each for each in gc.get_objects() if isinstance(each, Connection | StreamSocket)]


async def test_a_readers_connection_is_given_up_when_its_peer_says_nothing_any_more(sqlite_url: str) -> None:
    """The system ends it: what was sent is not acknowledged for so long. Connections have that from the listener."""
    async with open_house(sqlite_url) as house:
        await house.start()
        async with house.stream() as reader:
            await reader.next("subscribed")
            feed = await house.services.hub.feed("night")
            assert feed is not None
            (subscription,) = (*feed.live, *feed.others)
            assert isinstance(subscription, Subscription)
            channel = subscription._transport
            assert isinstance(channel, Channel)
            taken = channel._transport.get_extra_info("socket")
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == USER_TIMEOUT_MS
