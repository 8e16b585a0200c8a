"""Times as a reader sees them: in the own zone, with the event's beside it where the two differ at that instant."""

from typing import Any

import pytest
from playwright.async_api import Browser

from browser.window import Window, open_window
from house import House

pytestmark = pytest.mark.anyio

SHOW = """async ({zone, instants, language}) => {
    const { Times } = await import("/static/times.js");
    document.body.replaceChildren(...instants.map((at) => {
        const time = document.createElement("time");
        time.dateTime = at;
        return time;
    }));
    globalThis.times = new Times(document.body, language, zone);
    times.show();
    return [...document.querySelectorAll("time")].map((time) => time.textContent);
}"""

NIGHTS = [
    pytest.param(
        "America/New_York",
        "Asia/Baghdad",
        {
            "2020-01-08T01:30:00.000Z": "7 Jan 2020 20:30 8 Jan 04:30 GMT+3",
            "2020-01-08T12:00:00.000Z": "8 Jan 2020 07:00 15:00 GMT+3",
        },
        id="a reader in New York of a night in Baghdad: another hour, and for some hours another day",
    ),
    pytest.param(
        "Europe/Berlin",
        "Europe/Berlin",
        {
            "2020-03-29T00:59:00.000Z": "29 Mar 2020 01:59",
            "2020-03-29T01:00:00.000Z": "29 Mar 2020 03:00",
            "2020-10-25T00:59:00.000Z": "25 Oct 2020 02:59",
            "2020-10-25T01:00:00.000Z": "25 Oct 2020 02:00",
        },
        id="both in Berlin: one clock, put forward in March and back in October",
    ),
    pytest.param(
        "America/New_York",
        "Europe/Berlin",
        {
            "2020-03-08T06:59:00.000Z": "8 Mar 2020 01:59 07:59 CET",
            "2020-03-08T07:00:00.000Z": "8 Mar 2020 03:00 08:00 CET",
            "2020-03-29T00:59:00.000Z": "28 Mar 2020 20:59 29 Mar 01:59 CET",
            "2020-03-29T01:00:00.000Z": "28 Mar 2020 21:00 29 Mar 03:00 CEST",
        },
        id="their clocks change on different nights: six hours apart, five for three weeks, and six again",
    ),
    pytest.param(
        "Europe/London",
        "Africa/Abidjan",
        {"2020-01-08T12:00:00.000Z": "8 Jan 2020 12:00", "2020-07-08T12:00:00.000Z": "8 Jul 2020 13:00 12:00 GMT"},
        id="London and Abidjan are one in winter, and two in summer",
    ),
    pytest.param(
        "Asia/Kolkata",
        "Asia/Kathmandu",
        {"2020-01-08T01:30:00.000Z": "8 Jan 2020 07:00 07:15 GMT+5:45"},
        id="half hours and quarters",
    ),
    pytest.param(
        "Europe/Berlin",
        "America/Sao_Paulo",
        {"2020-01-08T12:00:00.000Z": "8 Jan 2020 13:00 09:00 GMT\N{MINUS SIGN}3"},
        id="behind Greenwich: with a minus, at which no line breaks",
    ),
    pytest.param(
        "Australia/Lord_Howe",
        "Australia/Sydney",
        {"2020-01-08T01:30:00.000Z": "8 Jan 2020 12:30", "2020-07-08T01:30:00.000Z": "8 Jul 2020 12:00 11:30 GMT+10"},
        id="a clock that is put forward by half an hour",
    ),
    pytest.param(
        "Europe/Berlin",
        "Mars/Olympus_Mons",
        {"2020-01-08T01:30:00.000Z": "8 Jan 2020 02:30"},
        id="a zone that the browser does not know is left out",
    ),
]


@pytest.mark.parametrize(("reader", "event", "shown"), NIGHTS)
async def test_times_are_the_readers_with_the_events_own_beside_them_where_they_differ(
    chromium: Browser, house: House, reader: str, event: str, shown: dict[str, str]
) -> None:
    async with open_window(chromium, house.address, timezone_id=reader) as window:
        assert dict(zip(shown, await _show(window, event, *shown), strict=True)) == shown


async def test_a_time_that_is_pointed_at_tells_everything(chromium: Browser, house: House) -> None:
    async with open_window(chromium, house.address, timezone_id="Europe/Berlin") as window:
        await _show(window, "Asia/Baghdad", "2020-10-25T00:30:00.000Z", "2020-10-25T01:30:00.000Z")
        summer, winter = await window.page.locator("time").all()
        await summer.hover()
        await winter.hover()
        here, there, everywhere = (await summer.get_attribute("title") or "").splitlines()
        assert "25 October 2020" in here
        assert here.endswith("02:30:00 CEST")
        assert there.endswith("03:30:00 GMT+3")
        assert everywhere == "2020-10-25T00:30:00.000Z"
        assert "02:30:00 CET\n" in (await winter.get_attribute("title") or ""), "the second half past two of that night"


async def test_how_long_ago_goes_on_while_it_is_looked_at(chromium: Browser, house: House) -> None:
    """It ticks by one timer, which rests while nobody looks; a new day dates what was of today."""
    async with open_window(chromium, house.address, timezone_id="Europe/Berlin") as window:
        page = window.page
        await page.clock.install(time="2020-01-08T12:00:00Z")
        ago, today = "2020-01-08T11:58:30.000Z", "2020-01-08T11:58:00.000Z"
        await _show(window, "Europe/Berlin", ago, today)
        await page.evaluate("""() => {
            document.querySelector("time").dataset.time = "relative";
            times.show();
        }""")
        first, second = page.locator("time").first, page.locator("time").last
        assert [await first.text_content(), await second.text_content()] == ["1 minute ago", "12:58"]
        await page.clock.run_for(60_000)
        assert await first.text_content() == "2 minutes ago"
        await _hide(window, hidden=True)
        await page.clock.run_for(3_600_000)
        assert await first.text_content() == "2 minutes ago"
        await _hide(window, hidden=False)
        assert await first.text_content() == "1 hour ago"
        await page.clock.run_for(11 * 3_600_000)
        assert [await first.text_content(), await second.text_content()] == ["12 hours ago", "8 Jan 12:58"]
        await page.clock.run_for(12 * 3_600_000)
        assert await first.text_content() == "8 Jan 12:58"


async def test_times_speak_the_language_of_the_coverage(chromium: Browser, house: House) -> None:
    async with open_window(chromium, house.address, timezone_id="Europe/Berlin") as window:
        shown = await _show(window, "Asia/Baghdad", "2020-05-08T01:30:00.000Z", language="de")
        assert shown == ["8. Mai 2020 03:30 04:30 GMT+3"]

        found = await window.page.evaluate(
            """async (tags) => {
                const { Words } = await import("/static/words.js");
                return Promise.all(tags.map(async (tag) => (await Words.load(tag)).locale(tag)));
            }""",
            ["en", "en-US", "de-AT", "de", "ar", "fr-CA"],
        )
        # Where it does not say which sort, and where its words are in English, dates are as the server writes them.
        assert found == ["en-GB", "en-US", "de-AT", "de", "en-GB", "en-GB"]


async def _show(window: Window, zone: str, *instants: str, language: str = "en-GB") -> list[str]:
    await window.page.goto("/")
    given: dict[str, Any] = {"zone": zone, "instants": list(instants), "language": language}
    shown: list[str] = await window.page.evaluate(SHOW, given)
    return shown


async def _hide(window: Window, *, hidden: bool) -> None:
    """Turn to another tab, as far as the page can tell, or back."""
    await window.page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
