"""One Chromium for the tests of a file."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from browser.chromium import ARGUMENTS, find


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        yield browser
        await browser.close()
