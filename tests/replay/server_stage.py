"""The stage with everything: a server on a database and a port, and a client that is nothing but a WebSocket client."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from websockets.exceptions import ConnectionClosed

from house import PATIENCE_S, House, Reader, open_house
from liveblog.application.recording import Recording
from replay.history import History, adopt, history_of
from replay.stage import Heard, Message


class ServerStage:
    """See `Stage`."""

    exact = False
    patience = PATIENCE_S

    def __init__(self, history: History, house: House, doors: AsyncExitStack) -> None:
        self.history = history
        self._house = house
        self._doors = doors
        self._reader: Reader | None = None

    def time(self) -> float:
        return time.monotonic()

    async def join(self, query: str) -> None:
        self._reader = await self._doors.enter_async_context(self._house.stream(self.history.slug, f"?{query}"))

    async def say(self, text: str) -> None:
        assert self._reader is not None
        await self._reader.socket.send(text)

    async def post(self, command: Message) -> list[Message]:
        answer = await self._house.post(self.history.slug, command)
        assert answer.status_code == 201, answer.text
        events: list[Message] = answer.json()["events"]
        return events

    async def hear(self) -> Heard:
        assert self._reader is not None
        while True:
            try:
                message = json.loads(await self._reader.socket.recv())
            except ConnectionClosed:
                return Heard(self.time(), {"type": "closed", "code": self._reader.socket.close_code})
            if message["type"] != "heartbeat":
                return Heard(self.time(), message)

    def unheard(self) -> list[Heard]:
        return []

    async def cut(self) -> None:
        assert self._reader is not None
        self._reader.socket.transport.abort()
        await self._reader.socket.wait_closed()


@asynccontextmanager
async def server_stage(url: str, given: Recording, events: int | None = None) -> AsyncIterator[ServerStage]:
    """Set the stage with a recording, or its beginning, in a database that is up to date."""
    async with open_house(url) as house, AsyncExitStack() as doors:
        await adopt(house.store.event_log, given, events)
        yield ServerStage(await history_of(given, events), house, doors)
