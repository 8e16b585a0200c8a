"""Tokens are kept by the digest of their secret, with the actor behind them; what happens to them is noted."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor, Role
from liveblog.storage.database import Database
from liveblog.storage.tables import audit
from liveblog.storage.tokens import SqlTokenStore

pytestmark = pytest.mark.anyio

ANNA = Actor("anna", "Anna", Role.EDITOR)


@pytest.fixture
def store(database: Database) -> SqlTokenStore:
    return SqlTokenStore(database)


def token(number: int, actor: Actor = ANNA, blogs: tuple[str, ...] | None = None, created_at: int = 0) -> Token:
    return Token(id=f"t{number}", actor=actor, blogs=blogs, created_at=created_at or number)


def digest(number: int) -> bytes:
    return bytes([number]) * 32


async def test_a_token_is_found_by_its_digest_as_it_was_made(store: SqlTokenStore) -> None:
    made = [token(1), token(2, blogs=("night", "day")), token(3, Actor("bo", "Bo", Role.AUTHOR), blogs=())]
    for number, each in enumerate(made, 1):
        await store.create(each, digest(number))
    assert await store.find(digest(1)) == made[0]
    assert await store.find(digest(2)) == token(2, blogs=("day", "night"))
    assert await store.find(digest(3)) == made[2]
    assert await store.find(digest(4)) is None


async def test_all_come_the_oldest_first(store: SqlTokenStore) -> None:
    for number, created_at in ((1, 30), (2, 10), (3, 20), (4, 20)):
        await store.create(token(number, blogs=(f"b{number}",), created_at=created_at), digest(number))
    found = await store.all()
    assert [(each.id, each.blogs) for each in found] == [
        ("t2", ("b2",)),
        ("t3", ("b3",)),
        ("t4", ("b4",)),
        ("t1", ("b1",)),
    ]


async def test_a_revoked_token_is_not_found_but_listed(store: SqlTokenStore) -> None:
    await store.create(token(1), digest(1))
    await store.create(token(2), digest(2))
    assert await store.revoke("t1", 77) is True
    assert await store.find(digest(1)) is None
    assert await store.find(digest(2)) == token(2)
    assert [each.revoked_at for each in await store.all()] == [77, None]


async def test_a_token_is_revoked_once(store: SqlTokenStore) -> None:
    await store.create(token(1), digest(1))
    assert await store.revoke("t2", 70) is False
    assert await store.revoke("t1", 77) is True
    assert await store.revoke("t1", 78) is False
    assert [each.revoked_at for each in await store.all()] == [77]


async def test_an_actor_has_the_last_name_given_and_the_role_of_the_newest_token(store: SqlTokenStore) -> None:
    assert await store.actor("anna") is None
    await store.create(token(1, created_at=10), digest(1))
    await store.create(token(2, Actor("anna", "Anna B.", Role.ADMIN), created_at=30), digest(2))
    await store.create(token(3, Actor("anna", "Anna C.", Role.AUTHOR), created_at=20), digest(3))
    assert await store.actor("anna") == Actor("anna", "Anna C.", Role.ADMIN)
    found = await store.find(digest(1))
    assert found is not None
    assert found.actor == Actor("anna", "Anna C.", Role.EDITOR)


async def test_no_digest_and_no_id_stands_twice(store: SqlTokenStore) -> None:
    await store.create(token(1), digest(1))
    for again in ((token(2), digest(1)), (token(1), digest(2))):
        with pytest.raises(IntegrityError):
            await store.create(*again)
    assert await store.all() == [token(1)]


async def test_what_happens_to_a_token_is_noted(store: SqlTokenStore, database: Database) -> None:
    await store.create(token(1, created_at=50), digest(1))
    await store.revoke("t1", 60)
    await store.revoke("t1", 70)

    def notes(connection: sa.Connection) -> list[Any]:
        columns = (audit.c.at, audit.c.what, audit.c.token_id, audit.c.actor_id)
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(audit.c.audit_id))]

    assert await database.read(notes) == [(50, "token_created", "t1", "anna"), (60, "token_revoked", "t1", "anna")]
