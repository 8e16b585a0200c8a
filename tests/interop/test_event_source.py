"""Chromium's EventSource: it hears everything once, comes back by itself where it was, and knows when to stop."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser

from house import PATIENCE_S, House, open_house
from interop.bridged import open_page
from liveblog.web.event_stream import EventStream

pytestmark = pytest.mark.anyio

LISTEN = """(url) => {
    const source = new EventSource(url);
    for (const type of ["subscribed", "event", "caught_up", "heartbeat", "playback", "closing"]) {
        source.addEventListener(type, ({ data, lastEventId }) => tell({ type, data, id: lastEventId }));
    }
    source.onerror = () => tell({ type: "error", over: source.readyState === EventSource.CLOSED });
}"""


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url, heartbeat_s=0.2, reconnect_min_ms=1, reconnect_jitter_ms=5) as house:
        await house.start()
        for number in range(10):
            await house.publish(headline=f"Number {number}", body="Über alles, was man weiß 😀. " * 10 * number)
        yield house


async def heard(queue: asyncio.Queue[dict[str, Any]], *types: str) -> dict[str, Any]:
    """What it hears next of these types."""
    async with asyncio.timeout(PATIENCE_S):
        while (told := await queue.get())["type"] not in types:
            pass
    return told


async def test_an_event_source_hears_everything_once_and_comes_back_by_itself(house: House, chromium: Browser) -> None:
    expected = (await house.get("/v1/blogs/night/events"))["events"]
    async with open_page(chromium, house.address) as (page, queue):
        await page.evaluate(LISTEN, "/v1/blogs/night/sse?from=start")
        epoch = json.loads((await heard(queue, "subscribed"))["data"])["epoch"]
        for event in expected:
            told = await heard(queue, "event", "error")
            assert (json.loads(told["data"]), told["id"]) == (event, f"{epoch}:{event['position']}")
        await heard(queue, "caught_up")
        assert (await heard(queue, "heartbeat"))["id"] == f"{epoch}:11"
        (connection,) = [each for each in gc.get_objects() if type(each) is EventStream and each.subscriber is not None]
        connection.transport.abort()
        assert not (await heard(queue, "error"))["over"]
        (missed,) = (await house.publish(headline="Missed"))["events"]
        assert json.loads((await heard(queue, "subscribed"))["data"])["position"] == 11
        assert json.loads((await heard(queue, "event"))["data"]) == missed


async def test_an_event_source_stops_at_the_end_that_it_asked_for(house: House, chromium: Browser) -> None:
    async with open_page(chromium, house.address) as (page, queue):
        await page.evaluate(LISTEN, "/v1/blogs/night/sse?from=start&at_end=end")
        for position in range(1, 12):
            assert json.loads((await heard(queue, "event", "error"))["data"])["position"] == position
        assert json.loads((await heard(queue, "playback"))["data"])["state"] == "ended"
        assert json.loads((await heard(queue, "closing", "error"))["data"])["code"] == 1000
        assert not (await heard(queue, "error", "event"))["over"]
        # It comes back as it always does, and is answered that there is nothing more.
        assert (await heard(queue, "error", "event"))["over"]
