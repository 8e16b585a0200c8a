"""Pages of older entries, of one entry, and of the blog as it stood; and what is at no address."""

from collections.abc import AsyncIterator

import pytest

from house import House, open_house
from web.markup import Node, parse

pytestmark = pytest.mark.anyio
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def page_of(house: House, path: str) -> Node:
    answer = await house.http.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def ids_of(page: Node) -> list[str]:
    return [node["data-id"] for node in page.one("", "entries").all("article")]


async def publish_many(house: House, count: int) -> list[str]:
    """Post entries, a hundred at once; returns their ids, the newest first."""
    ids: list[str] = []
    for first in range(0, count, 100):
        commands = [{"type": "publish_entry", "headline": f"News {n}"} for n in range(first, min(count, first + 100))]
        answer = await house.post("night", commands)
        assert answer.status_code == 201, answer.text
        ids += [event["entry"]["id"] for event in answer.json()["events"]]
    return ids[::-1]


async def test_links_lead_through_all_entries_and_each_has_its_page(house: House) -> None:
    ids = await publish_many(house, 130)
    pages = [await page_of(house, "/night")]
    while older := pages[-1].all("link", rel="next"):
        shown = pages[-1].one("nav", "older").one("a", rel="next")["href"]
        assert shown == older[0]["href"]
        pages.append(await page_of(house, shown))
    assert [ids_of(page) for page in pages] == [ids[:50], ids[50:100], ids[100:]]
    assert pages[0].all("nav", "newer") == []
    newer = pages[2].one("nav", "newer").one("a", rel="prev")["href"]
    assert ids_of(await page_of(house, newer)) == ids[50:100]
    assert pages[2].one("link", rel="canonical")["href"].startswith(f"{house.address}/night?cursor=")
    await house.publish(headline="Newest of all")
    assert ids_of(await page_of(house, newer)) == ids[50:100]

    wanted = ids[115]
    page = await page_of(house, f"/night/entries/{wanted}")
    marked = page.one("article", aria_current="true")
    assert (marked["data-id"], marked["id"]) == (wanted, f"entry-{wanted}")
    assert page.one("title").text == "News 14 · A night"
    assert page.meta("og:title") == "News 14"
    assert page.one("link", rel="canonical")["href"] == f"{house.address}/night/entries/{wanted}"
    assert page.one("", "around").one("a", href=f"#entry-{wanted}")
    assert page.one("live-blog")["data-entry"] == wanted
    # Every entry on every page leads to its own.
    for each in pages:
        for article in each.one("", "entries").all("article"):
            link = article.one("a", "permalink")["href"]
            assert link == f"/night/entries/{article['data-id']}#entry-{article['data-id']}"


async def test_a_page_of_long_entries_holds_fewer_and_leaves_none_out(house: House) -> None:
    ids = [(await house.publish(headline=f"{n}", body="W" * 20_000))["entry"]["id"] for n in range(30)][::-1]
    pages = [await page_of(house, "/night")]
    while older := pages[-1].all("link", rel="next"):
        pages.append(await page_of(house, older[0]["href"]))
    shown = [ids_of(page) for page in pages]
    assert [entry_id for page in shown for entry_id in page] == ids
    assert 5 < len(shown[0]) < 20
    back = ids_of(await page_of(house, pages[-1].one("link", rel="prev")["href"]))
    assert back[-1] == ids[ids.index(shown[-1][0]) - 1]
    around = ids_of(await page_of(house, f"/night/entries/{ids[15]}"))
    assert ids[15] in around[1:-1]
    assert len(around) < 20


async def test_a_withdrawn_entry_keeps_its_address_and_says_so(house: House) -> None:
    entry_id = (await house.publish(headline="Wrong"))["entry"]["id"]
    await house.post("night", {"type": "retract_entry", "entry_id": entry_id, "reason": "Not so."})
    page = await page_of(house, f"/night/entries/{entry_id}")
    assert page.one("article", "marked").one("p", "reason").text == "Why: Not so."
    assert page.one("title").text == "Withdrawn · A night"
    assert page.meta("robots") == "noindex"


