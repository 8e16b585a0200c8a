"""The time machine: every moment as its readers saw it, by keys, by pointer and by address."""

import json
import re

import pytest
from playwright.async_api import Browser, Page, expect

from browser.nights import SLUG, import_night
from browser.relay import Relay
from browser.rendering import PLAIN, served, shown, watch
from browser.window import Window, open_window
from house import House

pytestmark = pytest.mark.anyio

PARTS = ".coverage .entry, .coverage .empty, .banner, .pinned-entries"

RECORD = f"""(selector) => {{
    {PLAIN}
    const blog = document.querySelector("live-blog");
    globalThis.seen = {{}};
    const note = () => globalThis.seen[blog.book.position] = all(blog.root, selector);
    blog.addEventListener("lb-change", note);
    note();
}}"""


CLOCK = """async (timeline) => {
    const { Clock } = await import("/static/machine/clock.js");
    const { Course } = await import("/static/machine/course.js");
    globalThis.course = new Course(timeline);
    globalThis.clock = new Clock();
}"""

SMALL = """() => [...document.querySelectorAll(".machine :is(button, select, label, summary, [role=slider])")]
    .filter((each) => each.checkVisibility())
    .filter((each) => each.clientWidth < 24 || each.clientHeight < 24)
    .map((each) => each.outerHTML)"""


async def test_a_night_played_at_sixty_is_at_each_position_what_its_readers_saw(house: House, window: Window) -> None:
    """The ended coverage opens at its end, and invites to watch it; silences are skipped. Entry by entry."""
    page, head = window.page, await import_night(house)
    await watch(page, f"/{SLUG}")
    at_end = await shown(page, PARTS)
    machine = page.get_by_role("region", name="Time machine")
    await expect(machine).to_contain_text("This coverage has ended.")
    await page.evaluate(RECORD, PARTS)
    await machine.get_by_role("button", name="Watch it as it happened").click()
    await expect(machine).to_contain_text("You are seeing the coverage as it stood at 7 Jan 2020 23:0")
    await machine.get_by_label("Skip silences").check()
    await machine.get_by_label("Speed").select_option("60")
    await expect(machine).to_contain_text("This coverage has ended.", timeout=60_000)
    # Who watches sees what comes.
    await expect(page.locator(".coverage .entry").first).to_be_in_viewport()
    seen: dict[str, list[str]] = await page.evaluate("globalThis.seen")
    assert {"1", f"{head}"} < set(seen), "and something between them"
    for position, parts in seen.items():
        assert parts == await served(page, f"/{SLUG}?position={position}", PARTS), position
    assert await shown(page, PARTS) == at_end
    assert "position" not in page.url
    await expect(page.locator(".status .word")).to_have_text("Ended")


async def test_what_is_sought_by_pointer_by_list_and_by_keys_is_what_readers_saw(house: House, window: Window) -> None:
    """No pointer is needed for any of it; the address names the moment shown."""
    page, head = window.page, await import_night(house)
    await watch(page, f"/{SLUG}")
    slider = page.get_by_role("slider", name="Moment of the coverage")
    await _tab_to(page, "Watch it as it happened")
    await page.keyboard.press("Enter")
    pause = page.get_by_role("button", name="Pause", exact=True)
    await expect(pause).to_be_visible()
    await _tab_to(page, "Moment of the coverage")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    for key, position in (
        ("Home", 1),
        ("PageUp", 11),
        ("ArrowLeft", 10),
        ("ArrowDown", 9),
        ("PageDown", 1),
        ("ArrowUp", 2),
    ):
        await page.keyboard.press(key)
        await _stands(page, position)
    for name, position in (
        ("To the next marked moment", 5),
        ("One event back", 4),
        ("One event on", 5),
        ("To the next marked moment", 6),
        ("To the marked moment before", 5),
    ):
        await _tab_to(page, name, back=name.startswith("To the marked") or name.endswith("back"))
        await page.keyboard.press("Enter")
        await _stands(page, position)
    await expect(page).to_have_url(re.compile(rf"/{SLUG}\?position=5$"))
    text = await slider.get_attribute("aria-valuetext")
    assert text == "7 Jan 2020 23:01 (8 Jan 01:01 GMT+3), event 5 of 12 · Breaking · The port is closed"
    await _tab_to(page, "Moments")
    await page.keyboard.press("Enter")
    await expect(page.locator(".machine-moments li").first).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.locator(".machine-moments li").first).to_be_hidden()
    await page.get_by_text("Moments", exact=True).click()
    await page.get_by_role("button", name=re.compile("Correction A ship has hit")).click()
    await _stands(page, 6)
    await expect(page.locator(".coverage .entry.corrected")).to_be_in_viewport()
    await slider.focus()
    await page.keyboard.press("Home")
    for position in (1, 3, 4, 5, 6, 7, 9, 10, 11, head):  # those between belong to the commit of the next
        await _stands(page, position)
        await page.get_by_role("button", name="One event on").press("Enter")
    box = await slider.bounding_box()
    assert box is not None
    # Most of the night is the silence before its last entry.
    await page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20, steps=5)
    await page.mouse.up()
    await _stands(page, 10)
    await expect(page.get_by_role("region", name="Time machine")).to_contain_text("02:00:0")
    await slider.focus()
    await page.keyboard.press("End")
    await expect(page.locator(".machine")).not_to_have_class(re.compile("past"))
    await expect(page.locator("live-blog")).to_have_attribute("data-shown", str(head))


