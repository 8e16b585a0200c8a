"""What the tests ask of any client: a connection that hears, speaks and ends."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Literal

from msgspec import Struct

PATIENCE_S = 20.0


class Heard(Struct):
    """What a client heard.

    Args:
        kind: What it was.
        text: A message's text, or a pong's.
        code: The code of a close.

    """

    kind: Literal["text", "pong", "close"]
    text: str = ""
    code: int = 0


class Link(ABC):
    """One connection of a client's. `compresses`: whether it has agreed on compression."""

    compresses: bool
    can_ping = True

    def __init__(self) -> None:
        self._kept: deque[Heard] = deque()

    @abstractmethod
    async def hear(self) -> Heard:
        """What comes next."""

    @abstractmethod
    async def write(self, text: str) -> None:
        """Send a text message."""

    @abstractmethod
    async def write_ping(self, text: str) -> None:
        """Send a ping."""

    @abstractmethod
    async def close(self) -> None:
        """End the connection in order."""

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next message; of these types, where some are named."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                heard = self._kept.popleft() if self._kept else await self.hear()
                assert heard.kind == "text", heard
                message: dict[str, Any] = json.loads(heard.text)
                if not kinds or message["type"] in kinds:
                    return message

    async def events(self, count: int) -> list[dict[str, Any]]:
        """So many events."""
        return [await self.next("event") for _ in range(count)]

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Say something and wait for the answer."""
        await self.write(json.dumps({"id": "asked", **message}))
        while True:
            answer = await self.next("playback", "error")
            if answer["re"] == "asked":
                return answer

    async def ping(self) -> None:
        """Ping, and wait for the pong; messages that come before it are kept."""
        await self.write_ping("are you there?")
        async with asyncio.timeout(PATIENCE_S):
            while (heard := await self.hear()).kind != "pong":
                assert heard.kind == "text", heard
                self._kept.append(heard)
        assert heard.text == "are you there?"

    async def ended(self) -> tuple[list[dict[str, Any]], int]:
        """The messages until the server ends the connection, and the code that it gives."""
        messages = []
        async with asyncio.timeout(PATIENCE_S):
            while (heard := await self.hear()).kind != "close":
                messages.append(json.loads(heard.text))
        return messages, heard.code
