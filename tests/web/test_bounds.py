"""Memory has bounds: many blogs, readers and requests leave no more behind than few."""

import asyncio
import gc
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from house import House, open_house, until
from liveblog.application import access, audience, desk, hub, shelf
from liveblog.application.audience import Audience
from liveblog.application.feed import Feed
from liveblog.application.run import Run
from liveblog.application.sheet import PIECES, Sheet
from liveblog.application.shelf import Shelf
from liveblog.application.subscription import Subscription
from liveblog.session.page import FORMS, Item, Page
from liveblog.web import admission
from liveblog.web.admission import Admission
from liveblog.web.channel import Channel
from liveblog.web.event_stream import EventStream
from liveblog.web.problems import Problem

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


def alive(*kinds: type) -> int:
    """How many objects of these kinds there are."""
    gc.collect()
    return sum(isinstance(each, kinds) for each in gc.get_objects())


async def test_feeds_that_nobody_reads_are_closed_and_those_in_use_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "IDLE_FEEDS", 4)
    async with house.stream() as reader:
        await reader.next("subscribed")
        for number in range(20):
            await house.start(f"blog-{number}")
            await house.get(f"/v1/blogs/blog-{number}/events")
            open_now = [feed.slug for feed in house.services.hub.feeds()]
            assert len(open_now) <= 6, "the one in use, the new one and four"
        assert open_now == ["night", "blog-15", "blog-16", "blog-17", "blog-18", "blog-19"]
        await house.get("/v1/blogs/blog-15/events")
        await house.start("another")
        await house.get("/v1/blogs/another/events")
        assert {feed.slug for feed in house.services.hub.feeds()} >= {"night", "blog-15", "another"}
        await house.publish()
        assert (await reader.next("event"))["position"] == 2
    assert alive(Feed) <= 7


async def test_a_reader_about_to_join_a_feed_that_is_closed_is_told_to_come_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "IDLE_FEEDS", 0)
    old = await house.services.hub.feed("night")
    assert old is not None
    await house.start("other")
    await house.services.hub.feed("other")
    assert old.over is not None
    assert old.over[0] == 1013
    new = await house.services.hub.feed("night")
    assert new is not None
    assert new is not old
    assert new.over is None


async def test_readers_who_left_leave_nothing(house: House) -> None:
    async def come_and_go(count: int) -> None:
        for _ in range(count):
            async with house.stream(query="?from=start") as reader:
                await reader.next("caught_up")
            async with house.http.stream("GET", "/v1/blogs/night/sse") as answer:
                async for line in answer.aiter_lines():
                    if line:
                        break
        await until(lambda: house.services.admission.streams == 0)

    await come_and_go(2)
    before = alive(Subscription, Channel)
    await come_and_go(25)
    assert alive(Subscription, Channel) <= before + 2
    assert alive(EventStream) <= 12, "connections that the client keeps, and what closes now"


