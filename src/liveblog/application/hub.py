"""The hub: the feeds of the blogs that somebody reads, and how they learn of new events."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import structlog

from liveblog.application.feed import SLOTS, Feed
from liveblog.application.readmodels import ReadModels
from liveblog.log.port import EventLog
from liveblog.log.request import LogUnavailable
from liveblog.session.page import Item

log = structlog.get_logger(__name__)


class Hub:
    """Feeds by blog. A poke says that something was appended; the log says what.

    Args:
        event_log: Where messages come from.
        readmodels: Where the heads of blogs are looked up.
        changed: Returns when another process or node may have appended something.

    """

    def __init__(self, event_log: EventLog, readmodels: ReadModels, changed: Callable[[], Awaitable[None]]) -> None:
        self._log = event_log
        self._readmodels = readmodels
        self._changed = changed
        self._feeds: dict[str, Feed] = {}

    async def feed(self, slug: str) -> Feed | None:
        """The feed of a blog, opened if need be; None if there is no such blog.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """
        if (feed := self._feeds.get(slug)) is not None:
            return feed
        head = await self._log.head(slug)
        if head is None:
            return None
        # Another request may have opened it while this one waited.
        return self._feeds.setdefault(slug, Feed(head, self._log))

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
        """Look up how far the blogs of the open feeds have come."""
        if not self._feeds:
            return
        by_id = {feed.blog_id: feed for feed in self._feeds.values()}
        for head in await self._readmodels.heads(list(by_id)):
            by_id[head.blog_id].advance(head.position)
