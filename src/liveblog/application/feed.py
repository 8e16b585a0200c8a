"""A blog's feed: the newest messages in a ring, older ones from the log by pages, and who is reading.

The log is the buffer. A reader is a cursor: at the live edge it is handed each message as it comes; anywhere else it
reads pages, from the ring or from the log, encoded once and shared.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice

import structlog
from msgspec import Struct

from liveblog.application.audience import Audience
from liveblog.application.places import hash_of
from liveblog.application.sheet import Sheet
from liveblog.application.shelf import Shelf
from liveblog.log.port import EventLog
from liveblog.log.request import LogUnavailable
from liveblog.log.rows import BlogHead
from liveblog.session.closecodes import CloseCode
from liveblog.session.page import Item, Page
from liveblog.session.wire import encode_event

RING = 1_024
"""Messages in the ring, at most."""
RING_BYTES = 16 * 1024 * 1024
"""Bytes that they may come to take, each in all its forms."""
PAGE = 128
"""Messages in a page, at most; pages begin after a multiple of this, so that readers share them."""

log = structlog.get_logger(__name__)


AGAIN = "read the blog and start from its position"
HISTORY_CHANGED = (int(CloseCode.EPOCH_CHANGED), f"this is another history now: {AGAIN}")


class Edge(Struct, frozen=True):
    """A position, and the chain's hash there in hexadecimal."""

    position: int
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
        self._reads: dict[int, asyncio.Task[Sheet]] = {}
        self._newest: dict[int, Sheet] = {}
        """What follows a position where the ring does not hold a whole page, until there is more."""
        self._known = self.head
        self._filling: asyncio.Task[None] | None = None

    @property
    def behind(self) -> int:
        """Events that are known to be in the log and were not read yet."""
        return self._known - self.head

    @property
    def kept_bytes(self) -> int:
        """Bytes that the messages in the ring may come to take, each in all its forms."""
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
            self._ring_bytes += item.room
        self._known = max(self._known, fresh[-1].position)
        while len(self._ring) > RING or self._ring_bytes > RING_BYTES:
            self._ring_bytes -= self._ring.popleft().room
        self._newest.clear()
        self.hand_on(tuple(fresh))

    def advance(self, head: int) -> None:
        """Know that the log goes on to this position, and read what is missing."""
        self._known = max(self._known, head)
        if self._known > self.head and self._filling is None and self.over is None:
            self._filling = asyncio.create_task(self._fill())

    def edge(self) -> Edge:
        """The newest message that readers were handed."""
        return Edge(self.head, hash_of(self._ring[-1]) if self._ring else self._opened_at)

    def follow(self, edge: Edge, head: BlogHead | None) -> None:
        """Go on to the blog's newest state, or end if what readers hold is void.

        Args:
            edge: Where the feed was before the state was read: it cannot be older than that.
            head: The state; None if the blog is not there any more.

        """
        if (end := _end(self, edge, head)) is not None:
            log.warning(
                "feed_ended", blog=self.slug, code=end[0], reason=end[1], readers=len(self.live) + len(self.others)
            )
            self.dismiss(*end)
        elif head is not None:
            self.advance(head.position)

    async def page(self, after: int, limit: int) -> Page:
        """See `Audience.page`."""
        page = self.at_hand(after, limit)
        if page is None:
            page = (await self._sheet_with(after)).page(after, limit, self.head)
        if self.over is not None:
            raise LogUnavailable(f"{self.over[1]}: ask again")
        return page

    def at_hand(self, after: int, limit: int) -> Page | None:
        """See `Audience.at_hand`: from the shelf, or from the ring."""
        if self.over is not None:
            return None
        sheet = self._on_shelf(after) or self._of_ring(after)
        return None if sheet is None else sheet.page(after, limit, self.head)

    def _on_shelf(self, after: int) -> Sheet | None:
        """The sheet with the next message: the page's, or, where that was read short, one that goes on after it."""
        sheet = self._shelf.get(self._mine, after // PAGE * PAGE)
        while sheet is not None and sheet.end <= after:
            sheet = self._shelf.get(self._mine, sheet.end)
        return sheet

    def _of_ring(self, after: int) -> Sheet | None:
        """Messages of the ring: a whole page if there is one, which goes to the shelf; else what there is of it."""
        if not self._ring or after + 1 < (first := self._ring[0].position):
            return None
        start = after // PAGE * PAGE
        if first <= start + 1 and start + PAGE <= self.head:
            sheet = self._from_ring(start)
            self._shelf.put(self._mine, start, sheet)
            return sheet
        if after not in self._newest:
            self._newest[after] = self._from_ring(after)
        return self._newest[after]

    def _from_ring(self, after: int) -> Sheet:
        """What follows a position, up to the end of its page."""
        skip = after + 1 - self._ring[0].position
        return Sheet(after, islice(self._ring, skip, skip + PAGE - after % PAGE))

    async def _sheet_with(self, after: int) -> Sheet:
        """The sheet with the next message, read where it must be; without any message if there is none."""
        start = after // PAGE * PAGE
        while True:
            sheet = self._shelf.get(self._mine, start) or await self._sheet(start)
            if sheet.end > after or sheet.end == start:
                return sheet
            # It was read short: at the head of the log then, or to bound its bytes.
            start = sheet.end

    async def _sheet(self, start: int) -> Sheet:
        """Messages up to the end of a page. One read for all who ask; it must not die with the first of them."""
        if (task := self._reads.get(start)) is None:
            task = self._reads[start] = asyncio.create_task(self._read_sheet(start))
            task.add_done_callback(lambda _: self._reads.pop(start, None))
        return await asyncio.shield(task)

    async def _read_sheet(self, start: int) -> Sheet:
        sheet = Sheet(start, await self._read(start, PAGE - start % PAGE))
        if sheet.items:
            self._shelf.put(self._mine, start, sheet)
        return sheet

    async def _read(self, after: int, limit: int) -> tuple[Item, ...]:
        return tuple(map(encode_event, await self._log.read(self.blog_id, after, limit)))

    async def _fill(self) -> None:
        try:
            while self.head < self._known and self.over is None:
                # The last message known comes along, to see that those after it continue this history.
                last, edge = max(self.head, 1), self.edge()
                items = await self._read(last - 1, PAGE + 1)
                if items and self.head == last and hash_of(items[0]) != edge.hash:
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
