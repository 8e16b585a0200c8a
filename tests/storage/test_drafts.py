"""Drafts are rows that change one at a time: who was not the first is told, on both databases and from every node."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import structs

from liveblog.application.drafts import Draft, DraftRefused, Person, Refusal, State
from liveblog.domain.rejection import Fault
from liveblog.storage import drafts as rows
from liveblog.storage.database import Database
from liveblog.storage.drafts import SqlDraftStore
from liveblog.storage.opening import open_database

pytestmark = pytest.mark.anyio

ANNA, BO = Person("anna", "Anna"), Person("bo", "Bo")


@pytest.fixture
def store(database: Database) -> SqlDraftStore:
    return SqlDraftStore(database)


@pytest.fixture
async def other(url: str) -> AsyncIterator[SqlDraftStore]:
    """Another node on the same database."""
    opened = await open_database(url)
    yield SqlDraftStore(opened)
    await opened.close()


def draft(number: int, **fields: Any) -> Draft:
    made = Draft(
        id=f"d{number}",
        slug="night",
        revision=1,
        state=State.WRITING,
        command=b'{"type":"publish_entry"}',
        author=ANNA,
        edited_by=ANNA,
        created_at=number,
        updated_at=number,
    )
    return structs.replace(made, **fields)


def after(before: Draft, **fields: Any) -> Draft:
    return structs.replace(before, revision=before.revision + 1, **fields)


async def test_a_draft_is_found_as_it_was_kept(store: SqlDraftStore) -> None:
    plain = draft(1)
    full = draft(
        2,
        state=State.REFUSED,
        command='{"type":"revise_entry","headline":"🌊\\u0000"}'.encode(),
        note="Who says so?",
        edited_by=BO,
        publish_at=1 << 40,
        position=12,
        problem=Refusal(code="blog_ended", detail="It ended.", errors=(Fault("body", "too long"),)),
        sender=BO,
        sent_at=1 << 41,
    )
    for each in (plain, full):
        assert await store.add(each) == each
        assert await store.find("night", each.id) == each
    assert await store.find("day", plain.id) is None
    assert await store.find("night", "d3") is None
    assert await store.find("night", "d\0") is None
    assert await store.board("night") == (2, [full, plain])
    assert await store.board("day") == (0, [])


async def test_the_one_that_was_changed_last_comes_first(store: SqlDraftStore) -> None:
    for number in (1, 2, 3):
        await store.add(draft(number))
    assert await store.change(after(draft(1), updated_at=9), draft(1))
    _, drafts = await store.board("night")
    assert [each.id for each in drafts] == ["d1", "d3", "d2"]


async def test_an_id_is_kept_once(store: SqlDraftStore) -> None:
    first = draft(1)
    await store.add(first)
    assert await store.add(draft(1, command=b"{}", author=BO)) == first
    assert await store.add(draft(1, slug="day")) == first
    assert (await store.board("day"))[1] == []


async def test_who_was_not_the_first_changes_nothing(store: SqlDraftStore) -> None:
    first = draft(1)
    await store.add(first)
    second = after(first, edited_by=BO)
    assert await store.change(second, first)
    assert not await store.change(after(first, note="late"), first)
    assert not await store.remove(first)
    assert await store.find("night", "d1") == second
    assert await store.remove(second)
    assert not await store.remove(second)
    assert await store.find("night", "d1") is None


async def test_a_mark_is_taken_once_and_keeps_others_out(store: SqlDraftStore) -> None:
    """A draft that is on its way to the log is of the same revision, and still another one."""
    plain = draft(1)
    await store.add(plain)
    sending = structs.replace(plain, sender=BO, sent_at=5)
    assert await store.change(sending, plain)
    assert not await store.change(structs.replace(plain, sender=ANNA, sent_at=6), plain)
    assert not await store.change(after(plain), plain)
    assert not await store.remove(plain)
    assert await store.find("night", "d1") == sending
    assert await store.change(after(sending, sender=None, sent_at=None, state=State.PUBLISHED, position=2), sending)


async def test_the_boards_revision_rises_with_every_change_and_with_no_refusal(
    store: SqlDraftStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [await store.revision("night")]

    async def look() -> None:
        seen.append(await store.revision("night"))

    await store.add(draft(1))
    await look()
    await store.change(after(draft(1)), draft(1))
    await look()
    await store.remove(after(draft(1)))
    await look()
    assert seen == sorted(set(seen))
    monkeypatch.setattr(rows, "MOST", 0)
    with pytest.raises(DraftRefused):
        await store.add(draft(2))
    assert await store.revision("night") == seen[-1]
    assert await store.revision("day") == 0


async def test_a_board_holds_so_many_that_are_not_published(
    store: SqlDraftStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST", 2)
    for number in (1, 2):
        await store.add(draft(number))
    await store.add(draft(7, slug="day"))
    with pytest.raises(DraftRefused) as refused:
        await store.add(draft(3))
    assert refused.value.code == "too_many_drafts"
    assert await store.find("night", "d3") is None
    assert await store.add(draft(1)) == draft(1), "the same again needs no room"
    await store.change(after(draft(1), state=State.PUBLISHED), draft(1))
    await store.add(draft(3))


async def test_of_what_is_published_the_newest_are_kept(store: SqlDraftStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PUBLISHED", 2)
    await store.add(draft(0))
    for number in range(1, 6):
        await store.add(draft(number))
        assert await store.change(after(draft(number), state=State.PUBLISHED), draft(number))
    _, drafts = await store.board("night")
    assert [each.id for each in drafts] == ["d5", "d4", "d0"]


async def test_a_board_holds_so_many_bytes(store: SqlDraftStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is published makes room, the oldest first; what is not is refused instead, and stays as it was."""
    monkeypatch.setattr(rows, "ALL_BYTES", 100)
    for number in (1, 2):
        await store.add(draft(number, command=b"x" * 40))
        await store.change(after(draft(number, command=b"x" * 40), state=State.PUBLISHED), draft(number))
    await store.add(draft(3, command=b"x" * 50))
    assert [each.id for each in (await store.board("night"))[1]] == ["d3", "d2"]
    kept = draft(3, command=b"x" * 50)
    with pytest.raises(DraftRefused, match="room"):
        await store.change(after(kept, command=b"x" * 101), kept)
    with pytest.raises(DraftRefused, match="room"):
        await store.add(draft(4, command=b"x" * 51))
    assert await store.find("night", "d3") == kept
    monkeypatch.setattr(rows, "ALL_BYTES", 10)
    assert await store.change(after(kept, state=State.SUBMITTED), kept), "a step takes no room"


