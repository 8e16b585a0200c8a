"""Changing what was said: corrections, retractions, flags, key points, the header; what can be taken back; the log."""

from typing import Any

import pytest
from playwright.async_api import Browser, Response, expect

from browser.desks import Desk, entries, open_desk
from house import House

pytestmark = pytest.mark.anyio


async def test_a_correction_is_made_with_both_versions_in_sight(chromium: Browser, house: House) -> None:
    await house.start()
    entry = (await house.publish(headline="Six are missing", body="Six people are missing."))["entry"]
    async with open_desk(chromium, house, house.editor) as desk:
        await desk.do(entry["id"], "correct")
        form = desk.editing.locator("form").first
        await expect(form.locator("[name=body]")).to_be_focused()
        await desk.write(form, body="Five people are missing.", headline="Five are missing")
        await expect(desk.editing.locator("[data-before] del")).to_have_text(["Six", "Six"])
        await expect(desk.editing.locator("[data-after] ins")).to_have_text(["Five", "Five"])
        await form.locator("[name=now]").press("Control+Enter")
        # The three sentences are required, each at its place.
        await expect(form.locator("[aria-invalid=true]")).to_have_count(3)
        await expect(form.locator(".fault")).to_have_text(["This is needed."] * 3)
        await desk.write(form, was="We said six.", now="It is five.", reason="One was found.")
        await form.locator("[name=reason]").press("Control+Enter")
        await desk.told("Corrected: Five are missing")
        await expect(desk.editing).to_be_hidden()
        await expect(desk.items.first.locator(".correction del")).to_have_text("We said six.")
        (found,) = await entries(house)
        assert found["headline"] == "Five are missing"
        assert [(each["was"], each["by"]) for each in found["corrections"]] == [("We said six.", "Edith")]


async def test_what_the_log_allows_is_taken_back_and_the_log_shows_it_all(chromium: Browser, house: House) -> None:
    await house.start(headline="A night")
    kept = (await house.publish(headline="Kept"))["entry"]["id"]
    gone = (await house.publish(headline="Gone"))["entry"]["id"]
    hostile = '<img src=x onerror="alert(1)">'
    await house.publish(headline=hostile, body="<script>alert(2)</script>")
    async with open_desk(chromium, house, house.editor) as desk:
        page = desk.page
        for flag, said in (
            ("pinned", "Pinned: Kept"),
            ("breaking", "Breaking: Kept"),
            ("key_event", "Key event: Kept"),
        ):
            await desk.do(kept, flag)
            button = page.locator(f'[data-entry="{kept}"] [data-do={flag}]')
            await expect(button).to_have_attribute("aria-pressed", "true")
            assert (await _entry(house, kept))[flag]
            await _undo(desk, said)
            await expect(button).to_have_attribute("aria-pressed", "false")
            assert not (await _entry(house, kept))[flag]

        await desk.do(kept, "revise")
        await desk.write(desk.editing.locator("form").first, headline="Kept well")
        await desk.editing.locator("form").first.locator("[data-do=publish]").click()
        await desk.told("Revised: Kept well")

        await desk.do(gone, "retract")
        asking = page.locator("#asking")
        await asking.get_by_label("Why").fill("It was somewhere else.")
        await asking.get_by_role("button", name="Retract").click()
        await expect(page.locator(f'[data-entry="{gone}"] .retraction')).to_contain_text("somewhere else")
        await expect(page.locator(f'[data-entry="{gone}"] button')).to_have_count(0)

        await page.get_by_role("button", name="End the coverage").click()
        await expect(page.locator("[data-status]")).to_have_text("Ended")
        await _undo(desk, "The coverage has ended.")
        await expect(page.locator("[data-status]")).to_have_text("Live")

        await desk.tab("log")
        lines = page.locator("[data-log] > li")
        head = (await house.get("/v1/blogs/night"))["position"]
        await expect(lines).to_have_count(head)
        await expect(lines.first).to_contain_text("Reopened")
        await expect(lines.first).to_contain_text("Edith")
        await expect(lines.filter(has_text=hostile)).to_have_count(1)
        await expect(desk.items.first.locator("h2")).to_have_text(hostile)
        await page.locator("[data-filter] [name=kind]").select_option("entry_retracted")
        await expect(lines).to_have_count(1)
        await expect(lines.first).to_contain_text("It was somewhere else.")
        link = await lines.first.get_by_role("link").get_attribute("href")
        assert link == f"/night?position={(await _entry(house, gone))['position']}"