@pytest.mark.parametrize("max_gap", [None, 60], ids=["every silence", "silences skipped"])
async def test_between_two_messages_the_clock_neither_drifts_nor_stops(
    house: House, window: Window, max_gap: int | None
) -> None:
    """It runs evenly on the tape: with silences skipped it passes through them faster, as the stream does."""
    page, _ = window.page, await import_night(house)
    timeline = await house.get(f"/v1/blogs/{SLUG}/timeline?buckets=1000" + ("" if max_gap is None else "&max_gap=60"))
    await page.clock.install(time="2026-01-01T00:00:00Z")
    await page.goto("/")
    await page.evaluate(CLOCK, timeline)
    await page.clock.pause_at("2026-01-01T01:00:00Z")
    await page.evaluate("clock.set(course.start, 60)")
    run = 0
    for more, at in ((1_000, 60), (1_000, 120)):
        await page.clock.run_for(more)
        run += more
        assert await page.evaluate("(clock.read(course) - course.start) / 1000") == pytest.approx(at, abs=1), run
    # 140 s after the beginning the silence begins, 7,060 s long or 60.
    await page.clock.run_for(833)
    share = 30 / 7_060 if max_gap is None else 30 / 60
    passed = await page.evaluate("(clock.read(course) - course.start) / 1000")
    assert passed == pytest.approx(140 + 7_060 * share, abs=10)
    await page.evaluate("clock.set(course.start, 0)")
    await page.clock.run_for(60_000)
    assert await page.evaluate("clock.read(course) === course.start")
    for at in range(0, 7_210, 103):
        there = await page.evaluate("(at) => course.instant(course.share(course.start + at)) - course.start", at * 1000)
        assert there / 1000 == pytest.approx(at, abs=0.01)


async def test_a_shared_address_opens_at_its_moment_and_plays_at_its_speed(house: House, window: Window) -> None:
    page, head = window.page, await import_night(house)
    await page.goto(f"/{SLUG}?position=7")
    await _stands(page, 7)
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    await expect(page.locator(".notice.then")).to_have_count(0)
    # Played, it goes on to the long silence, at the usual speed.
    await page.get_by_role("button", name="Play", exact=True).click()
    await expect(page).to_have_url(re.compile(r"\?position=10&rate=60$"))
    await expect(page.get_by_label("Speed")).to_have_value("60")
    await page.goto(f"/{SLUG}?time=2020-01-08T01:01:10%2B03:00")
    await _stands(page, 5)
    await page.goto(f"/{SLUG}?position=4&rate=120")
    await expect(page.get_by_label("Speed")).to_have_value("120")
    await page.get_by_role("button", name="Pause", exact=True).click()
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    position = int(await page.get_by_role("slider").get_attribute("aria-valuenow") or "")
    assert position >= 4
    await _stands(page, position)
    await expect(page).to_have_url(re.compile(rf"\?position={position}$"))
    await page.get_by_role("button", name="Play", exact=True).click()
    await expect(page).to_have_url(re.compile("rate=120"))
    await page.get_by_role("button", name="Back to the end").click()
    await expect(page).to_have_url(re.compile(rf"/{SLUG}$"))
    await expect(page.locator("live-blog")).to_have_attribute("data-shown", str(head))


