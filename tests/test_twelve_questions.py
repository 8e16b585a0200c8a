"""Twelve questions that live blogs have been found to answer wrongly. Each is asked of a real server, over the wire."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import anyio.to_thread
import pytest

from house import House, Reader, open_house, until
from liveblog.application.feed import PAGE, RING
from liveblog.domain import instant
from log.build import T0, Build, accept
from program import done
from replay.history import Blog
from web.story import Story

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind."""
    found: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return found


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    async with open_house(url) as house:
        yield house


async def follow(reader: Reader, blog: Blog, head: int) -> int:
    """Take events as a client does until the head; they come in order. Returns the last position."""
    while True:
        message = await reader.next("event", "snapshot")
        if message["type"] == "snapshot":
            blog.replace(message["state"])
        else:
            blog.take(message)
        if message["position"] == head:
            return head


async def order(house: House, slug: str, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    """Post commands that must be accepted, as one commit; returns their events."""
    answer = await house.post(slug, list(commands))
    assert answer.status_code == 201, answer.text
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


async def all_entries(house: House, slug: str, query: str) -> list[dict[str, Any]]:
    """Every entry, page by page."""
    path = f"/v1/blogs/{slug}/entries?{query}"
    page = await house.get(path)
    found: list[dict[str, Any]] = page["entries"]
    while page["next"] is not None:
        page = await house.get(f"{path}&cursor={page['next']}")
        found += page["entries"]
    return found


async def test_01_a_reader_who_was_cut_off_ends_where_one_who_stayed_does(house: House) -> None:
    """Cut the connection while any number of events happen, come back with the last position: the same blog?"""
    story = Story(house)
    await story.begin()
    blog = await house.get("/v1/blogs/story")
    stayed, left = Blog(), Blog()
    async with house.stream("story", "?from=start") as steady:
        await follow(steady, stayed, story.head)
        position = 0
        for missed in (0, 1, 7, 60):
            async with house.stream("story", f"?from={position}&epoch={blog['epoch']}") as reader:
                position = await follow(reader, left, story.head) if story.head > position else position
            await story.go_on(missed)
            if missed:
                await follow(steady, stayed, story.head)
        async with house.stream("story", f"?from={position}&epoch={blog['epoch']}") as reader:
            await follow(reader, left, story.head)
    assert left == stayed
    now = await house.get("/v1/blogs/story?limit=200")
    assert [entry["id"] for entry in left.in_order()] == [entry["id"] for entry in now["entries"]]
    assert (left.in_order(), left.counts) == (now["entries"], now["counts"])
    assert all(now[name] == value for name, value in left.header.items())


async def test_02_what_was_withdrawn_stays_withdrawn_wherever_one_looks(house: House) -> None:
    """Edit, then retract, then load again, then page: does it ever come back, come twice, or get counted wrongly?"""
    await house.start()
    ids = [(await house.publish(headline=f"News {n}"))["entry"]["id"] for n in range(7)]
    gone = ids[3]
    held = Blog()
    old_page = await house.get("/v1/blogs/night/entries?limit=200")
    await order(house, "night", {"type": "revise_entry", "entry_id": gone, "headline": "Secret, edited"})
    (event,) = await order(house, "night", {"type": "retract_entry", "entry_id": gone, "reason": "Wrong"})
    for command in ({"type": "revise_entry", "headline": "Again"}, {"type": "pin_entry"}, {"type": "retract_entry"}):
        said = {"reason": "r"} if command["type"] == "retract_entry" else {}
        refused = await house.post("night", {**command, "entry_id": gone, **said})
        assert (refused.status_code, refused.json()["code"]) == (409, "entry_retracted")
    # A client holds an older page, and hears of the event; pages that it reads from now on are no older than that.
    held.take(event)
    for entry in (*old_page["entries"], *await all_entries(house, "night", f"limit=2&at_least={event['position']}")):
        held._keep(entry)
    blog = await house.get("/v1/blogs/night")
    for entries in (
        blog["entries"],
        held.in_order(),
        await all_entries(house, "night", "limit=2"),
        (await all_entries(house, "night", "limit=3&order=oldest"))[::-1],
    ):
        assert [entry["id"] for entry in entries] == ids[::-1]
        (shown,) = [entry for entry in entries if entry["id"] == gone]
        assert shown["retracted"] == {"at": event["at"], "reason": "Wrong", "by": "Edith"}
        assert "ecret" not in json.dumps(shown)
    assert blog["counts"] == {"entries": 6, "retracted": 1, "corrections": 0, "key_events": 0, "breaking": 0}
    assert held.counts == blog["counts"]


async def test_03_there_is_one_order_of_entries_everywhere(house: House) -> None:
    """Sixteen entries in one minute, published in another order than drafted, some at one instant: one order?"""
    await house.start()
    dice = Random(3)
    entries = []
    for second in dice.sample([*range(0, 48, 3)], 16):
        published = f"2024-05-01T12:00:{second // 6 * 6:02}+02:00"
        entries.append((await house.publish(headline=str(second), published_at=published))["entry"])
    expected = [entry["id"] for entry in sorted(entries, key=lambda e: (e["published_at"], e["first_position"]))]
    assert expected != [entry["id"] for entry in entries]
    assert len({entry["published_at"] for entry in entries}) == 8
    newest = expected[::-1]
    streamed = Blog()
    async with house.stream(query="?from=start&at_end=end") as reader:
        for message in await reader.rest():
            if message["type"] == "event":
                streamed.take(message)
    snapshot = Blog()
    async with house.stream() as reader:
        await reader.say(type="seek", to=16)
        await follow(reader, snapshot, 17)
    blog = await house.get("/v1/blogs/night")
    pages = await all_entries(house, "night", "limit=3")
    rising = await all_entries(house, "night", "limit=5&order=oldest")
    then = await all_entries(house, "night", "limit=4&position=17")
    around = await house.get(f"/v1/blogs/night/entries?limit=16&around={expected[8]}")
    for found in (
        *(streamed.in_order(), snapshot.in_order(), blog["entries"], pages, rising[::-1], then),
        around["entries"],
    ):
        assert [entry["id"] for entry in found] == newest


async def test_04_after_a_retracted_last_entry_the_next_one_still_arrives(house: House) -> None:
    """The last thing that a reader saw is withdrawn: does the next entry come, on the stream and by pages?"""
    await house.start()
    ids = [(await house.publish(headline=f"News {n}"))["entry"]["id"] for n in range(4)]
    page = await house.get("/v1/blogs/night/entries?limit=2")
    last_seen = page["entries"][-1]["id"]
    assert last_seen == ids[2]
    async with house.stream(query="?from=live") as reader:
        position = (await reader.next("subscribed"))["position"]
    await order(house, "night", {"type": "retract_entry", "entry_id": ids[3], "reason": "r"})
    await order(house, "night", {"type": "retract_entry", "entry_id": last_seen, "reason": "r"})
    next_id = (await house.publish(headline="Next"))["entry"]["id"]
    async with house.stream(query=f"?from={position}") as reader:
        arrived = [await reader.next("event") for _ in range(3)]
    assert [event["position"] for event in arrived] == [position + 1, position + 2, position + 3]
    assert (arrived[-1]["entry"]["id"], arrived[-1]["entry"]["headline"]) == (next_id, "Next")
    rest = await house.get(f"/v1/blogs/night/entries?limit=2&cursor={page['next']}")
    assert [entry["id"] for entry in rest["entries"]] == [ids[1], ids[0]]


async def test_05_changes_without_a_new_text_reach_an_open_page(house: House) -> None:
    """Pin, unpin, breaking on and off, a retraction: does a page that is open show them?"""
    await house.start()
    entry = (await house.publish())["entry"]["id"]
    open_page = Blog()
    async with house.stream(query="?from=0") as reader:
        await follow(reader, open_page, 2)
        seen = []
        for kind in ("pin_entry", "flag_breaking", "unpin_entry", "clear_breaking", "pin_entry", "retract_entry"):
            reason = {"reason": "r"} if kind == "retract_entry" else {}
            (event,) = await order(house, "night", {"type": kind, "entry_id": entry, **reason})
            await follow(reader, open_page, event["position"])
            shown = open_page.entries[entry]
            header = open_page.header
            seen.append((shown["pinned"], shown["breaking"], header["pinned"], header["breaking"]))
            assert open_page.counts["breaking"] == len(header["breaking"])
    assert seen == [
        (True, False, [entry], []),
        (True, True, [entry], [entry]),
        (False, True, [], [entry]),
        (False, False, [], []),
        (True, False, [entry], []),
        (False, False, [], []),
    ]
    assert open_page.entries[entry]["retracted"]["reason"] == "r"
    assert open_page.counts["retracted"] == 1


async def test_06_of_events_at_one_instant_none_is_lost_at_a_cursor(house: House) -> None:
    """Several events in one second, and in one millisecond, around a reader's cursor: does each arrive, once?"""
    build = Build(6)
    commits = [build.commit(build.entry(), at=T0 + ms) for ms in (0, 0, 0, 400, 400, 999, 999, 1_000)]
    commits += [build.commit(build.entry(), build.entry(), at=T0 + 1_000)]
    await accept(house.store.event_log, build.start("old", at=T0), build.append("old", *commits))
    head = 11
    for cursor in range(head + 1):
        async with house.stream("old", f"?from={cursor}&at_end=end") as reader:
            positions = [each["position"] for each in await reader.rest() if each["type"] == "event"]
        page = await house.get(f"/v1/blogs/old/events?after={cursor}")
        assert positions == list(range(cursor + 1, head + 1))
        assert [each["position"] for each in page["events"]] == positions
    # A time leads to after all that happened at that instant: the snapshot holds it, the events are what followed.
    for ms, position in ((0, 4), (399, 4), (400, 6), (998, 6), (999, 8), (1_000, 11)):
        async with house.stream("old", f"?from={instant.show(T0 + ms)}&at_end=end") as reader:
            said = await reader.rest()
        (snapshot,) = [each for each in said if each["type"] == "snapshot"]
        assert snapshot["position"] == position
        after = [each["position"] for each in said if each["type"] == "event"]
        assert after == list(range(position + 1, head + 1))


async def test_07_more_missed_events_than_a_page_holds_all_arrive(house: House) -> None:
    """A reader was away for longer than any page, and than what is kept in memory: does everything arrive?"""
    await house.start()
    missed = RING + 3 * PAGE
    for first in range(0, missed, 100):
        batch = [{"type": "publish_entry", "headline": str(n)} for n in range(first, min(missed, first + 100))]
        await order(house, "night", *batch)
    async with house.stream(query="?from=1") as reader:
        arrived = [event["entry"]["headline"] for event in await reader.events(missed)]
        assert (await reader.next("caught_up"))["position"] == missed + 1
    assert arrived == [str(number) for number in range(missed)]
    after, paged = 1, []
    while True:
        page = await house.get(f"/v1/blogs/night/events?after={after}&limit=1000")
        paged += [event["entry"]["headline"] for event in page["events"]]
        after = page["next_after"]
        if not page["final"]:
            break
    assert paged == arrived


async def test_08_nobody_waits_for_a_slow_reader(house: House) -> None:
    """One reader takes nothing while megabytes are posted: do the others get everything meanwhile, and he later?"""
    await house.start()
    batches, size = 9, 10
    text = "&" * 19_000
    async with house.stream(query="?from=1") as slow, house.stream(query="?from=1") as quick:
        await slow.next("subscribed")
        for number in range(batches):
            await order(house, "night", *[{"type": "publish_entry", "body": f"{number} {text}"}] * size)
            # Each batch is there before the next is posted: nothing is held back for the one who does not read.
            events = await quick.events(size)
            assert events[-1]["position"] == 1 + (number + 1) * size
        # Only one of the two is up to date: the other was really slow.
        await until(lambda: [len(feed.live) for feed in house.services.hub.feeds()] == [1])
        late = await slow.events(batches * size)
    assert [event["position"] for event in late] == list(range(2, batches * size + 2))


async def test_09_an_editor_reaches_no_entry_of_another_blog(house: House) -> None:
    """An editor of one blog names an entry of another: refused, and nothing has changed?"""
    await house.start("one")
    await house.start("two")
    theirs = (await house.publish("two", headline="Theirs"))["entry"]
    token = await house.token(name="Otto", blogs=("one",))
    for command in (
        {"type": "revise_entry", "headline": "Mine"},
        {"type": "correct_entry", "headline": "Mine", "was": "a", "now": "b", "reason": "c"},
        {"type": "retract_entry", "reason": "r"},
        {"type": "pin_entry"},
        {"type": "flag_breaking"},
        {"type": "mark_key_event"},
    ):
        asked = {**command, "entry_id": theirs["id"]}
        through_own = await house.post("one", asked, token=token)
        assert (through_own.status_code, through_own.json()["code"]) == (404, "no_such_entry")
        directly = await house.post("two", asked, token=token)
        assert (directly.status_code, directly.json()["code"]) == (403, "forbidden")
    assert (await house.get("/v1/blogs/two"))["entries"] == [theirs]
    assert [(await house.get(f"/v1/blogs/{slug}"))["position"] for slug in ("one", "two")] == [1, 2]


async def test_10_the_same_post_twice_is_one_event(house: House) -> None:
    """An answer was lost and the request is sent again, later or at once: is there one event?"""
    await house.start()
    command = {"type": "publish_entry", "headline": "Once"}
    first = await house.post("night", command, key="k1")
    again = await house.post("night", command, key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["idempotent-replay"] == "true"
    assert again.json()["events"] == first.json()["events"]
    at_once = await asyncio.gather(*(house.post("night", command, key="k2") for _ in range(8)))
    assert sorted(answer.status_code for answer in at_once) == [200] * 7 + [201]
    assert {answer.json()["events"][0]["event_id"] for answer in at_once} == {
        at_once[0].json()["events"][0]["event_id"]
    }
    named = {**command, "entry_id": str(uuid4())}
    assert [(await house.post("night", named)).status_code for _ in range(2)] == [201, 409]
    assert (await house.get("/v1/blogs/night"))["counts"]["entries"] == 3
    assert len((await house.get("/v1/blogs/night/events"))["events"]) == 4


async def test_11_times_are_right_whatever_clock_and_zone_a_reader_has(house: House) -> None:
    """A reader with a wrong clock, in another zone, on the night the clocks change: are the times right?"""
    await house.start("berlin", time_zone="Europe/Berlin")
    # The hour from two to three comes twice that night; only the offset tells which.
    written = [
        ("2023-10-29T02:30:00+02:00", "2023-10-29T00:30:00.000Z"),
        ("2023-10-29T02:10:00.1239+01:00", "2023-10-29T01:10:00.123Z"),
        ("2023-10-28T21:15:00-04:00", "2023-10-29T01:15:00.000Z"),
        ("2023-10-29T03:00:00+01:00", "2023-10-29T02:00:00.000Z"),
    ]
    for local, _ in reversed(written):
        await house.publish("berlin", headline=local, published_at=local)
    blog = await house.get("/v1/blogs/berlin")
    assert [(entry["headline"], entry["published_at"]) for entry in blog["entries"][::-1]] == written
    assert blog["time_zone"] == "Europe/Berlin"
    without = await house.post(
        "berlin", {"type": "publish_entry", "headline": "h", "published_at": "2023-10-29T02:30:00"}
    )
    assert without.status_code == 422
    # One instant, asked for in three zones, is one answer.
    at = instant.parse(blog["time"])
    zones = [instant.show(at), _in_zone(at, 2, "+02:00"), _in_zone(at, -4, "-04:00")]
    answers = [(await house.http.get("/v1/blogs/berlin", params={"time": zone})).content for zone in zones]
    assert answers[0] == answers[1] == answers[2]
    # Whoever's clock is wrong can tell: the server says its own time first and with each beat.
    before = house.services.wall()
    async with house.stream("berlin") as reader:
        said = instant.parse((await reader.next("subscribed"))["server_time"])
    assert before <= said <= house.services.wall()
    ahead = instant.show(house.services.wall() + 3_600_000)
    assert (await house.http.get(f"/v1/blogs/berlin?time={ahead}")).json()["code"] == "time_in_future"
    refused = await house.post("berlin", {"type": "publish_entry", "headline": "h", "published_at": ahead})
    assert refused.status_code == 422


def _in_zone(ms: int, hours: int, offset: str) -> str:
    return instant.show(ms + hours * 3_600_000).removesuffix("Z") + offset


async def test_12_the_start_stays_and_an_export_holds_every_entry(house: House, url: str, tmp_path: Path) -> None:
    """Is the blog's start the same for ever, and does an export hold all entries, not the first page of them?"""
    await house.start()
    started = (await house.get("/v1/blogs/night"))["started_at"]
    assert started == (await house.get("/v1/blogs/night/events"))["events"][0]["at"]
    ids = []
    for first in range(0, 450, 90):
        batch = [
            {"type": "publish_entry", "headline": str(n), "published_at": "2020-01-01T00:00:00Z"}
            for n in range(first, first + 90)
        ]
        ids += [event["entry"]["id"] for event in await order(house, "night", *batch)]
    for command in (
        {"type": "change_headline", "headline": "Another"},
        {"type": "end_blog"},
        {"type": "reopen_blog"},
        {"type": "retract_entry", "entry_id": ids[7], "reason": "r"},
    ):
        await order(house, "night", command)
        assert (await house.get("/v1/blogs/night"))["started_at"] == started
    assert {(await house.get(f"/v1/blogs/night?position={n}"))["started_at"] for n in (1, 200, 455)} == {started}
    assert (await house.get("/v1/blogs"))["blogs"][0]["started_at"] == started
    recording = await anyio.to_thread.run_sync(lambda: done("export", "night", url=url))
    header, *events = [json.loads(line) for line in recording.splitlines()]
    assert header["head"] == 455 == len(events)
    envelopes = [
        json.loads(event["envelope"]) if isinstance(event["envelope"], str) else event["envelope"] for event in events
    ]
    assert [each["entry_id"] for each in envelopes if each["event_type"] == "entry_published"] == ids
    assert envelopes[0]["at"] == started
    assert all(one["position"] + 1 == other["position"] for one, other in pairwise(envelopes))
