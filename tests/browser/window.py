"""One person's browser: a context of its own, and what went wrong in it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

PATIENCE_MS = 20_000
"""How long a test waits for what must come."""

AXE = Path(sys.prefix) / "node" / "node_modules" / "axe-core" / "axe.min.js"

_REPORT_POLICY = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"""

# Of an open dialog that is all there is to judge: the rest was there before, and cannot be reached. The checker may not
# copy the style sheets into the page, which only its rule about turned screens wants.
_JUDGE = """([within, rules]) => axe.run(within ?? [...document.querySelectorAll("dialog:modal")].at(-1) ?? document, {
    preload: false, resultTypes: ["violations"], ...(rules && { runOnly: rules }),
})"""


def _said(found: Any) -> list[str]:
    """What the checker found: rule and places, one line each."""
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}" for each in found["violations"]
    ]


class Window:
    """A page in a context of its own.

    Attributes:
        context: The browser's context: cookies, storage, zone, language, whether it is offline.
        page: The page.
        complaints: Errors that scripts raised or logged, and what the content security policy refused. A test that
            expects one takes it off; what is left at the end fails the test.

    """

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.complaints: list[str] = []
        self.listen(page)

    def listen(self, page: Page) -> None:
        """Note the complaints of a page, such as a second tab."""
        page.on("pageerror", lambda error: self.complaints.append(f"{error.name}: {error.message}"))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        # What could not be fetched is for the page to handle; tests of it look at what it then shows.
        unreached = "Failed to load resource" in message.text or message.text.startswith("WebSocket connection to ")
        if message.type == "error" and not unreached:
            self.complaints.append(message.text)

    async def violations(self, within: str | None = None) -> list[str]:
        """What axe-core finds wrong with the page as it is, or a part of it: rule and places, one line each."""
        # By the debugger's way in, since the page's policy rightly lets no other script run.
        session = await self.context.new_cdp_session(self.page)
        await session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        found = await self.page.evaluate(_JUDGE, [within, None])
        return _said(found)

    async def flaws(self) -> list[str]:
        """The same in the light and in the dark."""
        await self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found = await self.violations()
        # In the dark only colours differ; the checker is in the page by now.
        await self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += _said(await self.page.evaluate(_JUDGE, [None, ["color-contrast"]]))
        await self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        return found


@asynccontextmanager
async def open_window(browser: Browser, address: str, **given: Any) -> AsyncIterator[Window]:
    """Open a window; it fails at its end if the page complained.

    Args:
        browser: The browser.
        address: Base of the addresses.
        given: Of Playwright's `new_context`, such as `color_scheme` or `viewport`.

    """
    chosen: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Europe/Berlin", **given}
    context = await browser.new_context(base_url=address, **chosen)
    try:
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(_REPORT_POLICY)
        window = Window(context, await context.new_page())
        yield window
        assert not window.complaints, msgspec.json.encode(window.complaints).decode()
    finally:
        await context.close()