async def test_the_page_shows_the_blog_as_it_stood(house: House) -> None:
    for n in range(4):
        await house.publish(headline=f"News {n}", key_event=n % 2 == 0)
    await house.post("night", {"type": "change_headline", "headline": "Another night"})
    for position in range(1, 7):
        page = await page_of(house, f"/night?position={position}&rate=60&utm_source=letter")
        then = await house.get(f"/v1/blogs/night?position={position}")
        assert ids_of(page) == [entry["id"] for entry in then["entries"]]
        assert page.one("h1").text == then["headline"]
        assert page.meta("robots") == "noindex"
        assert page.one("link", rel="canonical")["href"] == f"{house.address}/night"
        assert page.one("aside", "then").one("a")["href"] == "/night"
        assert page.one("live-blog")["data-then"] == then["time"]
        turns = [node["data-id"] for node in page.all("nav", "turns") for node in node.all("li")]
        assert turns == [entry["id"] for entry in then["entries"] if entry["key_event"]]
        assert all(
            f"?position={position}#" in link["href"] for nav in page.all("nav", "turns") for link in nav.all("a")
        )
    time = (await house.get("/v1/blogs/night?position=3"))["time"]
    page = await page_of(house, f"/night?time={time}")
    assert ids_of(page) == [entry["id"] for entry in (await house.get(f"/v1/blogs/night?time={time}"))["entries"]]
    assert page.one("live-blog")["data-then"] == time


async def test_pages_of_the_past_lead_to_pages_of_the_past(house: House) -> None:
    ids = await publish_many(house, 60)
    page = await page_of(house, "/night?position=59")
    assert ids_of(page) == ids[2:52]
    older = await page_of(house, page.one("nav", "older").one("a")["href"])
    assert ids_of(older) == ids[52:]
    assert older.one("aside", "then")
    assert older.one("nav", "newer").all("a")[0]["href"] == "/night?position=59"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "There is no coverage at this address."),
        ("/nowhere/entries/x", 404, "There is no coverage at this address."),
        ("/night/entries/x", 404, "This coverage has no such entry."),
        ("/night/entries/%00", 404, "This coverage has no such entry."),
        ("/%00", 404, "There is no coverage at this address."),
        ("/a/b/c", 404, "There is nothing at this address."),
        ("/night?position=99", 404, "The coverage has not come so far yet."),
        ("/night?position=0", 404, "The coverage had not begun then."),
        ("/night?time=1999-01-01T00:00:00Z", 404, "The coverage had not begun then."),
        ("/night?time=2999-01-01T00:00:00Z", 404, "That time has not come yet."),
        ("/night?position=two", 400, "This address is not one of ours."),
        ("/night?position=1&time=2020-01-01T00:00:00Z", 400, "This address is not one of ours."),
        ("/night?time=noon", 400, "This address is not one of ours."),
        ("/night?cursor=x", 400, "This address is not one of ours."),
        ("/?cursor=x", 400, "This address is not one of ours."),
    ],
)
async def test_what_is_not_there_is_said_in_words_to_people_and_as_a_problem_to_programs(
    house: House, path: str, status: int, words: str
) -> None:
    answer = await house.http.get(path, headers=HTML)
    page = parse(answer.text)
    assert (answer.status_code, page.one("h1").text) == (status, words)
    way_on = "/night" if path.startswith("/night") and status == 404 else "/"
    assert page.one("div", "fault").one("a")["href"] == way_on
    assert page.meta("robots") == "noindex"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    told = await house.http.get(path, headers={"Accept": "application/json"})
    assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json")


async def test_the_api_answers_people_too_with_problems(house: House) -> None:
    for path in ("/v1/blogs/nowhere", "/v1/nothing", "/static/nothing.js"):
        answer = await house.http.get(path, headers=HTML)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    refused = await house.http.post("/night", headers=HTML)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
