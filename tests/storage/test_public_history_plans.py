"""The ledger, the key points and what is new of a course cost what they show, however many posts lie between."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import anyio
import pytest
from sqlalchemy import Connection

from liveblog.domain.commands import (
    Command,
    CorrectEntry,
    FlagBreaking,
    PublishEntry,
    RetractEntry,
    SetKeyPoint,
    WithdrawKeyPoint,
)
from liveblog.storage import courses, errata, points
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import connect
from log.build import T0, Build, FakeClock, accept, render
from log.night import SAID
from storage.plans import SCANS, SORTS, looked_at, plans

pytestmark = pytest.mark.anyio

TURNS = 60
BETWEEN = {"short": 10, "long": 60}
"""How many ordinary entries stand between two turns of a blog."""
Work = Callable[[Connection], Any]


async def fill(log: SqlLog, clock: FakeClock, build: Build, slug: str, between: int) -> int:
    """Write a blog; returns its head."""
    clock.now = T0
    head = (await accept(log, build.start(slug)))[0].position
    for number in range(TURNS):
        clock.now += 1_000
        marked = build.entry(breaking=number % 2 == 0, kind="summary" if number % 3 == 0 else None)
        commands: list[Command] = [marked, *(build.entry() for _ in range(between))]
        commands += turns(marked, number)
        for first in range(0, len(commands), 100):
            (done,) = await accept(log, build.append(slug, *commands[first : first + 100]))
            head = done.position
    return head


def turns(entry: PublishEntry, number: int) -> list[Command]:
    """What happens to an entry, and to a key point."""
    name, point = entry.entry_id or "", f"p{number % 5}"
    made: list[Command] = [] if number % 2 == 0 else [FlagBreaking(entry_id=name)]
    made += [CorrectEntry(entry_id=name, body="else", **SAID), SetKeyPoint(point_id=point, text=str(number))]
    if number % 3 == 0:
        made += [RetractEntry(entry_id=name, reason="r"), WithdrawKeyPoint(point_id=point, reason="r")]
    return made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A database for all the tests of this module: filling it takes longer than asking it."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("long") / "blog.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        with server.database(template=server.migrated()) as url:
            yield url


@pytest.fixture(scope="module")
def heads(module_url: str) -> dict[str, int]:
    """The heads of the blogs `short` and `long`, which differ in ordinary entries alone."""
    found: dict[str, int] = {}

    async def run() -> None:
        database, clock, build = await connect(module_url), FakeClock(), Build(3)
        log = SqlLog(database, clock, render)
        for slug, between in BETWEEN.items():
            found[slug] = await fill(log, clock, build, slug, between)
        points = [SetKeyPoint(point_id=f"p{number}", text="t") for number in range(10)]
        await accept(log, *(build.start(f"small-{number}", *points) for number in range(100)))
        await database.write(lambda connection: connection.exec_driver_sql("ANALYZE"))
        await database.close()

    anyio.run(run)
    assert found["long"] > 4 * found["short"]
    return found


@pytest.fixture
async def database(module_url: str, heads: dict[str, int]) -> AsyncIterator[Database]:
    opened = await connect(module_url)
    yield opened
    await opened.close()


def works(slug: str, head: int) -> dict[str, Work]:
    """What a reader asks of a blog, and what the server asks when one event was added."""
    return {
        "ledger": partial(errata.find, slug=slug, before=None, limit=20),
        "ledger, older page": partial(errata.find, slug=slug, before=head // 2, limit=20),
        "key points": partial(points.find, slug=slug, limit=2_000),
        "course, one event on": partial(courses.find, slug=slug, after=head - 1, limit=20),
    }


@pytest.mark.parametrize("what", works("", 1))
async def test_it_is_read_by_index_alone(database: Database, heads: dict[str, int], what: str) -> None:
    found = await database.read(partial(plans, work=works("long", heads["long"])[what]))
    assert len(found) >= 2
    for plan in found:
        assert not SCANS.search(plan), plan
        # A course takes all that it may mark, and key points are few: those may be sorted.
        assert not what.startswith("ledger") or not SORTS.search(plan), plan


@pytest.mark.parametrize("what", works("", 1))
async def test_it_costs_the_same_in_a_long_and_a_short_blog(
    database: Database, heads: dict[str, int], what: str
) -> None:
    costs = [await database.read(partial(looked_at, work=works(slug, heads[slug])[what])) for slug in ("short", "long")]
    assert costs[0] > 3
    assert costs[1] <= 1.5 * costs[0] + 5
