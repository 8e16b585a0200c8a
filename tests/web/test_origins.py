"""Who may ask: origins where a cookie comes along, and proxies whose word counts."""

from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from house import House, open_house

pytestmark = pytest.mark.anyio

DESK = "https://desk.example"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url, allowed_origins=(DESK,)) as house:
        await house.start()
        yield house


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Origin": "https://evil.example"}, False),  # a bearer token is sent on purpose
        ({"Cookie": "a=b"}, True),
        ({"Cookie": "a=b", "Origin": "https://evil.example"}, True),
        ({"Cookie": "a=b", "Origin": "null"}, True),
        ({"Cookie": "a=b", "Origin": ""}, True),
        ({"Cookie": "", "Origin": "https://evil.example"}, True),
        ({"Cookie": "a=b", "Origin": DESK}, False),
        ({"Cookie": "a=b", "Origin": "HTTPS://DESK.example"}, False),
        ({"Cookie": "a=b", "Origin": "http://desk.example"}, True),
        ({"Cookie": "a=b", "Origin": DESK + ".evil.example"}, True),
        ({"Cookie": "a=b", "Origin": DESK + ":444"}, True),
        ({"Cookie": "a=b", "Origin": "own"}, False),
        ({"Cookie": "a=b", "Origin": "own with https"}, True),
    ],
)
async def test_with_a_cookie_a_post_needs_an_origin_that_is_known(
    house: House, headers: dict[str, str], refused: bool
) -> None:
    own = {"own": house.address, "own with https": house.address.replace("http", "https")}
    sent = {name: own.get(text, text) for name, text in headers.items()}
    answer = await house.post("night", {"type": "publish_entry", "headline": "x"}, headers=sent)
    if refused:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_origin")
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
    else:
        assert answer.status_code == 201
    assert (await house.get("/v1/blogs/night"))["position"] == (1 if refused else 2)


async def test_two_origins_are_none(house: House) -> None:
    sent = [("Cookie", "a=b"), ("Origin", DESK), ("Origin", DESK), ("Authorization", f"Bearer {house.editor}")]
    answer = await house.http.post("/v1/admin/blogs", json={"slug": "two", "headline": "x"}, headers=sent)
    assert answer.json()["code"] == "forbidden_origin"


async def test_the_origin_is_judged_before_anything_else(house: House) -> None:
    """Before the token, the address, the method and the body."""
    strange = {"Cookie": "a=b", "Origin": "https://evil.example"}
    for method, path in (("POST", "/v1/admin/blogs"), ("DELETE", "/v1/admin/none"), ("PUT", "/v1/admin/whoami")):
        answer = await house.http.request(method, path, headers=strange, content=b"{")
        assert answer.json()["code"] == "forbidden_origin", path
    for method in ("GET", "HEAD"):
        answer = await house.http.request(method, "/v1/admin/whoami", headers=strange)
        assert answer.status_code == 401


async def test_an_admin_handshake_with_a_cookie_needs_an_origin_too(house: House) -> None:
    url = house.address.replace("http", "ws", 1) + "/v1/admin/socket"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, additional_headers={"Cookie": "a=b"}):
            pass
    assert refused.value.response.status_code == 403
    assert b"forbidden_origin" in (refused.value.response.body or b"")


async def test_pages_of_a_listed_origin_may_use_the_admin_routes_and_no_others(house: House) -> None:
    for origin, allowed in ((DESK, True), ("https://evil.example", False)):
        preflight = await house.http.options("/v1/admin/whoami", headers={"Origin": origin})
        answer = await house.http.get("/v1/admin/whoami", headers={"Origin": origin})
        assert (preflight.status_code == 204) is allowed
        assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert answer.headers.get("access-control-allow-credentials") == ("true" if allowed else None)
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "path", ["/v1/blogs", "/v1/blogs/night", "/v1/blogs/none", "/v1/blogs/night/events", "/v1/blogs/night?limit=x"]
)
async def test_public_routes_read_neither_cookie_nor_token(house: House, path: str) -> None:
    """Everybody gets the same bytes, and the same headers but for the time and the request's id."""
    seen = []
    for headers in (
        {},
        {"Cookie": "session=editor", "Origin": "https://evil.example"},
        {"Authorization": f"Bearer {house.editor}"},
        {"Authorization": "Bearer wrong", "Cookie": "a=b"},
    ):
        answer = await house.http.get(path, headers=headers)
        kept = {name: text for name, text in answer.headers.items() if name not in {"date", "x-request-id"}}
        assert kept["access-control-allow-origin"] == "*"
        seen.append((answer.status_code, kept, answer.content))
    assert all(each == seen[0] for each in seen)


async def test_streams_are_for_every_origin_and_read_no_cookie(house: House) -> None:
    url = house.address.replace("http", "ws", 1) + "/v1/blogs/night/stream"
    strange = {"Cookie": "a=b", "Authorization": "Bearer wrong"}
    async with connect(url, additional_headers=strange, origin="https://evil.example") as socket:  # type: ignore[arg-type] # a str will do
        assert '"subscribed"' in str(await socket.recv())


# Proxies.


@pytest.mark.parametrize(
    ("trusted", "forwarded", "streams"),
    [
        ((), "192.0.2.1", 1),
        (("127.0.0.1",), "192.0.2.1", 2),
        (("127.0.0.0/8",), "192.0.2.1", 2),
        (("10.0.0.0/8",), "192.0.2.1", 1),
        (("127.0.0.1",), "spoofed, 192.0.2.9", 1),  # what a reader wrote itself stands left of what the proxy saw
        (("127.0.0.1", "192.0.2.9"), "192.0.2.1, 192.0.2.9", 2),
    ],
)
async def test_only_a_trusted_proxy_says_whose_address_it_is(
    sqlite_url: str, trusted: tuple[str, ...], forwarded: str, streams: int
) -> None:
    async with open_house(sqlite_url, trusted_proxies=trusted, max_connections_per_address=1) as house:
        await house.start()
        url = house.address.replace("http", "ws", 1) + "/v1/blogs/night/stream"
        other = "192.0.2.9" if forwarded.startswith("spoofed") else "192.0.2.2"
        opened = 0
        async with connect(url, additional_headers={"X-Forwarded-For": other}):
            opened += 1
            try:
                async with connect(url, additional_headers={"X-Forwarded-For": forwarded}):
                    opened += 1
            except InvalidStatus as refused:
                assert refused.response.status_code == 429
        assert opened == streams


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8",), ("127.0.0.1",)])
async def test_only_a_trusted_proxy_says_which_address_was_asked_for(sqlite_url: str, trusted: tuple[str, ...]) -> None:
    """Where it counts: what the server's own origin is."""
    async with open_house(sqlite_url, trusted_proxies=trusted) as house:
        for host in ("live.example", "evil.example, live.example", "live.example:443"):
            sent = {
                "Cookie": "a=b",
                "Origin": "https://live.example",
                "X-Forwarded-Host": host,
                "X-Forwarded-Proto": "https",
                "Authorization": f"Bearer {house.editor}",
            }
            answer = await house.http.post("/v1/admin/none", headers=sent)
            assert answer.status_code == (404 if trusted == ("127.0.0.1",) else 403), host
        sent |= {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "live.example"}
        assert (await house.http.post("/v1/admin/none", headers=sent)).status_code == 403
        sent["Origin"] = "http://live.example"
        answer = await house.http.post("/v1/admin/none", headers=sent)
        assert answer.status_code == (404 if trusted == ("127.0.0.1",) else 403)
