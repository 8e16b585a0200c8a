"""Clients that others wrote: each reads a blog, steers it, comes back where it was, and learns why a stream ended."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest
from playwright.async_api import Browser

from house import House, open_house
from interop.bridged import open_builtin, open_chromium, open_ws
from interop.libraries import open_aiohttp, open_sync_websockets, open_websocket_client, open_websockets
from interop.link import Link

pytestmark = pytest.mark.anyio

Connect = Callable[[str], AbstractAsyncContextManager[Link]]

CLIENTS: dict[str, Connect] = {
    "websockets": open_websockets,
    "websockets, synchronous": open_sync_websockets,
    "aiohttp": open_aiohttp,
    "websocket-client": open_websocket_client,
    "ws": open_ws,
    "Node": open_builtin,
}
BROWSER = "Chromium"
SILENT = {"websocket-client"}
"""Who offers no compression."""

every = pytest.mark.parametrize("name", [*CLIENTS, BROWSER])


@pytest.fixture
def connect(name: str, chromium: Browser) -> Connect:
    """Connects with the client of that name."""
    return partial(open_chromium, chromium) if name == BROWSER else CLIENTS[name]


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url, heartbeat_s=0.2) as house:
        await house.start()
        for number in range(40):
            await house.publish(headline=f"Number {number}", body="Über alles, was man weiß 😀. " * number)
        yield house


def address(house: House, query: str, slug: str = "night") -> str:
    """Of a stream."""
    return f"{house.address.replace('http', 'ws', 1)}/v1/blogs/{slug}/stream{query}"


@every
async def test_a_client_reads_steers_and_comes_back(house: House, name: str, connect: Connect) -> None:
    expected = (await house.get("/v1/blogs/night/events?limit=100"))["events"]
    async with connect(address(house, "?from=start")) as link:
        subscribed = await link.next()
        assert (subscribed["type"], subscribed["position"], subscribed["head"]) == ("subscribed", 0, 41)
        assert await link.events(41) == expected
        assert (await link.next("caught_up"))["position"] == 41
        assert link.compresses == (name not in SILENT)
        assert house.services.tally.compressed == link.compresses
        live = (await house.publish(headline="Live"))["events"]
        assert await link.events(1) == live
        await _steer(house, link)
        for _ in range(3):
            assert (await link.next("heartbeat"))["head"] == 43
        if link.can_ping:
            await link.ping()
        await link.close()
    missed = [event for n in range(3) for event in (await house.publish(headline=f"Missed {n}"))["events"]]
    async with connect(address(house, f"?from=43&epoch={subscribed['epoch']}")) as link:
        assert (await link.next())["position"] == 43
        assert await link.events(3) == missed
        assert (await link.next("caught_up"))["position"] == 46


async def _steer(house: House, link: Link) -> None:
    """Pause and go on; see an earlier moment, go on from there step by step, and come back."""
    assert (await link.ask(type="pause"))["state"] == "paused"
    meanwhile = (await house.publish(headline="Meanwhile", body="More. " * 2_000))["events"]
    assert (await link.ask(type="resume"))["re"] == "asked"
    assert await link.events(1) == meanwhile
    sought = await link.ask(type="seek", to=20, paused=True)
    assert (sought["state"], sought["position"]) == ("paused", 20)
    snapshot = await link.next("snapshot")
    assert snapshot["state"] == await house.get("/v1/blogs/night?position=20")
    assert (await link.ask(type="step", count=2))["re"] == "asked"
    assert [event["position"] for event in await link.events(2)] == [21, 22]
    assert (await link.ask(type="go_live"))["position"] == 43
    assert (await link.next("snapshot", "event"))["position"] == 43
    assert (await link.ask(type="step", count=1))["code"] == "not_paused"


@every
async def test_a_client_learns_why_a_stream_ended(house: House, connect: Connect) -> None:
    async with connect(address(house, "", "nowhere")) as link:
        messages, code = await link.ended()
        assert ([each["code"] for each in messages], code) == (["no_such_blog"], 4504)
    async with connect(address(house, "?from=nonsense")) as link:
        messages, code = await link.ended()
        assert ([each["code"] for each in messages], code) == (["bad_query"], 4500)
    async with connect(address(house, "?from=start&at_end=end")) as link:
        messages, code = await link.ended()
        events = [each["position"] for each in messages if each["type"] == "event"]
        assert (events, messages[-1]["state"], code) == (list(range(1, 42)), "ended", 1000)
