"""Tokens are believed for a second, and no longer."""

import asyncio
import re

import pytest

from liveblog.application.access import FRESH_S, Access, actor_id_for, digest_of
from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor, Role

pytestmark = pytest.mark.anyio
SECRET = "lb_secret"
PATIENCE_S = 5.0
"""How long a test waits for what must come at once; it never waits for time to pass."""


class Store:
    """A store of tokens by digest that counts how often it is asked, and answers when it is let."""

    def __init__(self) -> None:
        self.tokens: dict[bytes, Token] = {}
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    async def find(self, digest: bytes) -> Token | None:
        self.asked += 1
        await self.open.wait()
        return self.tokens.get(digest)

    async def create(self, token: Token, digest: bytes) -> None:
        self.tokens[digest] = token

    async def all(self) -> list[Token]:
        raise AssertionError("not asked for here")

    async def revoke(self, token_id: str, now: int) -> bool:
        raise AssertionError("not asked for here")

    async def actor(self, actor_id: str) -> Actor | None:
        raise AssertionError("not asked for here")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(store: Store, clock: Clock) -> Access:
    return Access(store, clock)


def token() -> Token:
    return Token(id="t1", actor=Actor("edith", "Edith", Role.EDITOR), blogs=None, created_at=0)


async def test_a_token_is_looked_up_once_a_second(access: Access, store: Store, clock: Clock) -> None:
    await store.create(token(), digest_of(SECRET))
    for _ in range(3):
        assert await access.find(SECRET) == token()
    assert store.asked == 1
    clock.now += FRESH_S + 0.001
    assert await access.find(SECRET) == token()
    assert store.asked == 2


async def test_a_token_that_is_gone_stops_working_after_a_second(access: Access, store: Store, clock: Clock) -> None:
    await store.create(token(), digest_of(SECRET))
    assert await access.find(SECRET) is not None
    store.tokens.clear()
    clock.now += FRESH_S + 0.001
    assert await access.find(SECRET) is None
    assert await access.find(SECRET) is None


async def test_a_token_works_as_soon_as_it_is_made(access: Access, store: Store) -> None:
    """That there is none is never believed for later."""
    assert await access.find(SECRET) is None
    await store.create(token(), digest_of(SECRET))
    assert await access.find(SECRET) == token()


async def test_while_one_asks_again_the_others_go_on(access: Access, store: Store, clock: Clock) -> None:
    await store.create(token(), digest_of(SECRET))
    await access.find(SECRET)
    clock.now += FRESH_S + 0.001
    store.open.clear()
    asking = asyncio.create_task(access.find(SECRET))
    while store.asked < 2:
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        assert await access.find(SECRET) == token()
    assert store.asked == 2
    store.open.set()
    assert await asking == token()


def test_people_whose_names_differ_are_different_actors() -> None:
    names = [
        "Ann Lee",
        "王伟",
        "李娜",
        "José",
        "Jos",
        "O'Neill",
        "ONeill",
        "A. Lee",
        "A Lee",
        "",
        "!",
        "x" * 200,
        "x" * 199,
    ]
    ids = [actor_id_for(name) for name in names]
    assert len(set(ids)) == len(names)
    assert ids[0] == "ann-lee"
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9:._-]{0,63}", name) for name in ids)
