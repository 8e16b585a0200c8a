"""An HTTP connection: uvicorn's, with limits on how long a request may take to arrive and how long its head may be.

The parser refuses what two servers could read in two ways (RFC 9112, sections 6.3 and 11.2). It sets no limits, though:
without ours a client could hold a socket for ever by saying nothing, a byte at a time or a header without an end.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, cast

import httptools
from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from liveblog.web.problems import Problem, response

HEAD_LIMIT = 32 * 1024
"""Bytes of a request line and its headers; what came in one piece with its beginning is judged when it is whole."""
LINE_LIMIT = 8 * 1024 - 2
"""Bytes of each of its lines."""
HEADERS_LIMIT = 100
"""Headers of a request."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a connection may take.

    Args:
        sockets: Connections at once, streams included.
        handshake_s: Seconds for a connection's first request, or any later one, to arrive up to the end of its head.
        body_s: Seconds for its body.
        idle_s: Seconds between requests.
        stall_s: Seconds in which a client must take something of an answer.

    """

    sockets: int = 21_000
    handshake_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = 15.0
    stall_s: float = 30.0


class Connection(HttpToolsProtocol):
    """A connection that is given up when its time is over.

    Args:
        limits: What it may take.
        given: What uvicorn hands to its protocols.

    """

    def __init__(self, *, limits: Limits, **given: Any) -> None:
        super().__init__(**given)
        self.limits = limits
        self.timeout_keep_alive = limits.idle_s  # type: ignore[assignment]  # seconds for a timer, whole or not
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._begun: object | None = None
        """Of the request whose head is arriving: its scope, which no other request has."""
        self._head = 0
        self._arrived = b""
        """What is being read."""
        self._fault: Problem | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request, if there is room for another connection."""
        super().connection_made(cast(asyncio.Transport, transport))  # uvloop's is one only by its methods
        if len(self.connections) > self.limits.sockets:
            self._answer(Problem("unavailable", "The server has all the connections it can take: try again."))
            return
        self._wait(self.limits.handshake_s, self._head_is_late)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket, a head's only up to its limit."""
        if self.transport.is_closing():
            return
        if self._timer is None:
            self._wait(self.limits.handshake_s, self._head_is_late)
        began, self._arrived = self._begun, data
        super().data_received(data)
        self._arrived = b""
        if began is not None and began is self._begun and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD_LIMIT:
                self._answer(_too_large())

    def on_message_begin(self) -> None:
        """Begin a request; called by the parser."""
        super().on_message_begin()
        self._begun = self.scope
        self._head = 0
        if self._timer is None:
            self._wait(self.limits.handshake_s, self._head_is_late)

    def on_headers_complete(self) -> None:
        """Judge the head, then begin to answer; called by the parser."""
        lines = [len(self.url) + 20, *(len(name) + len(value) + 4 for name, value in self.headers)]
        if sum(lines) > HEAD_LIMIT or max(lines) > LINE_LIMIT or len(self.headers) > HEADERS_LIMIT:
            self._refuse(_too_large())
        if sum(name == b"host" for name, _ in self.headers) > 1:  # RFC 9112, section 3.2
            self._refuse(_unreadable())
        self._begun = None
        self._wait(self.limits.body_s, self._body_is_late)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock; called by the parser when the body is there."""
        self._wait(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the socket to the stream's protocol; called when the parser has read the head."""
        self._wait(None)
        self._take_back()
        self.connections.discard(self)
        # It stopped there by raising what is being handled now, and which says where that was.
        end: int = cast(BaseException, sys.exception()).args[0]
        make: Any = self.ws_protocol_class
        make(self.app, self.server_state, self.transport).shake_hands(self.scope, self.url, self._arrived[end:])
        # It and this hold each other, and would wait for the garbage collector.
        self.parser = None  # type: ignore[assignment]  # as uvicorn does with one that is lost

    def _should_upgrade(self) -> bool:
        """Tell whether this is a handshake; one of HTTP/1.0 asks for nothing (RFC 9110, section 7.8)."""
        return self.scope["http_version"] == "1.1" and super()._should_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, or what made us stop it."""
        del msg
        cycle = self.cycle
        # A fault in a body is its own request's; one in a head comes after requests that were whole.
        own = cycle is not None and cycle.more_body and not cycle.response_started and not self.pipeline
        self._answer(self._fault or _unreadable(), to=cycle if own else None)

    def pause_writing(self) -> None:
        """Called by the transport when the client takes its answer too slowly."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Called by the transport when the client takes something again."""
        super().resume_writing()
        self._take_back()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the connection is gone."""
        self._wait(None)
        self._take_back()
        super().connection_lost(exc)

    def _wait(self, seconds: float | None, then: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None or then is None else self.loop.call_later(seconds, then)

    def _take_back(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _head_is_late(self) -> None:
        if self._begun is not None:
            self._answer(Problem("request_timeout", "The request did not arrive in time: send it again."))
        else:
            self.transport.close()  # a client that never said a word is owed none

    def _body_is_late(self) -> None:
        if self.cycle is None or self.cycle.response_started or self.pipeline:
            self.transport.abort()
        else:
            fault = Problem("request_timeout", "The body did not arrive in time: send the request again.")
            self._answer(fault, to=self.cycle)

    def _refuse(self, fault: Problem) -> None:
        self._fault = fault
        raise httptools.HttpParserError(fault.code)  # the parser stops, and `send_400_response` says why

    def _answer(self, problem: Problem, to: RequestResponseCycle | None = None) -> None:
        """Say what was wrong with a request, and end the connection.

        Args:
            problem: What.
            to: The request, if a route has seen it; any other must not be answered in the place of an earlier one.

        """
        self._wait(None)
        if self.transport.is_closing():
            return
        if to is not None:
            to.disconnected = True
            to.message_event.set()
        if self.cycle is None or self.cycle is to or self.cycle.response_complete:
            answer = response(problem)
            lines = [STATUS_LINE[answer.status_code]]
            for name, value in [*self.server_state.default_headers, *answer.raw_headers, (b"connection", b"close")]:
                lines += [name, b": ", value, b"\r\n"]
            self.transport.write(b"".join([*lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()


def _too_large() -> Problem:
    detail = f"A request's head is at most {HEAD_LIMIT} bytes, {LINE_LIMIT} a line, in at most {HEADERS_LIMIT} headers."
    return Problem("headers_too_large", detail)


def _unreadable() -> Problem:
    return Problem("bad_request", "This is no HTTP request that has one meaning only.")
