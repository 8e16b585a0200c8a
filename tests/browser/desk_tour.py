"""Every state of the newsroom, each reached once, as an editor reaches it; a tour as those of tours.py are."""

from collections.abc import AsyncIterator

from playwright.async_api import expect

from browser.desks import Desk, sign_in
from browser.stage import LIVE, Stage
from browser.window import Window

BADLY = {"headline": "Two are hurt, one badly", "body": "Two people are hurt, one of them **badly**."}
HERS = {"type": "publish_entry", "headline": "From the harbour", "body": "Three tugs are on their way."}


async def newsroom(stage: Stage, window: Window) -> AsyncIterator[str]:
    """From the door to the log, and out."""
    desk = Desk(window, window.page)
    for part in (_door, _writing, _changing, _board):
        async for state in part(stage, desk):
            yield state
    await window.context.clear_cookies()
    await desk.do(stage.ids["quote"], "pinned")
    await expect(window.page.locator("#signing-in")).to_be_visible()
    yield "signed-out"


async def _door(stage: Stage, desk: Desk) -> AsyncIterator[str]:
    page = desk.page
    await page.goto("/admin")
    yield "sign-in"
    await sign_in(page, "lb_wrong")
    await expect(page.get_by_role("alert")).to_be_visible()
    yield "sign-in-refused"
    await sign_in(page, stage.house.editor)
    await expect(page.locator("[data-blogs] li").first).to_be_visible()
    yield "blogs*"
    await _hand_in(stage)
    await desk.open(LIVE)
    await expect(desk.items.first).to_be_visible()
    await expect(page.locator("[data-people]")).to_contain_text("Olga")
    yield "desk"


async def _hand_in(stage: Stage) -> None:
    """Let somebody else be there, with a draft to be looked at."""
    http, blog = stage.house.http, f"/v1/admin/blogs/{LIVE}"
    olga = {"Authorization": f"Bearer {await stage.house.token('author', 'Olga')}"}
    (await http.put(f"{blog}/presence", json={"tab": "o", "editing": None}, headers=olga)).raise_for_status()
    draft = (await http.post(f"{blog}/drafts", json={"command": HERS}, headers=olga)).raise_for_status().json()
    step = {"revision": draft["revision"]}
    (await http.post(f"{blog}/drafts/{draft['id']}/submit", json=step, headers=olga)).raise_for_status()


async def _writing(_: Stage, desk: Desk) -> AsyncIterator[str]:
    page, form = desk.page, desk.entry
    await desk.write(form, headline="Divers go in", body="Three **teams** are in the water.\n\n- One\n- Two")
    await expect(page.locator("#new-entry .preview strong")).to_have_text("teams")
    await desk.saved(form)
    yield "writing*"
    await form.locator("details.more > summary").click()
    for rows in ("media", "sources"):
        await form.locator(f"[data-rows={rows}] [data-add]").click()
        await form.locator(f"[data-rows={rows}] [data-part=url]").fill("radio")
    await form.locator("[data-do=publish]").click()
    await expect(form.locator("[aria-invalid=true]").first).to_be_visible()
    yield "faults*"
    for rows in ("media", "sources"):
        await form.locator(f"[data-rows={rows}] [data-do=remove]").click()
    await form.locator("details.more > summary").click()
    await form.get_by_role("button", name="Schedule").click()
    await page.locator("#scheduling [name=at]").fill("2031-01-08T02:30")
    yield "scheduling"
    await page.keyboard.press("Escape")


async def _changing(stage: Stage, desk: Desk) -> AsyncIterator[str]:
    page, entry = desk.page, stage.ids["wrong"]
    await desk.do(entry, "correct")
    form = desk.editing.locator("form").first
    await desk.write(form, **BADLY)
    await form.locator("[data-do=publish]").click()
    await expect(form.locator("[aria-invalid=true]")).to_have_count(3)
    yield "correcting-faults"
    await desk.write(form, was="Nobody was badly hurt.", now="One was.", reason="The hospital says so.")
    await expect(desk.editing.locator("[data-after] ins").first).to_be_visible()
    await desk.saved(form)
    yield "correcting"
    theirs = {"type": "revise_entry", "entry_id": entry, "headline": "Two are hurt", "body": "Two people are hurt."}
    assert (await stage.house.post(LIVE, theirs)).status_code == 201
    await expect(desk.editing.locator(".meanwhile")).to_be_visible()
    await form.locator("[data-do=publish]").click()
    await expect(page.locator("#choosing")).to_be_visible()
    yield "conflict"
    await page.locator("#choosing").get_by_role("button", name="Take theirs").click()
    await expect(desk.editing).to_be_hidden()
    await desk.do(stage.ids["quote"], "retract")
    await expect(page.locator("#asking")).to_be_visible()
    yield "retracting"
    await page.keyboard.press("Escape")


async def _board(_: Stage, desk: Desk) -> AsyncIterator[str]:
    page = desk.page
    await desk.tab("drafts")
    await expect(desk.drafts.locator(".state", has_text="Submitted")).to_be_visible()
    yield "drafts*"
    await desk.tab("points")
    await page.locator(".points-history > summary").click()
    await expect(page.locator("[data-points-history] li").first).to_be_visible()
    yield "points*"
    await desk.tab("header")
    yield "header*"
    await desk.tab("log")
    await expect(page.locator("[data-log] > li").first).to_be_visible()
    yield "log*"
    await desk.tab("coverage")
