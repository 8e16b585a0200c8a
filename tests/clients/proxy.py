"""A TCP proxy that breaks connections where a test says so."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self


class Proxy:
    """Passes bytes on between its own port and a server's.

    Args:
        port: The server's.
        budgets: For the first connection, the second and so on: after how many bytes from the server it is cut.
            Those without one live on.
        silent: Whether a cut connection stays open and says nothing more, as when a cable is pulled.

    """

    def __init__(self, port: int, budgets: Sequence[int] = (), *, silent: bool = False) -> None:
        self._server_port, self._budgets, self._silent = port, list(budgets), silent
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self.connections = self.cuts = 0
        self.port = 0

    def cut(self) -> None:
        """Cut every connection that is open now."""
        for writer in self._open:
            writer.transport.abort()
        self.cuts += len(self._open) // 2
        self._open.clear()

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # in which the loop closes what was aborted

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        budget = self._budgets.pop(0) if self._budgets else None
        try:
            async with self._upstream() as (from_server, to_server):
                if to_server is not None:
                    pair = {writer, to_server}
                    self._open |= pair
                    asking = asyncio.create_task(_pass_on(reader, to_server))
                    self._tasks.add(asking)
                    await self._answers(from_server, writer, budget)
                    self._open -= pair
        finally:
            writer.transport.abort()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: int | None) -> None:
        while data := await _some(reader):
            if budget is not None and len(data) >= budget:
                writer.write(data[:budget])
                await writer.drain()
                self.cuts += 1
                while self._silent and await _some(reader):
                    pass
                return
            writer.write(data)
            budget = None if budget is None else budget - len(data)

    @asynccontextmanager
    async def _upstream(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter | None]]:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            yield asyncio.StreamReader(), None
            return
        try:
            yield reader, writer
        finally:
            writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await _some(reader):
        writer.write(data)


async def _some(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except ConnectionError:
        return b""
