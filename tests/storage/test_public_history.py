"""The ledger, the key points and the course of a blog are what its events, looked through one by one, say."""

import msgspec
import pytest

from liveblog.application.readmodels import Erratum, Turn
from liveblog.domain import instant
from liveblog.domain.entry import Entry
from liveblog.domain.header import KeyPoint
from liveblog.log.record import Recorded
from liveblog.log.rows import Mark
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.readmodels import SqlReadModels
from log.build import Build, FakeClock, accept, render
from storage.nights import keep, long_night

pytestmark = pytest.mark.anyio

ERRATA = ("entry_corrected", "entry_retracted")
TURNS = ("breaking_flagged", "key_event_marked", "blog_ended", "blog_reopened")


@pytest.fixture
def models(database: Database) -> SqlReadModels:
    return SqlReadModels(database)


@pytest.fixture
async def history(database: Database) -> list[Recorded]:
    """What is in the blog "night"; there is one "beside" it, and one that only began."""
    history, clock = await long_night(), FakeClock()
    log = SqlLog(database, clock, render)
    clock.now = instant.parse(history[-1].record.envelope.recorded_at)
    await keep(log, "beside", (await long_night("beside", seed=6))[:100])
    await keep(log, "night", history)
    await accept(log, Build(8).start("new"))
    return history


def document_after(history: list[Recorded], entry_id: str | None, position: int) -> bytes | None:
    """An entry as the events up to a position left it."""
    mine = [each for each in history[:position] if each.record.envelope.entry_id == entry_id is not None]
    return mine[-1].effect.entry if mine else None


def errata_of(history: list[Recorded]) -> list[Erratum]:
    """The newest first."""
    found = []
    for each in history:
        envelope = each.record.envelope
        if envelope.event_type in ERRATA:
            retracted = envelope.event_type == "entry_retracted"
            document = document_after(history, envelope.entry_id, envelope.position - retracted)
            assert document is not None
            found.append(
                Erratum(
                    position=envelope.position,
                    event_type=envelope.event_type,
                    at=instant.parse(envelope.at),
                    entry_id=envelope.entry_id or "",
                    document=document,
                    payload=each.record.payload,
                )
            )
    return found[::-1]


def turns_of(history: list[Recorded]) -> list[Turn]:
    """The oldest first."""
    found = []
    for each in history:
        envelope = each.record.envelope
        born = Mark(0)
        if envelope.event_type == "entry_published":
            assert each.effect.entry is not None
            entry = msgspec.json.decode(each.effect.entry, type=Entry)
            for mark, borne in (
                (Mark.BREAKING, entry.breaking),
                (Mark.KEY_EVENT, entry.key_event),
                (Mark.SUMMARY, entry.kind == "summary"),
            ):
                born |= mark if borne else Mark(0)
        if born or envelope.event_type in ERRATA + TURNS:
            retracted = envelope.event_type == "entry_retracted"
            found.append(
                Turn(
                    position=envelope.position,
                    event_type=envelope.event_type,
                    entry_id=envelope.entry_id,
                    born=born,
                    document=document_after(history, envelope.entry_id, envelope.position - retracted),
                )
            )
    return found


async def test_the_ledger_is_every_correction_and_retraction(models: SqlReadModels, history: list[Recorded]) -> None:
    expected = errata_of(history)
    assert {each.event_type for each in expected} == set(ERRATA)
    assert len(expected) > 30
    ledger = await models.ledger("night", None, 1_000)
    assert ledger is not None
    assert (list(ledger.errata), ledger.more) == (expected, False)
    assert ledger.head.position == len(history)


async def test_the_ledger_goes_on_from_any_position(models: SqlReadModels, history: list[Recorded]) -> None:
    expected = errata_of(history)
    for before in range(len(history) + 2):
        ledger = await models.ledger("night", before, 5)
        assert ledger is not None
        older = [each for each in expected if each.position < before]
        assert (list(ledger.errata), ledger.more) == (older[:5], len(older) > 5)


async def test_key_points_come_with_all_their_revisions(models: SqlReadModels, history: list[Recorded]) -> None:
    touched = [each for each in history if each.record.envelope.event_type.startswith("key_point_")]
    assert len(touched) > 15
    found = await models.points("night", 1_000)
    assert found is not None
    for each, recorded in zip(found.revisions, reversed(touched), strict=True):
        envelope = recorded.record.envelope
        assert each.withdrawn is (envelope.event_type == "key_point_withdrawn")
        revision = each.revision
        assert (revision.position, revision.event_type) == (envelope.position, envelope.event_type)
        assert (revision.at, revision.payload) == (instant.parse(envelope.at), recorded.record.payload)
        assert msgspec.json.decode(revision.document, type=KeyPoint).position == envelope.position
    assert found.more is False
    newest = await models.points("night", 3)
    assert newest is not None
    assert (newest.revisions, newest.more) == (found.revisions[:3], True)


async def test_a_course_is_every_instant_and_every_turn(models: SqlReadModels, history: list[Recorded]) -> None:
    instants = tuple(instant.parse(each.record.envelope.at) for each in history)
    expected = turns_of(history)
    assert {each.event_type for each in expected} == {"entry_published", *ERRATA, *TURNS}
    for after in (0, 1, 200, len(history) - 1):
        course = await models.course("night", after, 1_000)
        assert course is not None
        assert course.instants == instants[after:]
        assert (list(course.turns), course.more_turns) == (expected, False)
    for limit in (1, 7, len(expected) - 1, len(expected)):
        course = await models.course("night", 0, limit)
        assert course is not None
        assert (list(course.turns), course.more_turns) == (expected[-limit:], limit < len(expected))


async def test_at_the_head_nothing_is_read_again(models: SqlReadModels, history: list[Recorded]) -> None:
    for after in (len(history), len(history) + 9):
        course = await models.course("night", after, 1_000)
        assert course is not None
        assert (course.instants, course.turns, course.head.position) == ((), (), len(history))


async def test_a_blog_that_only_began_has_a_course_of_one_instant(
    models: SqlReadModels, history: list[Recorded]
) -> None:
    ledger, points, course = (
        await models.ledger("new", None, 5),
        await models.points("new", 5),
        await models.course("new", 0, 5),
    )
    assert ledger is not None
    assert points is not None
    assert course is not None
    assert (ledger.errata, points.revisions, course.turns, len(course.instants)) == ((), (), (), 1)


async def test_of_an_unknown_blog_there_is_no_history(models: SqlReadModels, history: list[Recorded]) -> None:
    for slug in ("nowhere", "ni\0ght"):
        assert await models.ledger(slug, None, 5) is None
        assert await models.points(slug, 5) is None
        assert await models.course(slug, 0, 5) is None
