"""A page costs what it shows: no table is read whole and nothing is sorted, wherever in a long blog it is."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy import Connection

from liveblog.application.readmodels import EntryQuery, Place
from liveblog.domain import instant
from liveblog.domain.commands import Command, MarkKeyEvent, ReviseEntry, SetKeyPoint
from liveblog.log.lookups import Lookups
from liveblog.log.rows import Mark
from liveblog.storage import heads, history, lookups, moments, pages, reading
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import connect
from log.build import T0, Build, FakeClock, accept, render
from storage.plans import SCANS, SORTS, looked_at, plans

pytestmark = pytest.mark.anyio

LONG = 4_000
SHORT = 60
MARKS_EVERY = 50


class Blogs:
    """A long and a short blog, each with its busiest entry, which was revised over and over."""

    def __init__(self) -> None:
        self.build = Build(3)
        self.busy: dict[str, str] = {}
        self.last: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    async def fill(
        self, log: SqlLog, clock: FakeClock, slug: str, length: int, published: Callable[[int], int]
    ) -> None:
        """Write a blog in commits of a hundred.

        Args:
            log: Where to.
            clock: Rises by a second with each entry.
            slug: Which blog.
            length: How many entries.
            published: When the entry of a number was published, in milliseconds.

        """
        build = self.build
        busy = build.entry(pinned=True, published_at=instant.show(published(0)))
        self.busy[slug] = busy.entry_id or ""
        (started,) = await accept(log, build.start(slug, busy))
        self.ids[slug] = started.blog_id
        for first in range(0, length, 100):
            commands: list[Command] = []
            for number in range(first, min(length, first + 100)):
                clock.now = T0 + 1000 * number
                entry = build.entry(published_at=instant.show(published(number)))
                self.last[slug] = entry.entry_id or ""
                commands.append(entry)
                if number % MARKS_EVERY == 0:
                    commands.append(MarkKeyEvent(entry_id=entry.entry_id or ""))
                if number % 10 == 0:
                    commands.append(ReviseEntry(entry_id=self.busy[slug], body=str(number)))
            await accept(log, build.append(slug, *commands))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A database for all the tests of this module: filling it takes longer than asking it."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = tmp_path_factory.mktemp("long") / "blog.db"
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        with server.database(template=server.migrated()) as url:
            yield url


@pytest.fixture(scope="module")
def blogs(module_url: str) -> Blogs:
    made = Blogs()

    async def fill() -> None:
        database, clock = await connect(module_url), FakeClock()
        log = SqlLog(database, clock, render)
        await made.fill(log, clock, "short", SHORT, lambda number: T0 + 1000 * number)
        clock.now = T0
        await made.fill(log, clock, "long", LONG, lambda number: T0 + 1000 * number)
        clock.now = T0
        # An archive that somebody enters afterwards: all of it is published long before it is written.
        await made.fill(log, clock, "archive", LONG, lambda number: T0 - 10**10 + number)
        point = SetKeyPoint(point_id="p", text="t")
        await accept(log, *(made.build.start(f"small-{number}", point, key="k") for number in range(300)))
        await database.write(lambda connection: connection.exec_driver_sql("ANALYZE"))
        await database.close()

    anyio.run(fill)
    return made


@pytest.fixture
async def database(module_url: str, blogs: Blogs) -> AsyncIterator[Database]:
    opened = await connect(module_url)
    yield opened
    await opened.close()


def middle(length: int) -> int:
    """The position in the middle of a blog of so many entries."""
    return length * 56 // 100


QUERIES = {
    "newest": EntryQuery(),
    "oldest": EntryQuery(order="oldest"),
    "after": EntryQuery(after=Place(T0 + 500_000, 1)),
    "before": EntryQuery(before=Place(T0 + 500_000, 1)),
    "oldest before": EntryQuery(order="oldest", before=Place(T0 + 900_000, 1)),
    "key events": EntryQuery(only=Mark.KEY_EVENT),
    "marked after": EntryQuery(only=Mark.KEY_EVENT | Mark.BREAKING, after=Place(T0 + 900_000, 1)),
}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("position", [None, middle(LONG)], ids=["head", "middle"])
async def test_a_page_is_read_by_index_alone(database: Database, query: str, position: int | None) -> None:
    work = partial(pages.find, slug="long", position=position, query=QUERIES[query])
    found = await database.read(partial(plans, work=work))
    assert len(found) >= 2
    for plan in found:
        assert not SCANS.search(plan), plan
        assert not SORTS.search(plan), plan


async def test_everything_else_is_read_by_index_alone(database: Database, blogs: Blogs) -> None:
    blog_id, busy = blogs.ids["long"], blogs.busy["long"]
    wanted = Lookups({(blog_id, "e1", "k")}, {(blog_id, 1, busy)}, {(blog_id, 1, "p")}, set())
    works: list[Callable[[Connection], Any]] = [
        partial(pages.find, slug="long", position=middle(LONG), query=EntryQuery(around=busy)),
        partial(history.find, slug="long", entry_id=blogs.last["long"]),
        partial(moments.position_at, slug="long", instant=T0 + 2_000_000),
        partial(heads.find, slug="long"),
        partial(heads.find_all, blog_ids=[blog_id]),
        partial(lookups.find, lookups=wanted),
        partial(reading.recorded, blog_id=blog_id, after=middle(LONG), limit=100),
        partial(reading.records, after=middle(LONG), limit=100),
    ]
    for work in works:
        found = await database.read(partial(plans, work=work))
        assert found
        for plan in found:
            assert not SCANS.search(plan), plan


async def test_the_plan_of_a_query_without_an_index_is_seen_as_bad(database: Database) -> None:
    for statement, bad in (
        ("SELECT document FROM entry_revisions WHERE owner = 'x'", SCANS),
        ("SELECT published_at FROM entry_revisions WHERE blog_id = 'x' ORDER BY marks", SORTS),
    ):
        work = partial(sa.Connection.execute, statement=sa.text(statement))
        (plan,) = await database.read(partial(plans, work=work))
        assert bad.search(plan), plan


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("slug", ["long", "archive"])
async def test_a_page_costs_the_same_at_the_head_in_the_middle_and_in_a_short_blog(
    database: Database, slug: str, order: str
) -> None:
    query = structs.replace(QUERIES[order], limit=20)

    async def cost(slug: str, position: int | None) -> int:
        work = partial(pages.find, slug=slug, position=position, query=query)
        return await database.read(partial(looked_at, work=work))

    short = await cost("short", None)
    assert short > 5
    assert await cost(slug, None) <= 1.5 * short
    assert await cost(slug, middle(LONG)) <= 1.5 * short
    assert await cost(slug, LONG // 10) <= 1.5 * short


async def test_other_reads_cost_the_same_in_a_long_and_a_short_blog(database: Database, blogs: Blogs) -> None:
    def works(slug: str, position: int) -> list[Callable[[Connection], Any]]:
        blog_id = blogs.ids[slug]
        wanted = Lookups(set(), {(blog_id, 1, blogs.busy[slug])}, set(), set())
        return [
            partial(moments.find, slug=slug, position=position),
            partial(pages.find, slug=slug, position=position, query=EntryQuery(around=blogs.busy[slug], limit=5)),
            partial(pages.find, slug=slug, position=position, query=EntryQuery(only=Mark.KEY_EVENT, limit=1)),
            partial(reading.recorded, blog_id=blog_id, after=position, limit=20),
            partial(lookups.find, lookups=wanted),
        ]

    for short, long in zip(works("short", middle(SHORT)), works("long", middle(LONG)), strict=True):
        costs = [await database.read(partial(looked_at, work=work)) for work in (short, long)]
        assert costs[1] <= 1.5 * costs[0] + 5, long
