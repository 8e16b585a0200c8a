"""Hostile content is shown as text: on the pages, in their heads, in what they tell programs, in the feed."""

import json
from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import pytest

from house import House, open_house
from web.markup import parse

pytestmark = pytest.mark.anyio

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "end of a data block": "</script><script>alert(1)</script><!--",
    "attribute": '" onmouseover="alert(1)" x="',
    "single quotes": "' onfocus='alert(1)' autofocus x='",
    "image": "<img src=x onerror=alert(1)>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "template": "{{ 7 * 7 }}{% raw %}{name}",
    "comment": "<!-- --!> <![CDATA[ ]]>",
    "separators of lines": "a\u2028b\u2029c",
    "bidi controls": "\u202egnp.exe\u2066\u2069 \u05d0\u05d1",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea e\u0301",
    "no character of XML": "a\ufffeb\uffff",
}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        yield house


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
async def test_every_text_is_shown_as_it_is_and_nothing_of_it_runs(house: House, said: str) -> None:
    medium = {"type": "image", "url": "https://example.org/a?b=1&c='", "alt": said, "caption": said, "credit": said}
    started = await house.start(
        headline=said,
        standfirst=said,
        contributors=[{"name": said, "role": said, "outlet": said}],
        links=[{"title": said, "url": "https://example.org/'&amp;<>".removesuffix("<>")}],
        media=[medium],
    )
    assert started.status_code == 201, started.text
    published = await house.publish(
        headline=said,
        body=said,
        kind="quote",
        question=said,
        quote={"speaker": said, "role": said},
        contributors=[{"name": said}],
        sources=[{"name": said, "url": "https://example.org/"}],
        links=[{"title": said, "url": "https://example.org/"}],
        media=[medium],
        tags=[said[:60]],
        breaking=True,
        pinned=True,
        key_event=True,
    )
    entry_id = published["entry"]["id"]
    for command in (
        {"type": "correct_entry", "entry_id": entry_id, "body": "x", "was": said, "now": said, "reason": said},
        {"type": "set_key_point", "point_id": "a", "text": said, "reason": said, "sources": [{"name": said}]},
        {"type": "set_key_point", "point_id": "a", "text": said + "!", "reason": said},
    ):
        answer = await house.post("night", command)
        assert answer.status_code == 201, answer.text

    clean = " ".join(said.split())
    for path in ("/night", f"/night/entries/{entry_id}", "/"):
        answer = await house.http.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        page = parse(answer.text)
        scripts = [(node.get("type"), "src" in node.attributes) for node in page.all("script")]
        assert set(scripts) <= {("module", True), ("application/ld+json", False)}
        assert len(scripts) == (0 if path == "/" else 2)
        for node in page.walk():
            assert not {name for name in node.attributes if name.startswith("on") or name in {"style", "autofocus"}}
            assert node.tag not in {"iframe", "object", "embed", "base", "form"}
        assert clean in page.text
        if path == "/":
            continue
        assert page.one("h1").text == clean
        assert page.one("p", "standfirst").text == clean
        entry = page.one("article", id=f"entry-{entry_id}")
        assert entry.one("h2").text == clean
        assert entry.one("p", "question").text == clean
        assert entry.one("img")["alt"] == said
        assert entry.one("img")["src"] == "https://example.org/a?b=1&c='"
        assert entry.one("", "caption").text == clean
        assert entry.one("del").text == clean
        linked = json.loads("".join(map(str, page.one("script", type="application/ld+json").children)))
        assert linked["headline"] == said
        assert linked["author"][0]["name"] == said
    feed = ET.fromstring((await house.http.get("/night/feed.atom")).content)
    title = feed.findtext("{http://www.w3.org/2005/Atom}title")
    assert title == said.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    content = feed.findtext(".//{http://www.w3.org/2005/Atom}content") or ""
    assert parse(content).all("script") == []


async def test_a_word_of_ten_thousand_characters_leaves_the_page_whole(house: House) -> None:
    await house.start(headline="A" * 300, standfirst="B" * 1_000)
    await house.publish(headline="C" * 300, body="D" * 10_000)
    page = parse((await house.http.get("/night")).text)
    assert page.one("article").one("", "body").text == "D" * 10_000
    assert len(page.meta("description")) == 1_000
    assert all(len(node.text) <= 300 for node in page.all("h2"))
