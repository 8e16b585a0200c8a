"""What pages cost: made once for all, kept while nothing changed, small on the wire."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import pytest
from starlette.requests import Request

from house import PATIENCE_S, House, open_house
from liveblog.web.problems import Problem
from liveblog.web.site import assets, representations
from liveblog.web.site.representations import Representations

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        await house.publish(body="The body of an entry, long enough to be worth packing. " * 20)
        yield house


@pytest.mark.parametrize("path", ["/", "/night", "/night/feed.atom", "/sitemap.xml"])
async def test_who_has_a_page_is_told_so_and_a_change_shows_at_once(house: House, path: str) -> None:
    first = await house.http.get(path, headers={"Accept-Encoding": "identity"})
    assert first.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=10"
    assert "content-encoding" not in first.headers
    known = {"Accept-Encoding": "identity", "If-None-Match": first.headers["etag"]}
    again = await house.http.get(path, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    if path != "/sitemap.xml":  # which is a minute old at most
        await house.publish(headline="Newer")
        changed = await house.http.get(path, headers=known)
        assert changed.status_code == 200
        assert "Newer" in changed.text


async def test_a_page_goes_out_compressed_to_who_takes_that(house: House) -> None:
    plain = await house.http.get("/night", headers={"Accept-Encoding": "br, gzip;q=0"})
    assert "content-encoding" not in plain.headers
    packed = await house.http.get("/night", headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.8"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"]


async def test_the_icon_is_also_where_browsers_look_by_themselves(house: House) -> None:
    icon = await house.http.get("/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert icon.content == (await house.http.get("/static/icon.svg")).content


async def test_pages_may_do_little_and_anyone_may_frame_them(house: House) -> None:
    answer = await house.http.get("/night")
    policy = dict(rule.partition(" ")[::2] for rule in answer.headers["content-security-policy"].split("; "))
    host = house.address.removeprefix("http://")
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "* data:",
        "media-src": "*",
        "font-src": "'self'",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "form-action": "'self'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "live-blog",
        "frame-ancestors": "*",
    }
    assert "set-cookie" not in answer.headers
    assert re.search(r"<script(?![^>]*src=)(?![^>]*application/ld\+json)", answer.text) is None
    assert re.search(r"\sstyle=|\son\w+=|javascript:", answer.text) is None


async def test_a_host_that_is_none_gets_into_neither_policy_nor_addresses(house: House) -> None:
    answer = await house.http.get("/night", headers={"Host": "evil.example; script-src *"})
    assert answer.status_code == 200
    assert "evil" not in answer.headers["content-security-policy"]
    assert "evil" not in answer.text
    assert "Sitemap" not in (await house.http.get("/robots.txt", headers={"Host": "<evil>"})).text


async def test_files_are_kept_for_good_under_the_name_of_their_contents_only(house: House) -> None:
    page = (await house.http.get("/night")).text
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(named) >= 5
    for path in named:
        answer = await house.http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"].split(";")[0] in assets.TYPES.values()
        short = await house.http.get(re.sub(r"/v-[0-9a-f]{16}/", "/", path))
        assert (short.content, short.headers["cache-control"]) == (answer.content, "public, max-age=60")
        other = await house.http.get(re.sub(r"/v-[0-9a-f]{16}/", "/v-0123456789abcdef/", path))
        assert (other.status_code, other.headers["cache-control"]) == (200, "public, max-age=60")


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../words.py", "/static/%2e%2e/words.py", "/static/v-1/../../words.py"]
)
async def test_nothing_but_the_files_is_served(house: House, path: str) -> None:
    assert (await house.http.get(path)).status_code == 404


async def test_a_page_is_made_once_for_all_who_ask_for_it_together() -> None:
    made = 0
    begun = asyncio.Event()

    async def make() -> Callable[[], str]:
        nonlocal made
        made += 1
        await begun.wait()
        return lambda: "page"

    kept = Representations()
    asking = [asyncio.create_task(kept.get("key", make)) for _ in range(50)]
    await asyncio.sleep(0)
    asking.pop().cancel()
    begun.set()
    assert {(await each).plain for each in asking} == {b"page"}
    assert (await kept.get("key", make)).plain == b"page"
    assert made == 1


async def test_a_crowd_of_different_questions_is_told_to_come_again() -> None:
    """Each would be a page that nobody may wait for any more, and that others wait behind."""
    begun = asyncio.Event()

    async def make() -> Callable[[], str]:
        await begun.wait()
        return lambda: "page"

    kept = Representations(most_waiting=2)
    asking = [asyncio.create_task(kept.get(key, make)) for key in ("a", "b", "a")]
    await asyncio.sleep(0)
    for each in asking:
        each.cancel()
    with pytest.raises(Problem) as refused:
        await asyncio.wait_for(kept.get("c", make), PATIENCE_S)
    assert refused.value.code == "unavailable"
    begun.set()
    assert (await kept.get("a", make)).plain == b"page"
    assert (await kept.get("b", make)).plain == b"page"
    assert (await kept.get("c", make)).plain == b"page"


async def test_the_pages_asked_for_last_are_kept_and_a_failure_is_not() -> None:
    kept = Representations(most_bytes=250)
    made: list[str] = []

    async def get(key: str) -> bytes:
        async def make() -> Callable[[], str]:
            made.append(key)
            if key == "broken" and made.count(key) == 1:
                raise ConnectionError(key)
            return lambda: key.ljust(100)

        return (await kept.get(key, make)).plain.strip()

    for key in ("a", "b", "a", "c", "a"):
        assert await get(key) == key.encode()
    assert made == ["a", "b", "c"]
    await get("b")
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(ConnectionError):
        await get("broken")
    assert await get("broken") == b"broken"


def test_compressing_is_judged_by_what_is_asked_for() -> None:
    def takes(value: str | None) -> bool:
        headers = [] if value is None else [(b"accept-encoding", value.encode())]
        return representations.accepts_gzip(Request({"type": "http", "headers": headers}))

    assert [takes(each) for each in ("gzip", "GZIP;q=0.5", "*", "deflate, gzip ; q=1", "*;q=0.1, br")] == [True] * 5
    assert [takes(each) for each in (None, "", "br", "gzip;q=0", "gzip; q=0.000", "*, gzip;q=0", "*;q=0")] == [
        False
    ] * 7
