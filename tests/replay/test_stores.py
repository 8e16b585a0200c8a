"""The same blog in memory, on SQLite and on PostgreSQL: the messages that readers get are the same bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from liveblog.application.feed import Feed
from liveblog.application.importer import Importer
from liveblog.application.importing.sources import Options, understand
from liveblog.application.rendering import Renderer
from liveblog.domain.commands import CorrectEntry, FlagBreaking, PinEntry, RetractEntry, SetKeyPoint
from liveblog.log.memory import MemoryLog
from liveblog.log.port import EventLog
from liveblog.session.wire import encode_event
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from log.build import Build, FakeClock, accept
from replay.history import NIGHT, adopt, recorded
from replay.making import maker
from replay.scenario import FOLDER

pytestmark = pytest.mark.anyio

QUESTIONS = "five-questions-after-the-missiles"
make = maker()


async def everything(log: EventLog, clock: FakeClock) -> dict[str, list[bytes]]:
    """Adopt one recording, import the other's coverage, go on with both; returns all messages by what made them."""
    clock.now = make.RECORDED_AT
    night = recorded(NIGHT)
    adopted = await adopt(log, night, 41)
    source = understand(QUESTIONS, (FOLDER.parent / "seeds" / f"{QUESTIONS}.txt").read_bytes(), Options())
    (done,) = await Importer(log, Renderer(), make.Dice(QUESTIONS)).bring_in([source])
    head = await log.head(done.slug)
    assert head is not None
    build = Build(11)
    entry = build.entry(
        headline="Ünïcode „and“ \N{ROCKET}", body="*One* [link](https://example.org/?a=1&b=2)\n\n- & <b>"
    )
    named = entry.entry_id or ""
    for commands in (
        [entry, FlagBreaking(entry_id=named), PinEntry(entry_id=named)],
        [CorrectEntry(entry_id=named, body="**Two**", was="One", now="Two", reason="Counted again.")],
        [SetKeyPoint(point_id="late", text="Late")],
        [RetractEntry(entry_id=named, reason="Neither.")],
    ):
        clock.now += 1_500
        await accept(log, build.append(NIGHT, *commands))
    return {
        "adopted": [item.payload for item in adopted],
        "imported": await messages(log, head.blog_id),
        "all": await messages(log, night.header.blog_id),
    }


async def messages(log: EventLog, blog_id: str) -> list[bytes]:
    return [encode_event(each).payload for each in await log.read(blog_id, 0, 1_000)]


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def in_memory() -> dict[str, list[bytes]]:
    clock = FakeClock()
    return await everything(MemoryLog(clock, Renderer().render), clock)


@asynccontextmanager
async def sql_log(url: str, clock: FakeClock) -> AsyncIterator[SqlLog]:
    database = await open_database(url)
    try:
        yield SqlLog(database, clock, Renderer().render)
    finally:
        await database.close()


async def test_every_store_gives_the_bytes_that_memory_gives(url: str, in_memory: dict[str, list[bytes]]) -> None:
    clock = FakeClock()
    async with sql_log(url, clock) as log:
        found = await everything(log, clock)
    assert [len(found[kind]) for kind in ("adopted", "imported", "all")] == [41, 8, 47]
    assert found == in_memory


async def test_a_recording_gives_the_bytes_that_its_coverage_gave(in_memory: dict[str, list[bytes]]) -> None:
    log = MemoryLog(FakeClock(), Renderer().render)
    assert [item.payload for item in await adopt(log, recorded(QUESTIONS))] == in_memory["imported"]


async def test_a_page_of_the_stream_is_made_of_these_bytes(url: str, in_memory: dict[str, list[bytes]]) -> None:
    clock = FakeClock()
    async with sql_log(url, clock) as log:
        await everything(log, clock)
        head = await log.head(NIGHT)
        assert head is not None
        page = await Feed(head, log).page(0, 128)
    assert [item.payload for item in page.items] == in_memory["all"]
