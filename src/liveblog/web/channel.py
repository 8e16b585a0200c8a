"""A WebSocket after its handshake: the transport of one subscription, and nothing else.

What the handshake needed is gone by then: request, headers, scope, task and queue. A reader at the live edge mostly
listens, so even the parser of its frames is made only when it says something.
"""

import asyncio
import os
from collections.abc import Callable, MutableSet, Sequence
from typing import Any

import msgspec
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from liveblog.application.run import Run
from liveblog.session.closecodes import CloseCode
from liveblog.session.messages import Error, ServerMessage
from liveblog.session.page import Item
from liveblog.web.forms import PLAIN, Form
from liveblog.web.inflate import MESSAGE_LIMIT
from liveblog.web.sendqueue import descriptor, unsent
from liveblog.web.subscriber import Subscriber

HIGH_WATER = 64 * 1024
"""Bytes that wait for a socket before it counts as slow."""
MOST_PIECES = 1_024
"""Frames that one client message may come in."""
CLOSE_TIMEOUT_S = 3.0
"""How long a client may take to answer a close frame."""


class Channel(asyncio.Protocol):
    """One reader's WebSocket.

    Args:
        transport: The connection, whose handshake is done.
        peers: The connections of the server, itself among them from now on.
        on_gone: Told the close code when the connection is gone: ours, else the client's, else 1006.
        early: What the client sent before it was served.
        form: How messages are written and read, as the handshake agreed.
        opening: The answer to the handshake, which leaves before all else.

    """

    __slots__ = (
        "_close_timer",
        "_closed",
        "_descriptor",
        "_early",
        "_form",
        "_is_text",
        "_on_gone",
        "_on_lost",
        "_opening",
        "_parser",
        "_peers",
        "_pieces",
        "_subscriber",
        "_transport",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        peers: MutableSet[Any],
        on_gone: Callable[[int], None] | None,
        *,
        early: bytes = b"",
        form: Form = PLAIN,
        opening: bytes = b"",
    ) -> None:
        self._transport = transport
        self._peers = peers
        self._on_gone = on_gone
        self._form = form
        self._parser: ServerProtocol | None = None
        self._descriptor = descriptor(transport)
        self._subscriber: Subscriber | None = None
        self._on_lost: Callable[[], None] | None = None
        self._closed: int | None = None
        self._close_timer: asyncio.TimerHandle | None = None
        self._early: bytes | None = early
        self._opening = opening
        self._pieces: list[bytes] = []
        self._is_text = False
        peers.add(self)
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=HIGH_WATER)

    @property
    def is_compressed(self) -> bool:
        """Whether the reader takes compressed messages."""
        return self._form is not PLAIN

    # What the server does with its reader.

    def serve(self, subscriber: Subscriber, on_lost: Callable[[], None]) -> None:
        """Give the connection to a subscriber.

        Args:
            subscriber: Hears of messages, of the connection's state and of its end; of nothing if it has ended already.
            on_lost: Called when the connection is gone, whatever became of the subscriber.

        """
        if self not in self._peers:
            on_lost()  # it was gone before there was anybody to hear of it
            return
        self._on_lost = on_lost
        if self._closed is not None:
            return  # the server stops, and has said so
        self._subscriber = subscriber
        subscriber.open()
        if self._opening:
            self.write(b"")  # the subscriber has nothing to say yet
        self._listen()

    def refuse(self, code: int, name: str, reason: str) -> None:
        """Say after the handshake what must not be retried, and close: browsers never see a refused handshake."""
        self.say(Error(code=name, message=reason, re=None))
        self.close(code, reason)

    def send_items(self, items: Sequence[Item]) -> None:
        """Write shared messages in order, in one go."""
        shared = self._form.shared
        self.write(shared(items[0]) if len(items) == 1 else b"".join(map(shared, items)))

    def send_run(self, run: Run) -> None:
        """See `Transport.send_run`: one write of bytes that are there already."""
        form = self._form
        self.write(run.in_form(form.name, form.shared))

    def say(self, message: ServerMessage) -> None:
        """Write a message that is this reader's own."""
        self.write(self._form.own(msgspec.json.encode(message)))

    def write(self, data: bytes) -> None:
        """Write frames: at once if nothing waits, which costs least; else behind what waits."""
        if self._closed is not None or self._transport.is_closing():
            return  # the descriptor may be another connection's by now
        if self._opening:
            data, self._opening = self._opening + data, b""
        if self._descriptor is not None and not self._transport.get_write_buffer_size():
            try:
                sent = os.write(self._descriptor, data)
            except OSError:
                sent = 0  # the transport will find out what it is, and end the connection if it must
            if sent == len(data):
                return
            data = data[sent:]
        self._transport.write(data)

    def unsent(self) -> int:
        """See `Transport.unsent`."""
        return unsent(self._transport)

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake (RFC 6455, section 7.1.2)."""
        self._subscriber = None
        if self._closed is not None:
            return
        # A control frame holds 125 bytes: two are the code's.
        body = Close(code, reason.encode()[:123].decode(errors="ignore")).serialize()
        self.write(Frame(Opcode.CLOSE, body).serialize(mask=False))
        self._end(code)
        self._listen()

    def shutdown(self) -> None:
        """Tell the reader to come back with its cursor; called when the server stops."""
        subscriber = self._subscriber
        self.close(CloseCode.SHUTTING_DOWN, "the server is shutting down: reconnect with your position")
        if subscriber is not None:
            subscriber.closed()

    # What comes from the reader.

    def data_received(self, data: bytes) -> None:
        """Take the client's bytes; called by the loop."""
        if self._early is not None:
            # Nobody is there yet who could hear it. What one read brings is kept, and no more is read.
            self._early += data
            self._transport.pause_reading()
            return
        if self._parser is None:
            self._parser = ServerProtocol(state=OPEN, max_size=MESSAGE_LIMIT)
            self._parser.extensions = self._form.extensions()
        parser = self._parser
        parser.receive_data(data)
        for event in parser.events_received():
            assert isinstance(event, Frame)
            self._take(event)
        answer = b"".join(parser.data_to_send())
        if self._closed is not None:
            return
        if parser.parser_exc is not None:
            self._fail(parser, answer)
        elif answer and self._transport.get_write_buffer_size() < HIGH_WATER:
            # Of a flood of pings only those are answered for which there is room (RFC 6455, section 5.5.3).
            self.write(answer)

    def pause_writing(self) -> None:
        """Called by the transport when too much waits to be written."""
        if self._subscriber is not None:
            self._subscriber.writable(False)

    def resume_writing(self) -> None:
        """Called by the transport when it has written enough."""
        if self._subscriber is not None:
            self._subscriber.writable(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the connection is gone."""
        del exc
        self._peers.discard(self)
        if self._close_timer is not None:
            self._close_timer.cancel()
        code = CloseCode.ABNORMAL if self._closed is None else self._closed
        self._closed = code
        self._part()
        if self._on_lost is not None:
            self._on_lost()
        if self._on_gone is not None:
            self._on_gone(code)
        # What holds it, and what it holds, would wait for the garbage collector.
        self._on_lost = self._on_gone = self._parser = None

    def _listen(self) -> None:
        early, self._early = self._early, None
        if early:
            self.data_received(early)
            self._transport.resume_reading()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._close_received(frame)
        elif frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT} and self._subscriber is not None:
            if frame.opcode is not Opcode.CONT:
                self._is_text = frame.opcode is Opcode.TEXT
            self._pieces.append(bytes(frame.data))
            if frame.fin:
                whole = b"".join(self._pieces)
                self._pieces.clear()
                self._message(self._subscriber, whole)
            elif len(self._pieces) > MOST_PIECES:
                # Empty ones count for nothing against the message's size.
                subscriber = self._subscriber
                self.close(CloseCode.MESSAGE_TOO_BIG, f"a message comes in {MOST_PIECES} pieces at most")
                subscriber.closed()

    def _message(self, subscriber: Subscriber, data: bytes) -> None:
        if not self._is_text:
            self.refuse(CloseCode.UNSUPPORTED_DATA, "not_text", "send text messages")
            subscriber.closed()
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.refuse(CloseCode.INVALID_TEXT, "not_utf_8", "text messages are UTF-8")
            subscriber.closed()
            return
        subscriber.received(text)

    def _close_received(self, frame: Frame) -> None:
        if self._closed is None:
            # The parser has made the answer; the server is the one who ends the connection (section 7.1.1).
            assert self._parser is not None
            self.write(b"".join(self._parser.data_to_send()))
            self._end(Close.parse(frame.data).code)
            self._part()
        # What is still to be written leaves before that, unless it takes too long.
        self._transport.close()

    def _fail(self, parser: ServerProtocol, answer: bytes) -> None:
        """Close for bytes that are no WebSocket's, or too many of them."""
        assert parser.close_sent is not None
        code = parser.close_sent.code
        self.say(Error(code="bad_frame", message=f"the stream ends: {parser.close_sent.reason or code}", re=None))
        self.write(answer)
        self._part()
        self._end(code)
        # No close frame can be read from such a client any more, only the end of what it sends. Ending the connection
        # before that could take the error and the code away from it.
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _end(self, code: int) -> None:
        """Wait for the client's close frame, but not for long."""
        self._closed = int(code)
        self._close_timer = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._transport.abort)

    def _part(self) -> None:
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None:
            subscriber.closed()
