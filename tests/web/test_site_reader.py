"""A blog's page as the server writes it, for people without scripts and for programs that read pages."""

import json
from collections.abc import AsyncIterator

import pytest

from house import House, open_house
from web.full import tell
from web.markup import Node, parse

pytestmark = pytest.mark.anyio
HTML = {"Accept": "text/html"}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        yield house


async def page_of(house: House, path: str, status: int = 200) -> Node:
    answer = await house.http.get(path, headers=HTML)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return parse(answer.text)


async def test_everything_that_a_reader_is_shown_is_in_the_page(house: House) -> None:
    ids = await tell(house)
    page = await page_of(house, "/harbour")
    live = page.one("live-blog")
    blog = await house.get("/v1/blogs/harbour")
    position, epoch = str(blog["position"]), blog["epoch"]
    assert (live["src"], live["data-position"], live["data-epoch"]) == ("/v1/blogs/harbour", position, epoch)

    assert page.one("h1").text == "Ship hits the harbour bridge"
    assert page.one("p", "standfirst").text == "What is known, hour by hour."
    assert page.one("p", "byline").text == "By Nora Ellis, Editor, The Desk"
    assert page.one("p", "status").text == "Live"
    assert page.one("p", "counts").text == "7 entries · 1 correction · 1 withdrawn"
    assert page.one("nav", "related").one("a")["href"] == "https://example.org/ten"
    assert page.one("header", "lb-header").one("img")["src"] == "https://example.org/ship.jpg"

    banner = page.one("aside", "banner")
    assert banner.one("a").text == "Harbour closed"
    assert banner.one("a")["href"] == f"/harbour/entries/{ids['everything']}#entry-{ids['everything']}"
    pinned = page.one("section", "pinned-entries").one("article")
    assert pinned["id"] == f"pinned-{ids['everything']}"
    turns = page.one("nav", "turns").all("li")
    assert {turn["data-id"] for turn in turns} == {ids["everything"], ids["wrong"]}
    shown = [node["data-id"] for node in page.one("", "entries").all("article")]
    assert shown == [entry["id"] for entry in blog["entries"]]


async def test_an_entry_is_shown_with_all_its_parts(house: House) -> None:
    ids = await tell(house)
    page = await page_of(house, "/harbour")
    full = page.one("article", id=f"entry-{ids['everything']}")
    assert full.classes == {"entry", "kind-update", "breaking", "pinned", "key-event"}
    assert [label.text for label in full.all("span", "label")] == ["Breaking", "Pinned", "Key event"]
    assert full.one("h2").text == "Harbour closed"
    assert full.one("", "body").one("a")["href"] == "https://example.org/shut"
    assert full.one("p", "entry-by").text == "By Ada Reed, Reporter, Harbour Times; Bo"
    assert full.one("p", "sources").text == "Sources: Port authority, A pilot"
    assert [item.text for item in full.one("ul", "links").all("li")] == ["How bridges fail", "On page 3"]
    assert [item.text for item in full.one("ul", "tags").all("li")] == ["harbour", "bridges"]
    assert full.one("time")["datetime"] == "2026-01-10T18:30:00.000Z"
    assert full.one("time").text == "11 Jan 2026 00:00 IST"

    sized, unsized, absent, played, watched, heard, listened = full.all("figure", "media")
    assert sized.one("img").attributes == {
        "src": "https://example.org/bridge.jpg",
        "alt": "The bridge at dusk",
        "width": "1280",
        "height": "720",
        "loading": "lazy",
        "decoding": "async",
    }
    assert sized.one("figcaption").text == "Shut since noon Ada Reed"
    assert "unsized" in unsized.one("", "frame").classes
    assert absent.text == "Picture: A picture that nobody sent"
    assert (played.one("video")["poster"], played.one("video")["preload"]) == ("https://example.org/p.jpg", "none")
    assert watched.one("a").text == "Video The ship"
    assert watched.one("figcaption").text == "2:05"
    assert heard.one("audio")["src"] == "https://example.org/call.mp3"
    assert heard.one("figcaption").text == "The call 1:02:05"
    assert listened.one("a").text == "Recording The talk"