async def test_requests_of_any_kind_leave_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (access, admission):
        monkeypatch.setattr(module, "_MOST", 5)
    monkeypatch.setattr(desk, "_KNOWN", 5)
    house.services.admission._rate = 1e9
    for number in range(20):
        token = await house.token(name=f"Editor {number}")
        await house.start(f"blog-{number}")
        await house.post(f"blog-{number}", {"type": "publish_entry", "headline": "x"}, token=token, key=f"k{number}")
        await house.post(f"none-{number}", {"type": "end_blog"}, token=f"wrong-{number}")
        await house.http.get(f"/v1/blogs/none-{number}?x={number}", headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert len(house.services.access._known) <= 5
    assert len(house.services.admission._buckets) <= 5
    assert len(house.services.desk._blogs) <= 5
    assert not house.services.admission._by_address
    assert len(house.services.tally.requests) < 10
    assert house.services.desk.sequencer.waiting == 0


def test_the_limits_of_connections_are_counted_right_through_everything() -> None:
    doors = Admission(3, 2, 0, lambda: 0.0)
    leave = [doors.enter(address).keep() for address in ("a", "a")]
    with pytest.raises(Problem, match="from this address"):
        doors.enter("a")
    with doors.enter("b"):
        assert doors.streams == 3
        for address in ("a", "b"):
            with pytest.raises(Problem, match="all the readers"):
                doors.enter(address)
    assert doors.streams == 2
    with doors.enter("b") as seat:
        leave.append(seat.keep())
    assert doors.streams == 3
    with seat:
        assert doors.streams == 3
    assert doors.streams == 2
    for give_back in leave[:2]:
        give_back()
    assert doors.streams == 0
    assert not doors._by_address


def page(number: int, size: int) -> tuple[Item, ...]:
    return (Item(number, 0, number, b"x" * size),)


def sheet(number: int, size: int) -> Sheet:
    return Sheet(number - 1, page(number, size))


def test_the_shelf_keeps_what_was_used_last_within_its_bytes() -> None:
    """Counted are the bytes that messages come to with all that is made of them."""
    each = 100 * FORMS * PIECES
    kept = Shelf(3 * each)
    mine, others = object(), object()
    for number in range(3):
        kept.put(mine, number, sheet(number, 100))
    assert kept.get(mine, 0) is not None
    kept.put(others, 0, sheet(9, 100))
    assert kept.get(mine, 1) is None
    assert [kept.get(mine, 0), kept.get(mine, 2), kept.get(others, 0)].count(None) == 0
    again = sheet(0, 100)
    kept.put(mine, 0, again)
    assert kept.get(mine, 0) is not again
    assert (kept.bytes, len(kept)) == (3 * each, 3)
    kept.put(mine, 7, sheet(7, 301))
    assert (kept.bytes, len(kept)) == (0, 0)
    assert shelf.SHELF_BYTES == 192 * 1024 * 1024


class Room(Audience):
    """An audience of which nobody reads pages."""

    async def page(self, after: int, limit: int) -> Page:
        raise AssertionError("nobody here reads pages")


class Edge:
    """A reader at the live edge that counts what it is handed, and catches up when it is told how far things are."""

    slot = 0

    def __init__(self, room: Audience) -> None:
        self.room = room
        self.got: list[int] = []
        self.fail = False
        self.calls = 0

    @property
    def cursor(self) -> int:
        return (self.got or [0])[-1]

    def deliver(self, run: Run) -> None:
        if self.fail:
            self.fail = False
            raise RuntimeError("a defect")
        assert run.after == self.cursor
        self.calls += 1
        self.work()
        self.got += [item.position for item in run.items]

    def work(self) -> None:
        """Take no time."""

    def told(self) -> None:
        """Take no notice."""

    def advance(self, head: int) -> None:
        self.told()
        self.got += range((self.got or [0])[-1] + 1, head + 1)

    def beat(self, heartbeat: Item, stall_s: float) -> None:
        raise NotImplementedError

    def end(self, code: int, reason: str) -> None:
        raise NotImplementedError


async def test_a_connection_that_is_gone_leaves_nothing_to_the_garbage_collector(sqlite_url: str) -> None:
    """It looks at everything so seldom that tens of thousands of connections would wait for it."""

    def connections() -> int:
        return sum(isinstance(each, EventStream) for each in gc.get_objects())

    async with open_house(sqlite_url) as house:
        await house.start()
        port = int(house.address.rpartition(":")[2])
        gc.collect()
        gc.disable()
        try:
            before = connections()
            for path in ("/v1/blogs/night", "/v1/blogs/nowhere/sse", "/night"):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                assert (await reader.read()).startswith(b"HTTP/1.1 ")
                writer.close()
            await until(lambda: connections() == before)
        finally:
            gc.enable()


async def test_deliveries_that_wait_are_bounded_and_nobody_misses_anything() -> None:
    room = Room("night", 0)
    readers = [Edge(room) for _ in range(5)]
    room.live.update(dict.fromkeys(readers))
    for number in range(1, 3 * audience.MOST):
        room.hand_on(page(number, 1))
        assert len(room._recent) <= audience.MOST
    await until(lambda: room._began is None)
    assert [reader.got for reader in readers] == [list(range(1, 3 * audience.MOST))] * 5
    assert room.tally.pass_s.counts != [0] * len(room.tally.pass_s.counts)
    assert len(room._recent) == 0


async def test_long_messages_that_wait_are_bounded_by_their_bytes() -> None:
    room = Room("night", 0)
    reader = Edge(room)
    room.live[reader] = None
    for number in range(1, 65):
        room.hand_on(page(number, audience.MOST_BYTES // 8))
        assert sum(len(item.payload) for item in room._recent) <= audience.MOST_BYTES
    await until(lambda: room._began is None)
    assert reader.got == list(range(1, 65))


async def test_who_has_been_at_the_edge_longest_is_served_first() -> None:
    """Those who were away come after those who never were, and those who still are come last."""
    room = Room("night", 0)
    order: list[int] = []
    readers = [Edge(room) for _ in range(40)]
    for number, reader in enumerate(readers):
        reader.work = partial(order.append, number)  # type: ignore[method-assign]  # to see the order
        reader.told = partial(order.append, number)  # type: ignore[method-assign]  # likewise
    room.live.update(dict.fromkeys(readers[:30]))
    room.others.update(readers[30:])
    room.hand_on(page(1, 1))
    await until(lambda: room._began is None)
    assert order[:30] == list(range(30))
    assert sorted(order[30:]) == list(range(30, 40))
    assert all(reader.got == [1] for reader in readers)
    for away in readers[5:10]:
        del room.live[away]
        room.live[away] = None
    order.clear()
    room.hand_on(page(2, 1))
    await until(lambda: room._began is None)
    assert order[:30] == [*range(5), *range(10, 30), *range(5, 10)]


async def test_what_comes_while_a_round_goes_on_leaves_in_one_piece() -> None:
    room = Room("night", 0)
    reader = Edge(room)
    room.live[reader] = None
    for number in (1, 2, 3):
        room.hand_on(page(number, 1))
    await until(lambda: room._began is None)
    assert reader.got == [1, 2, 3]
    assert room.tally.delivered["live"] == 3
    assert sum(room.tally.pass_s.counts) == 1


async def test_an_event_that_comes_alone_leaves_at_once() -> None:
    room = Room("night", 0)
    reader = Edge(room)
    room.live[reader] = None
    for number in (1, 2, 3):
        room._rest_until = 0.0
        room.hand_on(page(number, 1))
        await asyncio.sleep(0)
        assert reader.got == list(range(1, number + 1))


async def test_after_a_round_comes_a_rest_by_what_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes during the rest leaves together; no rest is longer than its bound."""
    now = asyncio.get_running_loop().time()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    room = Room("night", 0)
    reader = Edge(room)
    room.live[reader] = None
    for took, rest in ((0.001, 0.001 * audience.REST), (5.0, audience.REST_S)):

        def work(took: float = took) -> None:
            nonlocal now
            now += took

        monkeypatch.setattr(reader, "work", work)
        room.hand_on(page(room.head + 1, 1))
        await until(lambda: room._began is None)
        assert room._rest_until == pytest.approx(now + rest, rel=0, abs=1e-6)
        before = list(reader.got)
        for _ in range(3):
            room.hand_on(page(room.head + 1, 1))
            await asyncio.sleep(0)
        assert reader.got == before
        calls, now = reader.calls, room._rest_until
        await until(lambda: room._began is None)
        assert reader.got == list(range(1, room.head + 1))
        assert reader.calls == calls + 1
        now += 2 * audience.REST_S


@pytest.mark.parametrize("place", ["live", "others"])
async def test_a_round_that_takes_long_lets_others_work_in_between(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)
    room = Room("night", 0)
    readers = [Edge(room) for _ in range(200)]

    def work() -> None:
        nonlocal now
        now += audience.PASS_S / 40

    for reader in readers:
        monkeypatch.setattr(reader, "work" if place == "live" else "told", work)
    if place == "live":
        room.live.update(dict.fromkeys(readers))
    else:
        room.others.update(readers)
    room.hand_on(page(1, 1))
    served = []
    while room._began is not None:
        await asyncio.sleep(0)
        served.append(sum(bool(reader.got) for reader in readers))
    # The clock is looked at after every 32nd: at the 64th it is past the time.
    assert served == [64, 128, 192, 200]
    assert all(reader.got == [1] for reader in readers)


async def test_a_defect_with_one_reader_does_not_silence_the_others() -> None:
    seen: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context["exception"]))
    room = Room("night", 0)
    readers = [Edge(room) for _ in range(5)]
    readers[2].fail = True
    room.live.update(dict.fromkeys(readers))
    for number in (1, 2):
        room.hand_on(page(number, 1))
    await until(lambda: room._began is None)
    asyncio.get_running_loop().set_exception_handler(None)
    assert [type(each) for each in seen] == [RuntimeError]
    # It took nothing this time, and takes everything with the next round.
    assert sorted(reader.got for reader in readers) == [[], *[[1, 2]] * 4]
    room.hand_on(page(3, 1))
    await until(lambda: room._began is None)
    assert [reader.got for reader in readers] == [[1, 2, 3]] * 5
