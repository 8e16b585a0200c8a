"""The read models say of every position what a naive fold says of it."""

from typing import Any, Literal, TypeAlias

import msgspec
import pytest

from liveblog.application.readmodels import EntryPage, EntryQuery, NoSuchMoment, Place
from liveblog.domain import instant
from liveblog.domain.commands import EndBlog, ReopenBlog, ReviseEntry
from liveblog.domain.header import Header
from liveblog.domain.rejection import CommandRejected
from liveblog.log.chain import genesis
from liveblog.log.record import Recorded
from liveblog.log.request import Accepted
from liveblog.log.rows import BlogHead, Mark
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.readmodels import SqlReadModels
from log.build import T0, Build, FakeClock, accept, render
from storage.naive import NaiveBlog, NaivePage
from storage.nights import keep, long_night

Order: TypeAlias = Literal["newest", "oldest"]

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def log(database: Database, clock: FakeClock) -> SqlLog:
    return SqlLog(database, clock, render)


@pytest.fixture
def models(database: Database) -> SqlReadModels:
    return SqlReadModels(database)


@pytest.fixture
async def history(log: SqlLog, clock: FakeClock) -> list[Recorded]:
    """What is in the blog "night"; there is one "beside" it."""
    history = await long_night()
    clock.now = instant.parse(history[-1].record.envelope.recorded_at)
    await keep(log, "beside", (await long_night("beside", seed=6))[:100])
    await keep(log, "night", history)
    return history


def shown(page: EntryPage | None) -> NaivePage:
    """A page as the naive fold would give it."""
    assert page is not None
    documents = tuple(each.document for each in page.entries)
    return NaivePage(documents, page.more_before, page.more_after, page.included)


async def test_every_moment_is_what_a_naive_fold_says(models: SqlReadModels, history: list[Recorded]) -> None:
    for position in [*range(len(history) + 1), None]:
        moment = await models.moment("night", position)
        assert moment is not None
        naive = NaiveBlog("night", history, len(history) if position is None else position)
        assert moment.position == naive.position
        assert moment.header == msgspec.json.encode(naive.header)
        assert moment.counts == naive.counts
        if naive.position == 0:
            assert moment.hash == genesis(moment.head.blog_id)
            assert moment.at == T0
        else:
            record = history[naive.position - 1].record
            assert (moment.hash, instant.show(moment.at)) == (record.hash, record.envelope.at)
        assert moment.head.position == len(history)


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_every_first_page_is_what_a_naive_fold_says(
    models: SqlReadModels, history: list[Recorded], order: Order
) -> None:
    for position in range(len(history) + 1):
        naive = NaiveBlog("night", history, position)
        for only in (None, Mark.KEY_EVENT | Mark.CORRECTED):
            query = EntryQuery(order=order, only=only, limit=7)
            assert shown(await models.entries("night", position, query)) == naive.page(query)


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("only", [None, Mark.BREAKING, Mark.KEY_EVENT | Mark.PINNED, Mark.CORRECTED, Mark.RETRACTED])
async def test_pages_hang_together_in_both_directions(
    models: SqlReadModels, history: list[Recorded], order: Order, only: Mark | None
) -> None:
    """At the head and amid the blog, after, before and around every entry."""
    for position in (len(history), 150):
        naive = NaiveBlog("night", history, position)
        places = [Place(*each.place) for each in naive.entries.values()]
        between = [Place(place.published_at, place.first_position + 1) for place in places[::5]]
        starts: list[dict[str, Any]] = [{}, *({"after": place} for place in places + between)]
        starts += [{"before": place} for place in places + between]
        starts += [{"around": name} for name in naive.entries]
        for number, start in enumerate(starts):
            query = EntryQuery(order=order, only=only, limit=number % 6 + 1, **start)
            assert shown(await models.entries("night", position, query)) == naive.page(query), query


async def test_there_is_no_moment_beyond_the_ends(models: SqlReadModels, history: list[Recorded]) -> None:
    for position, code in ((-1, "before_start"), (len(history) + 1, "position_beyond_head")):
        with pytest.raises(NoSuchMoment) as refusal:
            await models.moment("night", position)
        assert (refusal.value.code, refusal.value.head) == (code, len(history))
        with pytest.raises(NoSuchMoment):
            await models.entries("night", position, EntryQuery())


async def test_nothing_is_around_an_entry_that_was_not_there(models: SqlReadModels, history: list[Recorded]) -> None:
    last = next(each for each in reversed(history) if each.record.envelope.event_type == "entry_published")
    name, position = last.record.envelope.entry_id, last.record.envelope.position
    assert name is not None
    assert await models.entries("night", position, EntryQuery(around=name)) is not None
    for slug, moment, around in (("night", position - 1, name), ("beside", None, name), ("night", None, "unknown")):
        with pytest.raises(LookupError):
            await models.entries(slug, moment, EntryQuery(around=around))


