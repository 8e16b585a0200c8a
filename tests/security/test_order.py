"""The order of the checks: of two things wrong with a request, the asker hears of the one that comes first.

Every pair is tried, so that no check can move without a test that says so.
"""

import json
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple, Self
from uuid import uuid4

import pytest

from house import House

pytestmark = pytest.mark.anyio


class Asked(NamedTuple):
    """A request, as the faults that it is to have make it."""

    token: str
    slug: str
    command: dict[str, Any]
    content_type: str = "application/json"
    key: str | None = None
    query: str = ""
    pad: int = 0
    cut: int = 0

    def but(self, **changes: Any) -> Self:
        """The same, changed."""
        return self._replace(**changes)

    async def send(self, house: House) -> str:
        """Send it; returns the code of the refusal."""
        body = json.dumps(self.command).encode()
        body = body[: len(body) - self.cut] + b" " * self.pad
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": self.content_type}
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        address = "/v1/admin/blogs" if self.slug == "" else f"/v1/admin/blogs/{self.slug}/commands"
        answer = await house.http.post(address + self.query, content=body, headers=headers)
        assert answer.status_code >= 400, answer.text
        return str(answer.json()["code"])


class World:
    """Blogs in which every rule can be broken: a live one, an ended one, and each of them with all its pins taken."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tokens: dict[str, str] = {}
        self.entries: dict[str, dict[str, str]] = {}

    async def prepare(self) -> None:
        """Make tokens and blogs."""
        house = self.house
        for role in ("author", "editor"):
            self.tokens[role] = await house.token(role, role.title())
            self.tokens[f"{role}, limited"] = await house.token(role, role.title(), ("elsewhere",))
        for slug in ("live", "full", "ended", "ended-full"):
            await house.start(slug)
            entries = {}
            for name, owner in (
                ("own", "author"),
                ("other", "editor"),
                ("own gone", "author"),
                ("other gone", "editor"),
            ):
                answer = await house.post(
                    slug, {"type": "publish_entry", "headline": name}, token=self.tokens[owner], key=f"bound-{name}"
                )
                entries[name] = answer.json()["entry"]["id"]
                if name.endswith("gone"):
                    await house.post(slug, {"type": "retract_entry", "entry_id": entries[name], "reason": "wrong"})
            if slug.endswith("full"):
                for _ in range(10):
                    assert (await house.publish(slug, pinned=True))["position"]
            if slug.startswith("ended"):
                await house.post(slug, {"type": "end_blog"})
            self.entries[slug] = entries

    def asked(self, who: str, slug: str, kind: str, entry: str | None = None, **fields: Any) -> Asked:
        """A request about an entry of a blog."""
        named = {} if entry is None else {"entry_id": self.entries[slug].get(entry, entry)}
        return Asked(self.tokens[who], slug, {"type": kind, **named, **fields})


def _limited(asked: Asked, world: World) -> Asked:
    limited = {world.tokens[role]: world.tokens[f"{role}, limited"] for role in ("author", "editor")}
    return asked.but(token=limited.get(asked.token, asked.token))


# What can be wrong with a request before anything is known of its blog's state, in the order of the checks.
BEFORE: dict[str, Callable[[Asked, World], Asked]] = {
    "unauthenticated": lambda asked, _: asked.but(token="lb_nonsense"),
    "too_many_requests": lambda asked, _: asked,
    "too_large": lambda asked, _: asked.but(pad=1024 * 1024),
    "unsupported_media_type": lambda asked, _: asked.but(content_type="text/plain"),
    "no_such_blog": lambda asked, _: asked.but(slug="nowhere"),
    "forbidden": _limited,
    "bad_query": lambda asked, _: asked.but(query=asked.query + ("&" if asked.query else "?") + "colour=red"),
    "invalid_json": lambda asked, _: asked.but(cut=1),
    "invalid_key": lambda asked, _: asked.but(key=""),
    "invalid_command": lambda asked, _: asked.but(command={**asked.command, "colour": "red"}),
}
UNKNOWN = str(uuid4())

# What the state of a blog can refuse, in the order of the checks: at least one request for each.
WITHIN: list[tuple[str, Callable[[World], Asked]]] = [
    ("forbidden", lambda world: world.asked("author", "live", "pin_entry", "own")),
    ("wrong_position", lambda world: world.asked("editor", "live", "end_blog").but(query="?expected_position=999")),
    ("no_such_entry", lambda world: world.asked("editor", "live", "pin_entry", UNKNOWN)),
    ("no_such_point", lambda world: world.asked("editor", "live", "withdraw_key_point", point_id="p", reason="x")),
    ("forbidden", lambda world: world.asked("author", "live", "revise_entry", "other", headline="x")),
    ("entry_exists", lambda world: world.asked("editor", "live", "publish_entry", "own", headline="x")),
    ("blog_ended", lambda world: world.asked("editor", "ended", "publish_entry", headline="x")),
    ("entry_retracted", lambda world: world.asked("editor", "live", "pin_entry", "own gone")),
    ("wrong_revision", lambda world: world.asked("editor", "live", "pin_entry", "own", expected_revision=9)),
    ("too_many_pinned", lambda world: world.asked("editor", "full", "pin_entry", "own")),
]

# Two rules of a blog's state broken by one request, where one request can break both: the first is told.
PAIRS: list[tuple[str, str, Callable[[World], Asked]]] = [
    ("forbidden", "no such entry", lambda w: w.asked("author", "live", "pin_entry", UNKNOWN)),
    ("forbidden", "no such point", lambda w: w.asked("author", "live", "withdraw_key_point", point_id="p", reason="x")),
    ("forbidden", "blog ended", lambda w: w.asked("author", "ended", "publish_entry", headline="x", pinned=True)),
    (
        "forbidden",
        "entry exists",
        lambda w: w.asked("author", "live", "publish_entry", "own", headline="x", pinned=True),
    ),
    ("forbidden", "entry retracted", lambda w: w.asked("author", "live", "pin_entry", "own gone")),
    ("forbidden", "wrong revision", lambda w: w.asked("author", "live", "pin_entry", "own", expected_revision=9)),
    ("forbidden", "too many pinned", lambda w: w.asked("author", "full", "pin_entry", "own")),
    ("no_such_entry", "blog ended", lambda w: w.asked("editor", "ended", "flag_breaking", UNKNOWN)),
    ("no_such_entry", "wrong revision", lambda w: w.asked("editor", "live", "pin_entry", UNKNOWN, expected_revision=9)),
    ("no_such_entry", "too many pinned", lambda w: w.asked("editor", "full", "pin_entry", UNKNOWN)),
    ("no_such_entry", "another's entry", lambda w: w.asked("author", "live", "revise_entry", UNKNOWN, headline="x")),
    (
        "no_such_point",
        "wrong revision",
        lambda w: w.asked("editor", "live", "withdraw_key_point", point_id="p", reason="x", expected_revision=9),
    ),
    ("forbidden", "entry retracted", lambda w: w.asked("author", "live", "revise_entry", "other gone", headline="x")),
    (
        "forbidden",
        "wrong revision",
        lambda w: w.asked("author", "live", "revise_entry", "other", headline="x", expected_revision=9),
    ),
    ("entry_exists", "blog ended", lambda w: w.asked("editor", "ended", "publish_entry", "own", headline="x")),
    ("entry_exists", "entry retracted", lambda w: w.asked("editor", "live", "publish_entry", "own gone", headline="x")),
    (
        "entry_exists",
        "too many pinned",
        lambda w: w.asked("editor", "full", "publish_entry", "own", body="x", pinned=True),
    ),
    ("blog_ended", "entry retracted", lambda w: w.asked("editor", "ended", "flag_breaking", "own gone")),
    ("blog_ended", "wrong revision", lambda w: w.asked("editor", "ended", "flag_breaking", "own", expected_revision=9)),
    (
        "blog_ended",
        "too many pinned",
        lambda w: w.asked("editor", "ended-full", "publish_entry", body="x", pinned=True),
    ),
    (
        "entry_retracted",
        "wrong revision",
        lambda w: w.asked("editor", "live", "pin_entry", "own gone", expected_revision=9),
    ),
    ("entry_retracted", "too many pinned", lambda w: w.asked("editor", "full", "pin_entry", "own gone")),
    ("wrong_revision", "too many pinned", lambda w: w.asked("editor", "full", "pin_entry", "own", expected_revision=9)),
]


@pytest.fixture
async def world(house: House) -> World:
    world = World(house)
    await world.prepare()
    return world


async def ask(world: World, asked: Asked, faults: tuple[str, ...]) -> str:
    """Send a request with some of the early faults in it."""
    for fault in faults:
        asked = BEFORE[fault](asked, world)
    admission = world.house.services.admission
    admission._rate = 1e-9 if "too_many_requests" in faults else 0.0
    try:
        return await asked.send(world.house)
    finally:
        admission._rate = 0.0


async def test_before_the_state_of_the_blog_counts_each_pair_is_told_in_order(world: World) -> None:
    for first, second in combinations(BEFORE, 2):
        asked = world.asked("editor", "live", "end_blog")
        assert await ask(world, asked, (first, second)) == first, (first, second)


async def test_what_is_wrong_with_a_request_is_told_before_what_the_blog_refuses(world: World) -> None:
    for code, make in WITHIN:
        assert await make(world).send(world.house) == code
        for fault in BEFORE:
            assert await ask(world, make(world), (fault,)) == fault, (fault, code)


async def test_a_key_that_stands_for_another_request_is_told_before_the_command_and_the_state(world: World) -> None:
    for early in list(BEFORE)[:8]:
        asked = world.asked("editor", "live", "end_blog").but(key="bound-other")
        assert await ask(world, asked, (early,)) == early
    for late in ((), ("invalid_command",)):
        asked = world.asked("editor", "live", "end_blog").but(key="bound-other")
        assert await ask(world, asked, late) == "idempotency_key_reused"
    for _, make in WITHIN:
        asked = make(world)
        owner = "bound-own" if asked.token == world.tokens["author"] else "bound-other"
        assert await asked.but(key=owner).send(world.house) == "idempotency_key_reused"


async def test_the_role_comes_before_the_position_and_that_before_any_command(world: World) -> None:
    for _, make in WITHIN:
        asked = make(world)
        told = await asked.but(query="?expected_position=999").send(world.house)
        author = asked.token == world.tokens["author"]
        assert told == ("forbidden" if author and asked.command["type"] == "pin_entry" else "wrong_position")


@pytest.mark.parametrize(("first", "second", "make"), PAIRS, ids=[f"{first} or {second}" for first, second, _ in PAIRS])
async def test_the_rules_of_a_blog_are_told_in_order(
    world: World, first: str, second: str, make: Callable[[World], Asked]
) -> None:
    assert await make(world).send(world.house) == first


async def test_starting_a_blog_checks_in_the_same_order(world: World) -> None:
    faults = [fault for fault in BEFORE if fault not in {"no_such_blog", "forbidden"}]
    for first, second in combinations(faults, 2):
        asked = Asked(world.tokens["editor"], "", {"slug": "live", "headline": "Again"})
        assert await ask(world, asked, (first, second)) == first, (first, second)
    for token, code in (("author", "forbidden"), ("editor, limited", "forbidden"), ("editor", "slug_taken")):
        asked = Asked(world.tokens[token], "", {"slug": "live", "headline": "Again"})
        assert await asked.send(world.house) == code
        for fault in faults:
            assert await ask(world, asked, (fault,)) == fault, (fault, code)
