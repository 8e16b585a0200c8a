"""Signing in: the browser keeps the token where no script reads it, and sends it to the newsroom alone."""

from collections.abc import AsyncIterator
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx2
import pytest

from house import House, open_house
from liveblog.application import access

pytestmark = pytest.mark.anyio

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url, trusted_proxies=("127.0.0.1",)) as house:
        await house.start()
        yield house


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """Something that keeps cookies as a browser does, and asks from the server's own pages."""
    async with httpx2.AsyncClient(base_url=house.address, headers={"Origin": house.address}) as client:
        yield client


def morsels(answer: httpx2.Response) -> "list[Morsel[str]]":
    return [SimpleCookie(text)["liveblog_token"] for text in answer.headers.get_list("set-cookie")]


async def sign_in(browser: httpx2.AsyncClient, token: str, **given: Any) -> httpx2.Response:
    return await browser.post("/admin/sign-in", data={"token": token, "next": "/admin/night"}, **given)


async def test_a_right_token_is_kept_and_leads_on(house: House, browser: httpx2.AsyncClient) -> None:
    answer = await sign_in(browser, f" {house.editor}\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/night")
    assert answer.headers["cache-control"] == "no-store"
    kept = morsels(answer)
    assert sorted(each["path"] for each in kept) == ["/admin", "/v1/admin"]
    for each in kept:
        assert each.value == house.editor
        assert (each["httponly"], each["samesite"].lower()) == (True, "strict")
        assert (each["secure"], each["domain"], each["max-age"], each["expires"]) == ("", "", "", "")
    who = await browser.get("/v1/admin/whoami")
    assert (who.status_code, who.json()["actor"]["id"]) == (200, "edith")


async def test_over_https_the_cookie_is_for_https_alone(house: House, browser: httpx2.AsyncClient) -> None:
    secure = {"X-Forwarded-Proto": "https", "Origin": house.address.replace("http", "https")}
    answer = await sign_in(browser, house.editor, headers=secure)
    assert [each["secure"] for each in morsels(answer)] == [True, True]


async def test_a_wrong_token_is_asked_for_again(house: House, browser: httpx2.AsyncClient) -> None:
    for wrong in ("", "lb_wrong", "ä", house.editor[:-1]):
        answer = await sign_in(browser, wrong)
        assert answer.status_code == 401
        assert morsels(answer) == []
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert 'value="/admin/night"' in answer.text
        assert house.editor[:-1] not in answer.text


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/admin", "/admin"),
        ("/admin/night?x=1", "/admin/night?x=1"),
        ("", "/admin"),
        ("/night", "/admin"),
        ("/administration", "/admin"),
        ("//evil.example", "/admin"),
        ("https://evil.example/admin", "/admin"),
        ("/admin/\\evil.example", "/admin"),
        ("/admin/\r\nX-Evil: 1", "/admin"),
        ("/admin/ä", "/admin"),
        ('/admin/"><script>', '/admin/"><script>'),
    ],
)
async def test_it_leads_to_the_newsroom_and_nowhere_else(
    house: House, browser: httpx2.AsyncClient, asked: str, led: str
) -> None:
    answer = await browser.post("/admin/sign-in", data={"token": house.editor, "next": asked})
    assert answer.headers["location"] == led
    assert "x-evil" not in answer.headers
    again = await browser.post("/admin/sign-in", data={"token": "wrong", "next": asked})
    assert "<script>" not in again.text


