"""The hub: one feed for each blog, replaced when what its readers hold is void; one look serves all who wait for it."""

import asyncio

import pytest
from msgspec import structs

from liveblog.application.audience import Audience
from liveblog.application.feed import Feed
from liveblog.application.hub import Hub
from liveblog.application.run import Run
from liveblog.log.memory import MemoryLog
from liveblog.log.request import LogUnavailable
from liveblog.log.rows import BlogHead
from liveblog.session.page import Item
from liveblog.session.wire import encode_event
from log.build import Build, accept, memory_log

pytestmark = pytest.mark.anyio


class Heads:
    """The read models' heads: looks can be counted, held back, changed and made to fail."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.looks = 0
        self.open = asyncio.Event()
        self.open.set()
        self.changes: dict[str, object] = {}
        self.gone = False
        self.failing = False

    async def heads(self, blog_ids: list[str]) -> list[BlogHead]:
        self.looks += 1
        found = [head for head in [await self.log.head("night")] if head is not None and head.blog_id in blog_ids]
        await self.open.wait()
        if self.failing:
            raise LogUnavailable("not now")
        return [] if self.gone else [structs.replace(head, **self.changes) for head in found]


class Reader:
    """A reader at the live edge that hears how it ends."""

    slot = 0

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.items: list[Item] = []
        self.ended: list[tuple[int, str]] = []
        self.began = audience.head
        audience.live[self] = None

    @property
    def cursor(self) -> int:
        return self.items[-1].position if self.items else self.began

    def deliver(self, run: Run) -> None:
        self.items += run.items

    def advance(self, head: int) -> None:
        raise AssertionError("at the edge")

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        raise AssertionError("not asked for")

    def end(self, code: int, reason: str) -> None:
        self.ended.append((code, reason))
        self.audience.live.pop(self, None)


class Scene:
    """A blog of two events in a log in memory, and a hub over it."""

    def __init__(self) -> None:
        self.build = Build()
        self.log = memory_log()
        self.heads = Heads(self.log)
        self.hub = Hub(self.log, self.heads, asyncio.Event().wait)  # type: ignore[arg-type] # only heads are asked for

    async def open(self) -> Feed:
        await accept(self.log, self.build.start("night", self.build.entry()))
        feed = await self.hub.feed("night")
        assert feed is not None
        return feed


async def test_a_blog_has_one_feed_for_everyone() -> None:
    scene = Scene()
    feed = await scene.open()
    assert {id(each) for each in await asyncio.gather(*(scene.hub.feed("night") for _ in range(5)))} == {id(feed)}
    assert list(scene.hub.feeds()) == [feed]
    assert await scene.hub.feed("nowhere") is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"epoch": "another"}, 4402),
        ({"edition": "another"}, 4405),
        ({"position": 1}, 4403),
        ({"hash": bytes(32)}, 4402),
        ({"epoch": "another", "edition": "another", "position": 9}, 4402),
    ],
)
async def test_a_feed_whose_readers_hold_something_void_ends_and_another_takes_its_place(
    change: dict[str, object], code: int
) -> None:
    scene = Scene()
    feed = await scene.open()
    reader = Reader(feed)
    scene.heads.changes = change
    await scene.hub.refresh()
    assert [each for each, _ in reader.ended] == [code]
    assert all(len(reason.encode()) <= 123 for _, reason in reader.ended)
    assert feed.over == reader.ended[0]
    assert list(scene.hub.feeds()) == []
    fresh = await scene.hub.feed("night")
    assert fresh is not None
    assert fresh is not feed


@pytest.mark.parametrize("change", [{}, {"generation": 7}, {"at": 5}])
async def test_whatever_readers_do_not_see_leaves_the_feed_alone(change: dict[str, object]) -> None:
    scene = Scene()
    feed = await scene.open()
    reader = Reader(feed)
    scene.heads.changes = change
    await scene.hub.refresh()
    assert (reader.ended, feed.over) == ([], None)
    assert await scene.hub.feed("night") is feed


async def test_a_blog_that_is_gone_ends_its_feed() -> None:
    scene = Scene()
    reader = Reader(await scene.open())
    scene.heads.gone = True
    await scene.hub.refresh()
    assert [code for code, _ in reader.ended] == [4504]


async def test_what_is_committed_during_a_look_is_not_taken_for_a_log_that_went_back() -> None:
    scene = Scene()
    feed = await scene.open()
    reader = Reader(feed)
    scene.heads.open.clear()
    looking = asyncio.create_task(scene.hub.refresh())
    while not scene.heads.looks:
        await asyncio.sleep(0)
    (done,) = await accept(scene.log, scene.build.append("night", scene.build.entry()))
    feed.advance(done.position)
    while not reader.items:
        await asyncio.sleep(0)
    scene.heads.open.set()
    await looking
    assert (feed.head, feed.over) == (3, None)


async def test_who_names_another_copy_makes_the_hub_look_and_gets_what_is_there() -> None:
    scene = Scene()
    feed = await scene.open()
    assert await scene.hub.feed("night", feed.epoch, feed.edition) is feed
    assert scene.heads.looks == 0
    assert await scene.hub.feed("night", "stale") is feed
    assert scene.heads.looks == 1
    scene.heads.changes = {"edition": "new"}
    assert await scene.hub.feed("night", edition="new") is not feed
    assert feed.over is not None


async def test_one_look_serves_all_who_wait_for_it() -> None:
    scene = Scene()
    feed = await scene.open()
    scene.heads.open.clear()
    asking = [asyncio.create_task(scene.hub.feed("night", f"stale {number}")) for number in range(20)]
    for _ in range(5):
        await asyncio.sleep(0)
    asking[0].cancel()
    scene.heads.open.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert scene.heads.looks == 1
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == [feed] * 19
    await scene.hub.refresh()
    assert scene.heads.looks == 2


async def test_a_look_that_failed_is_told_and_the_next_is_a_new_one() -> None:
    scene = Scene()
    feed = await scene.open()
    scene.heads.failing = True
    with pytest.raises(LogUnavailable):
        await scene.hub.feed("night", "stale")
    scene.heads.failing = False
    assert await scene.hub.feed("night", "stale") is feed


async def test_a_feed_that_is_over_hands_nothing_on() -> None:
    scene = Scene()
    feed = await scene.open()
    feed.dismiss(4402, "another")
    feed.dismiss(4405, "too late")
    late = Reader(feed)
    (done,) = await accept(scene.log, scene.build.append("night", scene.build.entry()))
    feed.offer(list(map(encode_event, done.recorded)))
    feed.advance(done.position)
    for _ in range(10):
        await asyncio.sleep(0)
    assert (late.items, feed.head, feed.over) == ([], 2, (4402, "another"))
    with pytest.raises(LogUnavailable):
        await feed.page(0, 10)
    assert await scene.hub.feed("night") is not feed


async def test_many_readers_are_let_go_with_room_for_others_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveblog.application.audience.PASS_S", 0)
    scene = Scene()
    feed = await scene.open()
    readers = [Reader(feed) for _ in range(50)]
    feed.dismiss(4402, "another")
    assert 0 < sum(len(reader.ended) for reader in readers) < 50
    for _ in range(100):
        await asyncio.sleep(0)
    assert [reader.ended for reader in readers] == [[(4402, "another")]] * 50
