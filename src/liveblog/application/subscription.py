"""A subscription: one session, wired to its feed, its timer and its socket.

The session says what is to be done; this does it, and tells the session what came of it. It waits for nothing: every
method returns at once, and reads run beside it.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from liveblog.application.audience import Audience
from liveblog.application.places import find_place, page_with, place_on
from liveblog.application.readmodels import ReadModels
from liveblog.application.run import Run
from liveblog.log.request import LogUnavailable
from liveblog.session.closecodes import CloseCode
from liveblog.session.messages import ServerMessage
from liveblog.session.output import Output, Read, ReadPage, ReadPlace, Say, Send, SendPiece
from liveblog.session.page import Item, Page
from liveblog.session.session import Session

log = structlog.get_logger(__name__)


class Transport(Protocol):
    """What carries a subscription: a WebSocket, or an event stream."""

    def send_items(self, items: Sequence[Item]) -> None:
        """Write shared event messages, in order."""

    def send_run(self, run: Run) -> None:
        """Write event messages that go to many at once."""

    def say(self, message: ServerMessage) -> None:
        """Write a message that is this reader's own."""

    def unsent(self) -> int:
        """Bytes that were written and that the reader has not taken."""

    def close(self, code: int, reason: str) -> None:
        """End the stream; nothing is written after it."""


