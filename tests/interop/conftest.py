"""One Chromium for the tests of a file."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from browser.chromium import launched


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with launched() as browser:
        yield browser
