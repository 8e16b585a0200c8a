"""A reader's page while the coverage goes on: nothing moves under the eye, and nothing is missed."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from browser.relay import Relay
from browser.rendering import reach, scroll_to, served, shown, top, watch
from browser.window import Window, open_window
from house import House
from liveblog.storage import tables

pytestmark = pytest.mark.anyio

BODY = "Words that fill a few lines, so that the page is long enough to be scrolled. " * 6
RIGHT = {"was": "Five", "now": "Six", "reason": "The ministry counted again."}


async def post(house: House, *commands: dict[str, Any]) -> int:
    """Post what must be accepted; returns the position that it leads to."""
    answer = await house.post("night", list(commands))
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    return position


def entry(headline: str, **fields: Any) -> dict[str, Any]:
    return {"type": "publish_entry", "headline": headline, "body": BODY, **fields}


def correct(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "correct_entry", "entry_id": name, **RIGHT, **fields}


async def begin(house: House, entries: int) -> list[str]:
    """Start a blog; returns the entries' ids, the oldest first."""
    await house.start()
    await post(house, *(entry(f"Entry {number}") for number in range(entries)))
    found = await house.get("/v1/blogs/night/entries?order=oldest&limit=200")
    return [each["id"] for each in found["entries"]]


async def settle(page: Page, position: int) -> list[str]:
    """Reach a position and ask for whatever is held back; returns the entries as they are shown then."""
    await reach(page, position)
    await page.evaluate(
        """() => {
            const blog = document.querySelector("live-blog");
            blog.list.release(true);
            blog.list.unseen.clear();
            blog.sections();
        }"""
    )
    return await shown(page)


async def test_two_editors_write_and_three_readers_see_the_same(house: House, chromium: Browser) -> None:
    ids = await begin(house, 3)
    second = await house.token(name="Edgar")
    async with (
        open_window(chromium, house.address) as one,
        open_window(chromium, house.address, timezone_id="America/New_York") as two,
        open_window(chromium, house.address, color_scheme="dark") as three,
    ):
        pages = [window.page for window in (one, two, three)]
        await asyncio.gather(*(watch(page) for page in pages))

        async def write(token: str, name: str) -> None:
            for number in range(6):
                answer = await house.post("night", entry(f"{name} {number}", key_event=number == 3), token=token)
                assert answer.status_code == 201
            assert (await house.post("night", correct(ids[0], headline=name), token=token)).status_code == 201

        await asyncio.gather(write(house.editor, "Edith"), write(second, "Edgar"))
        seen = await asyncio.gather(*(settle(page, 18) for page in pages))
        assert seen[0] == seen[1] == seen[2] == await served(one.page, "/night")
        assert len(seen[0]) == 15


async def test_who_was_offline_for_fifty_events_sees_what_the_others_see(
    house: House, window: Window, chromium: Browser
) -> None:
    """Meanwhile the page says that the connection is lost, and for how long."""
    ids = await begin(house, 5)
    async with Relay(house) as relay, open_window(chromium, relay.address) as other:
        await asyncio.gather(watch(window.page), watch(other.page))
        relay.cut()
        notice = other.page.locator(".notice.lost")
        await expect(notice).to_contain_text("connection is lost")
        await expect(other.page.locator("live-blog")).to_have_attribute("data-status", "lost")
        for number in range(44):
            await post(house, entry(f"Meanwhile {number}"))
        at = await post(
            house, correct(ids[0], headline="Right"), {"type": "retract_entry", "entry_id": ids[1], "reason": "No."},
            {"type": "pin_entry", "entry_id": ids[2]}, {"type": "flag_breaking", "entry_id": ids[3]},
            {"type": "mark_key_event", "entry_id": ids[4]}, {"type": "change_headline", "headline": "Another night"},
        )  # fmt: skip
        await reach(window.page, at)
        relay.mend()
        await expect(notice).to_be_hidden()
        stayed, came_back = await settle(window.page, at), await settle(other.page, at)
        assert stayed == came_back == await served(window.page, "/night")
        parts = ".headline, .counts, .banner, .turns, .pinned-entries"
        stayed, came_back = await shown(window.page, parts), await shown(other.page, parts)
        assert stayed == came_back == await served(window.page, "/night", parts)


