"""Fixtures of the tests that drive a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from browser.chromium import launched
from browser.window import PATIENCE_MS, Window, open_window
from house import House, open_house

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for the tests of a file."""
    async with launched() as browser:
        yield browser


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """A newsroom with nothing in it."""
    async with open_house(sqlite_url) as house:
        yield house


@pytest.fixture
async def window(chromium: Browser, house: House) -> AsyncIterator[Window]:
    """A window of its own: no cookie, nothing stored, English, in Berlin."""
    async with open_window(chromium, house.address) as window:
        yield window
