"""A feed under lost, repeated and reordered news: every reader at the edge gets each message once, in order."""

import asyncio
from random import Random

import pytest

from house import until
from liveblog.application import feed as feeds
from liveblog.application.feed import Feed
from liveblog.application.run import Run
from liveblog.log.record import Recorded
from liveblog.log.request import Accepted, LogUnavailable
from liveblog.session.page import Item
from liveblog.session.wire import encode_event
from log.build import Build, memory_log

pytestmark = pytest.mark.anyio


class Reader:
    """A reader at the live edge that keeps what it is handed, and knows the head that it was told."""

    slot = 0

    def __init__(self, feed: Feed) -> None:
        self.cursor = self.head = feed.head
        self.items: list[Item] = []
        self.feed = feed
        self.ended: int | None = None
        feed.live[self] = None

    def deliver(self, run: Run) -> None:
        assert run.after == self.cursor
        self.items += run.items
        self.cursor = run.last.position

    def advance(self, head: int) -> None:
        self.head = max(self.head, head)

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        raise AssertionError("not asked for")

    def end(self, code: int, reason: str) -> None:
        self.feed.live.pop(self, None)
        self.ended = code


class Flaky:
    """A log whose reads can be counted, and fail when told to."""

    def __init__(self) -> None:
        self.log = memory_log()
        self.reads = 0
        self.failing = 0

    async def read(self, blog_id: str, after: int, limit: int) -> list[Recorded]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.failing:
            self.failing -= 1
            raise LogUnavailable("not now")
        return await self.log.read(blog_id, after, limit)


class Blog:
    """A blog in a log, with a feed that may hear of its events or not."""

    def __init__(self) -> None:
        self.source = Flaky()
        self.build = Build()

    async def start(self) -> Feed:
        await self.source.log.append([self.build.start("night")])
        head = await self.source.log.head("night")
        assert head is not None
        return Feed(head, self.source)  # type: ignore[arg-type] # of the port only read is used

    async def append(self, count: int) -> list[Item]:
        commands = [self.build.entry() for _ in range(count)]
        (outcome,) = await self.source.log.append([self.build.append("night", *commands)])
        assert isinstance(outcome, Accepted)
        return list(map(encode_event, outcome.recorded))


async def test_whatever_becomes_of_the_news_each_message_arrives_once_in_order() -> None:
    for seed in range(40):
        dice = Random(seed)
        blog = Blog()
        feed = await blog.start()
        reader = Reader(feed)
        news: list[list[Item]] = []
        for _ in range(30):
            news.append(await blog.append(dice.randint(1, 4)))
            match dice.randrange(5):
                case 0:
                    continue
                case 1:
                    feed.offer(dice.choice(news))
                case 2:
                    feed.advance(dice.choice(news)[-1].position)
                case _:
                    feed.offer(news[-1])
            for _ in range(dice.randrange(4)):
                await asyncio.sleep(0)
        feed.advance(news[-1][-1].position)
        expected = [item.payload for items in news for item in items]
        await until(lambda: len(reader.items) >= len(expected))  # noqa: B023  (waited for in this turn)
        assert [item.payload for item in reader.items] == expected


async def test_a_read_that_failed_is_made_good_by_the_next_news() -> None:
    blog = Blog()
    feed = await blog.start()
    reader = Reader(feed)
    items = await blog.append(3)
    blog.source.failing = 1
    feed.advance(4)
    await until(lambda: blog.source.reads == 1 and feed._filling is None)
    assert reader.items == []
    feed.advance(4)
    await until(lambda: len(reader.items) == len(items))


async def test_a_reader_who_is_further_than_the_feed_waits_for_it_in_peace() -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    blog = Blog()
    feed = await blog.start()
    ahead, other = Reader(feed), Reader(feed)
    items = await blog.append(300)
    ahead.cursor = 250
    feed.advance(301)
    await until(lambda: ahead.cursor == other.cursor == 301)
    assert other.items == items
    assert ahead.items == items[249:]
    assert faults == []


async def test_pages_from_the_ring_and_from_the_log_are_the_same() -> None:
    blog = Blog()
    feed = await blog.start()
    for _ in range(5):
        feed.offer(await blog.append(60))
    head = await blog.source.log.head("night")
    assert head is not None
    cold = Feed(head, blog.source)  # type: ignore[arg-type] # of the port only read is used
    for after in (0, 1, 100, 127, 128, 250, 299, 300):
        warm_page, cold_page = await feed.page(after, 100), await cold.page(after, 100)
        count = min(len(warm_page.items), len(cold_page.items))
        assert warm_page.items[:count] == cold_page.items[:count]
        assert count > 0
    assert (await feed.page(301, 100)).items == ()


async def test_readers_who_want_the_same_page_share_one_read() -> None:
    blog = Blog()
    await blog.start()
    await blog.append(90)
    await blog.append(90)
    head = await blog.source.log.head("night")
    assert head is not None
    feed = Feed(head, blog.source)  # type: ignore[arg-type] # of the port only read is used
    pages = await asyncio.gather(*(feed.page(after, 100) for after in range(20)))
    assert blog.source.reads == 1
    assert all(page.items[0].position == page.after + 1 for page in pages)
    await feed.page(0, 100)
    assert blog.source.reads == 1


async def test_a_page_ends_where_a_commit_ends() -> None:
    blog = Blog()
    feed = await blog.start()
    for _ in range(40):
        feed.offer(await blog.append(7))
    for after in (0, 1, 130, 200):
        page = await feed.page(after, 100)
        assert page.items[-1].position == page.items[-1].commit_end


async def test_the_ring_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "RING", 50)
    blog = Blog()
    feed = await blog.start()
    for _ in range(10):
        feed.offer(await blog.append(10))
    assert len(feed._ring) == 50
    assert [item.position for item in (await feed.page(0, 20)).items] == list(range(1, 12))