async def test_nothing_moves_under_the_eye(house: House, window: Window) -> None:
    """In the middle of the page entries come above, grow above, are withdrawn above: what is read stays where it is."""
    ids = await begin(house, 30)
    page = window.page
    await watch(page)
    read = f"#entry-{ids[12]}"
    before = await scroll_to(page, read)
    assert 0 <= before < 50
    picture = {"type": "image", "url": f"{house.address}/nothing.png", "alt": "A street", "width": 1600, "height": 900}
    for command in (
        entry("Above"),
        entry("Above, with a picture", media=[picture]),
        entry("Pinned and breaking", pinned=True, breaking=True, key_event=True),
        entry("Below", published_at="2001-01-01T00:00:00Z"),
        correct(ids[20], body=BODY * 4),
        {"type": "retract_entry", "entry_id": ids[25], "reason": "It was not so."},
        {"type": "set_key_point", "point_id": "one", "text": BODY[:400]},
        correct(ids[13], body=BODY * 2),
    ):
        await reach(page, await post(house, command))
        assert abs(await top(page, read) - before) <= 1, command
    pill = page.get_by_role("button", name="new entries")
    await expect(pill).to_contain_text("4 new entries above")
    await pill.click()
    await expect(pill).to_be_hidden()
    await expect(page.get_by_role("article", name="Pinned and breaking").last).to_be_focused()
    await expect(page.get_by_role("article", name="Pinned and breaking").last).to_be_in_viewport()


async def test_at_the_top_new_entries_wait_until_they_are_asked_for(house: House, window: Window) -> None:
    ids = await begin(house, 8)
    page = window.page
    await watch(page)
    places = [".headline", *(f"#entry-{name}" for name in ids[-2:])]
    before = [await top(page, place) for place in places]
    await post(house, entry("First"))
    await reach(page, await post(house, entry("Second", breaking=True, pinned=True)))
    assert [await top(page, place) for place in places] == before
    pill = page.get_by_role("button", name="2 new entries above")
    await expect(pill).to_contain_text("Breaking")
    await expect(page.get_by_role("article", name="First")).to_have_count(0)
    await pill.click()
    await expect(page.get_by_role("article", name="First")).to_be_visible()
    assert await shown(page) == await served(page, "/night")
    # Who scrolls on has made room: what comes is put in at once.
    await page.locator(f"#entry-{ids[0]}").scroll_into_view_if_needed()
    await reach(page, await post(house, entry("Third")))
    await expect(page.get_by_role("article", name="Third")).to_be_attached()
    await expect(page.get_by_role("button", name="1 new entry above")).to_be_visible()


async def test_an_open_page_shows_every_change_in_place(house: House, window: Window) -> None:
    ids = await begin(house, 3)
    page = window.page
    await watch(page)
    article = page.locator(f"#entry-{ids[1]}")
    await reach(page, await post(house, correct(ids[1], headline="Six dead", body="Six people *died*.")))
    correction = article.get_by_role("note", name="Correction")
    for words in ("Five", "Six", "The ministry counted again.", "Corrected by Edith"):
        await expect(correction).to_contain_text(words)
    changes = article.get_by_role("button", name="What was changed")
    await changes.click()
    line = article.locator(".redline-text").first
    await expect(line.locator("del").first).to_have_text("Entry")
    await expect(line.locator("ins").first).to_have_text("Six")
    await expect(changes).to_have_attribute("aria-expanded", "true")
    # A later change is in the open redline as well.
    await post(house, {"type": "revise_entry", "entry_id": ids[1], "headline": "Six died"})
    await expect(article.locator(".redline > li")).to_have_count(2)
    await expect(article.get_by_role("heading", name="Six died")).to_be_visible()
    await post(house, {"type": "flag_breaking", "entry_id": ids[1]}, {"type": "pin_entry", "entry_id": ids[2]})
    await expect(page.get_by_role("complementary", name="Breaking")).to_contain_text("Six died")
    await expect(page.get_by_role("region", name="Pinned").get_by_role("article")).to_have_attribute("data-id", ids[2])
    await post(house, {"type": "set_key_point", "point_id": "dead", "text": "Five people died"})
    point = {"type": "set_key_point", "point_id": "dead", "text": "Six people died", "reason": "Counted"}
    await reach(page, await post(house, point))
    points = page.get_by_role("region", name="What we know so far")
    await points.get_by_text("1 earlier version").click()
    await expect(points).to_contain_text("Five people died")
    await reach(page, await post(house, {"type": "retract_entry", "entry_id": ids[1], "reason": "It was a drill."}))
    await expect(article).to_contain_text("It was a drill.")
    await expect(article.get_by_role("heading")).to_have_count(0)
    await expect(page.get_by_role("complementary", name="Breaking")).to_have_count(0)
    parts = ".headline, .counts, .banner, .points, .turns, .pinned-entries, .coverage .entry"
    assert await shown(page, parts) == await served(page, "/night", parts)
    await reach(page, await post(house, {"type": "end_blog"}))
    await expect(page.locator(".status .word")).to_have_text("Ended")


