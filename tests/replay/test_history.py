"""Replay shows history as it was: after each event a reader holds the very blog that `?position=` shows."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from house import House, open_house
from replay.history import NIGHT, Blog, History, adopt, history_of, recorded

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[NIGHT, "five-questions-after-the-missiles"])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
async def house(name: str, sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await adopt(house.store.event_log, recorded(name))
        yield house


@pytest.fixture
async def history(name: str) -> History:
    return await history_of(recorded(name))


async def replayed(house: House, name: str, query: str) -> list[dict[str, Any]]:
    async with house.stream(name, f"?{query}&at_end=end") as reader:
        return [message for message in await reader.rest() if message["type"] == "event"]


async def test_after_each_event_the_reader_holds_the_blog_as_of_that_position(
    house: House, name: str, history: History
) -> None:
    blog = Blog()
    events = await replayed(house, name, "from=start")
    assert [event["position"] for event in events] == list(range(1, history.head + 1))
    for event in events:
        blog.take(event)
        document = await house.get(f"/v1/blogs/{name}?position={event['position']}&limit=200")
        shown = Blog()
        shown.replace(document)
        assert blog == shown
        assert document["entries"] == blog.in_order()
        assert (document["position"], document["hash"]) == (event["position"], event["hash"])
        assert document["time"] == event["at"]


async def test_an_event_s_documents_are_those_of_its_position_and_of_no_other(
    house: House, name: str, history: History
) -> None:
    """What is corrected later is uncorrected in it, and what is retracted later can be read."""
    for event in await replayed(house, name, "from=start"):
        document = await house.get(f"/v1/blogs/{name}?position={event['position']}&limit=200")
        entries = {entry["id"]: entry for entry in document["entries"]}
        for entry in [*event["included"], *([event["entry"]] if event["entry"] else [])]:
            assert entries[entry["id"]] == entry
            assert entry["position"] <= event["position"]
            assert all(each["position"] <= event["position"] for each in entry["corrections"])


async def test_a_replay_at_a_speed_sends_the_bytes_of_one_without(house: House, name: str) -> None:
    assert await replayed(house, name, "from=start&rate=1000&max_gap=1") == await replayed(house, name, "from=start")


async def test_what_the_stream_sends_is_what_the_events_page_says(house: House, name: str, history: History) -> None:
    page = await house.get(f"/v1/blogs/{name}/events?after=0&limit=1000")
    assert page["events"] == await replayed(house, name, "from=start") == history.messages


async def test_a_moment_shows_the_blog_of_its_last_event(house: House, name: str, history: History) -> None:
    for position in range(1, history.head + 1):
        event = history.message(position)
        document = await house.get(f"/v1/blogs/{name}?time={event['at']}&limit=200")
        assert document["position"] == history.at_instant(history.at(position))
        shown = Blog()
        shown.replace(document)
        assert shown == history.blog(document["position"])
