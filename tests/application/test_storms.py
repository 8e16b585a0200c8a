"""A thousand readers come back at once, each with another cursor: the database is asked for pages, not for readers."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from house import House, open_house, until
from liveblog.application import audience
from liveblog.application.feed import Feed
from liveblog.application.run import Run
from liveblog.application.sheet import PIECE_BYTES, Sheet, pieces
from liveblog.application.subscription import Subscription
from liveblog.application.turns import Turns
from liveblog.session.messages import CaughtUp, ServerMessage, Snapshot
from liveblog.session.page import Item
from liveblog.session.query import Query, parse
from liveblog.web.subscribing import subscribe
from log.build import Build

pytestmark = pytest.mark.anyio

EVENTS = 1_000
FEW = 36
"""Eight pages, the short one at the head again for each event that comes, and looks whether anything is new."""


class Carrier:
    """What a reader gets."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.is_there = False
        self.shown: list[int] = []
        self.code: int | None = None

    def send_items(self, items: Sequence[Item]) -> None:
        self.positions += [item.position for item in items if item.kind == "event"]

    def send_run(self, run: Run) -> None:
        self.send_items(run.items)

    def say(self, message: ServerMessage) -> None:
        self.is_there = self.is_there or isinstance(message, CaughtUp)
        if isinstance(message, Snapshot):
            self.shown.append(message.position)

    def unsent(self) -> int:
        return 0

    def close(self, code: int, reason: str) -> None:
        self.code = code


