"""An audience: readers who share an edge, and how they are handed what is new there.

Readers at the edge whose sockets keep up get each message as it comes, the same bytes for all, in one pass. Those
anywhere else only learn that the edge has moved, and come by pages.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import msgspec

from liveblog.application.tally import Tally
from liveblog.domain import instant
from liveblog.session.messages import Heartbeat
from liveblog.session.page import Item, Page, Place

SLOTS = 20
"""Slices of the heartbeat interval."""
PASS_S = 0.002
"""A pass over the readers lets others work after this time, in seconds."""
PASSES = 64
"""Passes that wait, at most: each holds a list of all readers. What is not handed on is read when there is time."""


class Reader(Protocol):
    """What an audience asks of a subscription. `slot`: in which slice of the interval its heartbeat goes out."""

    slot: int

    def deliver(self, items: Sequence[Item]) -> None:
        """Take messages that follow each other; a reader that is not just before them remembers the newest."""

    def advance(self, head: int) -> None:
        """Know that there are messages up to this position."""

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        """Say that the server is alive, or give up a socket that has taken nothing for so many seconds."""

    def end(self, code: int, reason: str) -> None:
        """Close the stream: nobody will hand it anything any more."""


class Audience:
    """The readers of one edge.

    Args:
        slug: The blog's.
        head: Where the edge is.

    """

    def __init__(self, slug: str, head: int) -> None:
        self.slug = slug
        self.head = head
        self.live: set[Reader] = set()
        """Readers at the edge, whose sockets keep up and who are owed nothing."""
        self.others: set[Reader] = set()
        """Readers anywhere else."""
        self.branches: set[Audience] = set()
        """Audiences of the same blog with an edge of their own; their hearts beat with this one's."""
        self.over: tuple[int, str] | None = None
        """Why every stream was closed, with which code; None while it goes on."""
        self.tally = Tally()
        """Where deliveries are counted; the hub puts its own in place."""
        self._slot = 0
        self._passes: deque[tuple[tuple[Item, ...], list[Reader], float]] = deque()
        self._passed_over = False

    async def page(self, after: int, limit: int) -> Page:
        """Messages after a position, in order: at most `limit`, and fewer where that makes a page that others share.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """
        raise NotImplementedError

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
        for reader in list(self.others):
            reader.advance(self.head)
        loop = asyncio.get_running_loop()
        if not self._passes:
            loop.call_soon(self._pass)
        if len(self._passes) < PASSES:
            self._passes.append((items, list(self.live), loop.time()))
        else:
            self._passed_over = True

    def _pass(self) -> None:
        """Hand the messages to everyone at the edge, in one go while it is short."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PASS_S
        while self._passes:
            items, readers, began = self._passes[0]
            before = len(readers)
            try:
                while readers:
                    readers.pop().deliver(items)
                    if not len(readers) % 32 and loop.time() > end:
                        loop.call_soon(self._pass)
                        return
            except Exception:
                loop.call_soon(self._pass)  # a defect with one reader must not silence the others
                raise
            finally:
                self._count(items, before - len(readers))
            self.tally.pass_s.observe(loop.time() - began)
            self._passes.popleft()
        if self._passed_over:
            self._passed_over = False
            for reader in list(self.live):
                reader.advance(self.head)

    def _count(self, items: tuple[Item, ...], readers: int) -> None:
        self.tally.delivered["live"] += readers * len(items)
        self.tally.delivered_bytes += readers * sum(len(item.payload) for item in items)

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
