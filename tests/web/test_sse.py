"""The stream as server-sent events: byte by byte, as an EventSource reads it, and back after a cut."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from house import PATIENCE_S, House, open_house, until
from liveblog.application.subscription import Subscription
from liveblog.session.messages import Heartbeat
from liveblog.web.event_stream import EventStream
from web.event_source import Dispatched, ask

pytestmark = pytest.mark.anyio

PATH = "/v1/blogs/night/sse"
LONG = "\N{WOMAN}" * 20_000
"""A body of a quarter of a megabyte in each message: as written, as HTML and as text."""
NODE = Path(sys.executable).parent / "node"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


async def epoch_of(house: House) -> str:
    found: str = (await house.get("/v1/blogs/night"))["epoch"]
    return found


async def some_events(house: House) -> int:
    """Publish, correct and list; returns the head."""
    entry = (await house.publish(headline="Missiles", body="More than\na dozen"))["entry"]["id"]
    correction = {"body": "22", "was": "a dozen", "now": "22", "reason": "counted"}
    await house.post("night", {"type": "correct_entry", "entry_id": entry, **correction})
    await house.post("night", [{"type": "publish_entry", "headline": f"{n}"} for n in range(3)])
    answer = await house.post("night", {"type": "retract_entry", "entry_id": entry, "reason": "wrong"})
    head: int = answer.json()["position"]
    return head


async def whole(house: House, query: str, last_event_id: str | None = None) -> list[Dispatched]:
    """All of a stream that ends."""
    async with ask(house.address, f"{PATH}{query}", last_event_id=last_event_id) as stream:
        assert stream.status == 200
        return await stream.rest()


def positions(found: list[Dispatched]) -> list[int]:
    return [each.message["position"] for each in found if each.type == "event"]


# The form.


async def test_the_answer_is_an_event_stream_that_nobody_keeps_gathers_or_changes(house: House) -> None:
    async with ask(house.address, f"{PATH}?from=start") as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store, no-transform"
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["access-control-allow-origin"] == "*"
        assert stream.headers["cross-origin-resource-policy"] == "cross-origin"
        assert stream.headers["connection"] == "close"
        assert not {"content-length", "transfer-encoding", "etag"} & set(stream.headers)


async def test_the_bytes_are_blocks_of_event_id_and_data(house: House) -> None:
    await some_events(house)
    epoch = await epoch_of(house)
    events = (await house.get("/v1/blogs/night/events"))["events"]
    async with ask(house.address, f"{PATH}?from=start&at_end=end") as stream:
        await stream.rest()
    retry, *blocks, rest = stream.raw.decode().split("\n\n")
    assert rest == ""
    assert retry.removeprefix("retry: ").isdigit()
    assert blocks[0].startswith("event: subscribed\ndata: {")
    for block, event in zip(blocks[1 : len(events) + 1], events, strict=True):
        kind, event_id, data = block.split("\n")
        assert (kind, event_id) == ("event: event", f"id: {epoch}:{event['position']}")
        assert json.loads(data.removeprefix("data: ")) == event
    assert blocks[-2].startswith('event: playback\ndata: {"type":"playback","state":"ended"')
    assert blocks[-1].startswith('event: closing\ndata: {"type":"closing","code":1000,"reason":"')
    assert len(blocks) == len(events) + 3


@pytest.mark.parametrize("query", ["from=start", "from=3", "from=2&rate=1000&max_gap=0.1", "from=1&hash={hash}"])
async def test_the_messages_are_those_of_the_socket(house: House, query: str) -> None:
    hash_of_1 = (await house.get("/v1/blogs/night"))["hash"]
    await some_events(house)
    asked = "?at_end=end&" + query.format(hash=hash_of_1)
    async with house.stream(query=asked) as reader:
        expected = await reader.rest()
    heard = await whole(house, asked)
    assert [each.message["type"] for each in heard] == [each.type for each in heard]
    assert without_times([each.message for each in heard[:-1]]) == without_times(expected)
    assert heard[-1].message == {"type": "closing", "code": 1000, "reason": reader.socket.close_reason}


def without_times(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name != "server_time"} for each in messages]


async def test_a_stream_from_a_time_begins_with_a_snapshot_that_bears_an_id(house: House) -> None:
    await some_events(house)
    event = (await house.get("/v1/blogs/night/events?after=1&limit=1"))["events"][0]
    async with house.stream(query=f"?from={event['at']}") as reader:
        await reader.next("subscribed")
        expected = await reader.next("snapshot")
    async with ask(house.address, f"{PATH}?from={event['at']}") as stream:
        assert (await stream.next()).last_event_id == ""
        snapshot = await stream.next()
    assert snapshot.message == expected
    assert snapshot.last_event_id == f"{await epoch_of(house)}:{expected['position']}"


async def test_heartbeats_are_messages_without_an_id(sqlite_url: str) -> None:
    async with open_house(sqlite_url, heartbeat_s=0.2) as house:
        await house.start()
        async with ask(house.address, PATH) as stream:
            beat = await stream.next("heartbeat")
            assert beat.message["head"] == 1
            assert beat.last_event_id == ""
            await house.publish()
            assert (await stream.next("event")).last_event_id.endswith(":2")
            await stream.next("heartbeat")
        assert b"event: heartbeat\ndata: {" in stream.raw
        assert set(beat.message) == {"type", *Heartbeat.__struct_fields__}


async def test_the_wait_before_coming_back_differs_from_reader_to_reader(house: House) -> None:
    """An EventSource has no jitter of its own."""
    waits = set()
    for _ in range(5):
        async with ask(house.address, PATH) as stream:
            await stream.next("subscribed")
            waits.add(stream.interpreter.retry_ms)
    reconnect = house.services.reconnect
    least, most = reconnect.min_ms, reconnect.min_ms + reconnect.first_jitter_ms
    assert len(waits) == 5
    assert all(wait is not None and least <= wait <= most for wait in waits)


async def test_a_client_of_http_1_0_reads_it_too(house: House) -> None:
    async with ask(house.address, f"{PATH}?from=start&at_end=end", version="1.0") as stream:
        assert stream.status == 200
        assert positions(await stream.rest()) == [1]


async def test_head_tells_what_get_would(house: House) -> None:
    async with ask(house.address, PATH, method="HEAD") as head:
        assert (head.status, head.headers["content-type"]) == (200, "text/event-stream")
        assert await head.reader.read() == b""
    async with ask(house.address, "/v1/blogs/none/sse", method="HEAD") as head:
        assert head.status == 404
    assert house.services.admission.streams == 0


async def test_nothing_else_is_answered_on_its_connection(house: House) -> None:
    """Not what follows in the same packet, and not what comes later."""
    second = "\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n"
    async with ask(house.address, PATH, extra=second) as stream:
        await stream.next("subscribed")
        stream.writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        await house.publish()
        assert (await stream.next()).message["position"] == 2
        assert b"HTTP/1.1" not in stream.raw


# Live.


async def test_a_reader_at_the_live_edge_gets_what_the_socket_gets(house: House) -> None:
    async with ask(house.address, PATH) as stream, house.stream() as reader:
        opened = await stream.next("subscribed")
        await reader.next("subscribed")
        assert (opened.message["state"], opened.message["position"]) == ("live", 1)
        head = await some_events(house)
        assert await stream.events(head - 1) == await reader.events(head - 1)


async def test_the_block_of_a_message_is_made_once_for_all(house: House) -> None:
    async with ask(house.address, PATH) as one, ask(house.address, PATH) as other:
        await one.next("subscribed")
        await other.next("subscribed")
        await house.publish()
        await one.next("event")
        await other.next("event")
        feed = await house.services.hub.feed("night")
        assert feed is not None
        (item,) = (await feed.page(1, 1)).items
        block = item.block
        assert block is not None
        assert block in one.raw
        assert block in other.raw
        async with ask(house.address, f"{PATH}?from=1") as late:
            await late.next("event")
        assert item.block is block


# Back after a cut.


async def test_a_reader_cut_off_anywhere_comes_back_to_what_a_reader_who_stayed_has(house: House) -> None:
    await some_events(house)
    stayed = [each for each in await whole(house, "?from=start&at_end=end") if each.type == "event"]
    head = len(stayed)
    for cut in range(1, head):
        async with ask(house.address, f"{PATH}?from=start&at_end=end") as stream:
            before = [await stream.next("event") for _ in range(cut)]
        after = await whole(house, "?from=start&at_end=end", last_event_id=stream.last_event_id)
        assert after[0].message["position"] == cut
        assert before + [each for each in after if each.type == "event"] == stayed


async def test_a_reader_cut_off_within_a_message_has_not_had_it(house: House) -> None:
    """An event counts when its empty line is there: one whose end is cut off comes again."""
    await some_events(house)
    async with ask(house.address, f"{PATH}?from=start") as stream:
        await stream.events(2)
        line = await stream.reader.readline()
        stream.interpreter.take(line.decode().rstrip("\n"))
    assert stream.last_event_id.endswith(":2")
    again = await whole(house, "?from=start&at_end=end", last_event_id=stream.last_event_id)
    assert positions(again)[0] == 3


async def test_the_last_id_wins_over_from_epoch_and_hash(house: House) -> None:
    await some_events(house)
    epoch = await epoch_of(house)
    hash_of_1 = (await house.get("/v1/blogs/night/events?limit=1"))["events"][0]["hash"]
    for query in ("from=1&epoch=other", "from=start", "from=2020-01-01T00:00:00Z", f"from=1&hash={hash_of_1}", ""):
        found = await whole(house, f"?at_end=end&{query}", last_event_id=f"{epoch}:3")
        assert [each.type for each in found[:2]] == ["subscribed", "event"], query
        assert found[0].message["position"] == 3
        assert positions(found)[0] == 4


async def test_a_replay_goes_on_where_it_was_cut_at_its_rate(house: House) -> None:
    await some_events(house)
    epoch = await epoch_of(house)
    async with ask(house.address, f"{PATH}?from=start&rate=0.1", last_event_id=f"{epoch}:2") as stream:
        opened = (await stream.next()).message
        assert (opened["position"], opened["rate"], opened["state"]) == (2, 0.1, "playing")


VOID = [
    ("an old epoch", "", "other:2"),
    ("an old epoch, and all that was read", "?at_end=end", "other:{head}"),
    ("an old epoch in the address", "?from=2&epoch=other", None),
    ("a position beyond the head", "", "{epoch}:1000"),
    ("a position beyond the head in the address", "?from=1000&epoch={epoch}", None),
    ("another history", "?from=2&hash=" + "0" * 64, None),
    ("no id of ours", "?from=2", "yesterday"),
    ("no id of ours, and a rate", "?from=2&rate=0.1", "{epoch}:"),
    ("an id without an epoch", "", ":3"),
    ("a position that is none", "", "{epoch}:-1"),
    ("a position that would be too large", "", "{epoch}:" + "9" * 500),
    ("something else entirely", "", "caf\u00e9 \u00ff"),
]


@pytest.mark.parametrize(("query", "last_event_id"), [case[1:] for case in VOID], ids=[case[0] for case in VOID])
async def test_a_position_that_is_void_is_answered_by_the_blog_as_it_is_and_what_follows(
    house: House, query: str, last_event_id: str | None
) -> None:
    head = await some_events(house)
    blog = await house.get("/v1/blogs/night")
    known = {"epoch": blog["epoch"], "head": head}
    async with ask(
        house.address,
        PATH + query.format(**known),
        last_event_id=None if last_event_id is None else last_event_id.format(**known),
    ) as stream:
        assert stream.status == 200
        opened, snapshot = await stream.next(), await stream.next()
        assert (opened.type, opened.message["epoch"], opened.message["position"]) == ("subscribed", blog["epoch"], head)
        assert (snapshot.type, snapshot.message["state"]) == ("snapshot", blog)
        assert snapshot.last_event_id == f"{blog['epoch']}:{head}"
        if "at_end" in query:
            assert [each.type for each in await stream.rest()] == ["playback", "closing"]
        else:
            await house.publish()
            assert (await stream.next()).message["position"] == head + 1


async def test_two_ids_are_none_of_ours(house: House) -> None:
    epoch = await epoch_of(house)
    second = f"Last-Event-ID: {epoch}:1\r\n"
    async with ask(house.address, PATH, last_event_id=f"{epoch}:1", extra=second) as stream:
        await stream.next("subscribed")
        assert (await stream.next()).type == "snapshot"


async def test_an_empty_id_is_none(house: House) -> None:
    async with ask(house.address, f"{PATH}?from=0", last_event_id="") as stream:
        assert (await stream.next("subscribed")).message["position"] == 0


async def test_with_nothing_left_to_send_there_is_no_stream(house: House) -> None:
    """204 stops an EventSource; also one whose stream would end without an id, and so begin again for ever."""
    head = await some_events(house)
    epoch = await epoch_of(house)
    for query, last_event_id in (
        ("?from=start&at_end=end", f"{epoch}:{head}"),
        ("?at_end=end&rate=60", f"{epoch}:{head}"),
        (f"?from={head}&at_end=end", None),
        ("?at_end=end", None),
    ):
        async with ask(house.address, PATH + query, last_event_id=last_event_id) as stream:
            assert stream.status == 204, query
            assert stream.headers["cache-control"] == "no-store"
            assert stream.headers["access-control-allow-origin"] == "*"
    found = await whole(house, "?from=start&at_end=end", last_event_id=f"{epoch}:{head - 1}")
    assert positions(found) == [head]
    assert house.services.admission.streams == 0


# Refusals.


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/blogs/none/sse", 404, "no_such_blog"),
        ("/v1/blogs/night/sse?rate=0", 400, "bad_query"),
        ("/v1/blogs/night/sse?colour=red", 400, "bad_query"),
        ("/v1/blogs/night/sse?from=1&from=2", 400, "bad_query"),
        ("/v1/blogs/night/sse?session=none", 404, "no_such_replay"),
        ("/v1/blogs/night/sse?session=none&from=1", 400, "bad_query"),
        ("/v1/blogs/night/sse/more", 404, "not_found"),
    ],
)
async def test_what_must_not_be_retried_is_a_status(house: House, path: str, status: int, code: str) -> None:
    async with ask(house.address, path, last_event_id="x:1") as refused:
        assert refused.status == status
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["access-control-allow-origin"] == "*"
        assert refused.headers["cache-control"] == "no-store"
        assert json.loads(await refused.body())["code"] == code


async def test_every_fault_of_a_query_is_named(house: House) -> None:
    async with ask(house.address, f"{PATH}?rate=0&colour=red") as refused:
        errors = json.loads(await refused.body())["errors"]
    assert [each["path"] for each in errors] == ["rate", "colour"]


async def test_only_get_and_head_are_for_it(house: House) -> None:
    async with ask(house.address, PATH, method="DELETE") as refused:
        assert refused.status == 405
        assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_streams_of_both_kinds_are_counted_together(sqlite_url: str) -> None:
    async with open_house(sqlite_url, max_connections=2) as house:
        await house.start()
        async with ask(house.address, PATH) as first, house.stream() as second:
            await first.next("subscribed")
            await second.next("subscribed")
            async with ask(house.address, PATH) as third:
                assert third.status == 503
                assert int(third.headers["retry-after"]) > 0
                assert json.loads(await third.body())["code"] == "unavailable"
        await until(lambda: house.services.admission.streams < 2)
        async with ask(house.address, PATH) as fourth:
            await fourth.next("subscribed")
        await until(lambda: house.services.admission.streams == 0)


async def test_one_address_may_have_so_many_streams(sqlite_url: str) -> None:
    async with open_house(sqlite_url, max_connections_per_address=1) as house:
        await house.start()
        async with house.stream() as first:
            await first.next("subscribed")
            async with ask(house.address, PATH) as second:
                assert second.status == 429
                assert int(second.headers["retry-after"]) > 0


# The end, and slowness.


async def test_a_stopping_server_says_so_and_the_next_one_goes_on(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()
        await some_events(house)
        stream = ask(house.address, f"{PATH}?from=start")
        answer = await stream.__aenter__()
        await answer.events(3)
        last_event_id = answer.last_event_id
    last = (await answer.rest())[-1]
    assert (last.type, last.message["code"]) == ("closing", 4001)
    assert last.last_event_id == answer.last_event_id
    await stream.__aexit__(None, None, None)
    async with open_house(sqlite_url) as house:
        found = await whole(house, "?from=start&at_end=end", last_event_id=last_event_id)
        assert positions(found)[0] == 4


async def test_a_stream_that_begins_while_the_server_stops_is_ended_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventStream, "_draining", True)
    async with ask(house.address, PATH) as stream:
        (only,) = await stream.rest()
        assert (only.type, only.message["code"]) == ("closing", 4001)
    await until(lambda: house.services.admission.streams == 0)


async def test_a_blog_that_becomes_another_copy_ends_the_stream(house: House) -> None:
    async with ask(house.address, PATH) as stream:
        await stream.next("subscribed")
        feed = await house.services.hub.feed("night")
        assert feed is not None
        feed.dismiss(4402, "another copy")
        last = (await stream.rest())[-1]
        assert last.message == {"type": "closing", "code": 4402, "reason": "another copy"}


async def test_a_silent_reader_does_not_hold_up_the_others(house: House) -> None:
    """One reader takes nothing; the others get all, little is kept for it, and it gets the same when it reads again."""
    async with ask(house.address, PATH) as slow, house.stream() as quick:
        await slow.next("subscribed")
        await quick.next("subscribed")
        slow.take_nothing()
        for number in range(45):
            await house.publish(headline=f"{number}", body=LONG)
            assert (await quick.next("event"))["position"] == number + 2
        feed = await house.services.hub.feed("night")
        assert feed is not None
        (subscription,) = feed.others
        assert isinstance(subscription, Subscription)
        assert subscription.is_stuck
        connection = subscription._transport
        assert isinstance(connection, EventStream)
        assert connection.transport.get_write_buffer_size() < 1_000_000
        slow.take_again()
        found: list[Dispatched] = []
        while len(positions(found)) < 45:
            found.append(await slow.next())
        assert positions(found) == list(range(2, 47))
        assert "fell_behind" in {each.type for each in found}
        assert (await slow.next()).type == "caught_up"


async def test_a_reader_who_takes_nothing_at_all_is_given_up(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveblog.web.event_stream.CLOSE_TIMEOUT_S", 0.05)
    async with open_house(sqlite_url, heartbeat_s=0.1, stall_s=0.2) as house:
        await house.start()
        async with ask(house.address, PATH) as stream:
            await stream.next("subscribed")
            stream.take_nothing()
            for _ in range(45):
                await house.publish(body=LONG)
            await until(lambda: house.services.admission.streams == 0)


async def test_a_reader_who_goes_is_forgotten(house: House) -> None:
    async with ask(house.address, PATH) as stream:
        await stream.next("subscribed")
        feed = await house.services.hub.feed("night")
        assert feed is not None
        assert len(feed.live) == 1
    await until(lambda: house.services.admission.streams == 0)
    assert not feed.live
    assert not feed.others


# In the wild.


async def test_an_event_source_reads_to_the_end_through_every_cut_and_then_stops(house: House) -> None:
    """Node's EventSource, as browsers have it, against a server that cuts it off after each event."""
    head = await some_events(house)
    script = """
        const found = [];
        const alive = setInterval(() => {}, 1000); // an EventSource that waits keeps no process alive
        const source = new EventSource(process.argv[1]);
        source.addEventListener("event", event => found.push([event.lastEventId, JSON.parse(event.data).position]));
        source.onerror = () => {
            if (source.readyState !== EventSource.CLOSED) return;
            clearInterval(alive);
            console.log(JSON.stringify(found));
        };
    """
    async with cutting(house) as address:
        process = await asyncio.create_subprocess_exec(
            str(NODE),
            "--experimental-eventsource",
            "--no-warnings",
            "-e",
            script,
            f"{address}{PATH}?from=start&at_end=end",
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"]},
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                said, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
    epoch = await epoch_of(house)
    assert json.loads(said) == [[f"{epoch}:{n}", n] for n in range(1, head + 1)]


class cutting:  # noqa: N801  (used like a function)
    """A way to the server that ends after each event, and asks for no patience before coming back."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *given: object) -> None:
        self._server.close()
        await self._server.wait_closed()
        for task in self._serving:  # the last one's connections are kept for a next request, which never comes
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        host, port = self._house.address.removeprefix("http://").split(":")
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        try:
            inner_writer.write(await reader.readuntil(b"\r\n\r\n"))
            writer.write(await inner_reader.readuntil(b"\r\n\r\n"))
            async for line in inner_reader:
                writer.write(b"retry: 1\n" if line.startswith(b"retry:") else line)
                if line.startswith(b'data: {"type":"event"'):
                    writer.write(await inner_reader.readline())
                    break
            await writer.drain()
        finally:
            for each in (writer, inner_writer):
                each.close()
                await each.wait_closed()
