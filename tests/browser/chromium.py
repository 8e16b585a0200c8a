"""The browser that the tests drive: the system's, or Playwright's own; run as a script, it installs one of them."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

ARGUMENTS = (
    # Started as root, as in a container, Chromium's own sandbox is not to be had; it sees our pages only.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    # Nothing but the pages of the tests is ever asked for.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class NoBrowser(Exception):
    """There is none, and none could be installed."""


def find() -> Path:
    """The browser to drive.

    Raises:
        NoBrowser: There is none.

    """
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        return own
    raise NoBrowser("no Chromium: install the package `chromium`, or run `.venv/bin/playwright install chromium`")


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Start the browser, and end it.

    Raises:
        NoBrowser: There is none.

    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        yield browser
        await browser.close()


def install() -> Path:
    """Find the browser; where there is none, install the system's as root, else Playwright's own.

    Raises:
        NoBrowser: Neither could be installed.

    """
    try:
        return find()
    except NoBrowser:
        sys.stderr.write("Installing Chromium\n")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "-qq", "update"], check=False)
        packages = ["chromium", "fonts-dejavu-core"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages],
            check=False,
            env=quiet,
            stdout=subprocess.DEVNULL,
        )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find()


if __name__ == "__main__":
    try:
        install()
    except NoBrowser as error:
        sys.exit(str(error))
