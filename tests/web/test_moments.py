"""Any moment: the blog at each position is its first events, folded from nothing; pages keep their places."""

import asyncio
from collections.abc import AsyncIterator
from itertools import product
from typing import Any, Literal

import httpx2
import msgspec
import pytest
from msgspec import Raw, Struct

from house import House, open_house
from liveblog import main
from liveblog.application.cursors import read_place
from liveblog.application.readmodels import EntryQuery
from liveblog.domain import instant
from liveblog.log.codec import NAMES
from liveblog.log.record import Recorded
from liveblog.log.rows import Mark
from liveblog.settings import Settings
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import connect
from liveblog.web import freshness
from log.build import FakeClock, render
from storage.naive import NaiveBlog
from storage.nights import keep, long_night
from storage.refold import Refold
from web.story import Story

pytestmark = pytest.mark.anyio

LENGTH = 1_000
MARKS = {"key": Mark.KEY_EVENT, "breaking": Mark.BREAKING, "pinned": Mark.PINNED, "corrected": Mark.CORRECTED}


class Page(Struct):
    """A page of entries, each as the bytes that it came as."""

    position: int
    entries: list[Raw]
    next: str | None
    previous: str | None

    @property
    def documents(self) -> tuple[bytes, ...]:
        return tuple(bytes(entry) for entry in self.entries)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        yield house


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind."""
    found: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return found


async def long(url: str, length: int = LENGTH) -> list[Recorded]:
    """Put a blog of a thousand events of every kind, or of a few hundred, into a database."""
    history = await long_night(seed=21, length=length)
    assert len(history) >= length
    assert {each.record.envelope.event_type for each in history} == set(NAMES)
    database = await connect(url)
    clock = FakeClock(instant.parse(history[-1].record.envelope.recorded_at))
    await keep(SqlLog(database, clock, render), "night", history)
    await database.close()
    return history


async def test_every_position_is_its_first_events_folded_from_nothing(sqlite_url: str) -> None:
    """As the server tells it over HTTP: header, counts, hash, time, and every entry in its place."""
    history = await long(sqlite_url)
    async with open_house(sqlite_url) as house, httpx2.AsyncClient(base_url=house.address) as client:
        fold = Refold("night", render)
        for position, recorded in enumerate(history, 1):
            fold.take(recorded.record)
            answer = await client.get(f"/v1/blogs/night?limit=200&position={position}")
            assert answer.status_code == 200, answer.text
            blog: dict[str, Raw] = msgspec.json.decode(answer.content, type=dict[str, Raw])
            expected = fold.newest_first()
            entries = msgspec.json.decode(blog["entries"], type=list[Raw])
            assert [bytes(entry) for entry in entries] == expected
            assert bytes(blog["counts"]) == fold.counts
            header = msgspec.json.decode(fold.header, type=dict[str, Raw])
            assert {name: bytes(blog[name]) for name in header} == {name: bytes(each) for name, each in header.items()}
            envelope = recorded.record.envelope
            told = [msgspec.json.decode(blog[name]) for name in ("position", "hash", "time", "included", "next")]
            assert told == [position, recorded.record.hash.hex(), envelope.at, [], None]
            if position % 5 == 0:
                page = await read_page(client, f"order=oldest&limit=200&position={position}")
                assert page.documents == tuple(expected[::-1])


async def read_page(client: httpx2.AsyncClient, query: str, slug: str = "night") -> Page:
    answer = await client.get(f"/v1/blogs/{slug}/entries?{query}")
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Page)


async def test_both_databases_tell_every_position_alike(url: str) -> None:
    history = await long(url)
    async with main.open_store(Settings(database_url=url)) as store:
        fold = Refold("night", render)
        for position, recorded in enumerate(history, 1):
            fold.take(recorded.record)
            page = await store.readmodels.entries("night", position, EntryQuery(limit=1_000))
            assert page is not None
            assert [each.document for each in page.entries] == fold.newest_first()
            assert (page.moment.header, msgspec.json.encode(page.moment.counts)) == (fold.header, fold.counts)


async def test_every_instant_leads_to_the_last_event_not_after_it(sqlite_url: str) -> None:
    history = await long(sqlite_url, 200)
    instants = [instant.parse(each.record.envelope.at) for each in history]
    asked = sorted({each + step for each in instants for step in (-1, 0, 1)})
    async with open_house(sqlite_url) as house, httpx2.AsyncClient(base_url=house.address) as client:
        for ms in asked:
            answer = await client.get(f"/v1/blogs/night?limit=1&time={instant.show(ms)}")
            position = sum(each <= ms for each in instants)
            if position == 0:
                assert (answer.status_code, answer.json()["code"]) == (404, "before_start")
                continue
            blog = answer.json()
            assert (blog["position"], blog["time"]) == (position, instant.show(ms))
            assert (await read_page(client, f"limit=1&time={instant.show(ms)}")).position == position


async def test_pages_of_a_past_position_are_those_of_a_naive_fold(sqlite_url: str) -> None:
    """In both orders, of all marks and of some, forth and back and around."""
    history = await long(sqlite_url)
    async with open_house(sqlite_url) as house, httpx2.AsyncClient(base_url=house.address) as client:
        for position in (7, 333, len(history)):
            naive = NaiveBlog("night", history, position)
            for order, only in product(("newest", "oldest"), ((), ("corrected",), ("key", "breaking"), ("pinned",))):
                walk = Walk(client, order, only, limit=9, position=position)
                while not walk.done:
                    await walk.step(naive)
                await walk.back(naive)
            for name in list(naive.entries)[::7]:
                page = await read_page(client, f"limit=5&around={name}&position={position}")
                assert page.documents == naive.page(EntryQuery(limit=5, around=name)).documents


class Walk:
    """A reader who pages through a blog's entries, and compares each page with a naive fold."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        order: str,
        only: tuple[str, ...],
        *,
        limit: int,
        position: int | None = None,
        slug: str = "night",
    ) -> None:
        self._client = client
        self._order: Literal["newest", "oldest"] = "oldest" if order == "oldest" else "newest"
        self._only = Mark(sum(MARKS[word] for word in only)) if only else None
        self._limit = limit
        self._slug = slug
        self._query = f"order={order}&limit={limit}"
        self._query += f"&only={','.join(only)}" if only else ""
        self._query += "" if position is None else f"&position={position}"
        self._cursor: str | None = None
        self._last: Page | None = None
        self.seen: list[dict[str, Any]] = []
        self.done = False

    async def step(self, naive: NaiveBlog) -> None:
        """Read the next page; it is what a naive fold of that moment says."""
        page = await self._read(self._cursor, naive)
        self.seen += [msgspec.json.decode(entry) for entry in page.entries]
        self._cursor, self._last = page.next, page
        self.done = page.next is None

    async def back(self, naive: NaiveBlog) -> None:
        """Walk from the last page back to the first."""
        while self._last is not None and self._last.previous is not None:
            self._last = await self._read(self._last.previous, naive)

    async def _read(self, cursor: str | None, naive: NaiveBlog) -> Page:
        bounds = {}
        if cursor is not None:
            direction, place = read_place(cursor)
            bounds = {direction: place}
        query = EntryQuery(
            order=self._order,
            limit=self._limit,
            only=self._only,
            after=bounds.get("after"),
            before=bounds.get("before"),
        )
        page = await read_page(self._client, self._query + ("" if cursor is None else f"&cursor={cursor}"), self._slug)
        expected = naive.page(query)
        assert page.documents == expected.documents, query
        assert page.position == naive.position
        assert (page.next is not None) == (expected.more_after and bool(page.entries))
        assert (page.previous is not None) == (expected.more_before and bool(page.entries))
        return page


