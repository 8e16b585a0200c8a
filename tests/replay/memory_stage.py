"""The stage without sockets: the program from its desk to its subscriptions, on a virtual clock and a log in memory."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import msgspec

from liveblog.application.decoding import decode_commands
from liveblog.application.desk import Desk
from liveblog.application.feed import Feed
from liveblog.application.hub import Hub
from liveblog.application.recording import Recording
from liveblog.application.rendering import Renderer
from liveblog.application.run import Run
from liveblog.application.subscription import Subscription
from liveblog.domain import instant
from liveblog.domain.actor import Actor
from liveblog.log.memory import MemoryLog
from liveblog.session.messages import ServerMessage
from liveblog.session.page import Item
from liveblog.session.query import parse
from liveblog.session.session import Session
from liveblog.session.terms import Terms
from replay.history import History, adopt
from replay.memory_readmodels import MemoryReadModels
from replay.stage import Heard, Message

SERVER_T0 = instant.parse("2026-11-21T12:00:00Z")
"""What the server's wall clock shows at second 0."""
EDITOR = Actor("edith", "Edith")


class MemoryStage:
    """See `Stage`. To be used on a `VirtualLoop`."""

    exact = True
    patience = 86_400.0

    def __init__(self, history: History, feed: Feed, models: MemoryReadModels, desk: Desk) -> None:
        self.history = history
        self._feed = feed
        self._models = models
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._subscription: Subscription | None = None
        self._wire = _Wire(self._loop)

    def time(self) -> float:
        return self._loop.time()

    async def join(self, query: str) -> None:
        feed = self._feed
        session = Session(Terms(feed.slug, feed.epoch, feed.edition, 15), parse(parse_qsl(query)), feed.head)
        self._wire = _Wire(self._loop)
        self._subscription = Subscription(session, feed, self._models, self._wire, self._wall)
        self._subscription.open()

    async def say(self, text: str) -> None:
        assert self._subscription is not None
        self._subscription.received(text)

    async def say_message(self, message: Message) -> None:
        """Let the reader send a message."""
        await self.say(json.dumps(message))

    async def sleep_until(self, at: float) -> None:
        """Let time pass up to a moment of the stage's clock."""
        await asyncio.sleep(at - self.time())

    async def post(self, command: Message) -> list[Message]:
        answer = await self._desk.handle(self.history.slug, decode_commands(command), EDITOR)
        return [json.loads(item.payload) for item in answer.events]

    async def hear(self) -> Heard:
        return await self._wire.heard.get()

    def unheard(self) -> list[Heard]:
        heard = self._wire.heard
        return [heard.get_nowait() for _ in range(heard.qsize())]

    async def cut(self) -> None:
        assert self._subscription is not None
        self._subscription.closed()

    def _wall(self) -> int:
        return wall(self._loop)


class _Wire:
    """A `Transport` that takes everything at once, and notes when."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()

    def send_run(self, run: Run) -> None:
        self.send_items(run.items)

    def send_items(self, items: Sequence[Item]) -> None:
        for item in items:
            self._take(item.payload)

    def unsent(self) -> int:
        return 0

    def say(self, message: ServerMessage) -> None:
        self._take(msgspec.json.encode(message))

    def close(self, code: int, reason: str) -> None:
        self.heard.put_nowait(Heard(self._loop.time(), {"type": "closed", "code": int(code)}))

    def _take(self, payload: bytes) -> None:
        self.heard.put_nowait(Heard(self._loop.time(), json.loads(payload)))


def wall(loop: asyncio.AbstractEventLoop) -> int:
    """The server's wall clock, in milliseconds."""
    return SERVER_T0 + round(loop.time() * 1000)


@asynccontextmanager
async def memory_stage(given: Recording, events: int | None = None) -> AsyncIterator[MemoryStage]:
    """Set the stage with a recording, or its beginning."""
    loop = asyncio.get_running_loop()
    renderer = Renderer()
    log = MemoryLog(lambda: wall(loop), renderer.render)
    history = History(given.header.slug, await adopt(log, given, events))
    models = MemoryReadModels(log)
    hub = Hub(log, models, _nobody_else_writes)
    feed = await hub.feed(given.header.slug)
    assert feed is not None
    desk = Desk(log, models, renderer, hub.publish)
    sequencer = asyncio.create_task(desk.sequencer.run())
    try:
        yield MemoryStage(history, feed, models, desk)
    finally:
        sequencer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sequencer


async def _nobody_else_writes() -> None:
    await asyncio.Event().wait()