async def test_key_points_and_the_header_are_set_changed_and_taken_back(chromium: Browser, house: House) -> None:
    await house.start(headline="A night", time_zone="Asia/Baghdad")
    async with open_desk(chromium, house, house.editor) as desk:
        page = desk.page
        await desk.tab("points")
        form = page.locator("#point")
        await form.locator("[name=text]").press_sequentially("The bridge is closed.")
        await expect(form.locator("[name=point_id]")).to_have_value("the-bridge-is-closed")
        await form.locator("[name=point_id]").fill("bridge")
        await form.locator("[name=text]").press("Control+Enter")
        points = page.locator("[data-points] > li")
        await expect(points).to_have_count(1)
        await points.get_by_role("button", name="Change").click()
        await desk.write(form, text="The bridge is open.", reason="Divers are done.")
        await form.get_by_role("button", name="Set the key point").click()
        await expect(points).to_contain_text("is open")
        await page.locator(".points-history > summary").click()
        await expect(page.locator("[data-points-history]")).to_contain_text("Divers are done.")
        await points.get_by_role("button", name="Withdraw").click()
        await page.locator("#asking").get_by_label("Why").fill("It fell.")
        await page.locator("#asking").get_by_role("button", name="Withdraw").click()
        await expect(points).to_have_count(0)
        await _undo(desk, "Key point withdrawn.")
        await expect(points).to_contain_text("is open")

        await desk.tab("header")
        form = page.locator("#header")
        await desk.write(form, headline="A long night", standfirst="It goes on.")
        await form.get_by_role("button", name="Save the header").click()
        await expect(page.locator("[data-headline]")).to_have_text("A long night")
        changed = await house.get("/v1/blogs/night")
        assert (changed["standfirst"], changed["time_zone"]) == ("It goes on.", "Asia/Baghdad")
        await _undo(desk, "Header changed.")
        await expect(page.locator("[data-headline]")).to_have_text("A night")
        assert (await house.get("/v1/blogs/night"))["standfirst"] is None


