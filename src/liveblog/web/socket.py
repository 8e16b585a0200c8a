"""The stream's socket: uvicorn's WebSocket protocol, which gives the connection to a subscription after the handshake.

Starlette routes and judges the handshake. Then the socket belongs to the subscription alone: the ASGI task ends, and
every byte goes out through `_write`, on the loop, without a queue.
"""

import socket
from asyncio.transports import BaseTransport
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from liveblog.session.closecodes import CloseCode
from liveblog.session.messages import Error, ServerMessage
from liveblog.session.page import Item

EXTENSION = "liveblog.socket"
"""Under this name the connection stands in `scope["extensions"]`."""
HIGH_WATER = 64 * 1024
"""Bytes that wait for a socket before it counts as slow."""
USER_TIMEOUT_MS = 60_000
"""The kernel gives a connection up when sent bytes stay unacknowledged for so long (RFC 5482)."""
CLOSE_TIMEOUT_S = 3.0


class Subscriber(Protocol):
    """Who owns a socket after its handshake."""

    def open(self) -> None:
        """The socket takes messages from now on."""

    def received(self, text: str | bytes) -> None:
        """A client's text message came in."""

    def writable(self, flag: bool) -> None:
        """The socket takes more, or is full."""

    def closed(self) -> None:
        """The connection is gone."""


def frame_of(item: Item) -> bytes:
    """The item as a WebSocket text frame (RFC 6455, section 5.2), made once for everyone."""
    if item.frame is None:
        item.frame = Frame(Opcode.TEXT, item.payload).serialize(mask=False)
    return item.frame


class StreamSocket(WebSocketsSansIOProtocol):
    """A connection that can be taken over from ASGI. It is the `Transport` of its subscription."""

    subscriber: Subscriber | None = None
    on_lost: Callable[[], None] | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Prepare the socket; called by the loop."""
        super().connection_made(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in {socket.AF_INET, socket.AF_INET6}:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.close_timeout = CLOSE_TIMEOUT_S

    def handle_connect(self, event: Any) -> None:
        """Let the route find the connection; called for the handshake request."""
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def take_over(self, subscriber: Subscriber, on_lost: Callable[[], None]) -> None:
        """Give the accepted connection to a subscriber.

        Args:
            subscriber: Hears of messages, of the socket's state and of its end.
            on_lost: Called when the connection is gone, whatever became of the subscriber.

        """
        self.on_lost = on_lost
        self.subscriber = subscriber
        early = self._drain_queue()
        if self.disconnected:
            self._lost()
            return
        subscriber.open()
        for text in early:
            if self.subscriber is not None:
                self.subscriber.received(text)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def refuse(self, code: int, name: str, reason: str) -> None:
        """Say after the handshake what must not be retried, and close: browsers never see a refused handshake."""
        self.say(Error(code=name, message=reason, re=None))
        self.close(code, reason)

    def send_items(self, items: Sequence[Item]) -> None:
        """Write shared messages in order, in one go."""
        if len(items) == 1:
            self._write(frame_of(items[0]))
        else:
            self._write(b"".join(map(frame_of, items)))

    def say(self, message: ServerMessage) -> None:
        """Write a message that is this reader's own."""
        self._write(Frame(Opcode.TEXT, msgspec.json.encode(message)).serialize(mask=False))

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake (RFC 6455, section 7.1.2)."""
        self.subscriber = None
        if self.close_sent or self.transport.is_closing():
            return
        # A control frame holds 125 bytes: two are the code's.
        self.conn.send_close(code, reason.encode()[:123].decode(errors="ignore"))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def abort(self) -> None:
        """Cut a connection that takes nothing any more, not even a close frame."""
        self.transport.abort()

    async def run_asgi(self) -> None:
        """Run the application for the handshake; a connection that was taken over outlives it."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("Exception in ASGI application")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.send_500_response()
        if self.on_lost is None and self.close_timer is None:
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message to the subscriber."""
        if self.on_lost is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.subscriber is None:
            return
        if self.curr_msg_data_type != "text":
            subscriber = self.subscriber
            self.refuse(CloseCode.UNSUPPORTED_DATA, "not_text", "send text messages")
            subscriber.closed()
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            subscriber = self.subscriber
            self.refuse(CloseCode.INVALID_TEXT, "not_utf_8", "text messages are UTF-8")
            subscriber.closed()
            return
        self.subscriber.received(text)

    def pause_writing(self) -> None:
        """Called by the transport when too much waits to be written."""
        super().pause_writing()
        if self.subscriber is not None:
            self.subscriber.writable(False)

    def resume_writing(self) -> None:
        """Called by the transport when it has written enough."""
        super().resume_writing()
        if self.subscriber is not None:
            self.subscriber.writable(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the connection is gone."""
        super().connection_lost(exc)
        self._lost()

    def shutdown(self) -> None:
        """Called when the server stops: readers are told to come back with their cursor."""
        if self.on_lost is None:
            super().shutdown()
            return
        subscriber, self.subscriber = self.subscriber, None
        self.close(CloseCode.SHUTTING_DOWN, "the server is shutting down: reconnect with your position")
        if subscriber is not None:
            subscriber.closed()

    def _write(self, data: bytes) -> None:
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(data)

    def _drain_queue(self) -> list[str]:
        """Client messages that came before the take-over."""
        texts = []
        while not self.queue.empty():
            message: Any = self.queue.get_nowait()
            if isinstance(text := message.get("text"), str):
                texts.append(text)
        return texts

    def _lost(self) -> None:
        subscriber, self.subscriber = self.subscriber, None
        if subscriber is not None:
            subscriber.closed()
        if self.on_lost is not None:
            on_lost, self.on_lost = self.on_lost, _nothing
            on_lost()


def _nothing() -> None:
    pass
