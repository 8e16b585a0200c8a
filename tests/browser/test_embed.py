"""The coverage in somebody else's page: one script and one element, and neither page touches the other."""

import pytest
from playwright.async_api import Browser, Page, Request, expect

from browser.elsewhere import elsewhere
from browser.window import PATIENCE_MS, open_window
from house import House, until
from liveblog.session.states import State

pytestmark = pytest.mark.anyio

STYLE = """<style>
    body { font-family: monospace; color: rgb(200, 0, 0); }
    article, p, h2, button { display: none !important; }
    live-blog { --lb-accent: rgb(1, 2, 3); color-scheme: light; }
</style>"""
OUTSIDE = "<h1 class='headline' lang='en'>Our own page</h1>"


def page_of(house: House, before: str = "", after: str = "") -> str:
    """A page that embeds a blog, with a script before or after the element."""
    element = f'<live-blog src="{house.address}/v1/blogs/night"></live-blog>'
    head = f"<head><title>Elsewhere</title>{STYLE}{before}</head>"
    return f"<!doctype html><html lang='en'>{head}<body><main>{OUTSIDE}{element}</main>{after}</body></html>"


async def live(page: Page, count: int = 1) -> None:
    """Wait until all embedded coverages are live."""
    await expect(page.locator("live-blog[data-status=live]")).to_have_count(count, timeout=PATIENCE_MS)


async def test_in_a_page_of_another_origin(house: House, chromium: Browser) -> None:
    await house.start(language="ar", headline="ليلة")
    await house.start("other", headline="Another blog")
    made = await house.publish(headline="First", body="With a [link](https://example.org/)")
    script = f'<script type="module" src="{house.address}/static/live-blog.js"></script>'
    at_once = script.replace("<script ", "<script async ")
    pages = {"/before": page_of(house, at_once), "/after": page_of(house, "", script), "/later": page_of(house)}
    async with elsewhere(pages) as address, open_window(chromium, address) as window:
        page = window.page
        for path in ("/later", "/after", "/before"):
            await page.goto(path)
            if path == "/later":
                await page.add_script_tag(url=f"{house.address}/static/live-blog.js", type="module")
            await live(page)
            await expect(page.get_by_role("article", name="First")).to_be_visible()
        # Neither the page's style in, nor ours out; but for the colours that are set on the element.
        root = page.locator("live-blog .lb")
        await expect(root).to_have_attribute("dir", "rtl")
        await expect(page.locator("main > .headline")).to_have_css("font-family", "monospace")
        await expect(page.locator("main > .headline")).to_have_css("color", "rgb(200, 0, 0)")
        await expect(root.locator(".body a")).to_have_css("color", "rgb(1, 2, 3)")
        await expect(root.locator("h1")).not_to_have_css("font-family", "monospace")
        entry = made["entry"]["id"]
        link = root.locator(".permalink")
        await expect(link).to_have_attribute("href", f"{house.address}/night/entries/{entry}#entry-{entry}")
        assert await window.violations() == []
        # It goes on live, several on a page; one of another blog.
        await page.evaluate("document.querySelector('main').append(document.querySelector('live-blog').cloneNode())")
        await live(page, 2)
        answer = await house.publish(headline="Second")
        for element in await page.locator("live-blog").all():
            await expect(element).to_have_attribute("data-shown", str(answer["position"]))
        await page.evaluate(
            "at => document.querySelectorAll('live-blog')[1].setAttribute('src', at)", f"{house.address}/v1/blogs/other"
        )
        await expect(page.locator("live-blog").nth(1).locator("h1")).to_have_text("Another blog")
        await expect(page.locator("live-blog").nth(1).get_by_text("No entry yet.")).to_be_visible()
        assert await window.context.cookies() == []
        # An element that is taken away closes its stream; one that is put back opens another.
        await page.evaluate("globalThis.taken = document.querySelectorAll('live-blog')[1]; taken.remove()")
        await until(lambda: house.services.census().readers[State.LIVE] == 1)
        await page.evaluate("document.querySelector('main').append(taken)")
        await live(page, 2)
        await until(lambda: house.services.census().readers[State.LIVE] == 2)


async def test_a_moment_in_the_past_and_a_blog_that_is_not_there(house: House, chromium: Browser) -> None:
    await house.start()
    await house.publish(headline="First")
    await house.publish(headline="Second")
    source = f"{house.address}/v1/blogs"
    body = f"""<live-blog src="{source}/night" position="2"></live-blog><live-blog src="{source}/none"></live-blog>
        <script type="module" src="{house.address}/static/live-blog.js"></script>"""
    pages = {"/": f"<!doctype html><html lang='en'><title>Elsewhere</title><main>{body}</main></html>"}
    async with elsewhere(pages) as address, open_window(chromium, address) as window:
        await window.page.goto("/")
        past, none = window.page.locator("live-blog").first, window.page.locator("live-blog").nth(1)
        await expect(past).to_have_attribute("data-status", "replaying")
        await expect(past).to_have_attribute("data-shown", "2")
        await expect(past.get_by_role("article")).to_have_count(1)
        await expect(none).to_contain_text("There is no live coverage at this address.")


async def test_it_costs_a_page_less_than_25_kib_and_the_time_machine_when_it_is_opened(
    house: House, chromium: Browser
) -> None:
    await house.start()
    await house.publish(headline="First")
    await house.publish(headline="Second")
    await house.post("night", {"type": "end_blog"})
    script = f'<script type="module" src="{house.address}/static/live-blog.js"></script>'
    async with elsewhere({"/": page_of(house, script)}) as address, open_window(chromium, address) as window:
        page = window.page
        fetched: list[Request] = []
        page.on("requestfinished", lambda request: fetched.append(request) if "/static/" in request.url else None)
        await page.goto("/")
        await live(page)
        watch = page.get_by_role("button", name="Watch it as it happened")
        await expect(watch).to_be_visible()
        sizes = {request.url.rpartition("/")[2]: (await request.sizes())["responseBodySize"] for request in fetched}
        assert sizes.keys() == {"live-blog.js", "live-blog.css", "reader.en.json"}
        assert 10_000 < sum(sizes.values()) < 25 * 1024
        await watch.click()
        await expect(page.locator("live-blog .machine")).to_be_visible()
        await expect(watch).to_have_count(0)
        await expect(page.get_by_role("slider")).to_be_visible()
        await expect(page.locator("live-blog")).to_have_attribute("data-shown", "4")
        assert await window.violations() == []
