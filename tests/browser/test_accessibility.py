"""Every page in every state, light and dark: it keeps the rules of accessibility that axe-core knows, at any width."""

import pytest
from playwright.async_api import Browser, ViewportSize

from browser.stage import see_pictures, set_up
from browser.tours import TOURS
from browser.window import open_window
from house import House

pytestmark = pytest.mark.anyio

DESK: ViewportSize = {"width": 1280, "height": 860}
TELEPHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.mark.parametrize("name", TOURS)
async def test_no_state_breaks_a_rule_or_the_edge_of_a_telephone(chromium: Browser, house: House, name: str) -> None:
    async with set_up(house) as stage, open_window(chromium, house.address, viewport=DESK) as window:
        await see_pictures(window)
        page, seen = window.page, set[str]()
        async for state in TOURS[name](stage, window):
            await page.set_viewport_size(TELEPHONE)
            assert await page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"], state
            await page.set_viewport_size(DESK)
            assert await window.flaws() == [], state
            seen.add(state)
        assert len(seen) >= 3
