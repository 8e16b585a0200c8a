"""Who is at a blog's desk: each window is seen while it says that it is open, from every node, and then no more."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from liveblog.application.drafts import Person
from liveblog.application.presences import LASTING_MS, AtDesk, Editing, Presence
from liveblog.storage import presences as rows
from liveblog.storage.database import Database
from liveblog.storage.opening import open_database
from liveblog.storage.presences import SqlPresenceStore
from liveblog.storage.tables import presences

pytestmark = pytest.mark.anyio

ANNA, BO = Person("anna", "Anna"), Person("bo", "Bo")
HEADER = Editing(kind="header")
ENTRY = Editing(kind="entry", id="e1")


@pytest.fixture
def store(database: Database) -> SqlPresenceStore:
    return SqlPresenceStore(database)


@pytest.fixture
async def other(url: str) -> AsyncIterator[SqlPresenceStore]:
    """Another node on the same database."""
    opened = await open_database(url)
    yield SqlPresenceStore(opened)
    await opened.close()


def seen(actor: Person, tab: str, since: int, editing: Editing | None = None) -> Presence:
    return Presence(actor=actor, tab=tab, editing=editing, since=since)


async def test_who_comes_sees_all_who_are_there(store: SqlPresenceStore, other: SqlPresenceStore) -> None:
    assert await store.enter("night", ANNA, AtDesk(tab="a"), 100) == [seen(ANNA, "a", 100)]
    assert await other.enter("night", BO, AtDesk(tab="a", editing=ENTRY), 101) == [
        seen(ANNA, "a", 100),
        seen(BO, "a", 101, ENTRY),
    ]
    assert await store.enter("day", BO, AtDesk(tab="a"), 102) == [seen(BO, "a", 102)]
    assert len(await store.enter("night", BO, AtDesk(tab="b"), 103)) == 3


async def test_since_is_when_this_and_nothing_else_began(store: SqlPresenceStore) -> None:
    async def enter(editing: Editing | None, now: int) -> int:
        (found,) = await store.enter("night", ANNA, AtDesk(tab="a", editing=editing), now)
        assert found.editing == editing
        return found.since

    assert await enter(HEADER, 1000) == 1000
    assert await enter(HEADER, 2000) == 1000
    assert await enter(ENTRY, 3000) == 3000
    assert await enter(None, 4000) == 4000
    assert await enter(None, 5000) == 4000
    assert await enter(None, 5000 + LASTING_MS) == 5000 + LASTING_MS, "who was away comes anew"


async def test_a_window_is_believed_for_so_long(store: SqlPresenceStore, database: Database) -> None:
    await store.enter("night", ANNA, AtDesk(tab="a"), 0)
    assert len(await store.enter("night", BO, AtDesk(tab="b"), LASTING_MS - 1)) == 2
    assert [each.actor for each in await store.enter("night", BO, AtDesk(tab="b"), LASTING_MS)] == [BO]
    count = sa.select(sa.func.count()).select_from(presences)
    assert await database.read(lambda connection: connection.scalar(count)) == 1, "what nobody sees is not kept"


async def test_who_leaves_is_gone_at_once_and_alone(store: SqlPresenceStore) -> None:
    for actor, tab in ((ANNA, "a"), (ANNA, "b"), (BO, "a")):
        await store.enter("night", actor, AtDesk(tab=tab), 0)
    await store.leave("night", "anna", "a")
    await store.leave("night", "nobody", "a")
    await store.leave("day", "bo", "a")
    there = await store.enter("night", BO, AtDesk(tab="a"), 1)
    assert [(each.actor, each.tab) for each in there] == [(ANNA, "b"), (BO, "a")]


async def test_a_new_name_is_shown(store: SqlPresenceStore) -> None:
    await store.enter("night", ANNA, AtDesk(tab="a"), 0)
    (found,) = await store.enter("night", Person("anna", "Anna K."), AtDesk(tab="a"), 1)
    assert (found.actor.name, found.since) == ("Anna K.", 0)


async def test_of_too_many_those_are_kept_that_spoke_last(
    store: SqlPresenceStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST", 3)
    for number in range(6):
        there = await store.enter("night", ANNA, AtDesk(tab=f"t{number}"), number)
        assert there[-1].tab == f"t{number}"
    assert [each.tab for each in there] == ["t3", "t4", "t5"]
    count = sa.select(sa.func.count()).select_from(presences)
    assert await database.read(lambda connection: connection.scalar(count)) == 3


async def test_all_may_speak_at_once(store: SqlPresenceStore, other: SqlPresenceStore) -> None:
    """Each tidies up after the others, who at that very moment come back."""
    windows = [(each, f"t{number}") for number, each in enumerate([store, other] * 4)]
    for now in range(0, 5 * LASTING_MS, LASTING_MS):
        await asyncio.gather(*(each.enter("night", ANNA, AtDesk(tab=tab), now) for each, tab in windows * 2))
    there = await store.enter("night", ANNA, AtDesk(tab="t0"), 4 * LASTING_MS)
    assert {each.tab for each in there} == {tab for _, tab in windows}
