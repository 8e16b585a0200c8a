"""The stream's handshake: uvicorn's WebSocket protocol, until the connection is handed over.

Starlette routes and judges the handshake. Then the connection goes to a `Channel`, and with the ASGI task everything
that the handshake needed is gone.
"""

from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from liveblog.web.channel import Channel
from liveblog.web.deflate import Negotiated, Negotiation
from liveblog.web.forms import PLAIN

EXTENSION = "liveblog.socket"
"""Under this name the connection stands in `scope["extensions"]`."""

_STOPPING = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class StreamSocket(WebSocketsSansIOProtocol):
    """A connection that shakes hands, and can be handed over when it has.

    Args:
        negotiation: Judges the client's offers of compression; without it none is taken.
        given: What uvicorn hands to its protocols.

    """

    on_gone: Callable[[int], None] | None = None
    """Told the close code of a stream that is gone."""

    def __init__(self, *, negotiation: Negotiation | None = None, **given: Any) -> None:
        super().__init__(**given)
        if negotiation is not None:
            self.conn.available_extensions = [negotiation]

    def connection_made(self, transport: BaseTransport) -> None:
        """Take a connection that asks to become a WebSocket; called by the HTTP connection."""
        super().connection_made(transport)
        self._early = bytearray()
        self._handed_over = False

    def data_received(self, data: bytes) -> None:
        """Take the handshake; what follows it at once is kept for the channel, as much as one read brings."""
        if not self.handshake_initiated:
            super().data_received(data)
        else:
            self._early += data
            self.transport.pause_reading()

    def handle_connect(self, event: Any) -> None:
        """Let the route find the connection; called for the handshake request."""
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def hand_over(self) -> Channel | None:
        """Let go of a connection that was accepted; None if it is gone already."""
        self._handed_over = True
        # The scope and this hold each other.
        del self.scope["extensions"][EXTENSION]
        if self.disconnected:
            return None
        self.connections.discard(self)
        form = next((each.form for each in self.conn.extensions if isinstance(each, Negotiated)), None)
        return Channel(self.transport, self.connections, self.on_gone, bytes(self._early), form or PLAIN)

    def shutdown(self) -> None:
        """Called when the server stops, of those who are still shaking hands: they are told to try again."""
        if self.handshake_complete:
            super().shutdown()
        else:
            # Whatever the application says from now on comes too late.
            self.handshake_complete = self.disconnected = True
            self.transport.write(_STOPPING)
            self.transport.close()

    async def run_asgi(self) -> None:
        """Run the application for the handshake; a connection that was handed over outlives it."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("Exception in ASGI application")
            if not self._handed_over:
                self.send_500_response()
        else:
            if not self.handshake_complete:
                self.send_500_response()
        if not self._handed_over and self.close_timer is None:
            self.transport.close()