async def test_two_editors_who_change_one_entry_both_see_both_and_neither_version_is_lost(
    chromium: Browser, house: House
) -> None:
    await house.start()
    entry = (await house.publish(headline="Six are missing", body="Six people are missing."))["entry"]
    other = await house.token(name="Olga")
    async with open_desk(chromium, house, house.editor) as edith, open_desk(chromium, house, other) as olga:
        async with olga.page.expect_response(_tells_of_editing):
            await olga.do(entry["id"], "revise")
        await edith.do(entry["id"], "revise")
        await expect(edith.editing.locator(".others")).to_have_text("Olga is editing this too")
        form = edith.editing.locator("form").first
        await edith.write(form, headline="Five are missing")
        await olga.write(
            olga.editing.locator("form").first, headline="Four are missing", body="Four people are missing."
        )
        await edith.saved(form)
        await olga.editing.locator("[data-do=publish]").click()
        await olga.told("Revised: Four are missing")
        await expect(edith.editing.locator(".meanwhile")).to_contain_text("Olga has changed this entry")

        await form.locator("[data-do=publish]").click()
        choosing = edith.page.locator("#choosing")
        await expect(choosing).to_contain_text("Olga has changed this entry since you began.")
        row = choosing.get_by_role("row", name="Headline")
        await expect(row.get_by_role("cell")).to_have_text(["Four are missing", "Five are missing"])
        text = choosing.get_by_role("row", name="Text").get_by_role("cell")
        await expect(text).to_have_text(["Four people are missing.", "not changed by you: theirs stays"])
        await choosing.get_by_role("button", name="Merge by hand").click()
        # What she changed alone stays hers; mine is in the form, theirs beside it.
        await expect(form.locator("[name=headline]")).to_have_value("Five are missing")
        await expect(form.locator("[name=body]")).to_have_value("Four people are missing.")
        await expect(form.locator(".theirs")).to_contain_text("Four are missing")
        await edith.write(form, headline="Four or five are missing")
        await form.locator("[data-do=publish]").click()
        await edith.told("Revised: Four or five are missing")
        history = (await house.get(f"/v1/blogs/night/entries/{entry['id']}"))["history"]
        assert [(change["by"], change["kind"]) for change in history[1:]] == [
            ("Olga", "revision"),
            ("Edith", "revision"),
        ]
        assert (await _entry(house, entry["id"]))["body_markdown"] == "Four people are missing."

        # Once more, and this time the second gives way: the text is kept as a draft.
        await edith.do(entry["id"], "revise")
        await edith.write(form, headline="Nobody is missing")
        await house.post("night", {"type": "revise_entry", "entry_id": entry["id"], "headline": "All were found"})
        await expect(edith.editing.locator(".meanwhile")).to_be_visible()
        await form.locator("[data-do=publish]").click()
        await choosing.get_by_role("button", name="Take theirs").click()
        await expect(edith.editing).to_be_hidden()
        await edith.tab("drafts")
        await expect(edith.drafts).to_contain_text("Nobody is missing")
        assert (await _entry(house, entry["id"]))["headline"] == "All were found"

        # Who corrects does something else than who revises.
        async with olga.page.expect_response(_tells_of_editing):
            await olga.do(entry["id"], "correct")
        await edith.tab("coverage")
        await edith.do(entry["id"], "revise")
        await expect(edith.editing.locator(".others")).to_have_text("Olga is correcting this")


async def test_conflicts_over_a_key_point_and_the_header_show_both_versions(chromium: Browser, house: House) -> None:
    await house.start(headline="A night")
    await house.post("night", {"type": "set_key_point", "point_id": "bridge", "text": "Closed."})
    async with open_desk(chromium, house, house.editor) as desk:
        page, choosing = desk.page, desk.page.locator("#choosing")
        await desk.tab("points")
        await page.locator("[data-points]").get_by_role("button", name="Change").click()
        await desk.write(page.locator("#point"), text="Open.")
        await house.post("night", {"type": "set_key_point", "point_id": "bridge", "text": "Half open."})
        await expect(page.locator("[data-points]")).to_contain_text("Half open.")
        await page.locator("#point").get_by_role("button", name="Set the key point").click()
        await expect(choosing.get_by_role("cell")).to_have_text(["Half open.", "Open."])
        await choosing.get_by_role("button", name="Keep mine").click()
        await expect(page.locator("[data-points]")).to_contain_text("Open.")
        await expect(page.locator("[data-points]")).not_to_contain_text("Half")

        await desk.tab("header")
        await desk.write(page.locator("#header"), headline="My night")
        await house.post("night", {"type": "change_headline", "headline": "Their night", "standfirst": "Theirs."})
        await expect(page.locator("[data-headline]")).to_have_text("Their night")
        await page.locator("#header").get_by_role("button", name="Save the header").click()
        await expect(choosing.get_by_role("row", name="Headline").get_by_role("cell")).to_have_text(
            ["Their night", "My night"]
        )
        await choosing.get_by_role("button", name="Keep mine").click()
        await expect(page.locator("[data-headline]")).to_have_text("My night")
        # What was theirs alone is still there.
        assert (await house.get("/v1/blogs/night"))["standfirst"] == "Theirs."


def _tells_of_editing(answer: Response) -> bool:
    return answer.url.endswith("/presence") and '"editing":{' in (answer.request.post_data or "")


async def _undo(desk: Desk, said: str) -> None:
    await desk.notices.locator(".notice", has_text=said).get_by_role("button", name="Undo").click()


async def _entry(house: House, entry_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await house.get(f"/v1/blogs/night/entries/{entry_id}")
    return found
