"""While you were away: what a reader who comes back is told, and what not."""

import pytest
from playwright.async_api import Browser, Page, expect

from browser.rendering import watch
from browser.window import Window, open_window
from house import House

pytestmark = pytest.mark.anyio

PANEL = "While you were away"

LINES = """(lines) => lines.map((line) =>
    [...line.querySelectorAll(".label, a")].map((each) => each.textContent).join(": ") || line.textContent)"""


async def test_a_reader_who_comes_back_is_told_what_is_new_what_was_corrected_and_what_was_withdrawn(
    chromium: Browser, house: House, window: Window
) -> None:
    """The key ones come first; of what came and went meanwhile nothing is said; what was told is not told again."""
    page = window.page
    await house.start()
    ids = [(await house.publish(headline=f"Before {number}"))["entry"]["id"] for number in range(3)]
    await _read(page)
    gone = (await house.publish(headline="Here and gone"))["entry"]["id"]
    right = {"was": "three boats", "now": "two boats", "reason": "Counted again."}
    done = await house.post(
        "night",
        [
            {"type": "publish_entry", "headline": "A key turn", "key_event": True},
            {"type": "publish_entry", "headline": "It breaks", "breaking": True},
            *({"type": "publish_entry", "headline": f"After {number}"} for number in range(4)),
            {"type": "correct_entry", "entry_id": ids[0], "headline": "Before all", **right},
            {"type": "retract_entry", "entry_id": ids[1], "reason": "It was <never> so."},
            {"type": "retract_entry", "entry_id": gone, "reason": "Nor this."},
        ],
    )
    assert done.status_code == 201, done.text
    await watch(page)
    panel = page.get_by_role("complementary", name=PANEL)
    await expect(panel).to_contain_text("6 new entries · 1 correction · 1 withdrawn")
    assert await panel.locator("li").evaluate_all(LINES) == [
        "Breaking: It breaks",
        "Key event: A key turn",
        "After 3",
        "After 2",
        "After 1",
        "and 1 more",
        "Correction: three boats → two boats",
        "Withdrawn: It was <never> so.",
    ]
    await panel.get_by_role("link", name="three boats").click()
    entry = page.locator(f".coverage .entry[data-id='{ids[0]}']")
    await expect(entry).to_be_focused()
    await expect(entry).to_be_in_viewport()
    await panel.get_by_role("button", name="Dismiss").click()
    await expect(panel).to_have_count(0)
    await _read(page)
    await expect(panel).to_have_count(0)


async def test_nobody_is_told_of_what_was_never_away(house: House, window: Window) -> None:
    """Not on the first visit, not when nothing came, not of a copy of the blog that is another."""
    page = window.page
    await house.start()
    await house.publish(headline="Before")
    for _ in range(2):
        await _read(page)
        await expect(page.locator(".away")).to_have_count(0)
    await house.publish(headline="Seen as it came")
    await page.locator(".pill").click()
    await expect(page.locator(".coverage .entry")).to_have_count(2)
    await _read(page)
    await house.publish(headline="After")
    await house.store.epochs.renew("night", "restored")
    await _read(page)
    await expect(page.locator(".coverage .entry")).to_have_count(3)
    await expect(page.locator(".away")).to_have_count(0)
    # The server may close the stream late, for the new epoch: an open page would then show all of the blog as seen.
    await page.goto("about:blank")
    await house.publish(headline="After that")
    await watch(page)
    await expect(page.get_by_role("complementary", name=PANEL)).to_contain_text("1 new entry")


async def test_who_comes_back_at_once_is_told_too(house: House, window: Window) -> None:
    """What the browser keeps of the visit before would be taken for an answer for some seconds."""
    page = window.page
    await house.start()
    await house.publish(headline="Before")
    for _ in range(2):
        await _read(page)
    await page.goto("about:blank")
    await house.publish(headline="After")
    await watch(page)
    await expect(page.get_by_role("complementary", name=PANEL)).to_contain_text("1 new entry")


async def test_a_look_into_the_past_is_no_visit(house: House, window: Window) -> None:
    page = window.page
    await house.start()
    await house.publish(headline="Before")
    await _read(page)
    await house.publish(headline="After")
    await page.goto("/night?position=1")
    await expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", "1")
    await expect(page.locator(".away")).to_have_count(0)
    await watch(page)
    await expect(page.get_by_role("complementary", name=PANEL)).to_contain_text("1 new entry")


async def test_without_storage_nothing_breaks_and_nothing_is_said(chromium: Browser, house: House) -> None:
    await house.start()
    await house.publish(headline="Before")
    async with open_window(chromium, house.address) as window:
        await window.context.add_init_script(
            """Object.defineProperty(globalThis, "localStorage", {
                get() { throw new DOMException("closed", "SecurityError"); },
            });"""
        )
        await watch(window.page)
        await house.publish(headline="After")
        await watch(window.page)
        await expect(window.page.locator(".machine")).to_be_visible()
        await expect(window.page.locator(".coverage .entry")).to_have_count(2)
        await expect(window.page.locator(".away")).to_have_count(0)


async def _read(page: Page) -> None:
    """Visit the page until the visit is remembered, and leave."""
    await watch(page)
    blog = page.locator("live-blog")
    await expect(blog.locator(".machine")).to_be_visible()
    shown = await page.evaluate(
        """async () => {
            const { position, epoch } = document.querySelector("live-blog").book;
            const kept = () => JSON.parse(localStorage.getItem(`live-blog ${location.origin}/v1/blogs/night`));
            const isKept = () => kept()?.position === position && kept()?.epoch === epoch;
            while (!isKept()) await new Promise((then) => setTimeout(then, 20));
            return position;
        }"""
    )
    assert shown > 0
