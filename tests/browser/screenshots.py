"""Pictures of every page in every state, at three widths, light and dark: run as a module, it writes them all.

Four of them, small, stand in the README: `--documents` writes those anew.
"""

import argparse
import asyncio
import base64
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from browser.chromium import ARGUMENTS, find
from browser.stage import Stage, see_pictures, set_up
from browser.tours import TOURS
from browser.window import PATIENCE_MS, Window, open_window
from house import open_house
from liveblog.storage import migrate
from liveblog.web.logs import configure_logging

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "screenshots"
DOCUMENTS = ROOT / "docs" / "screenshots"

SIZES: tuple[ViewportSize, ...] = (
    {"width": 360, "height": 740},
    {"width": 768, "height": 1024},
    {"width": 1280, "height": 860},
)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TALLEST = {".png": 2_400, ".webp": 1_050}
"""Pixels of a whole page that are worth a look."""
IN_DOCUMENTS = {
    ("pages", "ended", 1280, "light"): "page.webp",
    ("reading", "redline", 360, "dark"): "telephone.webp",
    ("replaying", "moment", 1280, "dark"): "time-machine.webp",
    ("newsroom", "correcting", 1280, "light"): "console.webp",
}
QUALITY = 50

TO_WHAT_MATTERS = """async () => {
    (document.querySelector(":target") ?? document.activeElement).scrollIntoView({ block: "nearest" });
    await new Promise((resolve) => setTimeout(resolve, 100));
}"""


async def picture(window: Window, path: Path, *, whole: bool) -> None:
    """Write the window as it is, or the page from its top; in the format that the path's name says."""
    page, size = window.page, window.page.viewport_size
    assert size is not None
    if whole:  # in a window so tall, what is fixed or sticks to an edge stands where it would
        height = await page.evaluate("document.documentElement.scrollHeight")
        tall = min(max(height, size["height"]), TALLEST[path.suffix])
        await page.set_viewport_size({"width": size["width"], "height": tall})
    else:  # what the state is about may have been moved out of sight by the window's new size
        await page.evaluate(TO_WHAT_MATTERS)
    if path.suffix == ".webp":  # which Playwright does not write
        session = await window.context.new_cdp_session(page)
        made = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        await asyncio.to_thread(path.write_bytes, base64.b64decode(made["data"]))
        await session.detach()
    else:
        await page.screenshot(path=path, animations="disabled", caret="initial")
    await page.set_viewport_size(size)


def paths(*state: str | int, documents: bool) -> list[Path]:
    """Where the picture of a state is written: tour, state, width, scheme."""
    if documents:
        return [DOCUMENTS / name for wanted, name in IN_DOCUMENTS.items() if wanted == state]
    return [FOLDER / f"{'-'.join(map(str, state))}.png"]


async def lead(browser: Browser, stage: Stage, name: str, *, documents: bool) -> int:
    """Lead a tour; returns how many pictures were written."""
    count = 0
    async with open_window(browser, stage.house.address, viewport=SIZES[-1], reduced_motion="reduce") as window:
        await see_pictures(window)
        async for stop in TOURS[name](stage, window):
            state, whole = stop.removesuffix("*"), stop.endswith("*")
            for size in SIZES:
                await window.page.set_viewport_size(size)
                for scheme in SCHEMES:
                    await window.page.emulate_media(color_scheme=scheme)
                    for path in paths(name, state, size["width"], scheme, documents=documents):
                        await picture(window, path, whole=whole)
                        count += 1
            await window.page.set_viewport_size(SIZES[-1])
            await window.page.emulate_media(color_scheme="light")
    return count


async def take(database_url: str, names: list[str], *, documents: bool) -> int:
    """Lead tours; returns how many pictures were written."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright, open_house(database_url) as house, set_up(house) as stage:
        browser = await playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        counts = [await lead(browser, stage, name, documents=documents) for name in names]
        await browser.close()
    return sum(counts)


def main() -> None:
    """Take what the command line asks for."""
    parser = argparse.ArgumentParser(prog="browser.screenshots", description=__doc__.partition("\n")[0])
    parser.add_argument("tours", nargs="*", help=f"which tours: {', '.join(TOURS)} (all)")
    parser.add_argument(
        "--documents", action="store_true", help="write the few that stand in the README, and no others"
    )
    asked = parser.parse_args()
    configure_logging("error")
    folder = DOCUMENTS if asked.documents else FOLDER
    if not asked.tours and not asked.documents:
        shutil.rmtree(FOLDER, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="liveblog-screenshots-") as scratch:
        url = f"sqlite:///{Path(scratch) / 'blog.db'}"
        migrate.upgrade(url)
        count = asyncio.run(take(url, asked.tours or list(TOURS), documents=asked.documents))
    sys.stdout.write(f"{count} pictures in {folder}\n")


if __name__ == "__main__":
    main()
