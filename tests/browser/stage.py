"""What the tours of the pages are shown on: coverage of every sort, and pictures where none can be fetched."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct
from playwright.async_api import Route

from browser.relay import Relay
from browser.window import Window
from house import House
from liveblog.application.importing.sources import Options, understand
from web.full import tell
from web.test_site_hostile import HOSTILE

SEEDS = Path(__file__).parents[2] / "seeds"
ENDED = "night-of-the-missiles"
LIVE = "harbour"

# Hills behind hills, in any shape that is asked for: no other format can be written down here.
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" preserveAspectRatio="none">
<rect width="1280" height="720" fill="#c9d3d1"/>
<path d="M0 470 260 330 470 450 760 270 1280 500V720H0Z" fill="#8fa5a4"/>
<path d="M0 560 340 430 640 570 980 420 1280 560V720H0Z" fill="#587577"/>
<path d="M0 650 420 560 800 660 1280 590V720H0Z" fill="#27464b"/></svg>"""


class Stage(Struct, frozen=True):
    """A house with coverage in it.

    Args:
        house: The house.
        relay: A way to it that can be cut.
        ids: The live blog's entries, by a name for each.

    """

    house: House
    relay: Relay
    ids: dict[str, str]


@asynccontextmanager
async def set_up(house: House) -> AsyncIterator[Stage]:
    """Fill a house: one blog live, two ended, one in German, one from right to left, one hostile."""
    sources = [understand(path.name, path.read_bytes(), Options(format="coverage")) for path in SEEDS.glob("*.txt")]
    await house.store.importer.bring_in(sources)
    await house.start("nacht", headline="Schiff rammt die Hafenbrücke", language="de-AT", time_zone="Europe/Vienna")
    made = await house.publish("nacht", headline="Drei Verletzte", body="Drei Menschen sind **verletzt**.", pinned=True)
    right = {"was": "Es waren drei.", "now": "Es sind zwei.", "reason": "Doppelt gezählt."}
    await house.post("nacht", {"type": "correct_entry", "entry_id": made["entry"]["id"], "headline": "Zwei", **right})
    await house.start(
        "layla",
        headline="ليلة طويلة في الميناء",
        standfirst="ما نعرفه حتى الآن",
        language="ar",
        time_zone="Asia/Baghdad",
    )
    for number, headline in enumerate(("اصطدام سفينة بالجسر", "إغلاق الميناء 2026", "MV Aurora: السفينة")):
        await house.publish("layla", headline=headline, body="التفاصيل قادمة.", breaking=not number, pinned=not number)
    await house.start("hostile", headline="<b>A night</b> " + "W" * 250)
    for said in HOSTILE.values():
        await house.publish("hostile", headline=said, body=f"{said}\n\n{'w' * 2_000}", contributors=[{"name": said}])
    ids = await tell(house, LIVE)
    async with Relay(house) as relay:
        yield Stage(house, relay, ids)


async def see_pictures(window: Window) -> None:
    """Let every picture that a text names be there; nothing else is fetched from anybody."""

    async def draw(route: Route) -> None:
        if route.request.resource_type == "image":
            await route.fulfill(body=PICTURE, content_type="image/svg+xml")
        else:
            await route.abort()

    await window.context.route(lambda url: "://127.0.0.1" not in url, draw)
