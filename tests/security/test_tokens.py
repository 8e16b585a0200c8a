"""Tokens: what is no valid one opens nothing, none is kept, and none can be guessed by a stopwatch."""

import time
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from house import House
from liveblog import main
from liveblog.application.access import FRESH_S, Access, digest_of, new_secret
from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor
from rawhttp import ask

pytestmark = pytest.mark.anyio


def _changed(secret: str) -> list[bytes]:
    """The secret, wrong in one place: each character in turn, cut, longer, in another case, with other spaces."""
    each = [secret[:at] + ("A" if letter != "A" else "B") + secret[at + 1 :] for at, letter in enumerate(secret)]
    other = [secret[:-1], secret[1:], secret + "=", secret + secret, secret.upper(), secret.swapcase(), secret[::-1]]
    return [text.encode() for text in each + other]


async def test_what_is_no_valid_token_opens_nothing(house: House) -> None:
    good = house.editor.encode()
    headers = [
        b"",
        b"Authorization:\r\n",
        b"Authorization: Bearer\r\n",
        b"Authorization: Bearer \r\n",
        b"Authorization: " + good + b"\r\n",
        b"Authorization: Basic " + good + b"\r\n",
        b"Authorization: Token " + good + b"\r\n",
        b"Authorization: Bearer=" + good + b"\r\n",
        b"Authorization: Bearer " + good + b" x\r\n",
        b"Authorization: Bearer " + good + b"," + good + b"\r\n",
        b"Authorization: Bearer \xff\xfe\r\n",
        "Authorization: Bearer lb_é\r\n".encode(),
        b"Authorization: Bearer " + good + b"\r\nAuthorization: Bearer " + good + b"\r\n",
        b"Authorization: Bearer nonsense\r\nAuthorization: Bearer " + good + b"\r\n",
        b"Proxy-Authorization: Bearer " + good + b"\r\n",
        b"Cookie: token=" + good + b"\r\n",
        b"X-Token: " + good + b"\r\n",
        b"Authorization: Bearer " + sha256(good).hexdigest().encode() + b"\r\n",
        *(b"Authorization: Bearer " + each + b"\r\n" for each in _changed(house.editor)),
    ]
    for header in headers:
        request = b"GET /v1/admin/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n"
        answer = await ask(house.address, request)
        assert answer.status == 401, header
        assert answer.header("www-authenticate") == "Bearer"
        assert good not in answer.body
    for header in (b"Authorization: Bearer a\0b\r\n", b"Authorization: Bearer " + b"a" * 40_000 + b"\r\n"):
        answer = await ask(house.address, b"GET /v1/admin/whoami HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n")
        assert answer.status in {400, 431}, header[:40]
    whoami = await house.http.get("/v1/admin/whoami", headers={"Authorization": f"bearer   {house.editor}"})
    assert whoami.status_code == 200, "the scheme has no case (RFC 9110, section 11.1)"


async def test_a_revoked_token_stops_working_within_about_a_second(house: House) -> None:
    secret = await house.token(name="Soon gone")
    bearer = {"Authorization": f"Bearer {secret}"}
    assert (await house.http.get("/v1/admin/whoami", headers=bearer)).status_code == 200
    (token,) = (each for each in await house.store.tokens.all() if each.actor.name == "Soon gone")
    assert await house.store.tokens.revoke(token.id, main.wall())
    begun = time.monotonic()
    while (await house.http.get("/v1/admin/whoami", headers=bearer)).status_code == 200:
        assert time.monotonic() - begun < FRESH_S + 10
    assert not await house.store.tokens.revoke(token.id, main.wall()), "it is revoked once"
    assert (await house.http.get("/v1/admin/whoami", headers=bearer)).status_code == 401


@pytest.mark.parametrize("name", ["token", "access_token", "Authorization", "bearer", "key"])
async def test_a_token_in_an_address_is_refused_and_not_repeated(house: House, name: str) -> None:
    good = {"Authorization": f"Bearer {house.editor}"}
    for path in (
        "/v1/blogs",
        "/v1/blogs/night",
        "/v1/blogs/night/entries",
        "/v1/blogs/night/events",
        "/v1/admin/whoami",
    ):
        answer = await house.http.get(f"{path}?{name}={house.editor}", headers=good)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_query"), path
        assert house.editor not in answer.text
    answer = await house.http.get(f"/v1/admin/whoami?{name}={house.editor}")
    assert answer.status_code == 401
    answer = await house.http.post(
        f"/v1/admin/blogs/night/commands?{name}={house.editor}", json={"type": "end_blog"}, headers=good
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
    async with house.stream(query=f"?{name}={house.editor}") as reader:
        told = await reader.next("error")
        assert told["code"] == "bad_query"
        assert house.editor not in str(told)
        assert await reader.close_code() == 4500


class _Digests:
    """A store that keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def find(self, digest: bytes) -> Token | None:
        self.asked.append(digest)
        return Token(id="t", actor=Actor("a", "A"), blogs=None, created_at=0) if digest == digest_of("right") else None

    async def create(self, token: Token, digest: bytes) -> NoReturn:
        raise AssertionError

    async def all(self) -> NoReturn:
        raise AssertionError

    async def revoke(self, token_id: str, now: int) -> NoReturn:
        raise AssertionError

    async def actor(self, actor_id: str) -> NoReturn:
        raise AssertionError


async def test_only_digests_are_compared_so_that_a_stopwatch_tells_nothing_of_the_token() -> None:
    """A guess that is right but for its end is as far from the token's digest as any other.

    How long the comparison of two digests takes may tell how much of them is alike. Nobody can choose a token whose
    digest begins as they please without about as much work as finding the token itself.
    """
    store = _Digests()
    access = Access(store, time.monotonic)
    guesses = ["right"[:length] for length in range(5)] + ["righT", "rightx", "x" * 5]
    assert [await access.find(guess) for guess in guesses] == [None] * len(guesses)
    assert store.asked == [sha256(guess.encode()).digest() for guess in guesses]
    assert not any(each[:4] == digest_of("right")[:4] for each in store.asked)
    assert await access.find("right") is not None
    assert set(access._known) == {digest_of("right")}, "also what is remembered is remembered by its digest"


def test_tokens_are_random_and_long() -> None:
    made = {new_secret() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(each) == 3 + 43 for each in made), "256 bits in 43 characters"
    assert len({each[3] for each in made}) > 40, "the first character says nothing either"


def _written(folder: Path) -> bytes:
    """All that the database has written to its files."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("blog.db"))


async def test_the_database_holds_no_token(house: House, tmp_path: Path) -> None:
    secrets = [house.editor, await house.token("admin", "Ada")]
    await house.post("night", {"type": "end_blog"}, key="k")
    kept = _written(tmp_path)
    assert digest_of(house.editor) in kept, "the digest is there, so this looks at the right files"
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret.removeprefix("lb_").encode() not in kept
