"""The stream on a real socket: live, from any position, and back after a cut."""

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from house import House, open_house, until
from liveblog.domain import instant
from liveblog.log.request import LogUnavailable
from web.event_source import ask

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


def folded(blog: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
    """What a client holds that takes `entry`, `header`, `included` and `counts` as they come."""
    header = {name: value for name, value in blog.items() if name not in _OUTSIDE}
    entries = {entry["id"]: entry for entry in blog["entries"] + blog["included"]}
    counts = blog["counts"]
    for event in events:
        header = event["header"] or header
        counts = event["counts"]
        for entry in [*event["included"], *([event["entry"]] if event["entry"] else [])]:
            held = entries.get(entry["id"])
            if held is None or held["position"] < entry["position"]:
                entries[entry["id"]] = entry
    return {"header": header, "entries": entries, "counts": counts}


_OUTSIDE = {"epoch", "edition", "position", "hash", "time", "counts", "entries", "included", "next"}


async def everything(house: House) -> list[dict[str, Any]]:
    """One of each thing that can happen to an open page; returns the events as they were answered."""
    entry = (await house.publish(headline="Missiles", body="More than a dozen"))["entry"]["id"]
    other = (await house.publish(headline="Twice"))["entry"]["id"]
    commands: list[Any] = [
        {"type": "flag_breaking", "entry_id": entry},
        {"type": "pin_entry", "entry_id": entry},
        {"type": "mark_key_event", "entry_id": entry},
        {"type": "correct_entry", "entry_id": entry, "body": "22", "was": "a dozen", "now": "22", "reason": "counted"},
        {"type": "revise_entry", "entry_id": entry, "tags": ["bases"]},
        {"type": "retract_entry", "entry_id": other, "reason": "duplicate"},
        {"type": "set_key_point", "point_id": "missiles", "text": "22 missiles"},
        [{"type": "clear_breaking", "entry_id": entry}, {"type": "publish_entry", "headline": "Next", "pinned": True}],
        {"type": "set_key_point", "point_id": "missiles", "text": "22: 17 and 5", "reason": "Iraq's army said so"},
        {"type": "unpin_entry", "entry_id": entry},
        {"type": "withdraw_key_point", "point_id": "missiles", "reason": "old"},
        {"type": "change_headline", "headline": "22 missiles at two bases"},
        {"type": "unmark_key_event", "entry_id": entry},
        {"type": "end_blog"},
        {"type": "reopen_blog"},
    ]
    events = []
    for command in commands:
        answer = await house.post("night", command)
        assert answer.status_code == 201, answer.text
        events += answer.json()["events"]
    return events


async def test_a_reader_at_the_live_edge_gets_everything_as_it_happens(house: House) -> None:
    async with house.stream() as reader:
        opened = await reader.next("subscribed")
        assert (opened["state"], opened["position"], opened["head"], opened["protocol"]) == ("live", 1, 1, 1)
        blog = await house.get("/v1/blogs/night")
        posted = await everything(house)
        head = posted[-1]["position"]
        received = await reader.events(head - 1)
    assert [event["position"] for event in received] == list(range(2, head + 1))
    assert received[2:] == posted
    now = await house.get("/v1/blogs/night")
    assert folded(blog, received) == folded(now, [])


async def test_the_socket_hears_of_a_post_soon_after_its_answer(house: House) -> None:
    """Within 100 ms where nothing else keeps the machine busy: so the best of some posts, and no turn of a timer."""
    async with house.stream() as reader:
        await reader.next("subscribed")
        late = []
        for _ in range(20):
            await house.publish()
            answered = time.monotonic()
            await reader.next("event")
            late.append(time.monotonic() - answered)
    assert min(late) < 0.1


async def test_a_reader_cut_off_anywhere_ends_like_one_who_stayed(house: House) -> None:
    blog = await house.get("/v1/blogs/night")
    posted = await everything(house)
    head = posted[-1]["position"]
    whole = folded(await house.get("/v1/blogs/night"), [])
    async with house.stream(query="?from=1&at_end=end") as reader:
        stayed = [message for message in await reader.rest() if message["type"] == "event"]
    for cut in range(1, head + 1):
        before = [event for event in stayed if event["position"] <= cut]
        async with house.stream(query=f"?from={cut}&epoch={blog['epoch']}") as reader:
            opened = await reader.next("subscribed")
            assert opened["position"] == cut
            after = await reader.events(head - cut)
            if cut < head:
                assert (await reader.next())["type"] == "caught_up"
        assert folded(blog, before + after) == whole
        assert [event["position"] for event in before + after] == list(range(2, head + 1))


async def test_catching_up_ends_with_caught_up_and_goes_on_live(house: House) -> None:
    await house.publish()
    async with house.stream(query="?from=start") as reader:
        assert (await reader.next())["state"] == "playing"
        assert [event["position"] for event in await reader.events(2)] == [1, 2]
        assert (await reader.next())["type"] == "caught_up"
        await house.publish()
        assert (await reader.next())["position"] == 3


async def test_more_events_than_a_page_holds_all_arrive(house: House) -> None:
    for first in range(0, 600, 100):
        await house.post("night", [{"type": "publish_entry", "headline": f"{first + n}"} for n in range(100)])
    async with house.stream(query="?from=start&at_end=end") as reader:
        messages = await reader.rest()
    assert [each["position"] for each in messages if each["type"] == "event"] == list(range(1, 602))
    assert messages[-1]["state"] == "ended"
    assert reader.socket.close_code == 1000


async def test_a_stream_from_a_time_begins_with_the_blog_at_that_time(house: House) -> None:
    first = (await house.publish(headline="First"))["events"][0]
    entry = first["entry"]["id"]
    await house.post("night", {"type": "revise_entry", "entry_id": entry, "headline": "Second"})
    async with house.stream(query=f"?from={first['at']}") as reader:
        opened = await reader.next()
        snapshot = await reader.next()
        assert opened["type"] == "subscribed"
        assert snapshot["type"] == "snapshot"
        assert snapshot["position"] == opened["position"]
        then = await house.get(f"/v1/blogs/night?position={snapshot['position']}")
        assert snapshot["state"] == then | {"time": snapshot["time"]}


async def test_seeking_gives_what_a_fresh_replay_gives(house: House) -> None:
    posted = await everything(house)
    head = posted[-1]["position"]
    async with house.stream(query="?from=start&at_end=end") as reader:
        fresh = [message for message in await reader.rest() if message["type"] == "event"]
    async with house.stream() as reader:
        await reader.next("subscribed")
        for target in (3, head - 1, 0, 7, "start"):
            answer = await reader.ask(type="seek", to=target, rate="instant")
            assert answer["type"] == "playback"
            snapshot = await reader.next("snapshot")
            at = 0 if target == "start" else target
            assert (snapshot["position"], snapshot["generation"]) == (at, answer["generation"])
            assert await reader.events(head - int(at)) == fresh[int(at) :]
            assert (await reader.next())["type"] == "caught_up"


async def test_pause_step_and_resume_at_the_edge_lose_nothing(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        assert (await reader.ask(type="pause"))["state"] == "paused"
        for _ in range(3):
            await house.publish()
        stepped = await reader.ask(type="step", count=1)
        assert (stepped["state"], stepped["position"]) == ("paused", 2)
        assert (await reader.next())["position"] == 2
        assert (await reader.ask(type="resume"))["state"] == "playing"
        assert [event["position"] for event in await reader.events(2)] == [3, 4]
        assert (await reader.next())["type"] == "caught_up"


async def test_a_refused_message_changes_nothing(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        for message, code in (
            ({"type": "step", "count": 1}, "not_paused"),
            ({"type": "dance"}, "unknown_type"),
            ({"type": "seek", "to": "yesterday"}, "bad_message"),
            ({"type": "rate", "rate": 0}, "bad_message"),
        ):
            answer = await reader.ask(**message)
            assert (answer["type"], answer["code"]) == ("error", code)
        await house.publish()
        assert (await reader.next())["position"] == 2


@pytest.mark.parametrize(
    ("slug", "query", "code", "close"),
    [
        ("none", "", "no_such_blog", 4504),
        ("night", "?rate=0", "bad_query", 4500),
        ("night", "?colour=red", "bad_query", 4500),
        ("night", "?from=2", "position_beyond_head", 4403),
        ("night", "?from=1&epoch=another", "epoch_changed", 4402),
        ("night", "?from=1&hash=" + "0" * 64, "history_changed", 4402),
    ],
)
async def test_what_must_not_be_retried_is_said_after_the_upgrade(
    house: House, slug: str, query: str, code: str, close: int
) -> None:
    async with house.stream(slug, query) as reader:
        message = await reader.next()
        assert (message["type"], message["code"]) == ("error", code)
        assert await reader.close_code() == close


async def test_a_log_that_fails_after_the_upgrade_asks_the_reader_to_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(slug: str) -> None:
        raise LogUnavailable("not now")

    async with house.stream() as reader:
        await reader.next("subscribed")
        monkeypatch.setattr(house.store.event_log, "head", failing)
        async with house.stream(query="?from=1000") as ahead:
            assert (await ahead.next())["code"] == "unavailable"
            assert await ahead.close_code() == 1013
        async with ask(house.address, "/v1/blogs/night/sse?from=1000") as refused:
            assert refused.status == 503


@pytest.mark.parametrize(("sent", "close"), [("[]", 4500), ("nonsense", 4500), (b"{}", 1003), ("x" * 20_000, 1009)])
async def test_what_is_no_message_closes_the_socket(house: House, sent: str | bytes, close: int) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        await reader.socket.send(sent)
        assert await reader.close_code() == close


async def test_a_binary_message_is_told_why_it_ends_the_stream(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        await reader.socket.send(b"{}")
        assert (await reader.next())["code"] == "not_text"


async def test_an_address_that_is_no_stream_says_so_after_the_upgrade(house: House) -> None:
    async with house.stream("night/elsewhere") as reader:
        assert (await reader.next())["code"] == "not_found"
        assert await reader.close_code() == 4500


async def test_answers_tell_instants_of_the_timeline_from_the_first(house: House) -> None:
    """Also where nothing was sent yet that would tell the instant: at the start, and at the live edge."""
    started = (await house.get("/v1/blogs/night"))["started_at"]
    for query in ("", "?from=1", "?from=start&rate=1"):
        async with house.stream(query=query) as reader:
            assert (await reader.ask(type="pause"))["time"] == started
    async with house.stream(query="?from=1&at_end=end") as reader:
        assert (await reader.next("playback"))["time"] == started


async def test_a_flood_of_messages_closes_the_socket(house: House) -> None:
    async with house.stream() as reader:
        await reader.next("subscribed")
        with contextlib.suppress(ConnectionClosed):  # while there was still something to say
            for _ in range(60):
                await reader.say(type="pause")
        assert await reader.close_code() == 4029


async def test_messages_of_a_hasty_client_are_answered_in_order(house: House) -> None:
    async with house.stream(query="?from=start&rate=1") as reader:
        for number in range(10):
            await reader.say(type="seek", to=0, paused=True, id=number)
        answers = [await reader.next("playback") for _ in range(10)]
    assert [answer["re"] for answer in answers] == list(range(10))


async def test_heartbeats_come_while_nothing_else_does(sqlite_url: str) -> None:
    async with open_house(sqlite_url, heartbeat_s=0.2) as house:
        await house.start()
        async with house.stream() as reader:
            assert (await reader.next("subscribed"))["heartbeat_s"] == 0.2
            beat = await reader.next("heartbeat")
            assert beat["head"] == 1
            assert beat["server_time"].endswith("Z")


async def test_too_many_streams_are_refused_before_the_upgrade(sqlite_url: str) -> None:
    async with open_house(sqlite_url, max_connections=2) as house:
        await house.start()
        async with house.stream() as first, house.stream() as second:
            await first.next("subscribed")
            await second.next("subscribed")
            with pytest.raises(InvalidStatus, match="503") as refused:
                async with house.stream():
                    pass
            assert int(refused.value.response.headers["Retry-After"]) > 0
        await until(lambda: house.services.admission.streams < 2)
        async with house.stream() as third:
            await third.next("subscribed")


async def test_one_address_may_have_so_many_streams(sqlite_url: str) -> None:
    async with open_house(sqlite_url, max_connections_per_address=1) as house:
        await house.start()
        async with house.stream() as first:
            await first.next("subscribed")
            with pytest.raises(InvalidStatus, match="429"):
                async with house.stream():
                    pass


async def test_a_stopping_server_sends_readers_away_with_their_cursor(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()
        stream = house.stream()
        reader = await stream.__aenter__()
        await reader.next("subscribed")
    assert await reader.close_code() == 4001
    await stream.__aexit__(None, None, None)


async def test_a_silent_reader_does_not_hold_up_the_others(house: House) -> None:
    """One reader's socket takes nothing; the others get all, and it gets the same when it reads again."""
    async with house.stream() as quick, house.stream() as slow:
        await quick.next("subscribed")
        await slow.next("subscribed")
        slow.socket.transport.pause_reading()
        body = "x" * 20_000
        for number in range(150):
            await house.publish(headline=f"{number}", body=body)
            assert (await quick.next("event"))["position"] == number + 2
        slow.socket.transport.resume_reading()
        positions: list[int] = []
        kinds = set()
        while len(positions) < 150:
            message = await slow.next()
            kinds.add(message["type"])
            if message["type"] == "event":
                positions.append(message["position"])
        assert positions == list(range(2, 152))
        assert "fell_behind" in kinds


async def test_a_replay_keeps_the_distances_of_the_timeline(house: House) -> None:
    """At rate 0.25 events come four times as far apart as they were: never early; how late, benchmarks measure."""
    for _ in range(3):
        await house.publish()
    events = (await house.get("/v1/blogs/night/events"))["events"]
    start = time.monotonic()  # the clock starts later, when the server says `subscribed`
    async with house.stream(query="?from=start&rate=0.25&at_end=end") as reader:
        await reader.next("subscribed")
        for event in events:
            message = await reader.next("event")
            assert message == event
            due = _seconds(event["at"], events[0]["at"]) / 0.25
            assert time.monotonic() - start >= due


def _seconds(later: str, earlier: str) -> float:
    return (instant.parse(later) - instant.parse(earlier)) / 1000