@pytest.mark.parametrize("path", ["/admin/sign-in", "/admin/sign-out"])
@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "own with https"])
async def test_a_form_on_a_strange_page_is_refused(house: House, path: str, origin: str | None) -> None:
    """With no cookie too: else a page could have its own token kept in an editor's browser."""
    headers = {} if origin is None else {"Origin": origin}
    if origin == "own with https":
        headers["Origin"] = house.address.replace("http", "https")
    async with httpx2.AsyncClient(base_url=house.address) as strange:
        answer = await strange.post(path, data={"token": house.editor}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_origin")
    assert morsels(answer) == []


async def test_who_signs_out_is_forgotten_here_and_holds_the_token_still(
    house: House, browser: httpx2.AsyncClient
) -> None:
    await sign_in(browser, house.editor)
    answer = await browser.post("/admin/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin")
    assert sorted((each["path"], each.value, each["max-age"]) for each in morsels(answer)) == [
        ("/admin", "", "0"),
        ("/v1/admin", "", "0"),
    ]
    assert (await browser.get("/v1/admin/whoami")).status_code == 401
    headers = {"Authorization": f"Bearer {house.editor}"}
    assert (await browser.get("/v1/admin/whoami", headers=headers)).status_code == 200


async def test_revocation_signs_out(house: House, browser: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "FRESH_S", -1.0)
    await sign_in(browser, house.editor)
    body = {"type": "publish_entry", "headline": "News"}
    assert (await browser.post("/v1/admin/blogs/night/commands", json=body)).status_code == 201
    for each in await house.store.tokens.all():
        await house.store.tokens.revoke(each.id, 1)
    for answer in (
        await browser.get("/v1/admin/whoami"),
        await browser.post("/v1/admin/blogs/night/commands", json=body),
        await browser.put("/v1/admin/blogs/night/presence", json={"tab": "a"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert (await house.get("/v1/blogs/night"))["position"] == 2


async def test_with_the_cookie_a_change_needs_the_pages_origin(house: House, browser: httpx2.AsyncClient) -> None:
    await sign_in(browser, house.editor)
    draft = {"command": {"type": "publish_entry"}}
    for method, path, body in (
        ("POST", "/v1/admin/blogs/night/drafts", draft),
        ("PUT", "/v1/admin/blogs/night/presence", {"tab": "a"}),
        ("DELETE", "/v1/admin/blogs/night/presence?tab=a", None),
        ("POST", "/v1/admin/blogs/night/presence/leave", {"tab": "a"}),
        ("POST", "/v1/admin/preview", {"body": "x"}),
    ):
        given: dict[str, Any] = {} if body is None else {"json": body}
        refused = await browser.request(method, path, headers={"Origin": "https://evil.example"}, **given)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_origin"), path
        assert (await browser.request(method, path, **given)).status_code < 300, path
    assert len((await browser.get("/v1/admin/blogs/night/drafts")).json()["drafts"]) == 1


async def test_the_header_wins_over_the_cookie(house: House, browser: httpx2.AsyncClient) -> None:
    await sign_in(browser, house.editor)
    adam = await house.token("author", "Adam")
    for header, actor in ((f"Bearer {adam}", "adam"), ("Bearer wrong", None), ("Basic x", None), ("", None)):
        answer = await browser.get("/v1/admin/whoami", headers={"Authorization": header})
        assert (answer.json()["actor"]["id"] if answer.status_code == 200 else None) == actor, header


async def test_of_two_cookies_nobody_knows_whose_word_it_is(house: House) -> None:
    """A page of a neighbouring host can add one for ours, but not take ours away."""
    adam = await house.token("author", "Adam")
    mine, his = f"liveblog_token={house.editor}", f"liveblog_token={adam}"
    for cookie, status in (
        (mine, 200),
        (f"a=b; {mine}; c", 200),
        (f"{mine}; {mine}", 200),
        (f"{mine}; {his}", 401),
        (f"{his}; {mine}", 401),
        (f"x{mine}", 401),
        ("liveblog_token=", 401),
    ):
        answer = await house.http.get("/v1/admin/whoami", headers={"Cookie": cookie})
        assert answer.status_code == status, cookie


@pytest.mark.parametrize("path", ["/v1/blogs/night", "/v1/blogs"])
async def test_public_routes_read_no_cookie(house: House, path: str) -> None:
    with_cookie = await house.http.get(path, headers={"Cookie": f"liveblog_token={house.editor}"})
    assert with_cookie.content == (await house.http.get(path)).content


async def test_what_is_no_form_is_refused(house: House, browser: httpx2.AsyncClient) -> None:
    for body, media_type, status in (
        (b"{}", "application/json", 415),
        (b"token=" + b"x" * 9_000, FORM, 413),
        (b"token=%ff%00", FORM, 401),
        (b"", FORM, 401),
        (b"&".join([b"token=x"] * 900), FORM, 401),
    ):
        answer = await browser.post("/admin/sign-in", content=body, headers={"Content-Type": media_type})
        assert answer.status_code == status, media_type
