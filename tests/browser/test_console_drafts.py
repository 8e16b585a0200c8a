"""Drafts at the desk: from an author to an editor to the readers, at once or at a time, also over a restart."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from browser.desks import entries, open_desk
from browser.window import open_window
from house import House, open_house

pytestmark = pytest.mark.anyio


async def test_a_draft_goes_from_its_author_to_an_editor_and_back_and_out(chromium: Browser, house: House) -> None:
    await house.start()
    await house.publish(headline="The editor's")
    ann, olga = await house.token("author", "Ann"), await house.token("author", "Olga")
    async with open_desk(chromium, house, ann) as author, open_desk(chromium, house, house.editor) as editor:
        # An author is offered what an author may do.
        await expect(author.items).to_have_count(1)
        await expect(author.items.locator("button")).to_have_count(0)
        await expect(author.page.get_by_role("tab")).to_have_count(3)
        await expect(author.entry.locator("[name=breaking]")).to_have_count(0)
        await expect(author.page.get_by_role("button", name="End the coverage")).to_have_count(0)

        await author.write(author.entry, headline="From the harbour", body="Ann was there.")
        await author.entry.get_by_role("button", name="Submit for review").click()
        await author.told("Submitted for review.")
        await author.tab("drafts")
        await expect(author.drafts.locator(".state")).to_have_text("Submitted")
        await author.flawless()

        await editor.tab("drafts")
        await expect(editor.drafts.locator(".state")).to_have_text("Submitted")
        await editor.drafts.get_by_role("button", name="Return with a note").click()
        await editor.page.locator("#asking").get_by_label("Note").fill("Who says so?")
        await editor.page.locator("#asking").get_by_role("button", name="Return with a note").click()
        await editor.told("Returned to its author.")
        await author.tab("drafts")
        await expect(author.drafts.locator(".note")).to_contain_text("Who says so?")
        await author.drafts.get_by_role("button", name="Open").click()
        await author.write(author.entry, body="The harbour master told Ann.")
        await author.saved(author.entry)
        await author.entry.get_by_role("button", name="Submit for review").click()
        await author.told("Submitted for review.")

        await editor.tab("drafts")
        await expect(editor.drafts.locator(".state")).to_have_text("Submitted")
        await editor.drafts.get_by_role("button", name="Open").click()
        await expect(editor.entry.locator("[name=body]")).to_have_value("The harbour master told Ann.")
        await editor.write(editor.entry, headline="From the harbour, at dawn")
        await editor.saved(editor.entry)
        await editor.entry.locator("[name=headline]").press("Control+Enter")
        await editor.told("Published: From the harbour, at dawn")
        await author.tab("drafts")
        await expect(author.drafts.locator(".state")).to_have_text("Published")
        assert [entry["headline"] for entry in await entries(house)] == ["From the harbour, at dawn", "The editor's"]
    # Nobody else's drafts are anybody's business.
    async with open_desk(chromium, house, olga) as other:
        await other.tab("drafts")
        await expect(other.page.locator("[data-no-drafts]")).to_be_visible()


async def test_two_who_write_one_draft_both_see_both(chromium: Browser, house: House) -> None:
    await house.start()
    other = await house.token(name="Olga")
    async with open_desk(chromium, house, house.editor) as edith, open_desk(chromium, house, other) as olga:
        await edith.write(edith.entry, headline="Mine", body="The same.")
        await edith.saved(edith.entry)
        await olga.tab("drafts")
        await olga.drafts.get_by_role("button", name="Open").click()
        await olga.write(olga.entry, headline="Hers")
        await olga.saved(olga.entry)
        await edith.write(edith.entry, headline="Mine again")
        choosing = edith.page.locator("#choosing")
        row = choosing.get_by_role("row", name="Headline")
        await expect(row.get_by_role("cell")).to_have_text(["Hers", "Mine again"])
        await choosing.get_by_role("button", name="Take theirs").click()
        await expect(edith.entry.locator("[name=headline]")).to_have_value("Hers")
        await edith.tab("drafts")
        await expect(edith.drafts.get_by_role("heading", name="Mine again")).to_be_visible()
        await expect(edith.drafts.get_by_role("heading", name="Hers")).to_be_visible()


async def test_what_is_scheduled_is_published_when_its_time_comes_also_after_a_restart(
    chromium: Browser, sqlite_url: str
) -> None:
    async with open_house(sqlite_url) as house:
        await house.start(time_zone="America/New_York")
        editor = house.editor
        async with open_desk(chromium, house, editor, timezone_id="Europe/Berlin") as desk:
            await desk.write(desk.entry, headline="In good time")
            await desk.entry.get_by_role("button", name="Schedule").click()
            field = desk.page.locator("#scheduling [name=at]")
            await field.fill("2031-01-08T02:30")
            await expect(desk.page.locator("#scheduling [data-zones]")).to_have_text(
                "8 Jan 2031, 02:30 here; 7 Jan 2031, 20:30 in America/New_York"
            )
            # The field takes whole seconds of the editor's own zone.
            at = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(hours=1)
            await field.fill(f"{at:%Y-%m-%dT%H:%M:%S}")
            await desk.page.locator("#scheduling").get_by_role("button", name="Schedule").click()
            await desk.told("Scheduled.")
            await desk.tab("drafts")
            await expect(desk.drafts.locator(".state")).to_have_text("Scheduled")
            (draft,) = await _drafts(house, editor)
            assert datetime.fromisoformat(draft["publish_at"]) == at.replace(microsecond=0)
        assert await entries(house) == []
    # While nothing runs, its time comes.
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("UPDATE drafts SET publish_at = ?", (int(datetime.now(UTC).timestamp() * 1000),))
    async with open_house(sqlite_url) as house, open_window(chromium, house.address) as window:
        await window.page.goto("/admin/night")
        await window.page.get_by_label("Token").fill(editor)
        await window.page.get_by_role("button", name="Sign in").click()
        await expect(window.page.locator("[data-coverage] > li")).to_have_count(1)
        assert [entry["headline"] for entry in await entries(house)] == ["In good time"]


async def _drafts(house: House, token: str) -> list[dict[str, Any]]:
    answer = await house.http.get("/v1/admin/blogs/night/drafts", headers={"Authorization": f"Bearer {token}"})
    found: list[dict[str, Any]] = answer.json()["drafts"]
    return found
