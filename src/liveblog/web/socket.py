"""The stream's handshake: ASGI's WebSocket, until the connection is handed over.

Starlette routes and judges the handshake. Then the connection goes to a `Channel`, and with the ASGI task everything
that the handshake needed is gone.
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState

from liveblog.web.channel import Channel
from liveblog.web.forms import PLAIN, Form
from liveblog.web.judge import Judge, denial

EXTENSION = "liveblog.socket"
"""Under this name the connection stands in `scope["extensions"]`."""

_STOPPING = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

log = logging.getLogger("uvicorn.error")


class StreamSocket(asyncio.Protocol):
    """A connection that shakes hands, and is handed over when it has.

    It speaks as much of ASGI as the handshake needs: no message is sent or received this way.

    Args:
        app: The application.
        state: The server's.
        transport: The connection, of which the head of the handshake was read.
        judge: Knows what a handshake is.

    """

    on_gone: Callable[[int], None] | None = None
    """Told the close code of a stream that is gone."""

    def __init__(self, app: ASGIApp, state: ServerState, transport: asyncio.Transport, *, judge: Judge) -> None:
        self._app = app
        self._state = state
        self._transport = transport
        self._judge = judge
        self._early = bytearray()
        self._opening = b""
        """What the client is told when it is accepted."""
        self._form: Form = PLAIN
        self._denial: Message | None = None
        self._denied = b""
        self._heard = False
        self._answered = False
        self._handed_over = False
        self._gone = asyncio.Event()
        state.connections.add(self)  # type: ignore[arg-type]  # as much of a protocol as uvicorn asks for
        transport.set_protocol(self)

    def shake_hands(self, head: Scope, target: bytes, early: bytes = b"") -> None:
        """Judge the request, and have the application judge it if it is a handshake.

        Args:
            head: What uvicorn makes of a request's head.
            target: What it names, path and query.
            early: What came after it, in the same piece.

        """
        if early:
            self.data_received(early)
        fields = [(name, value.strip(b" \t")) for name, value in head["headers"]]
        verdict = self._judge.judge(head["method"], target, fields)
        if verdict.form is None:
            self._answer(verdict.answer)
            self._transport.close()
            return
        self._opening, self._form = verdict.answer, verdict.form
        path, _, query = target.partition(b"?")
        scope = {
            "type": "websocket",
            "asgi": {"version": head["asgi"]["version"], "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if head["scheme"] == "https" else "ws",
            "server": head["server"],
            "client": head["client"],
            "root_path": head["root_path"],
            "path": head["root_path"] + unquote(path.decode("ascii")),
            "raw_path": head["root_path"].encode("ascii") + path,
            "query_string": query,
            "headers": fields,
            "subprotocols": [],
            "state": head["state"],
            "extensions": {"websocket.http.response": {}, EXTENSION: self},
        }
        task = asyncio.get_running_loop().create_task(self._run(scope))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def hand_over(self) -> Channel | None:
        """Let go of a connection that was accepted; None if it is gone already."""
        self._handed_over = True
        if self._gone.is_set():
            return None
        connections: set[Any] = self._state.connections
        connections.discard(self)
        return Channel(
            self._transport, connections, self.on_gone, early=bytes(self._early), form=self._form, opening=self._opening
        )

    def data_received(self, data: bytes) -> None:
        """Keep what follows the handshake at once for the channel, as much as one read brings."""
        self._early += data
        self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the connection is gone."""
        del exc
        self._state.connections.discard(self)
        self._gone.set()

    def shutdown(self) -> None:
        """Called when the server stops, of those who are still shaking hands: they are told to try again."""
        if not self._answered:
            self._answer(_STOPPING)
        # Whatever the application says from now on comes too late.
        self._gone.set()
        self._transport.close()

    async def _run(self, scope: Scope) -> None:
        """Run the application for the handshake; a connection that was handed over outlives it."""
        try:
            await self._app(scope, self._receive, self._send)
        except ClientDisconnected:
            pass
        except Exception:
            log.exception("Exception in ASGI application")
            self._fail()
        else:
            self._fail()
        if not self._handed_over:
            self._transport.close()

    async def _receive(self) -> Message:
        if not self._heard:
            self._heard = True
            return {"type": "websocket.connect"}
        await self._gone.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def _send(self, message: Message) -> None:
        if self._gone.is_set():
            raise ClientDisconnected
        kind = message["type"].removeprefix("websocket.")
        if kind == "http.response.body" and self._denial is not None:
            self._denied += message.get("body", b"")
            if not message.get("more_body", False):
                self._answer(denial(self._denial, self._denied))
                self._transport.close()
        elif self._answered or self._denial is not None:
            raise RuntimeError(f"The handshake is answered, and {kind} comes too late.")
        elif kind == "accept":
            # It leaves with the first message: one packet for both.
            self._answered = True
            dated = b"".join(b"%s: %s\r\n" % field for field in self._state.default_headers)
            self._opening += dated + b"\r\n"
        elif kind == "close":
            self._answer(self._judge.refuse(HTTPStatus.FORBIDDEN))
            self._transport.close()
        elif kind == "http.response.start":
            self._denial = message
        else:
            raise RuntimeError(f"A handshake is not answered with {kind}.")

    def _answer(self, answer: bytes) -> None:
        self._answered = True
        self._transport.write(answer)

    def _fail(self) -> None:
        """Say that there is a defect, if nothing was said yet."""
        if not self._answered and self._denial is None:
            self._answer(self._judge.refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"))