async def test_what_is_due_comes_by_its_time_and_what_was_being_sent_after_it(store: SqlDraftStore) -> None:
    late = draft(1, state=State.SCHEDULED, publish_at=30)
    early = draft(2, state=State.SCHEDULED, publish_at=20, slug="day")
    future = draft(3, state=State.SCHEDULED, publish_at=31)
    sending = draft(4, state=State.SCHEDULED, publish_at=10, sender=BO, sent_at=15)
    unscheduled = draft(5, publish_at=10)
    refused = draft(6, state=State.REFUSED, publish_at=10)
    by_hand = draft(7, sender=BO, sent_at=16)
    for each in (late, early, future, sending, unscheduled, refused, by_hand):
        await store.add(each)
    assert await store.due(30, 0) == [early, late]
    assert await store.due(30, 16) == [early, late, sending]
    assert await store.due(19, 17) == [sending, by_hand]
    assert await store.next_due() == 20
    for each in (early, late, future):
        await store.change(after(each, state=State.PUBLISHED), each)
    assert await store.next_due() is None


async def test_of_many_at_once_one_is_the_first(store: SqlDraftStore, other: SqlDraftStore) -> None:
    first = draft(1)
    await store.add(first)
    attempts = [each.change(after(first, note=str(number)), first) for number, each in enumerate([store, other] * 5)]
    assert sorted(await asyncio.gather(*attempts)) == [False] * 9 + [True]


async def test_an_id_that_is_made_twice_at_once_is_kept_once(store: SqlDraftStore, other: SqlDraftStore) -> None:
    for number in range(10):
        one, two = await asyncio.gather(store.add(draft(number)), other.add(draft(number, slug="day")))
        assert one == two


async def test_two_nodes_cannot_fill_a_board_beyond_its_limit(
    store: SqlDraftStore, other: SqlDraftStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor can they begin its first draft at once and fail."""
    monkeypatch.setattr(rows, "MOST", 3)
    attempts = [each.add(draft(number)) for number, each in enumerate([store, other] * 5)]
    done = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(each) for each in done].count(DraftRefused) == 7
    revision, drafts = await other.board("night")
    assert (revision, len(drafts)) == (3, 3)
