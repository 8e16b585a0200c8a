"""A TCP proxy between the clients and the server that treats connections badly, by dice."""

import asyncio
import contextlib
import random
from collections import Counter

CHUNK = 4096


class Proxy:
    """Listens on a port of its own and passes on to the server's.

    Args:
        dice: Decides what becomes of each connection.

    """

    def __init__(self, dice: random.Random) -> None:
        self.target = 0
        self.port = 0
        self.calm = False
        """Pass everything on as it is from now on, for new connections."""
        self.seen: Counter[str] = Counter()
        self._dice = dice
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

    def cut_all(self) -> None:
        """Cut every connection, wherever it is."""
        self.seen["cut_all"] += 1
        for writer in list(self._writers):
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(to_writer)
        up = asyncio.create_task(_pour(reader, to_writer))
        try:
            await self._down(to_reader, writer)
        except (OSError, ValueError):
            pass
        finally:
            up.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await up
            for each in (writer, to_writer):
                each.transport.abort()
                self._writers.discard(each)

    async def _down(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Pass the server's bytes on, in one of several bad ways."""
        way = "calm" if self.calm else self._dice.choices(("calm", "cut", "stall", "trickle"), (2, 6, 1, 1))[0]
        # A message is about a kilobyte: a cut at any byte is a cut in the middle of a frame, but for one in a thousand.
        left = self._dice.randrange(300, 40_000) if way in {"cut", "stall"} else None
        while data := await source.read(64 if way == "trickle" else CHUNK):
            if left is not None and len(data) >= left:
                sink.write(data[:left])
                await sink.drain()
                self.seen[way] += 1
                if way == "stall":
                    # The server's bytes pile up until it gives the socket up.
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), self._dice.uniform(1, 8))
                return
            left = None if left is None else left - len(data)
            sink.write(data)
            await sink.drain()
            if way == "trickle":
                self.seen["trickle"] += 1
                await asyncio.sleep(0.02)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        sink.write(data)
        await sink.drain()
    sink.write_eof()
