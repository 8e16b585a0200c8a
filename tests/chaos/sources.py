"""Those who read without being able to speak: readers of event streams, and who watch a shared replay."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chaos.clients import FINAL, LOST
from chaos.history import Reader, Told

NO_SUCH_REPLAY = 4505


class Source:
    """A reader of the event stream, which comes back with the last id that it was given."""

    def __init__(self, reader: Reader, http: httpx2.AsyncClient, dice: random.Random, seen: Counter[str]) -> None:
        self.reader = reader
        self._http = http
        self._dice = dice
        self._seen = seen
        self._last_event_id: str | None = None

    async def listen(self, address: Callable[[], str], done: Callable[[Reader], bool]) -> None:
        """Listen and come back until told to stop."""
        while not done(self.reader):
            with suppress(httpx2.HTTPError, OSError):
                await self._once(address(), done)
            await asyncio.sleep(self._dice.uniform(0.01, 0.15))

    async def _once(self, address: str, done: Callable[[Reader], bool]) -> None:
        resumed = {} if self._last_event_id is None else {"Last-Event-ID": self._last_event_id}
        # A server that says nothing for two heartbeats is gone.
        async with self._http.stream("GET", f"{address}?from=start", headers=resumed, timeout=5) as answer:
            assert answer.status_code in {200, 429, 503}, answer.status_code
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    self._take(fields)
                    fields = {}
                    if done(self.reader):
                        return

    def _take(self, fields: dict[str, str]) -> None:
        message = json.loads(fields["data"]) if "data" in fields else {}
        match fields.get("event"):
            case "subscribed":
                assert message["position"] == self.reader.cursor
                self._seen["reconnects of event streams"] += self._last_event_id is not None
            case "event":
                self._last_event_id = fields["id"]
                self.reader.received.append(Told.of(message))
            case "closing":
                assert message["code"] not in FINAL, message
                self._seen[f"event streams closed with {message['code']}"] += 1


class Watcher:
    """Watches a shared replay, and has it begun again whenever it is gone; what one connection brings is a reader."""

    def __init__(self, name: str, http: httpx2.AsyncClient, dice: random.Random, seen: Counter[str]) -> None:
        self.readers: list[Reader] = []
        self._name = name
        self._http = http
        self._dice = dice
        self._seen = seen

    async def watch(self, address: Callable[[], str], replays: str) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._once(address())
            except ConnectionClosed as error:
                if error.rcvd is not None and error.rcvd.code == NO_SUCH_REPLAY:
                    await self._begin(replays)
                elif error.rcvd is not None:
                    assert error.rcvd.code not in FINAL, error
            except LOST:
                pass
            await asyncio.sleep(self._dice.uniform(0.05, 0.3))

    async def _once(self, address: str) -> None:
        async with connect(
            f"{address}?session=again", compression=None, max_size=None, ping_interval=None, open_timeout=10
        ) as socket:
            while True:
                async with asyncio.timeout(5):
                    message: dict[str, Any] = json.loads(await socket.recv())
                if message["type"] == "snapshot":
                    self.readers.append(Reader(f"{self._name}/{len(self.readers)}", message["position"], stays=False))
                elif message["type"] == "event":
                    self.readers[-1].received.append(Told.of(message))
                    self._seen["events of shared replays"] += 1

    async def _begin(self, replays: str) -> None:
        wish = {"name": "again", "from": "start", "rate": 20, "max_gap": 1}
        try:
            answer = await self._http.post(replays, json=wish)
        except (httpx2.HTTPError, OSError):
            return
        assert answer.status_code in {201, 409, 503}, answer.text
        self._seen["shared replays begun"] += answer.status_code == 201
