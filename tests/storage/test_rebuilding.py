"""What a rebuild makes of the log is what appending left, row by row, whatever happens meanwhile."""

from collections.abc import Awaitable, Callable

import anyio
import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from liveblog.application import rebuilding
from liveblog.application.readmodels import EntryPage, EntryQuery
from liveblog.application.rebuilding import AnotherRebuild, Making, NoSuchBlog, Pace, Rebuilder, Rebuilt, Step
from liveblog.application.rendering import Renderer
from liveblog.domain import commands as c
from liveblog.domain import limits
from liveblog.domain.rendering import Rendering
from liveblog.log.codec import UnknownEvent
from liveblog.log.record import Record, Recorded
from liveblog.storage import moments, pages, tables
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from liveblog.storage.rebuilding import SqlGenerations
from log.build import Build, FakeClock, accept, records_of
from storage.gate import Gate
from storage.nights import long_night
from storage.rebuilt import NOW, RENDERER, Newer, all_of, check, dump, generations, in_use, keep_night, rebuild

pytestmark = pytest.mark.anyio


class Verbose(Newer):
    """A release whose markup is longer than a command might make it."""

    def render(self, source: str) -> Rendering:
        return Rendering("x" * limits.ENTRY_BYTES, source)


@pytest.fixture(scope="module")
def history() -> list[Recorded]:
    return anyio.run(long_night)


@pytest.fixture
def log(database: Database) -> SqlLog:
    return SqlLog(database, FakeClock(), RENDERER.render)


@pytest.fixture
async def records(log: SqlLog, history: list[Recorded]) -> list[Record]:
    """The night, in the database."""
    found = records_of(history)
    await keep_night(log, found)
    return found


