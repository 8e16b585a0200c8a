"""Those who write, those who read, and those who talk nonsense; each keeps its notes."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus, WebSocketException

from chaos.history import Attempt, Reader, Told

FINAL = range(4400, 5000)
"""Close codes after which a reader must not come back with its cursor; none may come in a run."""
LOST = (OSError, EOFError, WebSocketException, InvalidHandshake, InvalidMessage, TimeoutError)


class Writer:
    """Posts, and posts again under the same key until it is answered."""

    def __init__(self, name: str, http: httpx2.AsyncClient, dice: random.Random, seen: Counter[str]) -> None:
        self.attempts: list[Attempt] = []
        self._name = name
        self._http = http
        self._dice = dice
        self._seen = seen
        self._entries: list[str] = []

    async def work(self, path: str, done: Callable[[], bool]) -> None:
        """Write until told to stop; the last request is answered before that."""
        while not done():
            await self._request(path)
            await asyncio.sleep(self._dice.expovariate(1 / 0.05))

    async def _request(self, path: str) -> None:
        number = len(self.attempts)
        count = self._dice.choice((1, 1, 1, 3))
        marks = tuple(f"{self._name}/{number}.{part}" for part in range(count))
        commands = [self._command(mark) for mark in marks]
        attempt = Attempt(marks)
        self.attempts.append(attempt)
        key = str(UUID(int=self._dice.getrandbits(128), version=4))
        while attempt.acknowledged is None:
            twice = self._dice.random() < 0.1
            answers = await asyncio.gather(*(self._post(path, commands, key) for _ in range(1 + twice)))
            for answer in answers:
                if answer is not None:
                    attempt.acknowledged = tuple(map(Told.of, answer["events"]))
            if attempt.acknowledged is None:
                self._seen["posts again"] += 1
                await asyncio.sleep(self._dice.uniform(0.02, 0.3))
        self._entries += [command["entry_id"] for command in commands if command["type"] == "publish_entry"]

    def _command(self, mark: str) -> dict[str, Any]:
        if self._entries and self._dice.random() < 0.3:
            return {"type": "revise_entry", "entry_id": self._dice.choice(self._entries), "headline": mark}
        entry_id = str(UUID(int=self._dice.getrandbits(128), version=4))
        body = "What is known. " * self._dice.choice((1, 20, 60, 1, 20, 60, 20, 1300))
        return {"type": "publish_entry", "entry_id": entry_id, "headline": mark, "body": body}

    async def _post(self, path: str, commands: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
        try:
            answer = await self._http.post(path, json=commands, headers={"Idempotency-Key": key})
        except (httpx2.HTTPError, OSError):
            self._seen["posts without an answer"] += 1
            return None
        if answer.status_code == 503:
            self._seen["posts refused for now"] += 1
            return None
        assert answer.status_code in {200, 201}, answer.text
        if answer.headers.get("Idempotent-Replay"):
            self._seen["posts answered from the log"] += 1
        found: dict[str, Any] = answer.json()
        return found


class Listener:
    """A reader of the stream: one cursor over many connections.

    Args:
        reader: Where it notes what it hears.
        query: What its addresses have beside the cursor.
        compressed: Whether it asks for compressed messages.
        dice: Decides how soon it comes back.
        seen: Where it counts.

    """

    def __init__(
        self, reader: Reader, query: str, dice: random.Random, seen: Counter[str], *, compressed: bool = False
    ) -> None:
        self.reader = reader
        self.epoch: str | None = None
        self._query = query
        self._compression = "deflate" if compressed else None
        self._dice = dice
        self._seen = seen

    async def listen(self, address: Callable[[], str], done: Callable[[Reader], bool]) -> None:
        """Listen and come back until told to stop."""
        while not done(self.reader):
            try:
                await self._once(address(), done)
            except LOST as error:
                if isinstance(error, InvalidStatus) and error.response.status_code not in {429, 503}:
                    raise
                if isinstance(error, ConnectionClosed) and error.rcvd is not None:
                    assert error.rcvd.code not in FINAL, error
                    self._seen[f"streams closed with {error.rcvd.code}"] += 1
            await asyncio.sleep(self._dice.uniform(0.01, 0.15))

    async def _once(self, address: str, done: Callable[[Reader], bool]) -> None:
        epoch = "" if self.epoch is None else f"&epoch={self.epoch}"
        url = f"{address}?from={self.reader.cursor}{epoch}{self._query}"
        async with connect(
            url, compression=self._compression, max_size=None, ping_interval=None, open_timeout=10
        ) as socket:
            self._seen["compressed connections"] += bool(socket.protocol.extensions)
            while not done(self.reader):
                # A server that says nothing for two heartbeats is gone.
                async with asyncio.timeout(5):
                    message = json.loads(await socket.recv())
                if message["type"] == "subscribed":
                    assert message["position"] == self.reader.cursor
                    assert self.epoch in {None, message["epoch"]}
                    self._seen["reconnects"] += self.epoch is not None
                    self.epoch = message["epoch"]
                elif message["type"] == "event":
                    self.reader.received.append(Told.of(message))
                elif message["type"] == "fell_behind":
                    self._seen["fell behind"] += 1


class Pager:
    """A reader that asks for pages of events."""

    def __init__(self, reader: Reader, http: httpx2.AsyncClient, dice: random.Random) -> None:
        self.reader = reader
        self._http = http
        self._dice = dice

    async def read(self, path: str, done: Callable[[Reader], bool]) -> None:
        """Ask for the next page until told to stop."""
        while not done(self.reader):
            try:
                answer = await self._http.get(f"{path}?after={self.reader.cursor}&limit={self._dice.randrange(1, 200)}")
                if answer.status_code == 200:
                    self.reader.received += map(Told.of, answer.json()["events"])
            except (httpx2.HTTPError, OSError):
                pass
            await asyncio.sleep(self._dice.uniform(0.05, 0.5))


async def talk_nonsense(address: Callable[[], str], dice: random.Random, seen: Counter[str]) -> None:
    """Open a stream and send what no client should, until cancelled."""
    while True:
        try:
            async with connect(f"{address()}?from=start", compression=None, max_size=None, open_timeout=10) as socket:
                for _ in range(dice.randrange(1, 30)):
                    await socket.send(_nonsense(dice))
                    seen["nonsense"] += 1
                    # Not wait_for, which in Python 3.11 may keep the word to stop to itself.
                    async with asyncio.timeout(5):
                        await socket.recv()
        except LOST:
            pass
        await asyncio.sleep(dice.uniform(0.1, 0.5))


def _nonsense(dice: random.Random) -> str | bytes:
    wishes: tuple[str | bytes, ...] = (
        dice.randbytes(dice.randrange(1, 300)),
        '{"type": "dance"}',
        '{"type": "seek", "to": -1}',
        '{"type": "rate", "rate": 1e400}',
        "{" * 500,
        "[]",
        '{"type": "pause"}' * 2,
        json.dumps({"type": "step", "count": 10**30, "id": "x" * dice.randrange(20_000)}),
        '{"type": "seek", "to": "start", "rate": 1000}',
    )
    return dice.choice(wishes)
