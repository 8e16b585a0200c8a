"""Section 3 of the protocol, row by row: the stream."""

import json
from typing import Any

import pytest

from protocol.conftest import Night
from protocol.stranger import BLOG, COUNTS, EVENT, TIME

HEAD = 25
RECONNECT = {"min_ms", "max_ms", "first_jitter_ms"}
PLAYBACK = {"type", "state", "position", "time", "rate", "actual_rate", "generation", "re"}


def positions(messages: list[dict[str, Any]]) -> list[int]:
    """The positions of the events among messages."""
    return [message["position"] for message in messages if message["type"] == "event"]


def test_from_live_is_the_default(night: Night) -> None:
    with night.reader.stream("night") as stream:
        first = stream.next()
        assert first.keys() >= {
            *("type", "protocol", "blog", "epoch", "head", "position", "state", "rate", "generation"),
            *("server_time", "heartbeat_s", "reconnect"),
        }
        assert (first["type"], first["protocol"], first["blog"]) == ("subscribed", 1, "night")
        assert (first["head"], first["position"], first["state"]) == (HEAD, HEAD, "live")
        assert first["reconnect"].keys() == RECONNECT
        assert TIME.fullmatch(first["server_time"])
        assert first["epoch"] == night.reader.read("/v1/blogs/night")["epoch"]
        assert first["rate"] == "instant"


def test_from_start(night: Night) -> None:
    with night.reader.stream("night", "?from=start") as stream:
        found = stream.until("caught_up")
    assert (found[0]["position"], found[0]["state"]) == (0, "playing")
    assert positions(found) == list(range(1, HEAD + 1))
    assert found[-1]["position"] == HEAD
    assert all(message.keys() == EVENT for message in found[1:-1])


def test_from_a_position(night: Night) -> None:
    with night.reader.stream("night", "?from=20") as stream:
        assert positions(stream.until("caught_up")) == [21, 22, 23, 24, 25]


def test_from_a_time(night: Night) -> None:
    event = night.reader.read("/v1/blogs/night/events?after=19&limit=1")["events"][0]
    with night.reader.stream("night", f"?from={event['at']}&at_end=end") as stream:
        found, _ = stream.end()
    snapshot = found[1]
    assert (found[0]["type"], snapshot["type"]) == ("subscribed", "snapshot")
    assert snapshot.keys() == {"type", "position", "time", "generation", "state"}
    assert snapshot["state"].keys() == BLOG
    then = night.reader.read(f"/v1/blogs/night?position={snapshot['position']}")
    assert {**snapshot["state"], "time": None} == {**then, "time": None}
    assert positions(found) == list(range(snapshot["position"] + 1, HEAD + 1))


def test_what_an_event_says(night: Night) -> None:
    with night.reader.stream("night", "?from=start&at_end=end") as stream:
        events = {message["position"]: message for message in stream.end()[0] if message["type"] == "event"}
    corrected = events[night.at["corrected"]]
    assert corrected["event_type"] == "entry_corrected"
    assert corrected["by"] == "Edith Editor"
    assert corrected["data"] == {
        "entry_id": night.entries["whole"],
        "changed": ["body"],
        "was": "ten",
        "now": "more than a dozen",
        "reason": "The ministry gave the number.",
    }
    assert corrected["entry"]["body_markdown"] == "More than **a dozen** fell."
    assert corrected["counts"].keys() == COUNTS
    pinned = events[night.at["pinned"]]
    assert pinned["header"]["pinned"][0] == night.entries["summary"]
    assert {each["id"] for each in pinned["included"]} == {night.entries["flagged"], night.entries["whole"]}
    assert events[night.at["point"]]["data"]["point_id"] == "dead"
    assert all(TIME.fullmatch(each["at"]) and TIME.fullmatch(each["recorded_at"]) for each in events.values())
    assert all(each["commit_end"] == each["position"] for each in events.values())
    kinds = {each["event_type"] for each in events.values()}
    assert kinds == {
        *("blog_started", "headline_changed", "entry_published", "entry_revised", "entry_corrected", "entry_retracted"),
        *("breaking_flagged", "breaking_cleared", "entry_pinned", "entry_unpinned", "key_event_marked"),
        *("key_event_unmarked", "key_point_set", "key_point_withdrawn", "blog_ended", "blog_reopened"),
    }


def test_at_end(night: Night) -> None:
    with night.reader.stream("night", f"?from={HEAD}&at_end=end") as stream:
        found, code = stream.end()
    assert code == 1000
    assert found[-1].keys() == PLAYBACK
    assert (found[-1]["type"], found[-1]["state"], found[-1]["re"]) == ("playback", "ended", None)


def test_a_reader_who_comes_back_misses_nothing(night: Night) -> None:
    epoch = night.reader.read("/v1/blogs/night")["epoch"]
    for position in range(HEAD + 1):
        with night.reader.stream("night", f"?from={position}&epoch={epoch}&at_end=end") as stream:
            assert positions(stream.end()[0]) == list(range(position + 1, HEAD + 1))


