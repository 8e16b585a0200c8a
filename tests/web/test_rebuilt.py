"""What readers of a running server see of a rebuild: nothing, or, by another renderer, a new edition."""

from collections.abc import AsyncIterator

import pytest

from house import House, open_house
from liveblog.session.closecodes import CloseCode
from storage.rebuilt import Newer, rebuild

pytestmark = pytest.mark.anyio

PATHS = ("/v1/blogs/night", "/v1/blogs/night/entries", "/v1/blogs/night/events?after=0", "/v1/blogs/night/corrections")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    async with open_house(url) as house:
        await house.start()
        for number in range(3):
            await house.publish(body=f"**{number}**", pinned=True, breaking=True)
        yield house


async def test_a_rebuild_by_the_same_renderer_changes_no_byte_and_closes_no_stream(house: House) -> None:
    before = [(await house.http.get(path)).content for path in PATHS]
    async with house.stream() as reader:
        await reader.next("subscribed")
        for _ in range(3):
            await rebuild(house.store.database)
        assert [(await house.http.get(path)).content for path in PATHS] == before
        posted = await house.publish(body="more", pinned=True)
        assert await reader.next("event") == posted["events"][0]
        assert len(posted["events"][0]["included"]) == 3


async def test_a_rebuild_by_another_renderer_makes_readers_begin_anew(house: House) -> None:
    """Streams are closed so that they come back, old addresses are gone, and the new texts are everywhere."""
    old = await house.get("/v1/blogs/night")
    async with house.stream() as reader:
        await reader.next("subscribed")
        await rebuild(house.store.database, Newer())
        assert await reader.close_code() == CloseCode.EDITION_CHANGED
    for path in ("?position=3&", "/events?after=0&limit=2&"):
        gone = await house.http.get(f"/v1/blogs/night{path}epoch={old['epoch']}&edition={old['edition']}")
        assert (gone.status_code, gone.json()["code"], gone.json()["edition"]) == (410, "edition_changed", "r2")
    new = await house.get("/v1/blogs/night")
    assert (new["epoch"], new["edition"], new["position"], new["hash"]) == (old["epoch"], "r2", 4, old["hash"])
    shown = [f"<p>**{number}**, newly</p>" for number in (2, 1, 0)]
    assert [entry["body_html"] for entry in new["entries"]] == shown
    same = await house.http.get(f"/v1/blogs/night/events?after=1&limit=2&epoch={new['epoch']}&edition=r2")
    assert "immutable" in same.headers["Cache-Control"]
    assert [event["entry"]["body_html"] for event in same.json()["events"]] == shown[:0:-1]
    async with house.stream(query="?from=start") as again:
        assert (await again.next("subscribed"))["edition"] == "r2"
        events = await again.events(4)
    assert [event["entry"]["body_html"] for event in events[1:]] == shown[::-1]