async def test_the_first_entry_of_all_is_shown_at_once_and_named_where_it_belongs(house: House, window: Window) -> None:
    await house.start()
    page = window.page
    await watch(page)
    await expect(page.get_by_text("No entry yet.")).to_be_visible()
    await reach(page, await post(house, entry("First of all", breaking=True, pinned=True, key_event=True)))
    await expect(page.locator(".coverage").get_by_role("article", name="First of all")).to_be_in_viewport()
    for place in (".banner", ".pinned-entries", ".turns"):
        await expect(page.locator(place)).to_contain_text("First of all")
    await expect(page.locator(".pill")).to_be_hidden()


async def test_a_page_goes_on_in_another_copy_of_the_log(house: House, window: Window) -> None:
    await begin(house, 3)
    await watch(window.page)
    await house.store.epochs.renew("night", "a test")
    at = await post(house, entry("In the new copy"))
    assert await settle(window.page, at) == await served(window.page, "/night")
    await expect(window.page.locator("live-blog")).to_have_attribute("data-status", "live")


async def test_a_page_whose_position_is_void_reads_the_blog_again(house: House, window: Window) -> None:
    """The log went back behind it, as after a restore; or what was sent would now be sent otherwise."""
    await begin(house, 3)
    page = window.page
    await watch(page)
    await page.evaluate(
        """() => {
            const blog = document.querySelector("live-blog");
            const { book, wire } = blog;
            let voids = 0;
            wire.addEventListener("void", () => (blog.dataset.voids = voids += 1));
            wire.close();
            book.position = 999;
            wire.open({ epoch: book.epoch, edition: book.edition, position: 999, hash: null, time: book.time });
        }"""
    )
    blog = page.locator("live-blog")
    await expect(blog).to_have_attribute("data-voids", "1")
    at = await post(house, entry("After what was never there"))
    assert await settle(page, at) == await served(page, "/night")
    await expect(blog).to_have_attribute("data-status", "live")

    def sent_otherwise(connection: sa.Connection) -> None:
        connection.execute(sa.update(tables.blogs).values(edition="another"))

    await house.store.database.write(sent_otherwise)
    await expect(blog).to_have_attribute("data-voids", "2")
    at = await post(house, entry("In the new edition"))
    assert await settle(page, at) == await served(page, "/night")
    assert await page.evaluate("document.querySelector('live-blog').book.edition") == "another"


async def test_older_entries_come_as_the_reader_comes_near(house: House, window: Window) -> None:
    """Those that were withdrawn meanwhile come withdrawn."""
    ids = await begin(house, 100)
    await post(house, *(entry(f"Later {number}") for number in range(70)))
    page = window.page
    await watch(page)
    assert len(await shown(page)) == 50
    at = await post(house, {"type": "retract_entry", "entry_id": ids[5], "reason": "Not so."})
    await reach(page, at)
    for count in (150, 170):
        await page.keyboard.press("Shift+G")
        await expect(page.locator(".coverage .entry")).to_have_count(count)
    await page.keyboard.press("Shift+G")
    await expect(page.locator(f"#entry-{ids[0]}")).to_be_focused()
    await expect(page.locator(f"#entry-{ids[5]}")).to_contain_text("Not so.")
    assert [each["id"] for each in (await house.get("/v1/blogs/night?limit=200"))["entries"]] == await page.evaluate(
        "[...document.querySelectorAll('.coverage .entry')].map((entry) => entry.dataset.id)"
    )
    # On the page of an old entry, what is new is elsewhere, and the pill leads there.
    await watch(page, f"/night/entries/{ids[3]}")
    await expect(page.locator(f"#entry-{ids[3]}")).to_have_class("entry kind-update marked")
    await expect(page.locator(f"#entry-{ids[3]}")).to_be_in_viewport()
    await post(house, entry("The newest"))
    await page.get_by_role("button", name="1 new entry on the newest page").click()
    await expect(page.get_by_role("article", name="The newest")).to_be_in_viewport()