def in_pieces_of(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    for name in ("FIRST", "FEWEST", "MOST"):
        monkeypatch.setattr(rebuilding, name, at_once)


@pytest.mark.parametrize("at_once", [2, 7, 1_000])
async def test_what_is_rebuilt_is_what_appending_left(
    database: Database, records: list[Record], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces of any size each row comes out the same, nothing is left of the old ones, and no other row changed."""
    in_pieces_of(monkeypatch, at_once)
    before, told = await dump(database), list[int]()
    rebuilt = await Rebuilder(generations(database)).rebuild("night", told.append)
    assert rebuilt == Rebuilt("night", len(records), "r1", "r1")
    assert await dump(database) == before
    assert await in_use(database) == all_of(2)
    assert await check(database) is None
    assert told == [*range(at_once, len(records), at_once), len(records)]


async def test_a_blog_is_rebuilt_as_often_as_one_likes(database: Database, records: list[Record]) -> None:
    before = await dump(database)
    rebuilder = Rebuilder(generations(database))
    assert await rebuilder.blogs() == {"night": len(records), "other": 2}
    for slug in [*await rebuilder.blogs(), *await rebuilder.blogs(["night", "night"])]:
        await rebuilder.rebuild(slug, lambda _: None)
    assert await dump(database) == before
    assert await in_use(database) == all_of(3)
    with pytest.raises(NoSuchBlog, match="day"):
        await rebuilder.blogs(["night", "day"])


@pytest.mark.usefixtures("records")
async def test_what_was_damaged_is_mended(database: Database) -> None:
    """Even a state that nobody can read any more: nothing is taken from what is made anew."""
    before = await dump(database)

    def damage(connection: Connection) -> None:
        connection.execute(sa.update(tables.blogs).values(state=b"?", latest=1, status="", position=3, at=4, hash=b""))
        connection.execute(sa.update(tables.entry_revisions).values(document=b"{}", owner="nobody"))
        connection.execute(sa.delete(tables.key_point_revisions))
        connection.execute(sa.delete(tables.headers))
        connection.execute(sa.delete(tables.counts))

    await database.write(damage)
    assert await check(database) is not None
    for slug in ("night", "other"):
        await rebuild(database, slug=slug)
    assert await dump(database) == before


@pytest.mark.usefixtures("records")
async def test_a_rebuild_is_noted(database: Database) -> None:
    def notes(connection: Connection) -> list[tuple[object, ...]]:
        told = tables.audit.c
        query = sa.select(told.at, told.blog_id, told.position, told.detail).where(told.what == "read_models_rebuilt")
        return [(*row[:3], msgspec.json.decode(row.detail)) for row in connection.execute(query)]

    assert await database.read(notes) == []
    rebuilt = await rebuild(database)
    ((at, blog_id, position, detail),) = await database.read(notes)
    blogs = {row[1]: row[0] for row in (await dump(database))["blogs"]}
    assert (at, blog_id, position) == (NOW, blogs["night"], rebuilt.position)
    assert detail == {"generation": 2, "edition": "r1", "edition_before": "r1"}


class Disturbed:
    """`Generations` with somebody at work between each two transactions of a rebuild."""

    def __init__(self, real: SqlGenerations, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.real = real
        self.meanwhile = meanwhile
        self.alone = real.alone
        self.heads = real.heads
        self.compare = real.compare

    async def make(self, slug: str, *, anew: bool = False) -> Making:
        return DisturbedMaking(await self.real.make(slug), self.meanwhile)

    async def sweep(self, slug: str, limit: int) -> Step:
        await self.meanwhile()
        return await self.real.sweep(slug, limit)


class DisturbedMaking:
    def __init__(self, real: Making, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.real = real
        self.meanwhile = meanwhile

    @property
    def position(self) -> int:
        return self.real.position

    async def advance(self, limit: int) -> Step:
        await self.meanwhile()
        return await self.real.advance(limit)

    async def flip(self) -> Rebuilt:
        await self.meanwhile()
        return await self.real.flip()


async def test_what_is_appended_meanwhile_is_neither_lost_nor_doubled(
    database: Database, log: SqlLog, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two transactions somebody posts, corrects and pins; the rows are those of the log all the same."""
    in_pieces_of(monkeypatch, 40)
    build, entries = Build(3), list[str]()

    async def meanwhile() -> None:
        new = build.entry(breaking=True)
        entries.append(new.entry_id or "")
        fixed = [c.CorrectEntry(entry_id=each, body=build.id(), was="w", now="n", reason="r") for each in entries[-2:]]
        await accept(log, build.append("night", new, c.SetKeyPoint(point_id="p", text=build.id()), *fixed))

    rebuilt = await Rebuilder(Disturbed(generations(database), meanwhile)).rebuild("night", lambda _: None)
    assert len(records) + 20 < rebuilt.position < (await Rebuilder(generations(database)).blogs())["night"]
    assert await in_use(database) == all_of(2)
    assert await check(database) is None
    left = await dump(database)
    await rebuild(database)
    assert await dump(database) == left


@pytest.mark.usefixtures("records")
async def test_a_reader_in_the_middle_of_a_page_keeps_the_rows_it_began_with(database: Database) -> None:
    """The number of the generation and the rows are read in one snapshot, so nothing goes from under a reader."""
    gate, query = Gate(), EntryQuery(limit=200)
    found: list[EntryPage | None] = []

    def read(connection: Connection) -> None:
        assert moments.find(connection, "night", None) is not None
        gate.wait(connection)
        found.extend(pages.find(connection, "night", position, query) for position in (None, 50))

    def unhindered(connection: Connection) -> list[EntryPage | None]:
        return [pages.find(connection, "night", position, query) for position in (None, 50)]

    whole = await database.read(unhindered)
    async with anyio.create_task_group() as group:
        group.start_soon(database.read, read)
        await gate.reached()
        await rebuild(database)
        assert await in_use(database) == all_of(2)
        gate.open()
    assert found == whole
    assert [page is not None and page.moment.head.generation for page in found] == [1, 1]
    assert all(page is not None and len(page.entries) > 5 for page in found)


@pytest.mark.parametrize("pieces", [0, 1, 3])
async def test_what_an_interrupted_rebuild_left_is_cleared_away(
    database: Database, records: list[Record], pieces: int
) -> None:
    """Half a generation is in nobody's way, and the next rebuild begins anew."""
    before = await dump(database)
    making = await generations(database).make("night")
    for _ in range(pieces):
        await making.advance(50)
    assert (await in_use(database))["counts"] == ({1, 2} if pieces else {1})
    assert (await rebuild(database)).position == len(records)
    assert await dump(database) == before
    assert await in_use(database) == all_of(2)


@pytest.mark.usefixtures("records")
async def test_what_a_rebuild_interrupted_after_the_change_left_is_cleared_away(database: Database) -> None:
    before, store = await dump(database), generations(database)
    making = await store.make("night")
    await making.advance(1_000)
    await making.flip()
    await store.sweep("night", 10)
    assert (await in_use(database))["entry_revisions"] == {1, 2}
    assert await check(database) is None
    await rebuild(database)
    assert await dump(database) == before
    assert await in_use(database) == all_of(3)


@pytest.mark.usefixtures("records")
async def test_rows_go_in_small_transactions(database: Database) -> None:
    store = generations(database)
    making = await store.make("night")
    await making.advance(1_000)
    await making.flip()
    gone = []
    while (step := await store.sweep("night", 10)).done:
        gone.append(step.done)
    assert len(gone) > 50
    assert max(gone) < 60  # the revisions of an entry go together


@pytest.mark.usefixtures("records")
async def test_a_second_rebuild_is_refused_and_the_first_goes_on(database: Database, url: str) -> None:
    second = await open_database(url)
    try:
        async with generations(database).alone():
            with pytest.raises(AnotherRebuild):
                async with generations(second).alone():
                    pass
            await rebuild(database)
        async with generations(second).alone():
            await rebuild(second)
    finally:
        await second.close()
    assert await in_use(database) == all_of(3)


@pytest.mark.usefixtures("records")
async def test_a_rebuild_that_was_overtaken_writes_nothing_more(database: Database) -> None:
    """If the lock between rebuilds should be lost, as with the connection that holds it, none spoils another's work."""
    before, store = await dump(database), generations(database)
    swept = await store.make("night")
    await swept.advance(50)
    await rebuild(database)
    for limit in (50, 1_000):
        with pytest.raises(AnotherRebuild):
            await swept.advance(limit)
    with pytest.raises(AnotherRebuild):
        await swept.flip()
    late = await store.make("night")
    await late.advance(1_000)
    await rebuild(database)
    with pytest.raises(AnotherRebuild):
        await late.flip()
    assert await dump(database) == before
    assert await check(database) is None


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("pieces", [40, 1_000])
async def test_what_a_newer_release_wrote_is_refused_and_nothing_changes(
    database: Database, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pieces_of(monkeypatch, pieces)
    await database.write(append_from_the_future)
    before = await dump(database)
    with pytest.raises(UnknownEvent, match="entry_set_to_music"):
        await rebuild(database)
    assert await dump(database) == before
    assert await in_use(database) == all_of(1)
    with pytest.raises(UnknownEvent):
        await check(database)


def append_from_the_future(connection: Connection) -> None:
    """An event as a newer release may write it, at the end of the night."""
    night = sa.select(tables.blogs.c.blog_id).where(tables.blogs.c.slug == "night").scalar_subquery()
    last = tables.events.c
    query = sa.select(tables.events).where(last.blog_id == night).order_by(last.position.desc()).limit(1)
    row = dict(connection.execute(query).mappings().one())
    position = row["position"] + 1
    envelope = msgspec.json.decode(row["envelope"])
    envelope |= {"position": position, "event_type": "entry_set_to_music", "event_id": "of-tomorrow"}
    row |= {key: envelope[key] for key in ("position", "event_type", "event_id")}
    row |= {"log_position": 10**6, "envelope": msgspec.json.encode(envelope)}
    connection.execute(sa.insert(tables.events).values(row))


@pytest.mark.usefixtures("records")
async def test_another_renderer_makes_another_edition(database: Database) -> None:
    before, newer = await dump(database), Newer()
    assert (await generations(database).outdated(), await generations(database, newer).outdated()) == (0, 2)
    rebuilt = await rebuild(database, newer)
    assert (rebuilt.edition_before, rebuilt.edition) == ("r1", "r2")
    assert await generations(database, newer).outdated() == 1
    page = await database.read(lambda connection: pages.find(connection, "night", None, EntryQuery(limit=200)))
    assert page is not None
    assert page.moment.head.edition == "r2"
    bodies = [msgspec.json.decode(placed.document) for placed in page.entries]
    shown = [each["body_html"] for each in bodies if each["retracted"] is None]
    assert shown == [f"<p>{each['body_markdown']}, newly</p>" for each in bodies if each["retracted"] is None]
    assert await check(database, newer) is None
    with pytest.raises(rebuilding.OtherRenderer, match="r2"):
        await check(database)
    # And back again: what was kept is used, and everything is as it was but for what was rendered meanwhile.
    await rebuild(database)
    after = await dump(database)
    assert {row for row in after.pop("renderings") if row[0] == 1} == set(before.pop("renderings"))
    assert after == before


@pytest.mark.usefixtures("records")
async def test_longer_markup_is_no_reason_to_refuse_what_stands(database: Database) -> None:
    await rebuild(database, Verbose())
    assert max(len(row[-1]) for row in (await dump(database))["entry_revisions"]) > limits.ENTRY_BYTES


@pytest.mark.usefixtures("records")
async def test_renderings_that_were_changed_are_made_anew_when_told_to(database: Database) -> None:
    before = await dump(database)
    changing = sa.update(tables.renderings).values(html=tables.renderings.c.html + "<b>no</b>")
    await database.write(lambda connection: connection.execute(changing))
    assert await dump(database) != before
    await rebuild(database, anew=True)
    after = await dump(database)
    # What no event of this blog names is none of its business.
    assert set(after.pop("renderings")) & set(before.pop("renderings"))
    assert after == before
    assert await check(database) is None


@pytest.mark.usefixtures("records")
async def test_renderings_that_are_kept_are_used_and_others_are_made_and_kept(database: Database) -> None:
    before = await dump(database)
    await database.write(lambda connection: connection.execute(sa.delete(tables.renderings)))
    await rebuild(database)
    after = await dump(database)
    assert set(after.pop("renderings")) <= set(before.pop("renderings"))
    assert after == before

    class Forbidden(Renderer):
        def render(self, source: str) -> Rendering:
            raise AssertionError(f"rendered again: {source}")

    await rebuild(database, Forbidden())
    assert {**await dump(database), "renderings": []} == {**before, "renderings": []}


def test_the_pace_follows_what_transactions_take() -> None:
    pace = Pace()
    for _ in range(10):
        pace.took(Step(pace.limit, 0.001))
    assert pace.limit == rebuilding.MOST
    pace.took(Step(pace.limit, 2 * rebuilding.SHORT_S))
    assert pace.limit == rebuilding.MOST // 2
    pace.took(Step(pace.limit, 100.0))
    assert pace.limit == rebuilding.MOST // 4
    for _ in range(20):
        pace.took(Step(pace.limit, 1.0))
    assert pace.limit == rebuilding.FEWEST
    pace.took(Step(pace.limit - 1, 0.001))
    assert pace.limit == rebuilding.FEWEST, "a short piece says nothing about a long one"
