"""Clients in Python."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import websocket
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection as SyncConnection
from websockets.sync.client import connect as connect_sync

from interop.link import PATIENCE_S, Heard, Link


def _end(closed: ConnectionClosed) -> Heard:
    return Heard("close", code=0 if closed.rcvd is None else closed.rcvd.code)


class Websockets(Link):
    """`websockets`, on a loop."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__()
        self._socket = socket
        self.compresses = bool(socket.protocol.extensions)

    async def hear(self) -> Heard:
        try:
            return Heard("text", str(await self._socket.recv()))
        except ConnectionClosed as closed:
            return _end(closed)

    async def write(self, text: str) -> None:
        await self._socket.send(text)

    async def write_ping(self, text: str) -> None:
        raise NotImplementedError

    async def ping(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await (await self._socket.ping("are you there?"))

    async def close(self) -> None:
        await self._socket.close()


@asynccontextmanager
async def open_websockets(url: str) -> AsyncIterator[Link]:
    """Connect with `websockets`."""
    async with connect_async(url, ping_interval=None) as socket:
        yield Websockets(socket)


class SyncWebsockets(Link):
    """`websockets`, in a thread."""

    def __init__(self, socket: SyncConnection) -> None:
        super().__init__()
        self._socket = socket
        self.compresses = bool(socket.protocol.extensions)

    async def hear(self) -> Heard:
        try:
            return Heard("text", str(await asyncio.to_thread(self._socket.recv, PATIENCE_S)))
        except ConnectionClosed as closed:
            return _end(closed)

    async def write(self, text: str) -> None:
        await asyncio.to_thread(self._socket.send, text)

    async def write_ping(self, text: str) -> None:
        raise NotImplementedError

    async def ping(self) -> None:
        answered = await asyncio.to_thread(self._socket.ping, "are you there?")
        assert await asyncio.to_thread(answered.wait, PATIENCE_S)

    async def close(self) -> None:
        await asyncio.to_thread(self._socket.close)


@asynccontextmanager
async def open_sync_websockets(url: str) -> AsyncIterator[Link]:
    """Connect with the synchronous half of `websockets`."""
    connecting = await asyncio.to_thread(connect_sync, url, ping_interval=None)
    socket = await asyncio.to_thread(connecting.__enter__)
    try:
        yield SyncWebsockets(socket)
    finally:
        await asyncio.to_thread(connecting.__exit__, None, None, None)


class Aiohttp(Link):
    """`aiohttp`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__()
        self._socket = socket
        self.compresses = bool(socket.compress)

    async def hear(self) -> Heard:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            return Heard("text", message.data)
        if message.type is aiohttp.WSMsgType.PONG:
            return Heard("pong", bytes(message.data).decode())
        return Heard("close", code=self._socket.close_code or 0)

    async def write(self, text: str) -> None:
        await self._socket.send_str(text)

    async def write_ping(self, text: str) -> None:
        await self._socket.ping(text.encode())

    async def close(self) -> None:
        await self._socket.close()


@asynccontextmanager
async def open_aiohttp(url: str) -> AsyncIterator[Link]:
    """Connect with `aiohttp`, and have it offer compression with the widest window, which it does not by itself."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, compress=15, autoping=False) as socket,
    ):
        yield Aiohttp(socket)


class WebsocketClient(Link):
    """`websocket-client`, which knows no compression."""

    compresses = False

    def __init__(self, socket: websocket.WebSocket) -> None:
        super().__init__()
        self._socket = socket

    async def hear(self) -> Heard:
        opcode, data = await asyncio.to_thread(self._socket.recv_data, control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return Heard("close", code=int.from_bytes(data[:2], "big"))
        return Heard("pong" if opcode == websocket.ABNF.OPCODE_PONG else "text", data.decode())

    async def write(self, text: str) -> None:
        await asyncio.to_thread(self._socket.send, text)

    async def write_ping(self, text: str) -> None:
        await asyncio.to_thread(self._socket.ping, text)

    async def close(self) -> None:
        await asyncio.to_thread(self._socket.close)


@asynccontextmanager
async def open_websocket_client(url: str) -> AsyncIterator[Link]:
    """Connect with `websocket-client`."""
    socket = await asyncio.to_thread(websocket.create_connection, url, timeout=PATIENCE_S)
    try:
        yield WebsocketClient(socket)
    finally:
        await asyncio.to_thread(socket.shutdown)