async def test_by_keyboard_alone(house: House, window: Window) -> None:
    """From entry to entry, to the list of keys, to silence; and the letters can be turned off."""
    ids = await begin(house, 4)
    page = window.page
    await watch(page)
    await page.keyboard.press("j")
    await expect(page.locator(f"#entry-{ids[3]}")).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(page.locator(f"#entry-{ids[2]}")).to_be_focused()
    await page.keyboard.press("Shift+G")
    await expect(page.locator(f"#entry-{ids[0]}")).to_be_focused()
    await page.keyboard.press("g")
    await expect(page.locator(f"#entry-{ids[3]}")).to_be_focused()
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    await expect(keys).to_be_visible()
    await keys.get_by_label("Keys of one letter are on").press(" ")
    await page.keyboard.press("Escape")
    await expect(keys).to_be_hidden()
    await page.locator(f"#entry-{ids[3]}").focus()
    await page.keyboard.press("j")
    await expect(page.locator(f"#entry-{ids[3]}")).to_be_focused()
    said = page.locator(".announcer")
    await post(house, entry("Heard"))
    await expect(said).to_have_text("New: Heard")
    await page.get_by_role("button", name="Announcements are on").press("Enter")
    await watch(page)  # remembered
    await expect(page.get_by_role("button", name="Announcements are off")).to_be_visible()
    await page.locator(f"#entry-{ids[3]}").focus()
    await page.keyboard.press("j")
    await expect(page.locator(f"#entry-{ids[3]}")).to_be_focused()


async def test_a_link_is_copied_and_a_missing_picture_leaves_its_words(house: House, window: Window) -> None:
    await house.start()
    picture = {"type": "image", "url": f"{house.address}/nothing.png", "alt": "A street", "caption": "In Baghdad"}
    made = (await house.publish(headline="Seen", media=[picture]))["entry"]["id"]
    page = window.page
    await window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await watch(page)
    figure = page.locator("figure")
    await expect(figure.locator(".failed")).to_have_text("A street")
    await expect(figure.locator(".caption")).to_have_text("In Baghdad")
    await page.get_by_role("button", name="Share").click()
    await expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{house.address}/night/entries/{made}#entry-{made}"


SCRIPT = "<script>document.title = 'hacked'</script><img src=x onerror=\"document.title = 'hacked'\">"
HOSTILE = {
    "a script everywhere": SCRIPT,
    "a word of 10,000 letters": "w" * 10_000,
    "texts that turn the direction": "\u202e\u2066abc\u202d\u200f שלום",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 20,
}


async def test_hostile_content_is_text(house: House, window: Window) -> None:
    """It comes live into an open page; nothing runs, nothing is wider than the window, and nothing was refused."""
    await begin(house, 1)
    page = window.page
    await page.set_viewport_size({"width": 360, "height": 700})
    await watch(page)
    for name, text in HOSTILE.items():
        short, name_of = text[:300], text[:200]
        picture = {
            "type": "image",
            "url": f"{house.address}/nothing.png",
            "alt": short,
            "caption": short,
            "credit": name_of,
        }
        command = entry(
            short, body=text[:10_000], media=[picture], contributors=[{"name": name_of, "role": name_of}],
            links=[{"title": short, "url": "https://example.org/"}], sources=[{"name": name_of}], tags=[text[:60]],
            pinned=True, breaking=True, key_event=True,
        )  # fmt: skip
        at = await post(house, command, {"type": "set_key_point", "point_id": "a", "text": short, "reason": short})
        found = await settle(page, at)
        assert len(found) == list(HOSTILE).index(name) + 2
        assert await page.locator(".coverage .entry").first.locator(".entry-headline").text_content() == short
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert await page.title() == "A night"
    assert await shown(page) == await served(page, "/night")
