"""Section 3 of the protocol: shared replays, and server-sent events."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from protocol.conftest import Night
from protocol.stranger import PATIENCE_S, verdict

HEAD = 25


def start_replay(night: Night, name: str, **fields: Any) -> Any:
    """Start a shared replay."""
    body = {"name": name, "from": "start", "rate": 0.1, "max_gap": 3600, **fields}
    answer = night.editor.send("/v1/admin/blogs/night/replays", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_watchers_of_a_shared_replay_are_at_the_same_moment(night: Night) -> None:
    start_replay(night, "again")
    with night.reader.stream("night", "?session=again") as one, night.reader.stream("night", "?session=again") as two:
        for stream in (one, two):
            assert stream.next()["type"] == "subscribed"
        joined = {stream: stream.next("snapshot")["position"] for stream in (one, two)}
        moment = max(joined.values())
        for stream, position in joined.items():
            shown = [stream.next("event")["position"] for _ in range(position, moment + 1)]
            assert shown == list(range(position + 1, moment + 2)), "the clock of both has come to the same event"
        refused = one.ask(type="seek", to=5)
        assert refused["type"] == "error"


@pytest.mark.parametrize("more", ["from=start", "rate=2", "max_gap=3", "at_end=end"])
def test_a_watcher_of_a_shared_replay_chooses_no_clock(night: Night, more: str) -> None:
    start_replay(night, f"clock-{more.partition('=')[0].replace('_', '-')}")
    with night.reader.stream("night", f"?session=again&{more}") as stream:
        assert stream.end()[1] == 4500


def events(night: Night, path: str, **headers: str) -> Iterator[dict[str, str]]:
    """The events of an event stream, by its own rules: field by field, a blank line after each."""
    address = urlsplit(night.reader.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        assert (answer.getheader("Content-Type") or "").startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in iter(answer.readline, b""):
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(":")
                fields[name] = value.removeprefix(" ")
            elif fields:
                yield fields
                fields = {}
    finally:
        connection.close()


def test_server_sent_events_are_the_same_messages(night: Night) -> None:
    found = list(events(night, "/v1/blogs/night/sse?from=start&at_end=end"))
    named = [each for each in found if "event" in each]
    assert any("retry" in each for each in found)
    assert named[0]["event"] == "subscribed"
    assert (named[-1]["event"], json.loads(named[-1]["data"])["code"]) == ("closing", 1000)
    epoch = json.loads(named[0]["data"])["epoch"]
    told = [each for each in named if each["event"] == "event"]
    assert [each["id"] for each in told] == [f"{epoch}:{position}" for position in range(1, HEAD + 1)]
    assert [json.loads(each["data"]) for each in told] == night.reader.read("/v1/blogs/night/events")["events"]
    assert all("id" not in each for each in named if each["event"] not in {"event", "snapshot"})


def test_the_last_event_id_wins(night: Night) -> None:
    epoch = night.reader.read("/v1/blogs/night")["epoch"]
    path = "/v1/blogs/night/sse?from=start&at_end=end"
    found = list(events(night, path, **{"Last-Event-ID": f"{epoch}:20"}))
    assert [each["id"] for each in found if each.get("event") == "event"] == [f"{epoch}:{n}" for n in range(21, 26)]
    nothing = night.reader.get(path, Last_Event_ID=f"{epoch}:{HEAD}")
    assert nothing.status_code == 204


def test_a_stale_epoch_starts_anew_with_a_snapshot(night: Night) -> None:
    stale = events(night, "/v1/blogs/night/sse?at_end=end", **{"Last-Event-ID": "stale:5"})
    found = [each for each in stale if "event" in each]
    assert [each["event"] for each in found[:2]] == ["subscribed", "snapshot"]
    assert json.loads(found[1]["data"])["position"] == HEAD


def test_refusals_of_an_event_stream_are_statuses(night: Night) -> None:
    assert verdict(night.reader.get("/v1/blogs/nowhere/sse")) == (404, "no_such_blog")
    assert verdict(night.reader.get("/v1/blogs/night/sse?rate=5000")) == (400, "bad_query")
