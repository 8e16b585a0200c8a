"""Writing at the desk: with the keyboard alone, every kind and field, and nothing lost or doubled on the way."""

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Route, expect

from browser.desks import entries, open_desk
from house import House, until

pytestmark = pytest.mark.anyio

KINDS: dict[str, dict[str, str]] = {
    "update": {"headline": "An update", "body": "A *text*."},
    "summary": {"headline": "A summary", "body": "- one\n- two"},
    "question": {"question": "Why?", "body": "Because."},
    "quote": {"body": "We were lucky.", "speaker": "The mayor", "speaker_role": "Mayor"},
    "media": {"headline": "A picture"},
}


async def test_a_new_entry_is_written_previewed_and_published_with_the_keyboard_alone(
    chromium: Browser, house: House
) -> None:
    await house.start()
    async with open_desk(chromium, house, house.editor) as desk:
        keyboard = desk.page.keyboard
        await keyboard.press("Tab")
        await keyboard.press("Enter")  # the way past the masthead
        await keyboard.press("Tab")  # kind
        await keyboard.press("Tab")  # headline
        await keyboard.type("Divers go in")
        await keyboard.press("Enter")  # which sends nothing: what is said here is public
        await keyboard.press("Tab")
        await keyboard.type("Three **teams** of divers.")
        await expect(desk.page.locator("#new-entry .preview strong")).to_have_text("teams")
        await desk.saved(desk.entry)
        await keyboard.press("Control+Enter")
        await desk.told("Published: Divers go in")
        await expect(desk.items).to_have_count(1)
        await expect(desk.entry.locator("[name=headline]")).to_have_value("")
        await expect(desk.entry.locator("[name=headline]")).to_be_focused()
        (entry,) = await entries(house)
        assert (entry["headline"], entry["body_text"].strip()) == ("Divers go in", "Three teams of divers.")
        # Its draft is gone with it.
        await desk.tab("drafts")
        await expect(desk.drafts).to_have_count(0)
        # On an entry, single keys are commands.
        await desk.tab("coverage")
        await desk.items.first.focus()
        await keyboard.press("b")
        await expect(desk.items.first.locator("[data-do=breaking]")).to_have_attribute("aria-pressed", "true")


async def test_every_kind_and_field_arrives_as_it_was_written(chromium: Browser, house: House) -> None:
    await house.start()
    async with open_desk(chromium, house, house.editor) as desk:
        form = desk.entry
        # That a draft is removed once its entry is out may fail, and is seen to later.
        await desk.page.route(re.compile(r"/drafts/.*\?revision="), lambda route: route.abort(), times=1)
        for count, (kind, fields) in enumerate(KINDS.items(), start=1):
            await form.locator(f"[name=kind][value={kind}]").check()
            await desk.write(form, **fields)
            if kind == "media":
                await form.locator("details.more > summary").click()
                for name in ("media", "sources", "contributors", "links"):
                    await form.locator(f"[data-rows={name}] [data-add]").click()
                await _fill(form, "media", url="https://example.org/a.jpg", alt="A bridge", caption="Taken at dawn")
                await _fill(form, "media", credit="Ann", width="1200", height="800")
                await _fill(form, "sources", name="Radio", url="https://radio.example/")
                await _fill(form, "contributors", name="Ann", role="Reporter", outlet="Radio")
                await _fill(form, "links", title="Earlier", url="https://example.org/earlier")
                await desk.write(form, tags="bridge, ship", published_at="2020-01-08T02:30:00")
                for flag in ("breaking", "pinned", "key_event"):
                    await form.locator(f"[name={flag}]").check()
            await form.locator("[data-do=publish]").click()
            await expect(desk.items).to_have_count(count)
            await expect(form).to_have_attribute("aria-busy", "false")
        await desk.tab("drafts")
        await expect(desk.drafts).to_have_count(0)
        found = {entry["kind"]: entry for entry in await entries(house)}
        assert found.keys() == KINDS.keys()
        assert found["question"]["question"] == "Why?"
        assert found["quote"]["quote"] == {"speaker": "The mayor", "role": "Mayor"}
        picture = found["media"]
        assert picture["media"] == [
            {"type": "image", "url": "https://example.org/a.jpg", "alt": "A bridge", "caption": "Taken at dawn"}
            | {"credit": "Ann", "width": 1200, "height": 800, "poster": None, "duration_s": None}
        ]
        assert picture["sources"] == [{"name": "Radio", "url": "https://radio.example/"}]
        assert picture["contributors"] == [{"name": "Ann", "role": "Reporter", "outlet": "Radio"}]
        assert picture["links"] == [{"title": "Earlier", "url": "https://example.org/earlier"}]
        assert picture["tags"] == ["bridge", "ship"]
        assert picture["published_at"] == "2020-01-08T01:30:00.000Z"  # the editor's zone is Berlin's
        assert (picture["breaking"], picture["pinned"], picture["key_event"]) == (True, True, True)


