"""A shared replay: a blog's coverage shown again as live, to an audience whose edge is one playback clock.

One session reads the blog's feed at a rate, like any reader's, and this is its transport: each commit that the clock
lets go moves the edge of an audience of its own, the same shared bytes for all. Those who watch are ordinary readers
at that edge. None of them has a clock or a task; a slow one catches up by pages, and never past the edge.
"""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from liveblog.application.audience import Audience
from liveblog.application.feed import Feed
from liveblog.application.readmodels import ReadModels
from liveblog.application.run import Run
from liveblog.application.start_replay import StartReplay
from liveblog.application.subscription import Subscription
from liveblog.log.request import Key
from liveblog.session.closecodes import CloseCode, Verdict, verdict
from liveblog.session.messages import ServerMessage, Shown, Subscribed
from liveblog.session.page import Item, Page, Place
from liveblog.session.query import Query
from liveblog.session.session import Session
from liveblog.session.states import State, shown
from liveblog.session.target import Position
from liveblog.session.terms import Terms

AGAIN_S = 1.0
"""Seconds after which a replay whose log could not be read goes on."""


class SharedReplay(Audience):
    """One clock and many who watch.

    Args:
        wish: Where it begins, and how fast it goes.
        terms: What `subscribed` says.
        feed: The blog's.
        readmodels: Where the place to begin at is looked up.
        wall: The wall clock in milliseconds.
        on_end: Called when it is over: nobody may join any more.

    Attributes:
        begun: Done when the place to begin at is known; False if the log could not tell.
        key: Whose request started it, under which idempotency key.

    """

    def __init__(
        self,
        wish: StartReplay,
        *,
        terms: Terms,
        feed: Feed,
        readmodels: ReadModels,
        wall: Callable[[], int],
        on_end: Callable[["SharedReplay"], None],
    ) -> None:
        super().__init__(feed.slug, 0)
        self.tally = feed.tally
        self.turns = feed.turns
        self.wish = wish
        self.feed = feed
        self.key: tuple[str, Key] | None = None
        self.begun: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._terms = terms
        self._readmodels = readmodels
        self._wall = wall
        self._on_end = on_end
        self._commit: list[Item] = []
        self._again: asyncio.TimerHandle | None = None
        self._clock = self._reader(wish.query())

    @property
    def state(self) -> Shown:
        """`playing`; `buffering` while events that are due cannot be read; `live` when all has been shown."""
        state = self._clock.session.state
        return "buffering" if state in {State.OPENING, State.CLOSED} else shown(state)

    def moment(self) -> int | None:
        """The instant that the clock shows, in milliseconds; None while nothing has told it."""
        return self._clock.session.moment(asyncio.get_running_loop().time())

    def joining(self) -> Session:
        """The session of one who joins now."""
        return Session(self._terms, Query(rate=self.wish.rate, session=self.wish.name, anew=True), self.head)

    def open(self) -> None:
        """Let the clock run."""
        self.feed.branches.add(self)
        self._clock.open()

    def stop(self) -> None:
        """End the replay, and the streams of all who watch."""
        self._clock.closed()
        self._finish(CloseCode.DONE, "the replay was stopped")

    # What those who watch can read.

    async def page(self, after: int, limit: int) -> Page:
        """See `Audience.page`: of the blog's own pages, what lies before the edge, which is where a commit ends."""
        page = await self.feed.page(after, limit)
        return Page(after, tuple(item for item in page.items if item.position <= self.head), self.head)

    def seen(self, place: Place) -> Place:
        """See `Audience.seen`: nothing has happened yet beyond the edge."""
        return msgspec.structs.replace(place, head=self.head)

    # What the clock lets go.

    def send_items(self, items: Sequence[Item]) -> None:
        """See `Transport.send_items`: a commit is handed on when its last event is there."""
        self._commit += [item for item in items if item.kind == "event"]
        for count in range(len(self._commit), 0, -1):
            if self._commit[count - 1].position == self._commit[count - 1].commit_end:
                whole, self._commit = tuple(self._commit[:count]), self._commit[count:]
                self.hand_on(whole)
                return

    def send_run(self, run: Run) -> None:
        """See `Transport.send_run`."""
        self.send_items(run.items)

    def unsent(self) -> int:
        """See `Transport.unsent`."""
        return 0

    def say(self, message: ServerMessage) -> None:
        """See `Transport.say`: those who watch learn of the clock only where it begins."""
        if isinstance(message, Subscribed) and not self.begun.done():
            self.head = message.position
            self.begun.set_result(True)

    def close(self, code: int, reason: str) -> None:
        """See `Transport.close`: the clock's reader comes back with its position, as any reader would; or all end."""
        if verdict(code) is Verdict.RECONNECT and self.begun.done() and self.feed.over is None:
            self._commit.clear()
            self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._go_on)
        else:
            self._finish(code, reason)

    def _reader(self, query: Query) -> Subscription:
        return Subscription(Session(self._terms, query, self.feed.head), self.feed, self._readmodels, self, self._wall)

    def _go_on(self) -> None:
        self._clock = self._reader(msgspec.structs.replace(self.wish.query(), origin=Position(self.head)))
        self._clock.open()

    def _finish(self, code: int, reason: str) -> None:
        if self.over is not None:
            return
        if self._again is not None:
            self._again.cancel()
        if not self.begun.done():
            self.begun.set_result(False)
        self.feed.branches.discard(self)
        self._on_end(self)
        self.dismiss(code, reason)
