"""Addresses: slugs that look like paths, bytes that are no text, and what comes back of them."""

import json
from collections.abc import AsyncIterator

import pytest

from house import House, open_house
from liveblog.application.cursors import show
from rawhttp import Answer, ask

pytestmark = pytest.mark.anyio
HANDSHAKE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
SLUGS = [
    *(
        b"..",
        b".",
        b"%2e%2e",
        b"%2E",
        b"..%2f..%2fetc%2fpasswd",
        b"a%2Fb",
        b"a/../night",
        b"./night",
        b"night/",
        b"/night",
    ),
    *(b"night%00", b"%00", b"night%00.json", b"NIGHT", b"Night", b"n%C4%B1ght", b"n%D1%96ght", b"%EF%BC%8E%EF%BC%8E"),
    *(
        b"%ff",
        b"%c3",
        b"%ed%a0%80",
        b"%c0%ae%c0%ae",
        b"%25",
        b"%",
        b"%zz",
        b"%u002e",
        b"night;x",
        b"night%20",
        b"night%09",
    ),
    *(
        b"night%0d%0aX-A:%20b",
        b"%0d%0a%0d%0a%3Cscript%3E",
        b"night'--",
        b"night%22",
        b"%3Cb%3E",
        b"*",
        b"night%3Flimit=1",
    ),
    *(b"-night", b"v1", b"admin", b"healthz", b"a" * 81, b"a" * 5_000, b"\\..\\", b"night%5c", b"%e2%80%aenight"),
]
PAGES = (b"", b"/entries", b"/events", b"/corrections", b"/key-points", b"/timeline", b"/entries/x", b"/sse")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[House]:
    """A house on each database: they differ in which texts they take."""
    async with open_house(database_url) as house:
        await house.start()
        yield house


async def get(house: House, target: bytes, headers: bytes = b"") -> Answer:
    return await ask(
        house.address, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n"
    )


def code(answer: Answer) -> str:
    assert answer.header("content-type") == "application/problem+json"
    return str(json.loads(answer.body)["code"])


async def test_no_slug_leads_anywhere_but_to_its_own_blog(either: House) -> None:
    for slug in SLUGS:
        for page in PAGES:
            answer = await get(either, b"/v1/blogs/" + slug + page)
            assert answer.status in {400, 404}, (slug, page, answer)
            assert code(answer) in {"no_such_blog", "not_found", "bad_request"}, (slug, page)
            assert {name for name, _ in answer.headers}.isdisjoint({"x-a", "location", "set-cookie"})
        for path in (b"/v1/admin/blogs/" + slug + b"/commands",):
            body = b'{"type":"end_blog"}'
            answer = await ask(
                either.address,
                b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
                b"Authorization: Bearer " + either.editor.encode() + b"\r\nContent-Length: 19\r\n\r\n" + body,
            )
            assert answer.status in {400, 404}, (slug, answer)
    assert (await either.get("/v1/blogs/night"))["status"] == "live"


async def test_no_slug_opens_another_stream(either: House) -> None:
    for slug in SLUGS:
        answer = await get(either, b"/v1/blogs/" + slug + b"/stream", HANDSHAKE)
        assert answer.status in {101, 400}, (slug, answer)
    for name in ("%00", "night%00", "..%2fnight", "NIGHT"):
        async with either.stream(name) as reader:
            assert await reader.close_code() in {4500, 4504}


async def test_no_id_parameter_or_cursor_is_a_defect(either: House) -> None:
    far = 10**30
    for target in (
        b"/v1/blogs/night/entries/%00",
        b"/v1/blogs/night/entries/%ff",
        b"/v1/blogs/night/entries/..",
        b"/v1/blogs/night/entries?around=%00",
        b"/v1/blogs/night/entries?around=%ed%a0%80",
        b"/v1/blogs/night?epoch=%00",
        b"/v1/blogs/night?%00=1",
        b"/v1/blogs/night?position=9999999999999999",
        b"/v1/blogs/night?position=99999999999999999",
        b"/v1/blogs/night?position=%D9%A1",
        b"/v1/blogs/night?time=9999-12-31T23:59:59.999Z",
        b"/v1/blogs/night?time=0001-01-01T00:00:00%2B23:59",
        b"/v1/blogs/night/events?after=9999999999999999",
        b"/v1/blogs?status=%00",
        *(
            b"/v1/blogs?cursor=" + show("blogs", at, name).encode()
            for at in (far, -far, 1 << 62)
            for name in ("a", "\0")
        ),
        b"/v1/blogs?cursor=" + show("blogs", 1, "a\0b").encode(),
        b"/v1/blogs?cursor=" + show("after", 1, 1).encode(),
        *(b"/v1/blogs/night/entries?cursor=" + show(word, far, 1).encode() for word in ("after", "before")),
        *(b"/v1/blogs/night/entries?cursor=" + show("after", 1, each).encode() for each in (-1, far, "x", "\0")),
        b"/v1/blogs/night/entries?cursor=%00",
        b"/v1/blogs/night/entries?cursor=%ff",
        *(
            b"/v1/blogs/night/corrections?cursor=" + show(word, far).encode()
            for word in ("after", "before", "corrections")
        ),
        b"/v1/blogs/night/timeline?max_gap=1e400",
        b"/v1/blogs/night/timeline?buckets=0",
        b"/v1/blogs/night/timeline?buckets=1000000000",
        b"/v1/blogs/night/sse?from=%00",
    ):
        answer = await get(either, target)
        assert answer.status in {400, 404, 410}, (target, answer)
        assert code(answer) not in {"internal", "unavailable"}
    assert (await get(either, b"/v1/blogs/night/entries?cursor=" + show("after", 1, 1).encode())).status == 200


async def test_what_comes_back_of_an_address_is_text_in_json(house: House) -> None:
    """No page of ours repeats an address as markup or as a header, however it is written."""
    for slug in (b"%3Cscript%3Ealert(1)%3C/script%3E"[:24], b"%22onload=%22", b"night%0d%0aSet-Cookie:%20a=b"):
        answer = await get(house, b"/v1/blogs/" + slug)
        assert answer.header("content-type") == "application/problem+json"
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("set-cookie") is None
        json.loads(answer.body)
