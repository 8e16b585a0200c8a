"""The server: uvicorn with our connections, our limits, a ready line, and an orderly end."""

import asyncio
import random
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS

from liveblog.web.acceptor import Acceptor
from liveblog.web.channel import Channel
from liveblog.web.closings import TICK_S, Closings
from liveblog.web.connection import Limits
from liveblog.web.deflate import Negotiation
from liveblog.web.event_stream import EventStream
from liveblog.web.judge import Judge
from liveblog.web.proxies import Proxies
from liveblog.web.readiness import Readiness
from liveblog.web.socket import StreamSocket

MESSAGE_LIMIT = 16 * 1024
"""Bytes of a client's message."""
BACKLOG = 4096
USER_TIMEOUT_MS = 60_000
"""The kernel ends a connection when sent bytes stay unacknowledged for so long (RFC 5482): its peer is gone."""


class CannotListen(Exception):
    """There is no such address here, or another program has it."""


class Server(uvicorn.Server):
    """Says when it accepts, and where; and before it stops, that it is about to.

    Args:
        config: uvicorn's.
        ready: Told the address.
        readiness: Told that the server was told to stop.
        drain_s: Seconds from then on in which it goes on serving, so that balancers learn of it.
        closing_s: Seconds after that in which the streams are ended, a share at a time.

    """

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[str], None],
        readiness: Readiness | None,
        drain_s: float,
        closing_s: float,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._readiness = readiness
        self._drain_s = drain_s
        self._closing_s = closing_s
        self._drained_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in order at the first signal, and at the second without waiting for anybody."""
        if self.should_exit:
            sig = signal.SIGINT  # which to uvicorn means: now
        super().handle_exit(sig, frame)
        if self._readiness is not None:
            self._readiness.draining = True

    async def on_tick(self, counter: int) -> bool:
        """Tell whether to stop; asked ten times a second."""
        if not await super().on_tick(counter):
            return False
        now = asyncio.get_running_loop().time()
        if self._drained_at is None:
            self._drained_at = now + self._drain_s
        return self.force_exit or now >= self._drained_at

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT, and end like a program that is done, not like one that was killed."""
        loop = asyncio.get_running_loop()
        for number in HANDLED_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in HANDLED_SIGNALS:
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        # Without sockets of its own to serve it only prepares itself; the acceptors take the connections.
        await super().startup([])
        for listener in sockets or ():
            self.servers.append(Acceptor(listener, self._protocol))  # type: ignore[arg-type]  # as much of a server
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody any more, answer what was asked, end the streams share by share, then see everybody off."""
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        connections = self.server_state.connections
        streams = [each for each in connections if _is_stream(each)]
        for each in connections.difference(streams):
            each.shutdown()
        # In any order but that of arrival: the readers of one blog often came together, and would come back so.
        random.shuffle(streams)
        loop = asyncio.get_running_loop()
        closings = Closings(streams, self._closing_s, loop.time())
        while not self.force_exit:
            for each in closings.due(loop.time(), connections):
                each.shutdown()
            if not closings:
                break
            await asyncio.sleep(TICK_S)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def bind(host: str, port: int) -> socket.socket:
    """Take an address; port 0 lets the system choose one.

    Raises:
        CannotListen: If there is no such address here, or another program has it.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections have it from the socket that accepted them.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        listener.bind(address)
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {host} port {port}: {error.strerror}; name another with --port"
        ) from error
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def make_server(
    app: ASGIApp,
    *,
    trusted_proxies: tuple[str, ...] = (),
    limits: Limits | None = None,
    compression: int = 0,
    drain_s: float = 0.0,
    closing_s: float = 0.0,
    shutdown_s: int = 10,
    ready: Callable[[str], None] | None = None,
    readiness: Readiness | None = None,
) -> Server:
    """Make a server for the application.

    Args:
        app: The application.
        trusted_proxies: Addresses and networks whose word counts for where a request came from.
        limits: What a connection may take.
        compression: How hard messages on WebSockets are compressed for who offers it, 1 to 9; 0 for not at all.
        drain_s: Seconds between the signal to stop and the last new connection.
        closing_s: Seconds after that in which the streams are ended.
        shutdown_s: Seconds after that until what still runs is cut off.
        ready: Told the address when the server accepts; without it, a line goes to standard error.
        readiness: Told that the server is about to stop.

    """
    protocol: Any = partial(EventStream, limits=limits or Limits())
    stream: Any = partial(StreamSocket, judge=Judge(Negotiation(compression) if compression else None))
    config = uvicorn.Config(
        Proxies(app, trusted_proxies) if trusted_proxies else app,
        http=protocol,
        ws=stream,
        loop="uvloop",
        interface="asgi3",
        lifespan="off",
        backlog=BACKLOG,
        ws_max_size=MESSAGE_LIMIT,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=shutdown_s,
    )
    return Server(config, ready or _say_ready, readiness, drain_s, closing_s)


def _is_stream(connection: Any) -> bool:
    return isinstance(connection, Channel) or (isinstance(connection, EventStream) and connection.is_streaming)


def _say_ready(address: str) -> None:
    sys.stderr.write(f"liveblog ready at {address}\n")
    sys.stderr.flush()
