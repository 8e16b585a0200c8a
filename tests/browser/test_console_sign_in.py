"""The door of the newsroom: in, out, and signed out in the middle of something."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from browser.desks import Desk, entries, open_desk, sign_in
from browser.window import open_window
from house import PATIENCE_S, House
from liveblog.application.access import digest_of

pytestmark = pytest.mark.anyio


async def test_who_has_a_token_comes_in_starts_a_blog_and_goes_out(chromium: Browser, house: House) -> None:
    async with open_window(chromium, house.address) as window:
        page, desk = window.page, Desk(window, window.page)
        await sign_in(page, "lb_wrong")
        await expect(page.get_by_role("alert")).to_have_text("This token is not valid.")
        await page.keyboard.type(house.editor)  # the field has the focus
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("There is no blog yet that you may edit.")).to_be_visible()
        form = page.locator("#start")
        await form.locator("[name=headline]").press_sequentially("Ship hits the bridge")
        await expect(form.locator("[name=slug]")).to_have_value("ship-hits-the-bridge")
        await desk.write(form, slug="admin")
        await form.get_by_role("button", name="Start a blog").click()
        await expect(form.locator("label:has([name=slug]) .fault")).to_be_visible()
        await desk.flawless()
        await desk.write(form, slug="harbour")
        await form.get_by_role("button", name="Start a blog").click()
        await desk.wait()
        assert (await house.get("/v1/blogs/harbour"))["time_zone"] == "Europe/Berlin"
        # The token is where no script reads it and no public address gets it.
        cookies = await window.context.cookies()
        assert {(each["path"], each["httpOnly"], each["sameSite"]) for each in cookies} == {
            ("/admin", True, "Strict"),
            ("/v1/admin", True, "Strict"),
        }
        assert await page.evaluate("document.cookie") == ""
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Token")).to_be_visible()
        assert await window.context.cookies() == []
        await page.goto("/admin/harbour")
        await expect(page.get_by_label("Token")).to_be_visible()


async def test_signed_out_in_the_middle_the_text_stays_and_goes_out_once_signed_in_again(
    chromium: Browser, house: House
) -> None:
    await house.start()
    secret, again = await house.token(name="Olga"), await house.token(name="Olga")
    async with open_desk(chromium, house, secret) as desk:
        await desk.write(desk.entry, headline="Still here")
        await desk.saved(desk.entry)
        # Else the next sign of presence would ask for a token before the text is sent.
        await desk.page.route("**/presence", lambda route: route.abort())
        token = await house.store.tokens.find(digest_of(secret))
        assert token is not None
        await house.store.tokens.revoke(token.id, 0)
        async with asyncio.timeout(PATIENCE_S):
            while (await house.http.get("/v1/admin/whoami", headers={"Authorization": f"Bearer {secret}"})).is_success:
                await asyncio.sleep(0.05)
        await desk.entry.locator("[name=headline]").press("Control+Enter")
        dialog = desk.page.locator("#signing-in")
        await expect(dialog).to_be_visible()
        assert await entries(house) == []
        await dialog.get_by_label("Token").fill("lb_wrong")
        await dialog.get_by_role("button", name="Sign in").click()
        await expect(dialog.get_by_role("alert")).to_have_text("This token is not valid.")
        await desk.page.keyboard.press("Escape")
        await expect(dialog).to_be_visible()
        await expect(desk.entry.locator("[name=headline]")).to_have_value("Still here")
        await dialog.get_by_label("Token").fill(again)
        await dialog.get_by_role("button", name="Sign in").click()
        await desk.told("Published: Still here")
        await desk.page.unroute_all(behavior="ignoreErrors")
        assert [entry["headline"] for entry in await entries(house)] == ["Still here"]
