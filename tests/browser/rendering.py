"""What a page shows, in a form that can be compared: elements and texts, but no words of times, and nothing live."""

from typing import Any

from playwright.async_api import Page, expect

from browser.window import PATIENCE_MS

PLAIN = """
const inline = new Set(["a", "span", "time", "del", "ins", "em", "strong", "code", "br", "img", "summary"]);
const write = (node) => {
    if (node.nodeType === Node.TEXT_NODE)
        return node.data.replace(/\\s+/g, " ").replace(/[<>&]/g, (c) => `&${c.charCodeAt(0)};`);
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(".live, .connection, .zone-note, .dates")) return "";
    // Scripts tell in a title what an instant is elsewhere, and hide a picture that does not come; what is open is the
    // reader's own.
    const own = node.localName === "time" ? ["title"] : ["open", "hidden"];
    const attributes = [...node.attributes].filter(({ name }) => !own.includes(name));
    const written = attributes.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).sort();
    const name = [node.localName, ...written].join(" ");
    const inner = node.localName === "time" ? "" : [...node.childNodes].map(write).join("");
    const edge = inline.has(node.localName) ? "" : "\\n";
    return `${edge}<${name}>${edge}${inner}${edge}</${node.localName}>${edge}`;
};
const plain = (element) => write(element).replace(/[ \\n]*\\n[ \\n]*/g, "\\n").trim();
const all = (root, selector) => [...root.querySelectorAll(selector)].map(plain);
"""

_SHOWN = f"(selector) => {{ {PLAIN} return all(document.querySelector('live-blog').root, selector); }}"
_SERVED = f"""async ([address, selector]) => {{
    {PLAIN}
    const request = new XMLHttpRequest(); // reads markup as a document where the page's policy lets no script do so
    request.open("GET", address);
    request.setRequestHeader("Cache-Control", "no-cache");
    request.responseType = "document";
    await new Promise((resolve, reject) => {{ request.onload = resolve; request.onerror = reject; request.send(); }});
    return all(request.response, selector);
}}"""


async def shown(page: Page, selector: str = ".coverage .entry") -> list[str]:
    """Elements of the coverage, as they are shown."""
    found: list[str] = await page.evaluate(_SHOWN, selector)
    return found


async def served(page: Page, address: str, selector: str = ".coverage .entry") -> list[str]:
    """The same of a page as the server writes it."""
    found: list[str] = await page.evaluate(_SERVED, [address, selector])
    return found


async def watch(page: Page, address: str = "/night") -> None:
    """Open a reader's page, and wait until it is live."""
    await page.goto(address)
    await expect(page.locator("live-blog")).to_have_attribute("data-status", "live", timeout=PATIENCE_MS)


async def reach(page: Page, position: int) -> None:
    """Wait until the page shows a position."""
    await expect(page.locator("live-blog")).to_have_attribute("data-shown", str(position), timeout=PATIENCE_MS)


async def top(page: Page, selector: str) -> float:
    """How far an element is from the top of the window, in pixels, in the next frame that is drawn."""
    found: Any = await page.locator(selector).evaluate(
        """async (element) => {
            const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
            await frame();
            await frame();
            return element.getBoundingClientRect().top;
        }"""
    )
    return float(found)


async def scroll_to(page: Page, selector: str) -> float:
    """Bring an element to the top of the window, and wait until nothing moves; returns how far from the top it is."""
    found: Any = await page.locator(selector).evaluate(
        """async (element) => {
            element.scrollIntoView({ block: "start", behavior: "instant" });
            // What comes into sight is laid out for the first time, and may be as tall as nobody thought.
            const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
            let [last, still] = [NaN, 0];
            while (still < 10) {
                await frame();
                const { top } = element.getBoundingClientRect();
                still = top === last ? still + 1 : 0;
                last = top;
            }
            return last;
        }"""
    )
    return float(found)
