"""A crowd before one shared replay, on a virtual clock: each watcher notes what it is sent, and when."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from liveblog.application.run import Run
from liveblog.application.shared_replay import SharedReplay
from liveblog.application.shared_replays import SharedReplays
from liveblog.application.start_replay import StartReplay
from liveblog.application.subscription import Subscription
from liveblog.session.messages import ServerMessage
from liveblog.session.page import Item
from liveblog.session.terms import Terms
from replay.history import NIGHT, recorded
from replay.memory_stage import MemoryStage, memory_stage, wall
from replay.stage import Message


class Watcher:
    """One who watches. It is a `Transport` that can be told to take nothing."""

    def __init__(self, hall: "Hall") -> None:
        self._loop = asyncio.get_running_loop()
        self.joined = self._loop.time()
        self.heard: list[tuple[float, Message]] = []
        self.items: list[Item] = []
        self.closed: int | None = None
        self.waiting = 0
        """Bytes that its socket has not taken."""
        self._capacity: int | None = None
        replay = hall.replay
        self.subscription = Subscription(replay.joining(), replay, hall.stage._models, self, lambda: wall(self._loop))
        self.subscription.open()

    @property
    def position(self) -> int:
        """Where it stands."""
        return max((m["position"] for _, m in self.heard if "position" in m), default=0)

    @property
    def events(self) -> list[tuple[float, int]]:
        """When each event came."""
        return [(at, message["position"]) for at, message in self.heard if message["type"] == "event"]

    def of(self, kind: str) -> list[Message]:
        """What it heard of one type."""
        return [message for _, message in self.heard if message["type"] == kind]

    def ask(self, **message: Any) -> Message:
        """Send a control; returns its answer."""
        self.subscription.received(json.dumps(message))
        return self.heard[-1][1]

    def take_no_more_after(self, events: int) -> None:
        """Let the socket fill up after so many events."""
        self._capacity = events

    def take_again(self) -> None:
        """Let the socket drain."""
        self._capacity = None
        self.subscription.writable(True)

    def send_run(self, run: Run) -> None:
        self.send_items(run.items)

    def send_items(self, items: Sequence[Item]) -> None:
        for item in items:
            self.items.append(item)
            self._take(item.payload)
        if self._capacity is not None:
            self._capacity -= len(items)
            if self._capacity <= 0:
                self._loop.call_soon(self.subscription.writable, False)

    def unsent(self) -> int:
        return self.waiting

    def say(self, message: ServerMessage) -> None:
        self._take(msgspec.json.encode(message))

    def close(self, code: int, reason: str) -> None:
        assert reason
        assert self.closed is None, "closed twice"
        self.closed = code

    def _take(self, payload: bytes) -> None:
        assert self.closed is None, "a message after the close"
        self.heard.append((self._loop.time(), json.loads(payload)))


class Hall:
    """Where a replay is shown."""

    def __init__(self, stage: MemoryStage, replays: SharedReplays) -> None:
        self.stage = stage
        self.replays = replays
        self.replay: SharedReplay
        self.began = 0.0

    async def show(self, **wish: Any) -> SharedReplay:
        """Start the replay."""
        feed = self.stage._feed
        terms = Terms(feed.slug, feed.epoch, feed.edition, 15)
        asked = msgspec.convert({"name": "evening", **wish}, StartReplay)
        self.began = self.stage.time()
        self.replay, _ = await self.replays.start(asked, feed, terms)
        return self.replay

    def due(self, position: int) -> float:
        """When an event leaves, by the history's instants alone, if the replay is of all of it."""
        history = self.stage.history
        return self.began + (history.at(position) - history.at(1)) / 1000 / self.replay.wish.rate


@asynccontextmanager
async def hall() -> AsyncIterator[Hall]:
    """A place for a crowd, with a night that happened."""
    async with memory_stage(recorded(NIGHT)) as stage:
        loop = asyncio.get_running_loop()
        replays = SharedReplays(stage._models, lambda: wall(loop))
        try:
            yield Hall(stage, replays)
        finally:
            replays.stop()
