"""The front page, and what programs find by themselves: robots.txt, the map of the site, feeds."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import pytest

from house import House, open_house
from liveblog.web.site import home
from web.full import tell
from web.markup import Node, parse

pytestmark = pytest.mark.anyio
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        yield house


async def front(house: House, path: str = "/") -> Node:
    answer = await house.http.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


async def end(house: House, slug: str) -> None:
    answer = await house.post(slug, {"type": "end_blog"})
    assert answer.status_code == 201, answer.text


async def test_a_newsroom_with_nothing_in_it_says_so(house: House) -> None:
    page = await front(house)
    assert page.one("p", "empty").text == "There is no coverage yet."
    assert page.all("section") == []


async def test_what_is_live_comes_first_with_its_last_words(house: House) -> None:
    await house.start("match", headline="Wer gewinnt?", language="de", time_zone="Europe/Berlin")
    await house.publish("match", headline="Anpfiff", published_at="2026-07-01T18:00:00Z")
    await house.start("vote", headline="The vote")
    await house.start("storm", headline="The storm", standfirst="Where it is.")
    await house.publish("storm", headline=None, body="It has passed.\n\nAll is well.")
    await end(house, "storm")
    page = await front(house)
    live, ended = page.one("section", "live"), page.one("section", "ended")
    assert [item.one("a")["href"] for item in live.all("li", "blog")] == ["/vote", "/match"]
    (item,) = ended.all("li", "blog")
    assert item.one("a").text == "The storm"
    assert item.one("p", "blog-standfirst").text == "Where it is."
    assert item.one("p", "blog-latest").text.startswith("Latest: It has passed.")
    assert item.one("p", "blog-facts").text.startswith("1 entry · Began ")
    vote, match = live.all("li", "blog")
    assert vote.all("p", "blog-latest") == []
    assert match.one("h3")["lang"] == "de"
    assert match.one("p", "blog-latest").text == "Latest: Anpfiff · 1. Juli 2026 20:00 CEST"


async def test_a_home_with_nothing_live_says_so(house: House) -> None:
    await house.start()
    await end(house, "night")
    page = await front(house)
    assert page.one("section", "live").one("p", "empty").text == "Nothing is live at the moment."


async def test_pages_lead_through_all_that_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MOST_ENDED", 2)
    for n in range(5):
        await house.start(f"night-{n}")
        await end(house, f"night-{n}")
    pages = [await front(house)]
    while following := pages[-1].all("a", rel="next"):
        pages.append(await front(house, following[0]["href"]))
    slugs = [[item.one("a")["href"] for item in page.all("li", "blog")] for page in pages]
    assert slugs == [["/night-4", "/night-3"], ["/night-2", "/night-1"], ["/night-0"]]
    assert pages[1].all("section", "live") == []
    assert pages[1].one("link", rel="canonical")["href"].startswith(f"{house.address}/?cursor=")


async def test_programs_are_told_what_to_read_and_where_it_is(house: House) -> None:
    await house.start()
    await house.start("older")
    robots = (await house.http.get("/robots.txt")).text.splitlines()
    assert robots == [
        "User-agent: *",
        "Disallow: /admin",
        "Disallow: /v1/admin",
        f"Sitemap: {house.address}/sitemap.xml",
    ]
    answer = await house.http.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    found = ET.fromstring(answer.content)
    assert [node.text for node in found.findall("m:url/m:loc", MAP)] == [
        f"{house.address}{path}" for path in ("/", "/older", "/night")
    ]
    updated = (await house.get("/v1/blogs/older"))["time"]
    assert found.findtext("m:url[2]/m:lastmod", namespaces=MAP) == updated


async def test_the_feed_has_the_newest_entries_whole(house: House) -> None:
    ids = await tell(house)
    answer = await house.http.get("/harbour/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert feed.findtext("a:title", namespaces=ATOM) == "Ship hits the harbour bridge"
    entries = {entry.findtext("a:id", namespaces=ATOM): entry for entry in feed.findall("a:entry", ATOM)}
    assert set(entries) == {f"urn:uuid:{each}" for each in ids.values()}

    def content(name: str) -> Node:
        return parse(entries[f"urn:uuid:{ids[name]}"].findtext("a:content", namespaces=ATOM) or "")

    full = entries[f"urn:uuid:{ids['everything']}"]
    link = full.find("a:link", ATOM)
    assert link is not None
    assert link.get("href") == f"{house.address}/harbour/entries/{ids['everything']}"
    assert [node.text for node in full.findall("a:author/a:name", ATOM)] == ["Ada Reed", "Bo"]
    assert [node.get("term") for node in full.findall("a:category", ATOM)] == ["harbour", "bridges"]
    assert content("everything").one("strong").text == "bridge"
    assert content("question").one("em").text == "Who pays?"
    assert "Three people were hurt." in content("wrong").text
    assert content("gone").text == "Withdrawn by Edith Why: It was the same ship."
    assert (await house.http.get("/nowhere/feed.atom")).status_code == 404
