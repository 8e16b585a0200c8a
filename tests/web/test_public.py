"""Reading over HTTP: blogs, entries, events, as of any moment."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from house import House, open_house
from liveblog.application import entry_histories
from liveblog.application.entry_histories import EntryHistories
from liveblog.application.entry_history import changes
from liveblog.application.readmodels import History
from liveblog.domain import instant

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def test_the_blog_shows_its_newest_entries_and_those_its_header_names(house: House) -> None:
    pinned = (await house.publish(pinned=True, published_at="2020-01-08T01:00:00+03:00"))["entry"]
    newer = [(await house.publish(headline=f"News {n}"))["entry"] for n in range(3)]
    blog = await house.get("/v1/blogs/night?limit=2")
    assert [entry["id"] for entry in blog["entries"]] == [newer[2]["id"], newer[1]["id"]]
    assert blog["included"] == [pinned]
    assert blog["pinned"] == [pinned["id"]]
    assert pinned["published_at"] == "2020-01-07T22:00:00.000Z"
    assert (blog["position"], blog["counts"]["entries"], blog["status"]) == (5, 4, "live")
    assert blog["next"] is not None
    everything = await house.get("/v1/blogs/night")
    assert everything["included"] == []
    assert everything["next"] is None


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_pages_lead_forth_and_back_through_every_entry_once(house: House, order: str) -> None:
    ids = [(await house.publish(headline=f"{n}"))["entry"]["id"] for n in range(7)]
    expected = ids if order == "oldest" else ids[::-1]
    path = f"/v1/blogs/night/entries?limit=3&order={order}"
    pages = [await house.get(path)]
    while pages[-1]["next"] is not None:
        pages.append(await house.get(f"{path}&cursor={pages[-1]['next']}"))
    assert [[entry["id"] for entry in page["entries"]] for page in pages] == [expected[:3], expected[3:6], expected[6:]]
    assert pages[0]["previous"] is None
    back = await house.get(f"{path}&cursor={pages[-1]['previous']}")
    assert back["entries"] == pages[1]["entries"]


async def test_a_page_keeps_its_place_while_entries_arrive(house: House) -> None:
    ids = [(await house.publish(headline=f"{n}"))["entry"]["id"] for n in range(4)]
    first = await house.get("/v1/blogs/night/entries?limit=2")
    await house.publish(headline="in between")
    second = await house.get(f"/v1/blogs/night/entries?limit=2&cursor={first['next']}")
    assert [entry["id"] for entry in second["entries"]] == [ids[1], ids[0]]


async def test_a_page_can_be_taken_around_an_entry(house: House) -> None:
    ids = [(await house.publish(headline=f"{n}"))["entry"]["id"] for n in range(9)]
    page = await house.get(f"/v1/blogs/night/entries?limit=3&around={ids[4]}")
    assert ids[4] in [entry["id"] for entry in page["entries"]]
    assert len(page["entries"]) == 3
    assert page["next"] is not None
    assert page["previous"] is not None
    answer = await house.http.get(f"/v1/blogs/night/entries?around={uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_entry")


async def test_entries_can_be_picked_by_their_marks(house: House) -> None:
    plain, breaking, key = [
        (await house.publish(breaking=breaking, key_event=key_event))["entry"]["id"]
        for breaking, key_event in ((False, False), (True, False), (False, True))
    ]
    await house.post(
        "night",
        {"type": "correct_entry", "entry_id": plain, "headline": "Else", "was": "a", "now": "b", "reason": "c"},
    )

    async def picked(only: str) -> list[str]:
        page = await house.get(f"/v1/blogs/night/entries?order=oldest&only={only}")
        return [entry["id"] for entry in page["entries"]]

    assert await picked("breaking") == [breaking]
    assert await picked("key,breaking") == [breaking, key]
    assert await picked("corrected") == [plain]
    assert await picked("pinned") == []


async def test_the_blog_as_of_a_position_is_the_blog_that_stood_then(house: House) -> None:
    seen = [await house.get("/v1/blogs/night")]
    entry = (await house.publish(headline="First"))["entry"]["id"]
    seen.append(await house.get("/v1/blogs/night"))
    for command in (
        {"type": "pin_entry", "entry_id": entry},
        {"type": "revise_entry", "entry_id": entry, "headline": "Second"},
        {"type": "retract_entry", "entry_id": entry, "reason": "wrong"},
        {"type": "end_blog"},
    ):
        assert (await house.post("night", command)).status_code == 201
        seen.append(await house.get("/v1/blogs/night"))
    for position, then in enumerate(seen, 1):
        assert await house.get(f"/v1/blogs/night?position={position}") == then
        page = await house.get(f"/v1/blogs/night/entries?position={position}")
        assert page["entries"] == then["entries"]


async def test_a_time_stands_for_the_position_that_it_had(house: House) -> None:
    first = (await house.publish())["events"][0]
    await house.publish()
    at = instant.parse(first["at"])
    blog = await house.get(f"/v1/blogs/night?time={instant.show(at)}")
    assert blog["time"] == first["at"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?position=0", 404, "before_start"),
        ("?position=99", 404, "position_beyond_head"),
        ("?time=2999-01-01T00:00:00Z", 404, "time_in_future"),
        ("?time=1999-01-01T00:00:00Z", 404, "before_start"),
        ("?time=1999-01-01T00:00:00", 400, "bad_query"),
        ("?position=1&time=1999-01-01T00:00:00Z", 400, "bad_query"),
        ("?position=-1", 400, "bad_query"),
        ("?position=1&position=1", 400, "bad_query"),
        ("?limit=201", 400, "bad_query"),
        ("?colour=red", 400, "bad_query"),
        ("?epoch=another", 410, "epoch_changed"),
    ],
)
async def test_an_impossible_moment_is_refused(house: House, query: str, status: int, code: str) -> None:
    for path in ("/v1/blogs/night", "/v1/blogs/night/entries"):
        answer = await house.http.get(path + query)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_broken_cursor_is_refused(house: House) -> None:
    for path in (
        "/v1/blogs?cursor=x",
        "/v1/blogs/night/entries?cursor=%C3%A4",
        "/v1/blogs/night/entries?cursor=YWZ0ZXI",
    ):
        answer = await house.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_query"), path


@pytest.mark.parametrize("path", ["/v1/blogs/none", "/v1/blogs/none/entries", "/v1/blogs/none/events"])
async def test_a_blog_that_is_not_there_is_said_so(house: House, path: str) -> None:
    answer = await house.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_blog")


async def test_an_entry_comes_with_its_history_and_what_was_changed(house: House) -> None:
    entry = (await house.publish(headline="Dozens of missiles"))["entry"]["id"]
    correction = {"was": "dozens", "now": "22", "reason": "The military counted."}
    await house.post("night", {"type": "correct_entry", "entry_id": entry, "headline": "22 missiles", **correction})
    found = await house.get(f"/v1/blogs/night/entries/{entry}")
    assert found["headline"] == "22 missiles"
    published, corrected = found["history"]
    assert (published["kind"], published["diff"]) == ("publication", {})
    assert {name: corrected[name] for name in ("was", "now", "reason")} == correction
    assert corrected["diff"] == {
        "headline": [
            {"op": "delete", "text": "Dozens of"},
            {"op": "insert", "text": "22"},
            {"op": "equal", "text": " missiles"},
        ]
    }
    assert (corrected["kind"], corrected["by"], corrected["position"]) == ("correction", "Edith", 3)


async def test_events_are_the_messages_of_the_stream_page_by_page(house: House) -> None:
    for number in range(5):
        await house.publish(headline=f"{number}")
    async with house.stream(query="?from=start&at_end=end") as reader:
        streamed = [message for message in await reader.rest() if message["type"] == "event"]
    first = await house.get("/v1/blogs/night/events?limit=4")
    assert (first["after"], first["next_after"], first["final"]) == (0, 4, True)
    assert "head" not in first
    rest = await house.get(f"/v1/blogs/night/events?after={first['next_after']}")
    assert (rest["final"], rest["head"], rest["next_after"]) == (False, 6, 6)
    assert first["events"] + rest["events"] == streamed
    assert len(streamed) == 6


async def test_an_event_page_ends_before_it_grows_too_long(house: House) -> None:
    for number in range(30):
        await house.publish(headline=f"{number}", body="&" * 20_000)
    answer = await house.http.get("/v1/blogs/night/events?limit=1000")
    assert len(answer.content) < 768 * 1024
    after, positions = 0, []
    while True:
        page = await house.get(f"/v1/blogs/night/events?limit=1000&after={after}")
        positions += [event["position"] for event in page["events"]]
        after = page["next_after"]
        if not page["final"]:
            break
    assert positions == list(range(1, 32))
    blog = await house.http.get("/v1/blogs/night")
    assert len(blog.content) < 768 * 1024
    seen = [entry["id"] for entry in blog.json()["entries"]]
    cursor = blog.json()["next"]
    while cursor is not None:
        answer = await house.http.get(f"/v1/blogs/night/entries?cursor={cursor}")
        assert len(answer.content) < 768 * 1024
        seen += [entry["id"] for entry in answer.json()["entries"]]
        cursor = answer.json()["next"]
    assert len(seen) == len(set(seen)) == 30


async def test_long_pinned_entries_do_not_push_the_newest_off_the_page(house: House) -> None:
    """What the header names may be longer than a message: the newest entries still come, and lead on."""
    pinned = [(await house.publish(headline=f"{n}", body='"' * 20_000, pinned=True))["entry"]["id"] for n in range(10)]
    ids = [(await house.publish(headline=f"short {n}"))["entry"]["id"] for n in range(5)]
    answer = await house.http.get("/v1/blogs/night?limit=3")
    assert len(answer.content) < 768 * 1024
    blog = answer.json()
    assert blog["entries"][0]["id"] == ids[-1]
    assert 0 < len(blog["included"]) < 10
    seen = [entry["id"] for entry in blog["entries"]]
    cursor = blog["next"]
    while cursor is not None:
        page = await house.get(f"/v1/blogs/night/entries?cursor={cursor}")
        seen += [entry["id"] for entry in page["entries"]]
        cursor = page["next"]
    assert seen == [*reversed(ids), *reversed(pinned)]


async def test_events_after_a_position_that_is_not_yet_are_refused(house: House) -> None:
    answer = await house.http.get("/v1/blogs/night/events?after=2")
    assert (answer.status_code, answer.json()["code"]) == (404, "position_beyond_head")
    assert (await house.get("/v1/blogs/night/events?after=1"))["events"] == []


async def test_blogs_are_listed_by_their_newest_activity(house: House) -> None:
    for slug in ("second", "third"):
        await house.start(slug)
    await house.post("third", {"type": "end_blog"})
    await house.publish("second")
    listed = await house.get("/v1/blogs?limit=2")
    assert [blog["slug"] for blog in listed["blogs"]] == ["second", "third"]
    rest = await house.get(f"/v1/blogs?limit=2&cursor={listed['next']}")
    assert ([blog["slug"] for blog in rest["blogs"]], rest["next"]) == (["night"], None)
    ended = await house.get("/v1/blogs?status=ended")
    assert [(blog["slug"], blog["head"], blog["status"]) for blog in ended["blogs"]] == [("third", 2, "ended")]


async def test_what_was_seen_is_not_sent_again(house: House) -> None:
    first = await house.http.get("/v1/blogs/night")
    again = await house.http.get("/v1/blogs/night", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await house.publish()
    changed = await house.http.get("/v1/blogs/night", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert first.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=10"


async def test_only_an_address_that_names_its_copy_is_kept_for_ever(house: House) -> None:
    await house.publish()
    blog = await house.get("/v1/blogs/night")
    copy = f"epoch={blog['epoch']}&edition={blog['edition']}"
    kept = ("/v1/blogs/night?position=1", "/v1/blogs/night/events?limit=1", "/v1/blogs/night/entries?position=2")
    for path in kept:
        assert "immutable" in (await house.http.get(f"{path}&{copy}")).headers["cache-control"]
        assert "immutable" not in (await house.http.get(path)).headers["cache-control"]
    for path in ("/v1/blogs/night/events?limit=2", "/v1/blogs/night?limit=2"):
        assert "immutable" not in (await house.http.get(f"{path}&{copy}")).headers["cache-control"]


async def test_every_origin_may_read_and_none_may_post(house: House) -> None:
    for path in ("/v1/blogs", "/v1/blogs/none", "/nowhere", "/healthz"):
        answer = await house.http.get(path, headers={"Origin": "https://example.org"})
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    answer = await house.http.get("/v1/admin/whoami", headers={"Origin": "https://example.org"})
    assert "access-control-allow-origin" not in answer.headers
    preflight = await house.http.options("/v1/blogs", headers={"Origin": "https://example.org"})
    assert (preflight.status_code, preflight.headers["access-control-allow-headers"]) == (
        204,
        "If-None-Match, Last-Event-ID",
    )


async def test_a_reader_asks_for_no_older_state_than_it_saw(house: House) -> None:
    assert (await house.get("/v1/blogs/night/entries?at_least=1"))["position"] == 1


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/v1/blogs", 405), ("GET", "/none", 404)])
async def test_a_wrong_address_or_method_is_a_problem_too(house: House, method: str, path: str, status: int) -> None:
    answer = await house.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_stream_address_says_that_it_is_a_websocket(house: House) -> None:
    assert (await house.http.get("/v1/blogs/night/stream")).status_code == 426


async def test_a_history_is_made_beside_the_loop_once_for_all_who_ask(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the entry is touched again, whatever else happens; one is made at a time, also if its asker goes away."""
    first, second = [(await house.publish(headline=f"News {n}"))["entry"]["id"] for n in range(2)]
    made: list[int] = []
    gate, began, loop = threading.Event(), asyncio.Event(), asyncio.get_running_loop()

    def slowly(history: History) -> bytes:
        assert threading.current_thread() is not threading.main_thread()
        made.append(history.revisions[-1].position)
        loop.call_soon_threadsafe(began.set)
        assert gate.wait(20)
        return changes(history)

    monkeypatch.setattr(entry_histories, "changes", slowly)
    histories = EntryHistories()

    async def read(entry_id: str) -> Any:
        history = await house.store.readmodels.history("night", entry_id)
        assert history is not None
        return json.loads(await histories.document(history))

    asking = [asyncio.create_task(read(first))]
    await asyncio.wait_for(began.wait(), 20)
    asking += [asyncio.create_task(read(each)) for each in (first, second, second)]
    await asyncio.wait(asking, timeout=0.1)
    asking.pop(0).cancel()
    await asyncio.wait(asking, timeout=0.1)
    assert made == [2]
    gate.set()
    assert [found["id"] for found in await asyncio.gather(*asking)] == [first, second, second]
    assert made == [2, 3]
    await house.post("night", {"type": "revise_entry", "entry_id": first, "headline": "Later"})
    again, other = await read(first), await read(second)
    assert (len(again["history"]), len(other["history"])) == (2, 1)
    assert again["at_position"] == other["at_position"] == 4
    assert made == [2, 3, 4]


async def test_what_is_kept_of_histories_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_histories, "MOST_BYTES", 1_000)
    histories = EntryHistories()
    for _ in range(12):
        entry_id = (await house.publish())["entry"]["id"]
        history = await house.store.readmodels.history("night", entry_id)
        assert history is not None
        assert json.loads(await histories.document(history))["id"] == entry_id
        assert histories._bytes == sum(map(len, histories._kept.values())) <= 1_000
    assert 1 < len(histories._kept) < 12