async def test_pages_keep_their_places_while_the_blog_goes_on(house: House) -> None:
    """Between two pages something happens each time: an entry, an edit, a flag, a retraction, coverage of the past.

    Each page is what stands behind its cursor at that moment. Who reads all entries meets none twice, none out of
    order, and every one that was there when the reading began.
    """
    story = Story(house, seed=31)
    await story.begin()
    await story.go_on(120)
    async with httpx2.AsyncClient(base_url=house.address) as client:
        for order, only in product(("newest", "oldest"), ((), ("corrected", "key"))):
            walk = Walk(client, order, only, limit=4, slug=story.slug)
            there = set(NaiveBlog(story.slug, story.history, story.head).entries)
            while not walk.done:
                await walk.step(NaiveBlog(story.slug, story.history, story.head))
                await story.go_on(1)
            await walk.back(NaiveBlog(story.slug, story.history, story.head))
            places = [(entry["published_at"], entry["first_position"]) for entry in walk.seen]
            assert places == sorted(set(places), reverse=order == "newest")
            if not only:
                assert there <= {entry["id"] for entry in walk.seen}
    assert story.head > 150


async def test_a_reader_who_asks_for_no_older_state_waits_for_it(house: House) -> None:
    await house.start()
    for path in ("/v1/blogs/night", "/v1/blogs/night/entries"):
        head = (await house.get(path))["position"]
        asked = asyncio.create_task(house.get(f"{path}?at_least={head + 1}"))
        await house.get(path)
        assert not asked.done()
        await house.publish()
        assert (await asked)["position"] == head + 1
        assert (await house.get(f"{path}?at_least={head}"))["position"] == head + 1


async def test_a_state_that_does_not_come_is_not_waited_for_for_long(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert freshness.WAIT_S == 2.0
    monkeypatch.setattr(freshness, "WAIT_S", 0.01)
    await house.start()
    for path in ("/v1/blogs/night", "/v1/blogs/night/entries"):
        answer = await house.http.get(f"{path}?at_least=2")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"


async def test_a_position_of_another_copy_is_said_to_be_that(house: House) -> None:
    """Also where this copy has no such position, and where the address asks for something before its start."""
    await house.start()
    for path, place in product(("", "/entries"), ("position=1", "position=99", "time=1999-01-01T00:00:00Z")):
        answer = await house.http.get(f"/v1/blogs/night{path}?{place}&epoch=another")
        assert (answer.status_code, answer.json()["code"]) == (410, "epoch_changed"), (path, place)
