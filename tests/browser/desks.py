"""The newsroom as people use it: windows that are signed in, the desk of a blog, and what is written there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from browser.window import PATIENCE_MS, Window, open_window
from house import House

expect.set_options(timeout=PATIENCE_MS)


class Desk:
    """The desk of a blog in somebody's window."""

    def __init__(self, window: Window, page: Page) -> None:
        self.window = window
        self.page = page
        self.entry = page.locator("#new-entry form")
        self.editing = page.locator("#editing")
        self.items = page.locator("[data-coverage] > li")
        self.drafts = page.locator("[data-drafts] > li")
        self.notices = page.locator("[data-notices]")

    async def open(self, slug: str = "night") -> None:
        """Open the desk and wait until it is all there."""
        await self.page.goto(f"/admin/{slug}")
        await self.wait()

    async def wait(self) -> None:
        """Wait until the desk is all there."""
        await expect(self.page.locator("html[data-ready]")).to_be_attached()

    async def write(self, form: Locator, **fields: str) -> None:
        """Fill fields of a form, by name."""
        for name, text in fields.items():
            await form.locator(f"[name={name}]").fill(text)

    async def tab(self, name: str) -> None:
        """Turn to a tab of the board."""
        await self.page.locator(f"#tab-{name}").click()

    async def do(self, entry_id: str, todo: str) -> None:
        """Press a button of an entry."""
        await self.page.locator(f'[data-entry="{entry_id}"] button[data-do={todo}]').click()

    async def saved(self, form: Locator) -> None:
        """Wait until the server has what is written."""
        await expect(form.locator(".saved[data-state=kept]")).to_have_text("Draft saved")

    async def told(self, text: str) -> None:
        """Wait until a notice says something."""
        await expect(self.notices).to_contain_text(text)

    async def flawless(self) -> None:
        """See that axe-core finds nothing wrong, light and dark."""
        assert await self.window.flaws() == []


@asynccontextmanager
async def open_desk(
    browser: Browser, house: House, token: str, slug: str | None = "night", **given: Any
) -> AsyncIterator[Desk]:
    """Open a window, sign in through the form, and open a blog's desk."""
    async with open_window(browser, house.address, **given) as window:
        desk = Desk(window, window.page)
        await sign_in(window.page, token, "/admin" if slug is None else f"/admin/{slug}")
        if slug is not None:
            await desk.wait()
        yield desk


async def sign_in(page: Page, token: str, following: str = "/admin") -> None:
    """Sign in through the form."""
    await page.goto(following)
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Sign in").click()


async def entries(house: House, slug: str = "night") -> list[dict[str, Any]]:
    """What readers are shown."""
    found: list[dict[str, Any]] = (await house.get(f"/v1/blogs/{slug}"))["entries"]
    return found