class Subscription:
    """One reader of one blog.

    Args:
        session: The conversation.
        feed: Where the messages are, and whose reader this is: the blog's feed, or a shared replay.
        readmodels: Where places are looked up.
        transport: Where the outputs go.
        wall: The wall clock in milliseconds, for `server_time`.

    """

    __slots__ = (
        "_closed",
        "_deadline",
        "_feed",
        "_loop",
        "_opened",
        "_readmodels",
        "_stuck_since",
        "_tasks",
        "_timer",
        "_transport",
        "_unsent",
        "_wall",
        "session",
        "slot",
    )

    def __init__(
        self, session: Session, feed: Audience, readmodels: ReadModels, transport: Transport, wall: Callable[[], int]
    ) -> None:
        self.session = session
        self._feed = feed
        self._readmodels = readmodels
        self._transport = transport
        self._wall = wall
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: float | None = None
        self._stuck_since: float | None = None
        self._unsent = 0
        self._opened = False
        self.slot = feed.next_slot()
        self._tasks: set[asyncio.Task[None]] | None = None
        self._closed = False

    @property
    def is_stuck(self) -> bool:
        """Whether the socket takes nothing now."""
        return self._stuck_since is not None

    def open(self) -> None:
        """Begin: the first message goes out as soon as it can be said."""
        if self._feed.over is not None:
            self.end(*self._feed.over)
            return
        self._feed.tally.opened[self.session.begins] += 1
        self._feed.others.add(self)
        # The wall clock first: whatever passes between the two, nothing leaves early by what readers are told.
        server_time = self._wall()
        self.session.open(self._loop.time(), server_time)
        self._pump()

    def received(self, text: str | bytes) -> None:
        """Take a client's message."""
        self.session.receive(text, self._loop.time())
        self._pump()

    def writable(self, flag: bool) -> None:
        """Know whether the socket takes more."""
        self._stuck_since = None if flag else self._loop.time()
        self._unsent = 0 if flag else self._transport.unsent()
        self.session.writable(flag, self._loop.time())
        self._pump()

    def closed(self) -> None:
        """The socket is gone."""
        self._closed = True
        self.session.closed()
        self._leave()

    @property
    def cursor(self) -> int:
        """See `Reader.cursor`."""
        return self.session.cursor

    def deliver(self, run: Run) -> None:
        """See `Reader.deliver`: the fast path writes the shared bytes and moves the cursor."""
        session = self.session
        if session.at_edge and session.cursor == run.after:
            last = run.last
            session.advance_live(last.position, last.at)
            self._transport.send_run(run)
        else:
            self.advance(run.last.position)

    def advance(self, head: int) -> None:
        """See `Reader.advance`."""
        if self.session.head_advanced(head, self._loop.time()):
            self._pump()

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        """See `Reader.beat`: a socket that has taken nothing for too long is given up."""
        if self._stuck_since is not None:
            before, self._unsent = self._unsent, self._transport.unsent()
            if self._unsent < before:
                self._stuck_since = self._loop.time()  # it is slow, but it takes something
            elif self._loop.time() - self._stuck_since > stall_s:
                self.end(CloseCode.SOCKET_STALLED, "the socket took nothing: reconnect with your position")
        elif self._opened:
            self._transport.send_items((heartbeat,))

    def end(self, code: int, reason: str) -> None:
        """See `Reader.end`: whatever is still owed is not said any more."""
        self.closed()
        self._transport.close(code, reason)

    def _pump(self) -> None:
        """Do what the session wants done, then take the place that its state asks for."""
        if self._closed:
            return
        while (outputs := self.session.poll(self._loop.time())) and self._perform(outputs):
            pass
        if self._closed:
            return
        if self.session.at_edge:
            self._feed.others.discard(self)
            self._feed.live[self] = None
        else:
            self._feed.live.pop(self, None)
            self._feed.others.add(self)
        self._arm()

    def _perform(self, outputs: Sequence[Output]) -> bool:
        """Do what the session says; returns whether that may lead on: what is read leads on when it is answered."""
        items: list[Item] = []
        written = False
        for output in outputs:
            if isinstance(output, ReadPage | ReadPlace):
                self._read(output)
                continue
            written = True
            if isinstance(output, Send):
                items.append(output.item)
                continue
            if items:
                self._send(items)
                items = []
            if isinstance(output, SendPiece):
                assert isinstance(output.piece, Run)
                self._feed.tally.delivered["read"] += len(output.piece.items)
                self._transport.send_run(output.piece)
            elif isinstance(output, Say):
                self._opened = True
                self._feed.tally.tell(output.message)
                self._transport.say(output.message)
            else:
                self._closed = True
                self._leave()
                self._transport.close(output.code, output.reason)
                return False
        if items:
            self._send(items)
        return written

    def _send(self, items: Sequence[Item]) -> None:
        self._feed.tally.delivered["read"] += len(items)
        self._transport.send_items(items)

    def _read(self, request: Read) -> None:
        page = request if isinstance(request, ReadPage) else page_with(request)
        if page is None:
            self._ask(request)
        else:
            self._feed.turns.wait(partial(self._take, request, page))

    def _take(self, request: Read, wanted: ReadPage) -> None:
        if self._closed:
            return
        page = self._feed.at_hand(wanted.after, wanted.limit)
        # A reader may know of an event before this server has read it, from another one.
        if page is None or (isinstance(request, ReadPlace) and not page.items):
            self._ask(request)
        else:
            self._tell(request, page)
            self._pump()

    def _tell(self, request: Read, page: Page) -> None:
        if isinstance(request, ReadPage):
            self.session.page_read(page, request.generation, self._loop.time())
        else:
            self.session.place_read(place_on(page), request, self._loop.time())

    def _ask(self, request: Read) -> None:
        task = self._loop.create_task(self._answer(request))
        self._tasks = self._tasks or set()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: Read) -> None:
        try:
            if isinstance(request, ReadPage):
                self._tell(request, await self._feed.page(request.after, request.limit))
            else:
                place = await find_place(self._feed, self._readmodels, request)
                self.session.place_read(place, request, self._loop.time())
        except LogUnavailable as error:
            log.warning("read_failed", blog=self._feed.slug, reason=str(error))
            self.session.read_failed(request, self._loop.time())
        self._pump()

    def _arm(self) -> None:
        deadline = self.session.deadline
        if deadline == self._deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._deadline = deadline
        self._timer = None if deadline is None else self._feed.turns.at(deadline, self._due)

    def _due(self) -> None:
        self._timer = self._deadline = None
        self.session.timer_due(self._loop.time())
        self._pump()

    def _leave(self) -> None:
        self._feed.live.pop(self, None)
        self._feed.others.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for task in self._tasks or ():
            task.cancel()