async def test_entries_of_every_kind_say_what_they_are_and_what_became_of_them(house: House) -> None:
    ids = await tell(house)
    page = await page_of(house, "/harbour")
    entries = {node["data-id"]: node for node in page.one("", "entries").all("article")}
    assert entries[ids["summary"]].one("span", "label").text == "Summary"
    assert entries[ids["question"]].one("p", "question").text == "Who pays?"
    assert entries[ids["quote"]].one("blockquote").text == "I saw it."
    assert entries[ids["quote"]].one("", "speaker").text == "Cy Dunn, Pilot"
    assert entries[ids["polished"]].one("p", "updated").text.startswith("Updated ")

    correction = entries[ids["wrong"]].one("aside", "correction")
    assert correction.one("del").text == "Three people were hurt."
    assert correction.one("ins").text == "Two people are hurt."
    assert correction.one("p", "reason").text == "Why: The hospital had counted one of them twice."
    assert correction.one("p", "signed").text.startswith("Corrected by Edith · ")
    assert entries[ids["wrong"]].all("p", "updated") == []

    gone = entries[ids["gone"]]
    assert "second ship" not in page.text
    assert gone.one("p", "reason").text == "Why: It was the same ship."
    assert gone.one("span", "label").text == "Withdrawn"


async def test_key_points_are_shown_with_what_they_said_before_and_what_was_withdrawn(house: House) -> None:
    await tell(house)
    points = (await page_of(house, "/harbour")).one("section", "points")
    point = points.one("li", "point")
    assert [node.text for node in point.all("p", "point-text")] == ["Two people are hurt.", "Three people are hurt."]
    assert point.one("p", "sources").one("a")["href"] == "https://example.org/hospital"
    assert point.one("p", "reason").text == "Why: Counted anew."
    assert point.one("summary").text == "1 earlier version"
    withdrawn = points.one("details", "withdrawn")
    assert withdrawn.one("p", "point-text").text == "Two ships are involved."
    assert withdrawn.one("p", "reason").text == "Why: There is only one."
    head = (await house.get("/v1/blogs/harbour"))["position"]
    before = (await page_of(house, f"/harbour?position={head - 2}")).one("section", "points")
    assert before.all("details", "withdrawn") == []
    assert [node.text for node in before.all("p", "point-text")] == ["Two people are hurt.", "Three people are hurt."]
    first = (await page_of(house, f"/harbour?position={head - 3}")).one("section", "points")
    assert [node.text for node in first.all("p", "point-text")] == ["Three people are hurt."]


async def test_the_head_says_what_programs_ask_of_a_page(house: House) -> None:
    ids = await tell(house)
    page = await page_of(house, "/harbour")
    assert (page.one("html")["lang"], page.one("html")["dir"]) == ("en-GB", "ltr")
    assert page.one("title").text == "Ship hits the harbour bridge"
    assert page.meta("description") == "What is known, hour by hour."
    assert page.one("link", rel="canonical")["href"] == f"{house.address}/harbour"
    assert page.meta("og:title") == "Ship hits the harbour bridge"
    assert page.meta("og:url") == f"{house.address}/harbour"
    assert page.meta("og:image") == "https://example.org/ship.jpg"
    assert page.one("link", type="application/atom+xml")["href"] == "/harbour/feed.atom"
    assert page.all("meta", name="robots") == []
    posting = json.loads(page.one("script", type="application/ld+json").text)
    assert posting["@type"] == "LiveBlogPosting"
    assert posting["coverageStartTime"] == (await house.get("/v1/blogs/harbour"))["started_at"]
    told = {each["url"].rpartition("/")[2]: each for each in posting["liveBlogUpdate"]}
    assert set(told) == set(ids.values()) - {ids["gone"]}
    assert told[ids["wrong"]]["articleBody"] == "Two people are hurt."
    assert told[ids["question"]]["headline"] == "Who pays?"


async def test_a_language_and_its_direction_are_the_blogs_own(house: House) -> None:
    for language, direction, status in (("de-AT", "ltr", "Live"), ("ar", "rtl", "Live"), ("fa-Latn", "ltr", "Live")):
        slug = language.lower()
        await house.start(slug, language=language)
        page = await page_of(house, f"/{slug}")
        assert (page.one("html")["lang"], page.one("html")["dir"]) == (language, direction)
        assert page.one("p", "status").text == status
    assert (await page_of(house, "/de-at")).one("p", "empty").text == "Noch keine Meldung."
    assert (await page_of(house, "/ar")).one("p", "empty").text == "No entry yet."