def test_live_events_come_at_commit_and_commits_together(night: Night) -> None:
    night.editor.start("live")
    with night.reader.stream("live") as stream:
        assert stream.next()["state"] == "live"
        answer = night.editor.command("live", [{"type": "publish_entry", "headline": name} for name in "abc"]).json()
        found = [stream.next("event") for _ in range(3)]
    assert found == answer["events"]
    assert {event["commit_end"] for event in found} == {4}
    assert len({event["at"] for event in found}) == 1


def test_heartbeats(night: Night) -> None:
    with night.reader.stream("night") as stream:
        beat = stream.until("heartbeat")[-1]
    assert beat.keys() == {"type", "head", "server_time"}
    assert beat["head"] == HEAD


def test_controls(night: Night) -> None:
    with night.reader.stream("night", "?from=start&rate=0.1&max_gap=3600") as stream:
        assert stream.next()["rate"] == 0.1
        paused = stream.ask(type="pause")
        assert paused.keys() == PLAYBACK
        assert (paused["state"], paused["re"]) == ("paused", "asked")
        before = paused["position"]
        stepped = stream.ask(type="step", count=3)
        assert stepped["state"] == "paused"
        assert positions([stream.next("event") for _ in range(3)]) == [before + 1, before + 2, before + 3]
        assert stream.ask(type="rate", rate=1000)["rate"] == 1000
        sought = stream.ask(type="seek", to=20, paused=True)
        assert sought["generation"] > paused["generation"]
        snapshot = stream.next()
        assert (snapshot["type"], snapshot["position"], snapshot["generation"]) == (
            "snapshot",
            20,
            sought["generation"],
        )
        assert stream.ask(type="resume")["state"] == "playing"
        assert stream.next("event")["position"] == 21
        not_paused = stream.ask(type="step", count=1)
        assert (not_paused["type"], not_paused["code"]) == ("error", "not_paused")
        assert not_paused.keys() == {"type", "code", "message", "re"}
        live = stream.ask(type="go_live")
        assert live["generation"] > sought["generation"]
        assert stream.next("snapshot")["position"] == HEAD
        assert stream.ask(type="seek", to="start")["state"] == "playing"
        assert stream.next("snapshot")["position"] == 0


def test_pause_at_the_live_edge(night: Night) -> None:
    night.editor.start("pausing")
    with night.reader.stream("pausing") as stream:
        stream.next()
        assert stream.ask(type="pause")["state"] == "paused"
        for name in "ab":
            night.editor.do("pausing", "publish_entry", headline=name)
        stream.ask(type="resume")
        found = stream.until("caught_up")
    assert positions(found) == [2, 3]


@pytest.mark.parametrize(
    "message", [{"type": "dance"}, {"type": "rate", "rate": 0}, {"type": "step", "count": 101}, {"type": "seek"}]
)
def test_a_bad_message_changes_nothing(night: Night, message: dict[str, Any]) -> None:
    with night.reader.stream("night") as stream:
        stream.next()
        answer = stream.ask(**message)
        assert answer["type"] == "error"
        assert stream.ask(type="pause")["state"] == "paused"


@pytest.mark.parametrize(
    ("slug", "query", "code", "close"),
    [
        ("night", "?from=yesterday", "bad_query", 4500),
        ("night", "?rate=5000", "bad_query", 4500),
        ("night", "?surprise=1", "bad_query", 4500),
        ("nowhere", "", "no_such_blog", 4504),
        ("night", "?from=5&epoch=stale", "epoch_changed", 4402),
        ("night", f"?from=5&hash={'0' * 64}", "history_changed", 4402),
        ("night", "?from=1000", "position_beyond_head", 4403),
    ],
)
def test_refusals_come_after_the_upgrade(night: Night, slug: str, query: str, code: str, close: int) -> None:
    with night.reader.stream(slug, query) as stream:
        found, closed = stream.end()
    assert closed == close
    assert (found[-1]["type"], found[-1]["code"]) == ("error", code)


def test_the_hash_of_this_history_is_welcome(night: Night) -> None:
    event = night.reader.read("/v1/blogs/night/events?after=4&limit=1")["events"][0]
    with night.reader.stream("night", f"?from=5&hash={event['hash']}&at_end=end") as stream:
        assert positions(stream.end()[0])[0] == 6


@pytest.mark.parametrize("text", ["[1]", "nonsense", '"pause"', "3"])
def test_a_frame_that_is_no_object_ends_the_stream(night: Night, text: str) -> None:
    with night.reader.stream("night") as stream:
        stream.write(text)
        assert stream.end()[1] == 4500


def test_a_frame_that_is_no_text_ends_the_stream(night: Night) -> None:
    with night.reader.stream("night") as stream:
        stream.write(b"{}")
        assert stream.end()[1] == 1003


def test_limits_of_client_messages(night: Night) -> None:
    with night.reader.stream("night") as stream:
        stream.write(json.dumps({"type": "pause", "id": "x" * 17_000}))
        assert stream.end()[1] == 1009
    with night.reader.stream("night") as stream:
        stream.flood(200, type="pause")
        assert stream.end()[1] == 4029
