"""The component comes to what the server says: by its own fold of the events, and in the elements it makes of them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from browser.rendering import PLAIN, served, watch
from browser.window import Window
from house import House
from liveblog.application.importing.sources import Options, understand
from web.story import Story

pytestmark = pytest.mark.anyio

SEEDS = {path.stem: path.read_bytes() for path in (Path(__file__).parents[2] / "seeds").glob("*.txt")}
PARTS = ".lb-header, .banner, .points, .turns, .pinned-entries, .coverage .entry, .coverage .empty"

_MADE = f"""async ([selector, given]) => {{
    {PLAIN}
    const made = document.createElement("live-blog");
    for (const [name, value] of Object.entries(given)) made.setAttribute(name, value);
    document.body.append(made);
    const end = performance.now() + 20_000;
    const waits = () => made.dataset.complete === undefined && performance.now() < end;
    while (waits()) await new Promise((resolve) => setTimeout(resolve, 20));
    const found = all(made.shadowRoot, selector);
    made.remove();
    return found;
}}"""

PICTURE = {
    "type": "image",
    "url": "https://example.org/a.jpg",
    "alt": "A street",
    "caption": "Seen <here>",
    "credit": "AP",
}
FILM = {"type": "video", "url": "https://example.org/a.mp4", "poster": "https://example.org/a.jpg", "duration_s": 3_725}
FULL: dict[str, Any] = {
    "headline": "Everything & <more>",
    "body": "# Words\n\nOne *two* **three** [four](https://example.org/) `five`\n\n- six\n- seven\n\n> eight",
    "contributors": [{"name": "Nora", "role": "Reporter", "outlet": "The Desk"}, {"name": "Ali"}],
    "sources": [{"name": "The army", "url": "https://example.org/s"}, {"name": "A witness"}],
    "links": [{"title": "More", "url": "https://example.org/m"}, {"title": "Words alone"}],
    "tags": ["attack", "<b>"],
    "media": [
        {**PICTURE, "width": 1600, "height": 900},
        PICTURE,
        {"type": "image", "alt": "Lost"},
        {**FILM, "width": 640, "height": 360, "alt": "A film"},
        {**FILM, "url": "https://example.org/watch?v=1"},
        {"type": "audio", "url": "https://example.org/a.mp3?x=1", "duration_s": 59, "alt": "A call"},
        {"type": "video", "url": "https://example.org/live", "caption": "The speech"},
    ],
    "breaking": True,
    "pinned": True,
    "key_event": True,
}


async def made(page: Page, slug: str, **given: str) -> list[str]:
    """What an element of its own shows of a blog."""
    found: list[str] = await page.evaluate(_MADE, [PARTS, {"src": f"/v1/blogs/{slug}", **given}])
    return found


@pytest.mark.parametrize("seed", sorted(SEEDS))
async def test_of_imported_coverage_at_several_moments(house: House, window: Window, seed: str) -> None:
    (done,) = await house.store.importer.bring_in([understand(f"{seed}.txt", SEEDS[seed], Options())])
    await watch(window.page, f"/{done.slug}")
    assert await made(window.page, done.slug) == await served(window.page, f"/{done.slug}", PARTS)
    for position in (1, done.position // 3, done.position * 2 // 3):
        there = await served(window.page, f"/{done.slug}?position={position}", PARTS)
        assert len(there) > 1
        assert await made(window.page, done.slug, position=str(position)) == there, position


async def test_of_entries_of_every_kind_with_every_field(house: House, window: Window) -> None:
    await house.start(
        standfirst="All of it", contributors=[{"name": "Nora", "outlet": "The Desk"}], media=[PICTURE],
        links=[{"title": "More", "url": "https://example.org/m"}], time_zone="Asia/Kathmandu", language="en-GB",
    )  # fmt: skip
    kinds: dict[str, dict[str, Any]] = {
        "question": {"question": "Who <was> it?"},
        "quote": {"quote": {"speaker": "A man", "role": "Witness"}},
    }
    ids = {}
    for kind in ("update", "summary", "question", "quote", "media"):
        answer = await house.publish(**FULL, kind=kind, **kinds.get(kind, {}))
        ids[kind] = answer["entry"]["id"]
    bare = (await house.publish(headline=None, body="Only words, and more of them\n\nthan one line."))["entry"]["id"]
    right = {"was": "One", "now": "<Two>", "reason": "Counted again."}
    points = [{"type": "set_key_point", "point_id": name, "text": f"{name} holds"} for name in ("a", "b", "c")]
    commands = [
        {"type": "correct_entry", "entry_id": ids["update"], "headline": "Two", **right},
        {"type": "correct_entry", "entry_id": ids["update"], "headline": "Three", **right},
        {"type": "revise_entry", "entry_id": ids["summary"], "tags": ["other"]},
        {"type": "retract_entry", "entry_id": ids["media"], "reason": "It was <never> so."},
        {"type": "flag_breaking", "entry_id": bare},
        {"type": "mark_key_event", "entry_id": bare},
        *points,
        {
            "type": "set_key_point",
            "point_id": "a",
            "text": "a holds still",
            "reason": "Asked",
            "sources": [{"name": "X"}],
        },
        {"type": "withdraw_key_point", "point_id": "b", "reason": "It does not"},
    ]
    assert (await house.post("night", commands)).status_code == 201
    await watch(window.page)
    there = await served(window.page, "/night", PARTS)
    assert await made(window.page, "night") == there
    assert len([each for each in there if each.startswith("<article")]) == 6
    # The page that was taken over in place has become the same.
    await expect(window.page.locator(".coverage .tools")).to_have_count(6)


FOLD = """async ([src, first, size]) => {
    const { Book } = await import("/static/book.js");
    const read = async (path) => (await fetch(src + path)).json();
    const isObject = (each) => each && typeof each === "object" && !Array.isArray(each);
    const sorted = (value) =>
        JSON.stringify(value, (_, each) => (isObject(each) ? Object.fromEntries(Object.entries(each).sort()) : each));
    const book = new Book();
    const says = () => {
        const { header, counts, position, hash, epoch, edition } = book;
        const { slug, ...fields } = header;
        return { ...fields, counts, position, hash, epoch, edition };
    };
    book.replace(await read(`?position=${first}&limit=${size}`));
    const wrong = [];
    let [compared, after] = [0, first];
    for (let more = true; more;) {
        const page = await read(`/events?after=${after}&limit=1000`);
        for (const event of page.events) {
            const change = book.apply(event);
            if (change.complete !== (event.position === event.commit_end)) wrong.push(`${event.position}: complete`);
            if (!change.complete) continue;
            const state = await read(`?position=${event.position}&limit=200`);
            const { slug, time, entries, included, next, ...there } = state;
            compared += 1;
            if (sorted(says()) !== sorted(there)) wrong.push(`${event.position}: header`);
            // What the book shows are the newest, without a gap; and it knows all that the header names.
            const shown = book.entries;
            if (sorted(shown) !== sorted(entries.slice(0, shown.length))) wrong.push(`${event.position}: entries`);
            if (!book.next && shown.length !== entries.length) wrong.push(`${event.position}: too few`);
            const named = Object.fromEntries([...entries, ...included].map((entry) => [entry.id, entry]));
            for (const list of ["pinned", "breaking"]) {
                const wanted = state[list].map((id) => named[id]);
                if (sorted(book.named(list)) !== sorted(wanted)) wrong.push(`${event.position}: ${list}`);
            }
        }
        after = page.next_after;
        more = page.final;
    }
    while (book.next) book.add(await read(`/entries?limit=7&cursor=${book.next}&at_least=${book.position}`));
    const { entries } = await read("?limit=200");
    if (sorted(book.entries) !== sorted(entries)) wrong.push("with its older pages: entries");
    return [wrong, compared, book.entries.length];
}"""


async def fold(page: Page, slug: str, first: int = 1, size: int = 200) -> tuple[list[str], int, int]:
    """Apply all events after the first to a book; returns what differs, and how much was compared."""
    await page.goto("/robots.txt")
    wrong, compared, entries = await page.evaluate(FOLD, [f"/v1/blogs/{slug}", first, size])
    return wrong, compared, entries


@pytest.mark.parametrize("seed", sorted(SEEDS))
async def test_the_fold_of_imported_coverage(house: House, window: Window, seed: str) -> None:
    (done,) = await house.store.importer.bring_in([understand(f"{seed}.txt", SEEDS[seed], Options())])
    wrong, compared, entries = await fold(window.page, done.slug)
    assert wrong == []
    assert compared > 1
    assert entries > 3


async def test_the_fold_of_a_blog_with_everything_of_which_the_page_holds_a_part(house: House, window: Window) -> None:
    """Entries that come with an old date, changes of entries that were not read, pages that are read late."""
    story = Story(house)
    await story.begin()
    await story.go_on(40)
    first = story.head
    await story.go_on(60)
    wrong, compared, entries = await fold(window.page, story.slug, first, 5)
    assert wrong == []
    assert compared > 10
    assert entries > 10


async def test_of_two_documents_the_higher_position_wins(window: Window, house: House) -> None:
    """A page that was read before an event, and came after it, takes nothing back; a snapshot takes everything back."""
    await house.start()
    ids = [(await house.publish(headline=str(number)))["entry"]["id"] for number in range(4)]
    await window.page.goto("/robots.txt")
    old = await house.get("/v1/blogs/night/entries?limit=2&order=newest")
    older = await house.get(f"/v1/blogs/night/entries?limit=2&cursor={old['next']}")
    state = await house.get("/v1/blogs/night?limit=2")
    await house.post("night", {"type": "retract_entry", "entry_id": ids[0], "reason": "No."})
    (event,) = (await house.get("/v1/blogs/night/events?after=5"))["events"]
    found: dict[str, Any] = await window.page.evaluate(
        """async ([state, event, older]) => {
            const { Book } = await import("/static/book.js");
            const book = new Book();
            const texts = () => book.entries.map((entry) => entry.headline);
            book.replace(state);
            const known = book.apply(event).changed.size;
            const before = texts();
            const added = book.add(older).length;
            const after = texts();
            book.replace({ ...state, ...older, entries: older.entries, included: [], next: null });
            return { known, before, added, after, replaced: texts() };
        }""",
        [state, event, older],
    )
    assert found == {
        "known": 1, "before": ["3", "2"], "added": 2, "after": ["3", "2", "1", None], "replaced": ["1", "0"],
    }  # fmt: skip
