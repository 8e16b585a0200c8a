"""A blog's feed: the newest messages in a ring, older ones from the log by pages, and who is reading.

The log is the buffer. A reader is a cursor: at the live edge it is handed each message as it comes; anywhere else it
reads pages, from the ring or from the log, encoded once and shared.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import msgspec
import structlog
from msgspec import Struct

from liveblog.application.audience import Audience
from liveblog.application.shelf import Shelf
from liveblog.log.port import EventLog
from liveblog.log.request import LogUnavailable
from liveblog.log.rows import BlogHead
from liveblog.session.closecodes import CloseCode
from liveblog.session.page import Item, Page
from liveblog.session.wire import encode_event

RING = 1_024
"""Messages in the ring, at most."""
RING_BYTES = 4 * 1024 * 1024
PAGE = 128
"""Messages in a page, at most; pages begin after a multiple of this, so that readers share them."""
PAGE_BYTES = 512 * 1024

log = structlog.get_logger(__name__)


AGAIN = "read the blog and start from its position"
HISTORY_CHANGED = (int(CloseCode.EPOCH_CHANGED), f"this is another history now: {AGAIN}")


class Edge(Struct, frozen=True):
    """A position, and the chain's hash there in hexadecimal."""

    position: int
    hash: str


class _Chained(Struct):
    """Of a message, what tells one history from another."""

    hash: str


class Feed(Audience):
    """One blog's messages, and those who read at its live edge.

    Args:
        head: The blog as it is when the feed is opened.
        event_log: Where older messages come from.
        shelf: Where pages of them are kept, with those of other blogs.

    """

    def __init__(self, head: BlogHead, event_log: EventLog, shelf: Shelf | None = None) -> None:
        super().__init__(head.slug, head.position)
        self.blog_id = head.blog_id
        self.epoch = head.epoch
        self.edition = head.edition
        self._opened_at = head.hash.hex()
        self._log = event_log
        self._ring: deque[Item] = deque()
        self._ring_bytes = 0
        self._shelf = Shelf() if shelf is None else shelf
        self._mine = object()  # whose pages are whose: they must not outlive this feed, nor keep it alive
        self._reads: dict[int, asyncio.Task[tuple[Item, ...]]] = {}
        self._known = self.head
        self._filling: asyncio.Task[None] | None = None

    @property
    def behind(self) -> int:
        """Events that are known to be in the log and were not read yet."""
        return self._known - self.head

    @property
    def kept_bytes(self) -> int:
        """Bytes of the messages in the ring."""
        return self._ring_bytes

    @property
    def is_idle(self) -> bool:
        """Whether nobody reads, and nothing is under way that somebody waits for."""
        return not (self.live or self.others or self.branches or self._reads or self._filling)

    def offer(self, items: Sequence[Item]) -> None:
        """Take messages that were committed: known ones are ignored, a gap before them is read from the log."""
        fresh = [item for item in items if item.position > self.head]
        if not fresh or self.over is not None:
            return
        if fresh[0].position != self.head + 1:
            self.advance(fresh[-1].position)
            return
        for item in fresh:
            self._ring.append(item)
            self._ring_bytes += len(item.payload)
        self._known = max(self._known, fresh[-1].position)
        while len(self._ring) > RING or self._ring_bytes > RING_BYTES:
            self._ring_bytes -= len(self._ring.popleft().payload)
        self.hand_on(tuple(fresh))

    def advance(self, head: int) -> None:
        """Know that the log goes on to this position, and read what is missing."""
        self._known = max(self._known, head)
        if self._known > self.head and self._filling is None and self.over is None:
            self._filling = asyncio.create_task(self._fill())

    def edge(self) -> Edge:
        """The newest message that readers were handed."""
        return Edge(self.head, _hash(self._ring[-1]) if self._ring else self._opened_at)

    def follow(self, edge: Edge, head: BlogHead | None) -> None:
        """Go on to the blog's newest state, or end if what readers hold is void.

        Args:
            edge: Where the feed was before the state was read: it cannot be older than that.
            head: The state; None if the blog is not there any more.

        """
        if (end := _end(self, edge, head)) is not None:
            log.warning("feed_ended", blog=self.slug, code=end[0], reason=end[1], readers=len(self.live | self.others))
            self.dismiss(*end)
        elif head is not None:
            self.advance(head.position)

    async def page(self, after: int, limit: int) -> Page:
        """See `Audience.page`."""
        if self._ring and after + 1 >= self._ring[0].position:
            skip = after + 1 - self._ring[0].position
            items = tuple(self._ring[i] for i in range(skip, min(skip + limit, len(self._ring))))
        else:
            start = after // PAGE * PAGE
            items = (await self._whole_page(start))[after - start :][:limit]
            if not items and after < self.head:
                # The page was read short, to bound its bytes.
                items = await self._read(after, limit)
        if self.over is not None:
            raise LogUnavailable(f"{self.over[1]}: ask again")
        return Page(after, _whole_commits(_bounded(items)), self.head)

    async def _whole_page(self, start: int) -> tuple[Item, ...]:
        if (page := self._shelf.get(self._mine, start)) is not None:
            return page
        if start not in self._reads:
            # One read for all who ask; it must not die with the first of them.
            task = asyncio.create_task(self._read(start, PAGE))
            self._reads[start] = task
            task.add_done_callback(lambda _: self._reads.pop(start, None))
        items = await asyncio.shield(self._reads[start])
        if len(items) == PAGE and sum(len(item.payload) for item in items) <= PAGE_BYTES:
            self._shelf.put(self._mine, start, items)
        return items

    async def _read(self, after: int, limit: int) -> tuple[Item, ...]:
        return tuple(map(encode_event, await self._log.read(self.blog_id, after, limit)))

    async def _fill(self) -> None:
        try:
            while self.head < self._known and self.over is None:
                # The last message known comes along, to see that those after it continue this history.
                last, edge = max(self.head, 1), self.edge()
                items = await self._read(last - 1, PAGE + 1)
                if items and self.head == last and _hash(items[0]) != edge.hash:
                    self.dismiss(*HISTORY_CHANGED)
                if not items or items[-1].position <= last:
                    self._known = self.head
                self.offer(items)
        except LogUnavailable as error:
            log.warning("feed_behind", blog=self.slug, head=self.head, known=self._known, reason=str(error))
        finally:
            self._filling = None


def _end(feed: Feed, edge: Edge, head: BlogHead | None) -> tuple[int, str] | None:
    """Why the feed is over, if it is, and with which close code."""
    if head is None:
        return CloseCode.NO_SUCH_BLOG, "the blog is not there any more"
    if head.epoch != feed.epoch:
        return CloseCode.EPOCH_CHANGED, f"this is another copy of the log now: {AGAIN}"
    if head.edition != feed.edition:
        return CloseCode.EDITION_CHANGED, f"the blog is sent otherwise now: {AGAIN}"
    if head.position < edge.position:
        return CloseCode.POSITION_BEYOND_HEAD, f"the log ends at position {head.position} now: {AGAIN}"
    if head.position == edge.position and head.hash.hex() != edge.hash:
        return HISTORY_CHANGED
    return None


def _hash(item: Item) -> str:
    return msgspec.json.decode(item.payload, type=_Chained).hash


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