@pytest.mark.parametrize("playing", [False, True], ids=["standing", "playing"])
async def test_after_a_cut_it_is_where_it_was_at_its_speed_and_as_still(
    chromium: Browser, house: House, playing: bool
) -> None:
    await import_night(house)
    async with Relay(house) as relay, open_window(chromium, relay.address) as window:
        page = window.page
        # A silence of almost an hour follows: at this speed nothing is due within the test.
        await page.goto(f"/{SLUG}?position=10" + ("&rate=1" if playing else ""))
        slider, key = page.get_by_role("slider"), "Pause" if playing else "Play"
        await expect(page.get_by_role("button", name=key, exact=True)).to_be_visible()
        await expect(page.locator("live-blog")).to_have_attribute("data-status", "replaying")
        rate = page.get_by_label("Speed")
        await rate.select_option("2")
        before = await shown(page, PARTS)
        relay.cut()
        await expect(page.locator("live-blog")).to_have_attribute("data-status", "lost")
        relay.mend()
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("live-blog")).to_have_attribute("data-status", "replaying")
        await expect(slider).to_have_attribute("aria-valuenow", "10")
        await expect(rate).to_have_value("2")
        await expect(page.get_by_role("button", name=key, exact=True)).to_be_visible()
        assert await shown(page, PARTS) == before


async def test_the_blog_goes_on_while_one_is_in_the_past(house: House, window: Window) -> None:
    page = window.page
    await house.start()
    for number in range(3):
        await house.publish(headline=f"Number {number}")
    await watch(page)
    await page.get_by_role("button", name="Time machine").click()
    await page.get_by_role("button", name="One event back").click()
    await _stands(page, 3, "night")
    status = page.locator(".status .word")
    await expect(status).to_have_text("Replay of a past moment")
    before = await shown(page, PARTS)
    machine = page.get_by_role("region", name="Time machine")
    await expect(machine).to_contain_text("1 newer event")
    await house.publish(headline="Number 3")
    # The next heartbeat tells; a new connection tells at once.
    await page.evaluate("document.querySelector('live-blog').wire.reopen()")
    await expect(machine).to_contain_text("2 newer events")
    assert await shown(page, PARTS) == before
    await page.get_by_role("button", name="Back to live").click()
    await expect(status).to_have_text("Live")
    await expect(page.locator(".coverage .entry")).to_have_count(4)
    await house.publish(headline="Number 4")
    await expect(page.locator("live-blog")).to_have_attribute("data-shown", "6")


async def test_it_fits_a_telephone_and_every_reader(chromium: Browser, house: House) -> None:
    """At 360 pixels: nothing beside the page, keys for fingers, and no fault that axe knows."""
    await import_night(house)
    phone = {"width": 360, "height": 740}
    async with open_window(chromium, house.address, viewport=phone, has_touch=True, reduced_motion="reduce") as window:
        page = window.page
        await page.goto(f"/{SLUG}?position=9")
        await _stands(page, 9)
        await page.get_by_text("Moments", exact=True).tap()
        await expect(page.locator(".machine-moments li").first).to_be_visible()
        assert await window.violations() == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
        small = await page.evaluate(SMALL)
        assert small == []
        await page.get_by_text("Moments", exact=True).tap()
        box = await page.get_by_role("slider").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= phone["height"]
        await page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + 20)
        await _stands(page, 10)


async def _tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until something has the focus, by its name or text."""
    for _ in range(100):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        found = await page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
        if found == name:
            return
    raise AssertionError(f"no key leads to {json.dumps(name)}")


async def _stands(page: Page, position: int, slug: str = SLUG) -> None:
    """Wait until a moment is shown, and compare it with what the server says of it."""
    await expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", str(position))
    await expect(page.locator("live-blog")).to_have_attribute("data-shown", str(position))
    assert await shown(page, PARTS) == await served(page, f"/{slug}?position={position}", PARTS)