async def _fill(form: Any, rows: str, **parts: str) -> None:
    for part, text in parts.items():
        await form.locator(f"[data-rows={rows}] [data-part={part}]").fill(text)


async def test_what_is_wrong_is_said_at_its_field(chromium: Browser, house: House) -> None:
    await house.start()
    async with open_desk(chromium, house, house.editor) as desk:
        form = desk.entry
        await desk.write(form, headline="🌉" * 301, body="Text")
        await expect(form.locator("label:has([name=headline]) .count")).to_have_text("301 of 300")
        await form.locator("details.more > summary").click()
        await form.locator("[data-rows=sources] [data-add]").click()
        await _fill(form, "sources", name="Radio", url="radio")
        await form.locator("[data-do=publish]").click()
        wrong = form.locator("[aria-invalid=true]")
        await expect(wrong).to_have_count(2)
        await expect(wrong.first).to_be_focused()
        await expect(form.locator("label:has([name=headline]) .fault")).to_contain_text("300")
        await expect(form.locator("[data-rows=sources] label:has([data-part=url]) .fault")).to_contain_text("http")
        await desk.write(form, headline="Short")
        await expect(wrong).to_have_count(1)
        assert await entries(house) == []


async def test_a_lost_answer_keeps_the_text_and_publishes_once_also_over_a_reload(
    chromium: Browser, house: House
) -> None:
    await house.start()
    async with open_desk(chromium, house, house.editor) as desk:
        keys: list[str] = []

        async def lose(route: Route) -> None:
            keys.append(route.request.headers["idempotency-key"])
            with suppress(Error):  # the window may be closed by then
                await route.fetch()  # the server takes it, and nobody hears of it
                await route.abort()

        await desk.page.route(re.compile("/commands$"), lose)
        await desk.write(desk.entry, headline="Once", body="Only once.")
        await desk.entry.locator("[data-do=publish]").click()
        await desk.told("No answer yet for “Once”")
        await expect(desk.entry.locator("[name=headline]")).to_have_value("Once")
        await desk.page.get_by_role("button", name="Try now").first.click()
        await until(lambda: len(keys) >= 2)
        # The window is closed in despair; the next one goes on by itself, and this time is heard.
        again = await desk.window.context.new_page()
        desk.window.listen(again)
        await desk.page.close()
        desk.page = again
        async with again.expect_request(re.compile("/commands$")) as sent:
            await again.goto("/admin/night")
        keys.append((await sent.value).headers["idempotency-key"])
        await expect(again.locator("[data-notices]")).to_contain_text("Published: Once")
        await expect(again.locator("#new-entry [name=headline]")).to_have_value("")
        assert len(set(keys)) == 1
        assert [entry["headline"] for entry in await entries(house)] == ["Once"]
        assert await again.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('lb-'))") == []


async def test_while_an_answer_is_awaited_something_else_can_be_written(chromium: Browser, house: House) -> None:
    await house.start()
    async with open_desk(chromium, house, house.editor) as desk:
        await desk.page.route(re.compile("/commands$"), lambda route: route.abort())
        await desk.write(desk.entry, headline="Slow")
        await desk.entry.locator("[data-do=publish]").click()
        await desk.told("No answer yet for “Slow”")
        await desk.page.get_by_role("button", name="Write something else meanwhile").click()
        await expect(desk.entry.locator("[name=headline]")).to_have_value("")
        await desk.write(desk.entry, headline="Quick")
        await desk.page.unroute_all(behavior="ignoreErrors")
        await desk.page.get_by_role("button", name="Try now").click()
        await desk.told("Published: Slow")
        await expect(desk.entry.locator("[name=headline]")).to_have_value("Quick")
        await desk.entry.locator("[name=headline]").press("Control+Enter")
        await desk.told("Published: Quick")
        assert [entry["headline"] for entry in await entries(house)] == ["Quick", "Slow"]


async def test_closing_the_tab_loses_nothing(chromium: Browser, house: House) -> None:
    await house.start()
    async with open_desk(chromium, house, house.editor) as desk:
        # No draft reaches the server: the browser alone keeps it.
        await desk.page.route(re.compile("/drafts"), lambda route: route.abort())
        await desk.write(desk.entry, headline="Half a thought")
        await expect(desk.entry.locator(".saved")).to_contain_text("in this browser")
        again = await desk.window.context.new_page()
        desk.window.listen(again)
        await desk.page.close()
        await again.goto("/admin/night")
        await expect(again.locator("#new-entry [name=headline]")).to_have_value("Half a thought")
        await expect(again.locator("#new-entry .saved")).to_have_text("Draft saved")
        assert await entries(house) == []
