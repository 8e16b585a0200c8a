"""The server's pages in a browser that runs no script: whole, readable at every width, in light and dark, on paper."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from browser.window import Window, open_window
from house import House
from liveblog.application.importing.sources import Options, understand
from web.full import tell
from web.test_site_hostile import HOSTILE

pytestmark = pytest.mark.anyio

SEED = Path(__file__).parents[2] / "seeds" / "night-of-the-missiles.txt"
WIDTHS = (360, 768, 1280)


@asynccontextmanager
async def paper(chromium: Browser, house: House, **given: Any) -> AsyncIterator[Window]:
    """A window that runs no script and asks nobody but the house for anything."""
    async with open_window(chromium, house.address, **{"java_script_enabled": False, **given}) as window:
        await window.context.route(lambda url: not url.startswith(house.address), lambda route: route.abort())
        yield window


async def overflow(window: Window) -> int:
    """How many pixels of the page stand beyond the window's edge."""
    found: int = await window.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


async def test_no_page_breaks_the_edge_of_the_window(chromium: Browser, house: House) -> None:
    await house.store.importer.bring_in([understand(str(SEED), SEED.read_bytes(), Options())])
    ids = await tell(house)
    paths = ["/", "/harbour", f"/{SEED.stem}?position=12", f"/harbour/entries/{ids['gone']}", "/nowhere"]
    async with paper(chromium, house) as window:
        for path in paths:
            await window.page.goto(path)
            for width in WIDTHS:
                await window.page.set_viewport_size({"width": width, "height": 800})
                assert await overflow(window) == 0, (path, width)


async def test_without_scripts_links_lead_everywhere(chromium: Browser, house: House) -> None:
    await house.start()
    commands = [{"type": "publish_entry", "headline": f"News {n}", "key_event": n == 3} for n in range(60)]
    answer = await house.post("night", commands)
    ids = [event["entry"]["id"] for event in answer.json()["events"]]
    async with paper(chromium, house) as window:
        page = window.page
        await page.goto("/")
        await page.get_by_role("link", name="A night").click()
        await expect(page.get_by_role("heading", name="A night", level=1)).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(50)
        await page.get_by_role("link", name="Older entries").click()
        await expect(page.get_by_role("article")).to_have_count(10)
        await page.get_by_role("link", name="The newest entries").click()
        await page.get_by_role("navigation", name="Key events").get_by_role("link").click()
        # The permanent address of an entry on the second page shows it among its like, marked, where the eye is.
        entry = page.locator(f"#entry-{ids[3]}")
        await expect(entry).to_be_in_viewport()
        await expect(entry).to_have_attribute("aria-current", "true")
        await page.keyboard.press("Tab")
        await page.get_by_role("link", name="All coverage").click()
        await expect(page.get_by_role("heading", name="Live coverage")).to_be_visible()


async def test_a_key_press_leads_past_the_masthead(chromium: Browser, house: House) -> None:
    await house.start()
    async with paper(chromium, house) as window:
        await window.page.goto("/night")
        await window.page.keyboard.press("Tab")
        await expect(window.page.get_by_role("link", name="Skip to the coverage")).to_be_focused()
        await window.page.keyboard.press("Enter")
        assert window.page.url.endswith("#coverage")


async def test_on_paper_links_say_where_they_lead_and_what_is_folded_is_open(chromium: Browser, house: House) -> None:
    await tell(house)
    async with paper(chromium, house) as window:
        await window.page.goto("/harbour")
        earlier = window.page.locator(".earlier .point-text")
        await expect(earlier).to_be_hidden()
        await window.page.emulate_media(media="print")
        await expect(earlier).to_be_visible()
        await expect(window.page.get_by_role("link", name="All coverage")).to_be_hidden()
        said = await window.page.evaluate(
            "getComputedStyle(document.querySelector('.coverage .body a'), '::after').content"
        )
        assert "https://example.org/shut" in said
        assert (await window.page.pdf()).startswith(b"%PDF")


async def test_nothing_moves_when_a_picture_comes(chromium: Browser, house: House) -> None:
    await house.start()
    url = f"{house.address}/static/icon.svg"
    media = [{"type": "image", "url": url, "alt": "A", "width": 640, "height": 480}, {"type": "image", "url": url}]
    await house.publish(headline="Pictures", media=media)
    async with paper(chromium, house) as window:
        page = window.page
        place = "[...document.querySelectorAll('.coverage .frame')].map((frame) => frame.clientHeight)"
        await page.route("**/static/icon.svg", lambda route: route.abort())
        await page.goto("/night")
        missing = await page.evaluate(place)
        await page.unroute("**/static/icon.svg")
        await page.goto("/night")
        await expect(page.locator(".coverage img").first).to_have_js_property("complete", True)
        assert await page.evaluate(place) == missing
        assert all(height > 100 for height in missing)


FIRST_AND_LAST = """(element) => [0, element.textContent.length - 1].map((at) => {
    const range = new Range();
    range.setStart(element.firstChild, at);
    range.setEnd(element.firstChild, at + 1);
    return range.getBoundingClientRect().left;
})"""

RIGHT = """(element) => {
    const range = new Range();
    range.selectNodeContents(element);
    return range.getBoundingClientRect().right;
}"""


async def test_words_of_ours_keep_their_direction_on_a_page_from_right_to_left(chromium: Browser, house: House) -> None:
    await house.start(headline="ليلة طويلة", standfirst="ما نعرفه", language="ar")
    for headline in ("اصطدام", "إغلاق"):
        await house.publish(headline=headline)
    async with paper(chromium, house) as window:
        await window.page.goto("/night")
        counted = window.page.get_by_text("2 entries")
        first, last = await counted.evaluate(FIRST_AND_LAST)
        assert first < last
        first, last = await window.page.get_by_role("heading", level=1).evaluate(FIRST_AND_LAST)
        assert first > last
        # Like all that stands there, they begin at the right edge.
        edge = await window.page.locator(".standfirst").evaluate(RIGHT)
        assert abs(await counted.evaluate(RIGHT) - edge) < 1


async def test_hostile_content_leaves_the_page_whole(chromium: Browser, house: House) -> None:
    await house.start(headline="A" * 300)
    for number, said in enumerate(HOSTILE.values()):
        await house.publish(
            headline=said,
            body=f"{said}\n\n{'W' * 10_000}",
            contributors=[{"name": said}],
            media=[{"type": "image", "url": f"{house.address}/nowhere.png", "caption": said, "alt": said}],
            links=[{"title": said, "url": "https://example.org/" + "x" * 1_000}],
            tags=["T" * 60],
            breaking=True,
            pinned=number < 3,
        )
    async with paper(chromium, house, java_script_enabled=True) as window:  # so that a script of theirs could run
        dialogs: list[str] = []
        window.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        for width in WIDTHS:
            await window.page.set_viewport_size({"width": width, "height": 800})
            await window.page.goto("/night")
            assert await overflow(window) == 0, width
        await expect(window.page.locator("#coverage .entry")).to_have_count(len(HOSTILE))
        assert await window.page.locator("#coverage :is(script, iframe, object)").count() == 0
        assert dialogs == []