async def test_of_an_unknown_blog_there_is_nothing(models: SqlReadModels, history: list[Recorded]) -> None:
    entry_id = history[1].record.envelope.entry_id
    assert entry_id is not None
    assert await models.moment("nowhere", None) is None
    assert await models.entries("nowhere", 0, EntryQuery()) is None
    assert await models.history("nowhere", entry_id) is None
    assert await models.position_at("nowhere", T0) is None


async def test_a_history_is_all_documents_beside_their_events(models: SqlReadModels, history: list[Recorded]) -> None:
    touched = {each.record.envelope.entry_id for each in history} - {None}
    assert len(touched) > 20
    for entry_id in touched:
        assert entry_id is not None
        mine = [each for each in history if each.record.envelope.entry_id == entry_id]
        found = await models.history("night", entry_id)
        assert found is not None
        assert found.document == mine[-1].effect.entry
        assert [each.document for each in found.revisions] == [each.effect.entry for each in mine]
        for revision, recorded in zip(found.revisions, mine, strict=True):
            record = recorded.record
            assert (revision.position, revision.event_type) == (record.envelope.position, record.envelope.event_type)
            assert instant.show(revision.at) == record.envelope.at
            assert (revision.envelope, revision.payload) == (record.envelope_bytes, record.payload)
        assert found.moment.position == len(history)
    assert await models.history("beside", next(iter(touched)) or "") is None


async def test_an_instant_leads_to_the_last_event_not_after_it(models: SqlReadModels, history: list[Recorded]) -> None:
    instants = [instant.parse(each.record.envelope.at) for each in history]
    for asked in sorted({each + step for each in instants for step in (-1, 0, 1)}):
        assert await models.position_at("night", asked) == sum(each <= asked for each in instants)
    assert await models.position_at("night", instant.LATEST) == len(history)


async def test_blogs_come_by_newest_activity_in_pages(log: SqlLog, models: SqlReadModels, clock: FakeClock) -> None:
    build = Build()
    for number in range(9):
        clock.now = T0 + number // 3 * 1000
        await accept(log, build.start(f"b{number}", *([EndBlog()] if number % 2 else [])))
    everything = await models.blogs(None, 100, None)
    assert [each.at for each in everything] == [T0 + 2000] * 3 + [T0 + 1000] * 3 + [T0] * 3
    assert everything == sorted(everything, key=lambda each: (each.at, each.blog_id), reverse=True)
    for status in (None, "live", "ended"):
        wanted = [each for each in everything if status in {None, each.blog.header.status}]
        assert len(wanted) == {None: 9, "live": 5, "ended": 4}[status]
        found: list[BlogHead] = []
        while page := await models.blogs((found[-1].at, found[-1].blog_id) if found else None, 2, status):
            found += page
        assert found == wanted


async def test_heads_and_log_position_are_those_of_the_log(
    log: SqlLog, models: SqlReadModels, history: list[Recorded]
) -> None:
    night, beside = await log.head("night"), await log.head("beside")
    assert night is not None
    assert beside is not None
    found = await models.heads([beside.blog_id, night.blog_id, "unknown"])
    assert sorted(found, key=lambda each: each.slug) == [beside, night]
    assert await models.heads([]) == []
    assert await models.log_position() == night.position + beside.position


async def test_one_entry_revised_ever_again_is_found_as_it_was(log: SqlLog, models: SqlReadModels) -> None:
    build = Build()
    entry = build.entry(body="0", pinned=True)
    name = entry.entry_id or ""
    edits = [ReviseEntry(entry_id=name, body=str(number)) for number in range(1, 60)]
    (done,) = await accept(log, build.start("night", build.entry(), entry, *edits))
    for position in range(3, done.position + 1):
        page = await models.entries("night", position, EntryQuery(limit=1))
        assert page is not None
        assert [each.document for each in page.entries] == [done.recorded[position - 1].effect.entry]
        assert msgspec.json.decode(page.moment.header, type=Header).pinned == (name,)


async def test_what_no_database_can_hold_is_simply_not_there(
    log: SqlLog, models: SqlReadModels, history: list[Recorded]
) -> None:
    """A request for it fails alone, and not the batch it comes in."""
    for slug in ("ni\0ght", "\0"):
        assert await log.head(slug) is None
        assert await models.moment(slug, None) is None
        assert await log.is_bound(slug, "e1", "k") is False
    assert await models.history("night", "\0") is None
    with pytest.raises(LookupError):
        await models.entries("night", None, EntryQuery(around="\0"))
    build = Build(17)
    outcomes = await log.append(
        [build.append("ni\0ght", build.entry()), build.append("night", EndBlog(), ReopenBlog())]
    )
    assert isinstance(outcomes[0], CommandRejected)
    assert outcomes[0].code == "no_such_blog"
    assert isinstance(outcomes[1], Accepted)
    assert outcomes[1].position > len(history)
