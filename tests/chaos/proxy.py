"""A TCP proxy between the clients and the server that treats connections badly, by dice."""

import asyncio
import contextlib
import random
import socket
from collections import Counter
from collections.abc import Callable

from chaos.framing import Framing

CHUNK = 4096
SMALL = 16 * 1024
"""Bytes that the system keeps of a connection that stalls or trickles, so that the server's own buffers must fill."""


class Proxy:
    """Listens on a port of its own and passes on to the server's.

    Args:
        dice: Decides what becomes of each connection.
        target: Tells the port to which a new connection goes.
        calm: Pass everything on as it is.

    """

    def __init__(self, dice: random.Random, target: Callable[[], int], *, calm: bool = False) -> None:
        self.port = 0
        self.calm = calm
        """Pass everything on as it is from now on, for new connections."""
        self.seen: Counter[str] = Counter()
        self._dice = dice
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Let go of everything."""
        assert self._server is not None
        self._server.close()
        self._stopping.set()
        self.cut_all()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def cut_all(self) -> int:
        """Cut every connection, wherever it is; returns how many there were."""
        open_ones = [writer for writer in self._writers if not writer.transport.is_closing()]
        for writer in open_ones:
            writer.transport.abort()
        return len(open_ones) // 2

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = "calm" if self.calm else self._dice.choices(("calm", "cut", "stall", "trickle"), (2, 5, 2, 1))[0]
        self._writers.add(writer)
        try:
            to_reader, to_writer = await self._connect(small=way in {"stall", "trickle"})
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(to_writer)
        up = asyncio.create_task(_pour(reader, to_writer))
        try:
            await self._down(to_reader, writer, way)
        except (OSError, ValueError):
            pass
        finally:
            up.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await up
            for each in (writer, to_writer):
                each.transport.abort()
                self._writers.discard(each)
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _connect(self, *, small: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        raw = socket.socket()
        try:
            raw.setblocking(False)
            if small:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self._target()))
            return await asyncio.open_connection(sock=raw, limit=SMALL)
        except OSError:
            raw.close()
            raise

    async def _down(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: str) -> None:
        """Pass the server's bytes on, in one of several bad ways."""
        left = self._dice.randrange(300, 40_000) if way in {"cut", "stall"} else None
        framing = Framing()
        while data := await source.read(64 if way == "trickle" else CHUNK):
            if way == "cut" and left is not None and len(data) >= left:
                framing.take(data[:left])
                sink.write(data[:left])
                await sink.drain()
                self.seen["cut within a message" if framing.is_within else "cut between messages"] += 1
                return
            if way == "stall" and left is not None and len(data) >= left:
                # The server's bytes pile up, until it gives the socket up, or until they go on.
                self.seen["sockets stalled"] += 1
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._dice.choice((2, 4, 15)))
                left = None
            left = None if left is None else left - len(data)
            if left is not None:
                framing.take(data)
            sink.write(data)
            await sink.drain()
            if way == "trickle":
                self.seen["bytes trickled"] += len(data)
                await asyncio.sleep(0.02)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        sink.write(data)
        await sink.drain()
    sink.write_eof()
