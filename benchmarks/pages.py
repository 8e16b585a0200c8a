"""A reader's page: what it weighs, what it costs the server, and what it costs the browser to show and to follow."""

import asyncio
import gzip
import itertools
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from urllib.request import Request, urlopen

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import program
from benchmarks.bench import SLUG, Bench
from benchmarks.program import Program
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.application.access import digest_of
from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor, Role
from liveblog.settings import Settings

_SECRET = "benchmark"
_EVENTS = 100
_API = "for comparison, the API's document"
_SHOWN = 2_000
"""Entries on the page when the events arrive."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_PATIENCE_MS = 60_000
_LATER = ("machine/machine.js", "away.js", "redline.js")


def measure(bench: Bench) -> Iterator[Table]:
    """Weigh a page, ask for it over HTTP, and open it in a browser."""
    url = bench.sqlite(bench.long)
    asyncio.run(_admit(url))
    with program.liveblog(url) as server:
        yield _weight(server)
        yield _costs(server, bench)
        yield _browser(server, bench)


async def _admit(url: str) -> None:
    async with main.open_store(Settings(database_url=url)) as store:
        actor = Actor("editor", "Edith Editor", Role.EDITOR)
        await store.tokens.create(Token(id="bench", actor=actor, blogs=None, created_at=0), digest_of(_SECRET))


def _weight(server: Program) -> Table:
    connection = HTTPConnection("127.0.0.1", server.port)
    page = _get(connection, f"/{SLUG}")
    named = sorted(set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', page)))
    parts = {"the page, its newest 50 entries": [page]}
    for kind, ending in (("scripts", b".js"), ("sheets", b".css")):
        parts[kind] = [_get(connection, path.decode()) for path in named if path.endswith(ending)]
    parts["the time machine and what else comes later"] = [_get(connection, f"/static/{name}") for name in _LATER]
    parts["words"] = [_get(connection, "/static/messages/reader.en.json")]
    connection.close()
    rows = []
    for name, files in parts.items():
        packed, plain = (sum(map(len, each)) / 1024 for each in (map(gzip.compress, files), files))
        rows += [Row(f"{name}, on the wire", [packed], "KiB"), Row(f"{name}, unpacked", [plain], "KiB")]
    return Table("pages: weight", rows)


def _costs(server: Program, bench: Bench) -> Table:
    connection = HTTPConnection("127.0.0.1", server.port)
    reads = bench.sizes.reads
    head = json.loads(_get(connection, f"/v1/blogs/{SLUG}"))["position"]
    moments = itertools.count(head - 1, -1)
    paths: Mapping[str, Callable[[], str]] = {
        "made anew": lambda: f"/{SLUG}?position={next(moments)}",
        "asked for again": lambda: f"/{SLUG}",
        _API: lambda: f"/v1/blogs/{SLUG}",
    }
    found: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(bench.sizes.runs):
        for name, path in paths.items():
            times = max(1, reads // 10) if name == "made anew" else reads
            before = server.cpu_s()
            for _ in range(times):
                _get(connection, path())
            found[name].append((server.cpu_s() - before) / times * 1e6)
    connection.close()
    rows = [Row(name, values, "us", _API) for name, values in found.items()]
    return Table("pages: processor time of the server for a page of 50 entries", rows)


def _browser(server: Program, bench: Bench) -> Table:
    found: dict[str, list[float]] = {}
    executable = next(filter(None, map(shutil.which, _BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(bench.sizes.runs):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            page.set_default_timeout(_PATIENCE_MS)
            shown = min(_SHOWN, bench.sizes.long // 2)
            for name, value in _visit(page, context.new_cdp_session(page), server, shown).items():
                found.setdefault(name, []).append(value)
            context.close()
        browser.close()
    return Table("pages: in Chromium", [Row(name, values, "ms") for name, values in found.items()])


def _visit(page: Page, session: CDPSession, server: Program, shown: int) -> dict[str, float]:
    page.goto(f"http://127.0.0.1:{server.port}/{SLUG}")
    page.wait_for_selector('live-blog[data-status="live"]')
    live = page.evaluate("performance.now()")
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.evaluate(
        """async (shown) => {
            const { paging, book } = document.querySelector("live-blog");
            while (book.entries.length < shown && book.next) {
                await paging.read("next");
                await new Promise(requestAnimationFrame);
            }
        }""",
        shown,
    )
    session.send("Performance.enable")
    before = _busy_ms(session)
    begun = time.perf_counter()
    for number in range(_EVENTS):
        position = _publish(server, f"Entry {number}")
    page.wait_for_selector(f'live-blog[data-shown="{position}"]')
    taken = (time.perf_counter() - begun) * 1000
    return {
        "to the first entry": first,
        "to being live": live,
        f"{_EVENTS} events at {shown:,} shown entries, the page's main thread": _busy_ms(session) - before,
        f"{_EVENTS} events at {shown:,} shown entries, from the first post until the last is shown": taken,
    }


def _busy_ms(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration") * 1000


def _publish(server: Program, headline: str) -> int:
    body = json.dumps({"type": "publish_entry", "headline": headline, "body": "What happened, in a sentence."}).encode()
    headers = {"Authorization": f"Bearer {_SECRET}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{server.port}/v1/admin/blogs/{SLUG}/commands"
    with urlopen(Request(url, body, headers), timeout=60) as answer:
        position: int = json.load(answer)["position"]
    return position


def _get(connection: HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body
