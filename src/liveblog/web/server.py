"""The server: uvicorn with our socket, our limits, and a ready line."""

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS

from liveblog.web.socket import StreamSocket

MESSAGE_LIMIT = 16 * 1024
"""Bytes of a client's message."""
BACKLOG = 4096


class CannotListen(Exception):
    """There is no such address here, or another program has it."""


class Server(uvicorn.Server):
    """Says when it accepts, and where."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

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
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


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
    shutdown_s: int = 10,
    ready: Callable[[str], None] | None = None,
) -> Server:
    """A server for the application; `ready` is told its address, else a line on standard error says it."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws=StreamSocket,
        loop="uvloop",
        lifespan="off",
        backlog=BACKLOG,
        ws_max_size=MESSAGE_LIMIT,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=shutdown_s,
    )
    return Server(config, ready or _say_ready)


def _say_ready(address: str) -> None:
    sys.stderr.write(f"liveblog ready at {address}\n")
    sys.stderr.flush()