async def filled(house: House, body: str) -> Feed:
    """The feed of a blog that another process has written: no server has its messages in memory."""
    build = Build()
    await house.store.event_log.append([build.start("night")])
    for _ in range(EVENTS // 50):
        await house.store.event_log.append([build.append("night", build.entry(body=body)) for _ in range(50)])
    return await feed_of(house)


async def feed_of(house: House) -> Feed:
    feed = await house.services.hub.feed("night")
    assert feed is not None
    return feed


def reads(house: House) -> int:
    return sum(house.store.tally.transaction_s["read"].counts)


async def back(
    house: House, cursors: Sequence[int], more: Sequence[dict[str, str]] | None = None
) -> tuple[list[Carrier], list[Subscription]]:
    """Readers with these cursors, and more in their queries, each of whom has asked for what it missed."""
    feed = await feed_of(house)
    carriers, subscriptions = [], []
    for cursor, further in zip(cursors, more or [{}] * len(cursors), strict=True):
        carriers.append(Carrier())
        query = parse([("from", str(cursor)), *further.items()])
        subscriptions.append(subscribe(house.services, feed, query, feed.head, carriers[-1]))
        subscriptions[-1].open()
    return carriers, subscriptions


@pytest.mark.parametrize("body", ["short", "long " * 800], ids=["short entries", "entries of 4 KB"])
async def test_a_storm_of_readers_reads_each_page_once(sqlite_url: str, body: str) -> None:
    """Each gets what it missed, once and in order; whoever comes later costs the database nothing at all."""
    async with open_house(sqlite_url) as house:
        await filled(house, body)
        before = reads(house)
        readers = 1_000 if body == "short" else 100
        carriers, open_ones = await back(house, range(readers))
        await until(lambda: all(carrier.is_there for carrier in carriers))
        assert reads(house) - before <= FEW
        head = open_ones[0].session.head
        assert head > EVENTS
        for cursor, carrier in enumerate(carriers):
            assert carrier.positions == list(range(cursor + 1, head + 1))
        await house.publish()
        await until(lambda: all(carrier.positions[-1] == head + 1 for carrier in carriers))
        before = reads(house)
        for cursor in range(head - 100, head):
            (late,), opened = await back(house, [cursor])
            await until(lambda: late.is_there)  # noqa: B023  (waited for in this turn)
            assert late.positions == list(range(cursor + 1, head + 2))
            open_ones += opened
        assert reads(house) - before <= FEW
        for each in open_ones:
            each.closed()


async def test_who_says_which_history_it_read_costs_no_more(sqlite_url: str) -> None:
    """The hash at a cursor stands on the page before it, and whoever read another history is told so."""
    async with open_house(sqlite_url) as house:
        feed = await filled(house, "short")
        records = [each.record for each in await house.store.event_log.read(feed.blog_id, 0, EVENTS)]
        cursors = [record.envelope.position for record in records]
        read = [{"hash": record.hash.hex(), "epoch": feed.epoch} for record in records]
        read[499]["hash"] = read[500]["hash"]
        before = reads(house)
        carriers, open_ones = await back(house, cursors, read)
        await until(lambda: all(carrier.is_there or carrier.code for carrier in carriers))
        assert reads(house) - before <= FEW
        assert [carrier.code for carrier in carriers] == [None] * 499 + [4402] + [None] * 500
        head = open_ones[0].session.head
        for cursor, carrier in zip(cursors, carriers, strict=True):
            assert carrier.positions == ([] if cursor == 500 else list(range(cursor + 1, head + 1)))
        for each in open_ones:
            each.closed()


async def test_who_knows_an_event_that_this_server_has_not_read_is_answered_all_the_same(sqlite_url: str) -> None:
    """Where a reader has been on another server that was ahead, and this one has only begun to read on."""
    async with open_house(sqlite_url) as house:
        feed = await filled(house, "short")
        for _ in range(2):
            await house.publish()
        await until(lambda: len(feed._ring) == 2)
        head = feed.head
        feed._ring.pop()  # as if this server had not heard of it yet
        feed.head = feed._known = head - 1
        feed._newest.clear()
        record = (await house.store.event_log.read(feed.blog_id, head - 1, 1))[0].record
        carrier = Carrier()
        query = parse([("from", str(head)), ("hash", record.hash.hex())])
        reader = subscribe(house.services, feed, query, head, carrier)
        reader.open()
        await until(lambda: reader.session.at_edge)
        assert (carrier.code, reader.session.cursor) == (None, head)
        reader.closed()


async def test_a_reader_at_the_edge_reads_what_was_not_kept_for_it(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More events at once than are kept for a round: it is only told how far they go."""
    monkeypatch.setattr(audience, "MOST", 1)
    async with open_house(sqlite_url) as house:
        await house.start()
        feed = await feed_of(house)
        (carrier,), (reader,) = await back(house, [feed.head])
        await until(lambda: reader.session.at_edge)
        before = feed.head
        await house.post("night", [{"type": "publish_entry", "headline": f"Number {number}"} for number in range(3)])
        await until(lambda: carrier.positions == [before + 1, before + 2, before + 3])
        reader.closed()


async def test_those_who_begin_anew_at_one_position_are_shown_one_document(sqlite_url: str) -> None:
    """Also with posts in between, after which there is another."""
    async with open_house(sqlite_url) as house:
        feed = await filled(house, "short")
        before, readers = reads(house), list[Carrier]()
        for _ in range(3):
            arriving = [Carrier() for _ in range(100)]
            for carrier in arriving:
                subscribe(house.services, feed, Query(anew=True), feed.head, carrier).open()
            await until(lambda: all(carrier.shown for carrier in arriving))  # noqa: B023  (waited for in this turn)
            assert [carrier.shown for carrier in arriving] == [[feed.head]] * 100
            readers += arriving
            await house.publish()
        await until(lambda: all(carrier.positions[-1:] == [feed.head] for carrier in readers))
        assert [carrier.positions[0] - carrier.shown[0] for carrier in readers] == [1] * 300
        assert reads(house) - before <= FEW


async def test_a_crowd_that_seeks_keeps_one_thread_busy(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gets its answer; but the loop has only one thread beside it at a time."""
    async with open_house(sqlite_url) as house:
        await filled(house, "short")
        at_once, most = 0, 0
        entries = house.services.readmodels.entries

        async def counted(*given: object, **named: object) -> object:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            try:
                return await entries(*given, **named)  # type: ignore[arg-type]  # as they were given
            finally:
                at_once -= 1

        monkeypatch.setattr(house.services.readmodels, "entries", counted)
        carriers, open_ones = await back(house, [100] * 20, [{"rate": "1"}] * 20)
        for number, each in enumerate(open_ones):
            each.received(f'{{"type": "seek", "to": {200 + number}}}')
        await until(lambda: all(carrier.shown for carrier in carriers))
        assert [carrier.shown for carrier in carriers] == [[200 + number] for number in range(20)]
        assert most == 1
        for each in open_ones:
            each.closed()


async def test_readers_of_one_page_are_sent_the_same_bytes() -> None:
    items = [Item(number, number, number, b"x" * 700) for number in range(1, 129)]
    sheet = Sheet(0, items)
    first, second = sheet.page(0, 128, 500), sheet.page(0, 128, 600)
    assert first.pieces[0] is second.pieces[0]
    (rest,) = (piece for after, piece in sheet.page(40, 128, 500).pieces.items() if after == 40)
    assert [item.position for item in rest.items] == list(range(41, 129))
    assert not sheet.page(0, 100, 500).pieces  # none reaches further than the page that was asked for


@pytest.mark.parametrize(
    ("sizes", "ends"),
    [
        ([100] * 128, [128]),
        ([PIECE_BYTES // 100] * 128, [64, 128]),
        ([PIECE_BYTES + 1, 1, 1], [1, 3]),
        ([1] * 130, [65, 130]),
    ],
)
def test_pieces_are_few_and_about_equal(sizes: list[int], ends: list[int]) -> None:
    items = [Item(number, 0, number, b"x" * size) for number, size in enumerate(sizes, 1)]
    assert [run.last.position for run in pieces(items)] == ends


def test_a_piece_ends_where_a_commit_does_and_holds_no_part_of_a_large_one() -> None:
    commits = [(1, 3), (4, 140), (141, 142), (143, 200)]  # the last one's end is in the next page
    items = [Item(n, 0, end, b"x") for begin, end in commits for n in range(begin, end + 1)][:190]
    assert [(run.items[0].position, run.last.position) for run in pieces(items)] == [(1, 3), (141, 142)]


async def test_turns_let_others_work_in_between_and_outlive_a_defect() -> None:
    turns, done, seen = Turns(), list[int](), list[int]()
    loop = asyncio.get_running_loop()

    def work(number: int) -> None:
        done.append(number)
        end = loop.time() + 0.001
        while loop.time() < end:
            pass
        if number == 3:
            raise ZeroDivisionError

    failures: list[object] = []
    loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    for number in range(20):
        turns.wait(partial(work, number))
    assert not done
    while len(turns):
        await asyncio.sleep(0)
        seen.append(len(done))
    assert done == list(range(20))
    assert len(set(seen)) >= 5
    assert [type(each) for each in failures] == [ZeroDivisionError]
