"""Every state that readers' pages can be in, each reached once, as a reader reaches it.

A tour is a generator that stops at each state with its name: whoever leads it looks, and lets it go on. `yield "name"`
is a state to be looked at as the window shows it, `yield "name*"` one whose whole page is worth a look.
"""

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

from playwright.async_api import Page, expect

from browser.desk_tour import newsroom
from browser.rendering import reach, scroll_to, watch
from browser.stage import ENDED, LIVE, Stage
from browser.window import Window

Tour: TypeAlias = Callable[[Stage, Window], AsyncIterator[str]]

REMEMBERED = """async () => {
    const { position } = document.querySelector("live-blog").book;
    const kept = () => JSON.parse(localStorage.getItem(`live-blog ${location.origin}/v1/blogs/harbour`));
    while (kept()?.position !== position) await new Promise((then) => setTimeout(then, 20));
}"""


async def pages(stage: Stage, window: Window) -> AsyncIterator[str]:
    """The pages of the site, each as it opens."""
    page = window.page
    await page.goto("/")
    yield "home*"
    await page.goto("/nowhere")
    yield "not-found"
    await watch(page, f"/{LIVE}")
    await _all_there(page)
    yield "live*"
    await watch(page, f"/{LIVE}/entries/{stage.ids['gone']}#entry-{stage.ids['gone']}")
    await _all_there(page)
    yield "permalink"
    await watch(page, f"/{ENDED}")
    await _all_there(page)
    yield "ended*"
    await watch(page, "/nacht")
    await _all_there(page)
    yield "german*"
    await watch(page, "/layla")
    await _all_there(page)
    yield "right-to-left*"
    await watch(page, "/hostile")
    await _all_there(page)
    yield "hostile*"


async def reading(stage: Stage, window: Window) -> AsyncIterator[str]:
    """A reader's evening: what was changed, the keys, something new, a lost connection, and back the next day."""
    page, house = window.page, stage.house
    await watch(page, f"{stage.relay.address}/{LIVE}")
    await _all_there(page)
    await page.locator(f"#entry-{stage.ids['wrong']}").get_by_role("button", name="What was changed").click()
    await expect(page.locator(".redline ins").first).to_be_visible()
    await scroll_to(page, f"#entry-{stage.ids['wrong']}")
    yield "redline"
    await page.locator(f"#entry-{stage.ids['wrong']}").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    yield "keys"
    await page.keyboard.press("Escape")
    await scroll_to(page, f"#entry-{stage.ids['wrong']}")  # whoever looked may have turned the page
    await house.publish(LIVE, headline="A tug has reached the bridge")
    made = await house.publish(LIVE, headline="Both men are out of the water", breaking=True)
    await reach(page, made["position"])
    await expect(page.get_by_role("button", name="2 new entries above")).to_be_visible()
    yield "pill"
    stage.relay.cut()
    await expect(page.locator(".notice.lost")).to_be_visible()
    yield "lost"
    stage.relay.mend()
    await watch(page, f"{stage.relay.address}/{LIVE}")
    await expect(page.locator(".machine")).to_be_visible()
    await page.evaluate(REMEMBERED)
    await page.goto("about:blank")
    await house.publish(LIVE, headline="The bridge will open at noon", key_event=True)
    right = {"was": "Two people were hurt.", "now": "Two men were hurt.", "reason": "The hospital says so."}
    await house.post(
        LIVE, {"type": "correct_entry", "entry_id": stage.ids["wrong"], "headline": "Two men hurt", **right}
    )
    await house.post(LIVE, {"type": "retract_entry", "entry_id": stage.ids["polished"], "reason": "It was the wind."})
    await watch(page, f"{stage.relay.address}/{LIVE}")
    await expect(page.get_by_role("complementary", name="While you were away")).to_be_visible()
    await _all_there(page)
    yield "away"


async def replaying(_: Stage, window: Window) -> AsyncIterator[str]:
    """The time machine: standing, with its list of moments, playing."""
    page = window.page
    await page.goto(f"/{ENDED}?position=24")
    await expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", "24")
    await _all_there(page)
    yield "moment"
    await page.get_by_text("Moments", exact=True).click()
    await expect(page.locator(".machine-moments li").first).to_be_visible()
    yield "moments"
    await page.get_by_text("Moments", exact=True).click()
    # At this speed nothing is due while it is looked at.
    await page.get_by_label("Speed").select_option("1")
    await page.get_by_role("button", name="Play", exact=True).click()
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    yield "playing"


async def plain(_: Stage, window: Window) -> AsyncIterator[str]:
    """Without scripts, and on paper."""
    page = window.page
    # Whoever inspects the page needs scripts: the page's own are not fetched, so that it stays as the server wrote it.
    await window.context.route("**/*.js", lambda route: route.abort())
    await page.goto(f"/{LIVE}")
    yield "plain*"
    await page.goto(f"/{ENDED}?position=24")
    yield "plain-moment"
    await page.emulate_media(media="print")
    yield "paper*"


async def _all_there(page: Page) -> None:
    """Wait until the page has all that it fetches by and by."""
    await expect(page.locator("live-blog")).to_have_attribute("data-complete", "")
    await expect(page.locator(".machine")).to_be_visible()


TOURS: dict[str, Tour] = {
    "pages": pages,
    "reading": reading,
    "replaying": replaying,
    "newsroom": newsroom,
    "plain": plain,
}
