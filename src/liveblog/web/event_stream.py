"""The event stream's connection: an HTTP connection that is given to a subscription.

As with the WebSocket, Starlette routes and judges the request, and the head of the answer leaves by way of ASGI. Then
the connection belongs to the subscription: the ASGI task ends, and every byte goes out through `_write`, on the loop,
without a queue. The body ends where the connection does (RFC 9112, section 6.3): the stream is its own framing, so one
form of a message fits every reader, those behind an HTTP/1.0 proxy too.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from liveblog.application.run import Run
from liveblog.session.closecodes import CloseCode
from liveblog.session.messages import Closing, ServerMessage, Snapshot
from liveblog.session.page import Item
from liveblog.web.admission import Seat
from liveblog.web.channel import CLOSE_TIMEOUT_S, HIGH_WATER
from liveblog.web.connection import Connection
from liveblog.web.sendqueue import unsent
from liveblog.web.subscriber import Subscriber

EXTENSION = "liveblog.event_stream"
"""Under this name the connection stands in `scope["extensions"]`."""
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "Connection": "close",
}
"""Of the answer: nobody in between may keep, change or gather what comes."""


def block(kind: str, payload: bytes, event_id: str | None = None) -> bytes:
    """A message in the form of an event stream (HTML standard, section 9.2.6); JSON is one line."""
    named = "" if event_id is None else f"id: {event_id}\n"
    return b"event: %s\n%sdata: %s\n\n" % (kind.encode(), named.encode(), payload)


class EventStream(Connection):
    """A connection that can become an event stream. It is then the `Transport` of its subscription."""

    subscriber: Subscriber | None = None
    on_lost: Callable[[], None] | None = None
    on_gone: Callable[[int], None] | None = None
    """Told the code of a stream that is gone: the one we said, else 1006."""
    code = int(CloseCode.ABNORMAL)
    epoch = ""
    _answering: RequestResponseCycle
    _draining = False
    _ended = False
    _close_timer: asyncio.TimerHandle | None = None

    @property
    def is_streaming(self) -> bool:
        """Whether it has been given to a subscription, which may be over by now."""
        return self.on_lost is not None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Let the route find the connection; called for each request when its turn has come."""
        self._answering = cycle
        cycle.scope["extensions"] = {EXTENSION: self}  # type: ignore[dict-item]  # ours is no dict
        super()._start_asgi_task(cycle, app)

    def prepare(self) -> None:
        """Have the head of the answer written without a length and without chunks."""
        self._answering.chunked_encoding = False

    def take_over(self, subscriber: Subscriber, epoch: str, retry_ms: int, on_lost: Callable[[], None]) -> None:
        """Give the connection to a subscriber; the head of the answer has been written.

        Args:
            subscriber: Hears of the connection's state and of its end.
            epoch: Stands before the position in each id.
            retry_ms: How long an EventSource waits before it comes back, in milliseconds.
            on_lost: Called when the connection is gone, whatever became of the subscriber.

        """
        self.on_lost = on_lost
        cycle = self._answering
        # To uvicorn the answer is complete. No other request is read, and nothing of this one is kept.
        cycle.response_complete = True
        self.pipeline.clear()
        self.cycle = self._answering = self.scope = self.headers = None  # type: ignore[assignment]  # as uvicorn does
        self._wait(None)
        self._take_back()
        if cycle.disconnected or self.transport.is_closing():
            self._lost()
            return
        self.subscriber, self.epoch = subscriber, epoch
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.flow.resume_reading()
        self._write(b"retry: %d\n\n" % retry_ms)
        if self._draining:
            self.shutdown()
            return
        subscriber.open()

    def send_items(self, items: Sequence[Item]) -> None:
        """Write shared messages in order, in one go."""
        if len(items) == 1:
            self._write(self._block_of(items[0]))
        else:
            self._write(b"".join(map(self._block_of, items)))

    def send_run(self, run: Run) -> None:
        """See `Transport.send_run`: one write of bytes that are there already."""
        self._write(run.in_form("block", self._block_of))

    def say(self, message: ServerMessage) -> None:
        """Write a message that is this reader's own."""
        event_id = f"{self.epoch}:{message.position}" if isinstance(message, Snapshot) else None
        self._write(block(str(message.__struct_config__.tag), msgspec.json.encode(message), event_id))

    def unsent(self) -> int:
        """See `Transport.unsent`."""
        return unsent(self.transport)

    def close(self, code: int, reason: str) -> None:
        """Say why the stream ends, and end it when that has been written, or after a while."""
        self.subscriber = None
        if self._ended or self.transport.is_closing():
            return
        self.code = int(code)
        self.say(Closing(code=self.code, reason=reason))
        self._ended = True
        self.transport.close()
        self._close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take a request; what comes while a stream is running is let go."""
        if self.on_lost is None:
            super().data_received(data)

    def pause_writing(self) -> None:
        """Called by the transport when too much waits to be written."""
        if self.on_lost is None:
            super().pause_writing()
        elif self.subscriber is not None:
            self.subscriber.writable(False)

    def resume_writing(self) -> None:
        """Called by the transport when it has written enough."""
        if self.on_lost is None:
            super().resume_writing()
        elif self.subscriber is not None:
            self.subscriber.writable(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the connection is gone."""
        super().connection_lost(exc)
        self._lost()
        if self.on_lost is not None and self.on_gone is not None:
            self.on_gone(self.code)
        if self.cycle is not None and self.cycle.response_complete:
            # It and its last request hold each other, and would wait for the garbage collector: thousands do by then.
            self.cycle = self._answering = self.scope = None  # type: ignore[assignment]  # as uvicorn does

    def shutdown(self) -> None:
        """Called when the server stops: readers are told to come back, and will with their position."""
        self._draining = True
        if self.on_lost is None:
            super().shutdown()
            return
        subscriber = self.subscriber
        self.close(CloseCode.SHUTTING_DOWN, "the server is shutting down: reconnect with your position")
        if subscriber is not None:
            subscriber.closed()

    def _block_of(self, item: Item) -> bytes:
        """The item as a block, made once for everyone: all readers of a feed know one epoch."""
        if item.block is None:
            event_id = f"{self.epoch}:{item.position}" if item.kind == "event" else None
            item.block = block(item.kind, item.payload, event_id)
        return item.block

    def _write(self, data: bytes) -> None:
        if not self._ended and not self.transport.is_closing():
            self.transport.write(data)

    def _lost(self) -> None:
        if self._close_timer is not None:
            self._close_timer.cancel()
        subscriber, self.subscriber = self.subscriber, None
        if subscriber is not None:
            subscriber.closed()
        if self.on_lost is not None:
            on_lost, self.on_lost = self.on_lost, _nothing
            on_lost()


class EventStreamResponse(Response):
    """The head of an event stream; what follows is the connection's.

    Args:
        connection: Where the request came in.
        seat: The stream's, given back if there will be none.
        begin: Takes the connection over and keeps the seat, when the head has been written.

    """

    def __init__(self, connection: EventStream, seat: Seat, begin: Callable[[], None]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["Content-Length"]
        self._connection = connection
        self._seat = seat
        self._begin = begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a HEAD request ends with the head."""
        del receive
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        with self._seat:
            if scope["method"] == "HEAD":
                await send(start)
                await send({"type": "http.response.body", "body": b""})
                return
            self._connection.prepare()
            await send(start)
            self._begin()


def _nothing() -> None:
    pass
