"""The hub: the feeds of the blogs that somebody reads, and how they learn of new events."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import structlog

from liveblog.application.audience import SLOTS
from liveblog.application.feed import Feed
from liveblog.application.readmodels import ReadModels
from liveblog.application.shelf import Shelf
from liveblog.application.tally import Tally
from liveblog.application.turns import Turns
from liveblog.log.port import EventLog
from liveblog.log.request import LogUnavailable
from liveblog.session.closecodes import CloseCode
from liveblog.session.page import Item

IDLE_FEEDS = 64
"""Feeds that stay open though nobody reads them, at most."""

log = structlog.get_logger(__name__)


class Hub:
    """Feeds by blog. A poke says that something was appended; the log says what.

    Args:
        event_log: Where messages come from.
        readmodels: Where the heads of blogs are looked up.
        changed: Returns when another process or node may have appended something.
        tally: Where deliveries are counted.
        turns: When readers get what they want.

    """

    def __init__(
        self,
        event_log: EventLog,
        readmodels: ReadModels,
        changed: Callable[[], Awaitable[None]],
        tally: Tally | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._log = event_log
        self._readmodels = readmodels
        self._changed = changed
        self._tally = tally or Tally()
        self._feeds: dict[str, Feed] = {}
        """By slug, the one that was asked for longest ago first."""
        self.shelf = Shelf()
        self._turns = Turns() if turns is None else turns
        self._looking: asyncio.Task[None] | None = None

    async def feed(self, slug: str, epoch: str | None = None, edition: str | None = None) -> Feed | None:
        """The feed of a blog, opened if need be; None if there is no such blog.

        Args:
            slug: The blog's.
            epoch: The copy that the asker knows of, if any. It may be newer than this feed: that is looked up then.
            edition: The edition, likewise.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """
        feed = self._open(slug)
        if feed is not None and (epoch not in {None, feed.epoch} or edition not in {None, feed.edition}):
            await self.refresh()
            feed = self._open(slug)
        if feed is not None:
            return feed
        head = await self._log.head(slug)
        if head is None:
            return None
        # Another request may have opened it while this one waited.
        if (feed := self._open(slug)) is None:
            feed = self._feeds[slug] = Feed(head, self._log, self.shelf)
            feed.tally, feed.turns = self._tally, self._turns
            self._close_idle(feed)
        return feed

    def _open(self, slug: str) -> Feed | None:
        feed = self._feeds.pop(slug, None)
        if feed is None or feed.over is not None:
            return None
        self._feeds[slug] = feed
        return feed

    def _close_idle(self, new: Feed) -> None:
        """Keep so many feeds that nobody reads. A reader who was about to join one is told to come again."""
        idle = [feed for feed in self._feeds.values() if feed.is_idle and feed is not new]
        for feed in idle[: max(0, len(idle) - IDLE_FEEDS)]:
            del self._feeds[feed.slug]
            feed.dismiss(CloseCode.TRY_AGAIN_LATER, "nobody was reading: reconnect with your position")

    def feeds(self) -> Iterator[Feed]:
        """The feeds that are open."""
        yield from list(self._feeds.values())

    def publish(self, blog_id: str, items: tuple[Item, ...]) -> None:
        """Hand on messages that this process just committed."""
        for feed in self._feeds.values():
            if feed.blog_id == blog_id:
                feed.offer(items)

    async def follow(self) -> None:
        """Keep the feeds up with what others append, until cancelled."""
        while True:
            try:
                await self._changed()
                await self.refresh()
            except LogUnavailable as error:
                log.warning("follow_failed", reason=str(error))
                await asyncio.sleep(1)

    async def beat(self, interval_s: float, stall_s: float, wall: Callable[[], int]) -> None:
        """Send heartbeats, each reader's every `interval_s`, until cancelled."""
        slot = 0
        while True:
            await asyncio.sleep(interval_s / SLOTS)
            slot = (slot + 1) % SLOTS
            for feed in self.feeds():
                feed.beat(slot, wall(), stall_s)

    async def refresh(self) -> None:
        """Look up how far the blogs of the open feeds have come; one look serves all who wait for it."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(self._looked)
        await asyncio.shield(self._looking)

    async def _look(self) -> None:
        # Where the feeds were before the look: what they are handed during it may be newer than what it finds.
        edges = [(feed, feed.edge()) for feed in self.feeds() if feed.over is None]
        found = await self._readmodels.heads([feed.blog_id for feed, _ in edges]) if edges else []
        heads = {head.blog_id: head for head in found}
        for feed, edge in edges:
            feed.follow(edge, heads.get(feed.blog_id))
            if feed.over is not None and self._feeds.get(feed.slug) is feed:
                del self._feeds[feed.slug]

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        if not task.cancelled():
            task.exception()  # those who wait for it learn of it
