"""A blog's feed: the newest messages in a ring, older ones from the log by pages, and who is reading.

The log is the buffer. A reader is a cursor: at the live edge it is handed each message as it comes; anywhere else it
reads pages, from the ring or from the log, encoded once and shared.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import msgspec
import structlog

from liveblog.domain import instant
from liveblog.log.port import EventLog
from liveblog.log.request import LogUnavailable
from liveblog.log.rows import BlogHead
from liveblog.session.messages import Heartbeat
from liveblog.session.page import Item, Page
from liveblog.session.wire import encode_event

RING = 1_024
"""Messages in the ring, at most."""
RING_BYTES = 4 * 1024 * 1024
PAGE = 128
"""Messages in a page, at most; pages begin after a multiple of this, so that readers share them."""
PAGE_BYTES = 512 * 1024
PAGES = 64
"""Pages kept of a feed, at most."""
SLOTS = 20
"""Slices of the heartbeat interval."""
PASS_S = 0.002
"""A pass over the readers lets others work after this time, in seconds."""

log = structlog.get_logger(__name__)


class Reader(Protocol):
    """What the feed asks of a subscription. `slot`: in which slice of the interval its heartbeat goes out."""

    slot: int

    def deliver(self, items: Sequence[Item]) -> None:
        """Take messages that follow each other; a reader that is not just before them remembers the newest."""

    def advance(self, head: int) -> None:
        """Know that the log has messages up to this position."""

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        """Say that the server is alive, or give up a socket that has taken nothing for so many seconds."""


class Feed:
    """One blog's messages.

    Args:
        head: The blog as it is when the feed is opened.
        event_log: Where older messages come from.

    """

    def __init__(self, head: BlogHead, event_log: EventLog) -> None:
        self.slug = head.slug
        self.blog_id = head.blog_id
        self.epoch = head.epoch
        self.edition = head.edition
        self.head = head.position
        self.live: set[Reader] = set()
        """Readers at the live edge, whose sockets keep up and who are owed nothing."""
        self.others: set[Reader] = set()
        """Readers anywhere else."""
        self._log = event_log
        self._ring: deque[Item] = deque()
        self._ring_bytes = 0
        self._pages: dict[int, tuple[Item, ...]] = {}
        self._reads: dict[int, asyncio.Task[tuple[Item, ...]]] = {}
        self._known = self.head
        self._slot = 0
        self._filling: asyncio.Task[None] | None = None
        self._passes: deque[tuple[tuple[Item, ...], list[Reader]]] = deque()

    def next_slot(self) -> int:
        """The slot of the next reader: they are spread evenly."""
        self._slot = (self._slot + 1) % SLOTS
        return self._slot

    def beat(self, slot: int, server_time: int, stall_s: float) -> None:
        """Send the heartbeats of one slot; one message for all."""
        message = Heartbeat(head=self.head, server_time=instant.show(server_time))
        shared = Item(self.head, server_time, self.head, msgspec.json.encode(message))
        for reader in [each for each in (*self.live, *self.others) if each.slot == slot]:
            reader.beat(shared, stall_s)

    def offer(self, items: Sequence[Item]) -> None:
        """Take messages that were committed: known ones are ignored, a gap before them is read from the log."""
        fresh = [item for item in items if item.position > self.head]
        if not fresh:
            return
        if fresh[0].position != self.head + 1:
            self.advance(fresh[-1].position)
            return
        for item in fresh:
            self._ring.append(item)
            self._ring_bytes += len(item.payload)
        self.head = fresh[-1].position
        self._known = max(self._known, self.head)
        while len(self._ring) > RING or self._ring_bytes > RING_BYTES:
            self._ring_bytes -= len(self._ring.popleft().payload)
        for reader in list(self.others):
            reader.advance(self.head)
        if not self._passes:
            asyncio.get_running_loop().call_soon(self._pass)
        self._passes.append((tuple(fresh), list(self.live)))

    def advance(self, head: int) -> None:
        """Know that the log goes on to this position, and read what is missing."""
        self._known = max(self._known, head)
        if self._known > self.head and self._filling is None:
            self._filling = asyncio.create_task(self._fill())

    async def page(self, after: int, limit: int) -> Page:
        """Messages after a position, in order: at most `limit`, and fewer where that makes a page that others share.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """
        if self._ring and after + 1 >= self._ring[0].position:
            skip = after + 1 - self._ring[0].position
            items = tuple(self._ring[i] for i in range(skip, min(skip + limit, len(self._ring))))
        else:
            start = after // PAGE * PAGE
            items = (await self._whole_page(start))[after - start :][:limit]
            if not items and after < self.head:
                # The page was read short, to bound its bytes.
                items = await self._read(after, limit)
        return Page(after, _whole_commits(_bounded(items)), self.head)

    async def _whole_page(self, start: int) -> tuple[Item, ...]:
        if (page := self._pages.get(start)) is not None:
            return page
        if start not in self._reads:
            # One read for all who ask; it must not die with the first of them.
            task = asyncio.create_task(self._read(start, PAGE))
            self._reads[start] = task
            task.add_done_callback(lambda _: self._reads.pop(start, None))
        items = await asyncio.shield(self._reads[start])
        if len(items) == PAGE and sum(len(item.payload) for item in items) <= PAGE_BYTES:
            while len(self._pages) >= PAGES:
                del self._pages[next(iter(self._pages))]
            self._pages[start] = items
        return items

    async def _read(self, after: int, limit: int) -> tuple[Item, ...]:
        return tuple(map(encode_event, await self._log.read(self.blog_id, after, limit)))

    async def _fill(self) -> None:
        try:
            while self.head < self._known:
                items = await self._read(self.head, PAGE)
                if not items:
                    self._known = self.head
                self.offer(items)
        except LogUnavailable as error:
            log.warning("feed_behind", blog=self.slug, head=self.head, known=self._known, reason=str(error))
        finally:
            self._filling = None

    def _pass(self) -> None:
        """Hand the messages to everyone at the live edge, in one go while it is short."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PASS_S
        while self._passes:
            items, readers = self._passes[0]
            while readers:
                readers.pop().deliver(items)
                if not len(readers) % 32 and loop.time() > end:
                    loop.call_soon(self._pass)
                    return
            self._passes.popleft()


def _bounded(items: tuple[Item, ...]) -> tuple[Item, ...]:
    room = PAGE_BYTES
    for count, item in enumerate(items):
        room -= len(item.payload)
        if room < 0 and count:
            return items[:count]
    return items


def _whole_commits(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """End the page where a commit ends, if one ends in it: a replay sends a commit together."""
    for count in range(len(items), 0, -1):
        if items[count - 1].position == items[count - 1].commit_end:
            return items[:count]
    return items
