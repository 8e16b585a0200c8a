"""An audience: readers who share an edge, and how they are handed what is new there.

Readers at the edge whose sockets keep up are served in rounds, the same bytes for all. Those anywhere else only learn
that the edge has moved, and come by pages.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import Protocol

import msgspec

from liveblog.application.run import Run
from liveblog.application.tally import Tally
from liveblog.application.turns import Turns
from liveblog.domain import instant
from liveblog.session.messages import Heartbeat
from liveblog.session.page import Item, Page, Place

SLOTS = 20
"""Slices of the heartbeat interval."""
PASS_S = 0.002
"""A pass over the readers lets others work after this time, in seconds."""
REST = 4
"""After a round follows a rest of so many times the time that it took: what comes meanwhile leaves together. A round
over a few readers takes no time to speak of; one over thousands leaves the loop to posts, replays and newcomers."""
REST_S = 0.010
"""The longest rest, in seconds."""
MOST = 1_024
"""Messages, and bytes of them below, that may wait for a round to end. Who would need more reads them for itself."""
MOST_BYTES = 4 * 1024 * 1024


class Reader(Protocol):
    """What an audience asks of a subscription. `slot`: in which slice of the interval its heartbeat goes out."""

    slot: int

    @property
    def cursor(self) -> int:
        """The position of the last message that it took."""

    def deliver(self, run: Run) -> None:
        """Take messages; a reader that is not just before them remembers the newest."""

    def advance(self, head: int) -> None:
        """Know that there are messages up to this position."""

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        """Say that the server is alive, or give up a socket that has taken nothing for so many seconds."""

    def end(self, code: int, reason: str) -> None:
        """Close the stream: nobody will hand it anything any more."""


class Audience(ABC):
    """The readers of one edge.

    Args:
        slug: The blog's.
        head: Where the edge is.

    """

    def __init__(self, slug: str, head: int) -> None:
        self.slug = slug
        self.head = head
        self.live: dict[Reader, None] = {}
        """Readers at the edge, whose sockets keep up and who are owed nothing; who has been there longest comes first.
        When thousands come back at once, those who never left are served before them."""
        self.others: set[Reader] = set()
        """Readers anywhere else."""
        self.branches: set[Audience] = set()
        """Audiences of the same blog with an edge of their own; their hearts beat with this one's."""
        self.over: tuple[int, str] | None = None
        """Why every stream was closed, with which code; None while it goes on."""
        self.tally = Tally()
        """Where deliveries are counted; the hub puts its own in place."""
        self.turns = Turns()
        """Where those wait who are about to be given a page; the hub puts one for all feeds in place."""
        self.shown: Place | None = None
        """The place whose document was looked up last: the next who asks may well begin there too."""
        self._slot = 0
        self._recent: deque[Item] = deque()
        """Messages that some reader at the edge may not have been handed yet."""
        self._recent_bytes = 0
        self._runs: dict[int, Run] = {}
        """What follows each position where a reader at the edge stands."""
        self._handing: list[Reader] = []
        self._telling: list[Reader] = []
        self._served = head
        """Where the edge was when the last round began: once it is over, everybody at the edge is there, or further."""
        self._began: float | None = None
        """When the oldest message came that a round is under way for, or about to be."""
        self._busy = 0.0
        """Seconds that the round has taken until now."""
        self._rest_until = 0.0
        self._going_round = False

    @abstractmethod
    async def page(self, after: int, limit: int) -> Page:
        """Messages after a position, in order: at most `limit`, and fewer where that makes a page that others share.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """

    def at_hand(self, after: int, limit: int) -> Page | None:  # noqa: ARG002  (nothing is, but where a ring is kept)
        """The same as `page`, if nothing need be read for it; None if something must."""
        return None

    def seen(self, place: Place) -> Place:
        """A place of the blog, as this audience may know it."""
        return place

    def next_slot(self) -> int:
        """The slot of the next reader: they are spread evenly."""
        self._slot = (self._slot + 1) % SLOTS
        return self._slot

    def beat(self, slot: int, server_time: int, stall_s: float) -> None:
        """Send the heartbeats of one slot; one message for all."""
        message = Heartbeat(head=self.head, server_time=instant.show(server_time))
        shared = Item(self.head, server_time, self.head, msgspec.json.encode(message), kind="heartbeat")
        for reader in [each for each in (*self.live, *self.others) if each.slot == slot]:
            reader.beat(shared, stall_s)
        for branch in list(self.branches):
            branch.beat(slot, server_time, stall_s)

    def dismiss(self, code: int, reason: str) -> None:
        """Close every stream; nothing is handed on any more, and who comes late is closed too."""
        if self.over is None:
            self.over = code, reason
            self._let_go()

    def hand_on(self, items: tuple[Item, ...]) -> None:
        """Move the edge over messages that follow it, and hand them to everyone."""
        self.head = items[-1].position
        self._runs.clear()
        for item in items:
            self._recent.append(item)
            self._recent_bytes += len(item.payload)
        while len(self._recent) > MOST or self._recent_bytes > MOST_BYTES:
            self._forget()
        if self._began is None:
            loop = asyncio.get_running_loop()
            self._began = loop.time()
            if self._began < self._rest_until:
                loop.call_at(self._rest_until, self._pass)
            else:
                loop.call_soon(self._pass)

    def _pass(self) -> None:
        """Go round the readers until each has everything, in one go while that is short.

        A reader whose turn comes is handed all that there is for it by then, in one piece: the more events arrive
        while a round goes on, the fewer writes each of them costs.
        """
        loop = asyncio.get_running_loop()
        start = loop.time()
        events = size = turns = 0
        try:
            while self._handing or self._telling or self._next_round(start):
                turns += 1
                if self._handing:
                    reader = self._handing.pop()
                    if (run := self._run_after(reader)) is not None:
                        reader.deliver(run)
                        events += len(run.items)
                        size += run.size
                else:
                    self._telling.pop().advance(self.head)
                if not turns % 32 and loop.time() > start + PASS_S:
                    loop.call_soon(self._pass)
                    return
        except Exception:
            loop.call_soon(self._pass)  # a defect with one reader must not silence the others
            raise
        finally:
            now = loop.time()
            self._busy += now - start
            self.tally.delivered["live"] += events
            self.tally.delivered_bytes += size
        assert self._began is not None
        self.tally.pass_s.observe(now - self._began)
        self._rest_until = now + min(REST_S, REST * self._busy)
        self._busy, self._going_round = 0.0, False
        while self._recent and self._recent[0].position <= self._served:
            self._forget()
        if self._served == self.head:
            self._began = None
        else:
            self._began = now
            loop.call_at(self._rest_until, self._pass)

    def _next_round(self, now: float) -> bool:
        """Begin a round if the edge has moved since the last one began, and there was a rest between them."""
        if self._going_round or now < self._rest_until or self._served == self.head:
            return False
        self._served, self._going_round = self.head, True
        self._handing, self._telling = list(reversed(self.live)), list(self.others)
        return bool(self._handing or self._telling)

    def _run_after(self, reader: Reader) -> Run | None:
        """All that a reader at the edge does not have; None if it has everything, or must read it for itself."""
        cursor = reader.cursor
        if cursor >= self.head:  # further where it read on by itself, or came from a node that knew more
            return None
        if (run := self._runs.get(cursor)) is None:
            if not self._recent or cursor + 1 < self._recent[0].position:
                reader.advance(self.head)
                return None
            run = self._runs[cursor] = Run([item for item in self._recent if item.position > cursor])
        return run

    def _forget(self) -> None:
        self._recent_bytes -= len(self._recent.popleft().payload)

    def _let_go(self) -> None:
        """Close the streams that are left, letting others work in between."""
        assert self.over is not None
        loop = asyncio.get_running_loop()
        end = loop.time() + PASS_S
        for reader in (*self.live, *self.others):
            reader.end(*self.over)
            if loop.time() > end:
                loop.call_soon(self._let_go)
                return
