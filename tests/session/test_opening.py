"""How a stream opens, for every place that it can start from."""

from __future__ import annotations

import pytest

from liveblog.session.output import ReadPage, ReadPlace
from liveblog.session.target import Moment, Position
from session.world import T0, Log, World


def opened(log: Log, query: str) -> World:
    return World(log, query).open()


def test_from_live_reads_nothing_and_is_live_at_once() -> None:
    world = World(Log(0, 1, 2), "", patient=False).open()
    assert world.types() == ["subscribed"]
    assert (world.heard[0]["state"], world.heard[0]["position"], world.heard[0]["head"]) == ("live", 3, 3)
    assert not world.reads
    assert world.session.at_edge


def test_subscribed_says_what_a_reader_needs_to_come_back() -> None:
    assert opened(Log(0), "rate=2.5").heard[0] == {
        "type": "subscribed",
        "protocol": 1,
        "blog": "night",
        "epoch": "e1",
        "edition": "d1",
        "head": 1,
        "position": 1,
        "state": "live",
        "rate": 2.5,
        "generation": 1,
        "server_time": "2026-11-21T12:01:40.000Z",
        "heartbeat_s": 15,
        "reconnect": {"min_ms": 500, "max_ms": 30000, "first_jitter_ms": 5000},
    }


def test_from_start_at_instant_gives_everything_at_once_then_caught_up() -> None:
    world = opened(Log(0, 1, 200), "from=start")
    assert world.types() == ["subscribed", "1", "2", "3", "caught_up"]
    assert (world.heard[0]["state"], world.heard[0]["rate"], world.heard[0]["position"]) == ("playing", "instant", 0)
    assert world.heard[-1]["position"] == 3


def test_from_a_position_gives_the_events_after_it_without_looking_the_place_up() -> None:
    world = World(Log(0, 1, 2), "from=1", patient=False).open()
    assert world.types() == ["subscribed"]
    assert world.reads == [ReadPage(1, 128, 1)]
    world.answer()
    assert world.types() == ["subscribed", "2", "3", "caught_up"]


@pytest.mark.parametrize("query", ["from=3", "from=3&rate=1", "from=3&epoch=e1"])
def test_from_the_head_is_live_without_caught_up_or_a_read(query: str) -> None:
    world = World(Log(0, 1, 2), query, patient=False).open()
    assert world.types() == ["subscribed"]
    assert world.heard[0]["state"] == "live"
    assert not world.reads


def test_from_the_start_of_an_empty_log_is_live() -> None:
    world = opened(Log(), "from=start&rate=1")
    assert world.heard[0]["state"] == "live"


def test_a_paced_replay_looks_up_its_place_without_the_document() -> None:
    world = World(Log(0, 1, 2), "from=2&rate=1", patient=False).open()
    assert world.types() == []
    assert world.reads == [ReadPlace(Position(2), False, 1)]
    world.answer()
    assert world.types() == ["subscribed"]
    assert world.heard[0]["state"] == "playing"


def test_from_start_the_first_event_leaves_at_once() -> None:
    world = opened(Log(50, 51), "from=start&rate=1")
    assert world.departures() == {1: 100.0}
    assert world.settle().departures()[2] == 101.0


def test_from_a_position_the_clock_starts_at_its_event() -> None:
    assert opened(Log(0, 10, 13), "from=2&rate=1").settle().departures() == {3: 103.0}


def test_from_a_time_a_snapshot_precedes_the_events() -> None:
    world = World(Log(0, 10, 20), "from=2020-01-08T01:30:15Z", patient=False).open()
    assert world.reads == [ReadPlace(Moment(T0 + 15_000), True, 1)]
    world.answer()
    assert world.types() == ["subscribed", "snapshot"]
    assert (world.heard[0]["position"], world.heard[0]["state"]) == (2, "playing")
    assert world.heard[1]["time"] == "2020-01-08T01:30:15.000Z"
    assert (world.heard[1]["position"], world.heard[1]["generation"]) == (2, 1)
    world.answer()
    assert world.types()[2:] == ["3", "caught_up"]


def test_from_a_time_the_clock_starts_at_that_time() -> None:
    assert opened(Log(0, 10, 20), "from=2020-01-08T01:30:15Z&rate=1").settle().departures() == {3: 105.0}


def test_a_time_before_the_first_event_is_its_instant() -> None:
    world = opened(Log(0, 10), "from=2019-12-31T00:00:00Z&rate=1")
    assert world.types() == ["subscribed", "snapshot", "1"]
    assert world.heard[0]["position"] == 0
    assert world.heard[1]["time"] == "2020-01-08T01:30:00.000Z"


def test_a_time_after_the_last_event_is_the_live_edge() -> None:
    world = opened(Log(0, 10), "from=2024-01-01T00:00:00Z&rate=1")
    assert world.types() == ["subscribed", "snapshot"]
    assert world.heard[0]["state"] == "live"
    assert world.heard[1]["time"] == "2020-01-08T01:30:10.000Z"


def test_a_position_beyond_the_head_is_refused_for_good() -> None:
    world = opened(Log(0, 1), "from=3")
    assert world.types() == ["error"]
    assert world.heard[0]["code"] == "position_beyond_head"
    assert world.close is not None
    assert world.close.code == 4403


def test_a_position_of_another_epoch_is_refused_even_if_it_is_beyond_the_head() -> None:
    world = opened(Log(0, 1), "from=3&epoch=e0")
    assert [m["code"] for m in world.heard] == ["epoch_changed"]
    assert world.close is not None
    assert world.close.code == 4402


def test_an_epoch_matters_to_positions_only() -> None:
    assert opened(Log(0, 1), "from=start&epoch=e0").types()[0] == "subscribed"
    assert opened(Log(0, 1), "epoch=e0").types()[0] == "subscribed"


def test_a_hash_is_compared_before_anything_is_said() -> None:
    right, wrong = f"{1:064x}", f"{7:064x}"
    world = World(Log(0, 1), f"from=1&hash={right}", patient=False).open()
    assert world.types() == []
    world.answer()
    assert world.types() == ["subscribed"]
    refused = opened(Log(0, 1), f"from=1&hash={wrong}")
    assert [m["code"] for m in refused.heard] == ["history_changed"]
    assert refused.close is not None
    assert refused.close.code == 4402


def test_a_hash_at_the_head_is_compared_too() -> None:
    assert opened(Log(0, 1), f"from=2&rate=5&hash={2:064x}").heard[0]["state"] == "live"
    assert opened(Log(0, 1), f"from=2&rate=5&hash={1:064x}").types() == ["error"]


def test_at_end_a_stream_that_starts_at_the_head_ends_at_once() -> None:
    world = opened(Log(0, 1), "at_end=end")
    assert world.types() == ["subscribed", "playback"]
    assert world.heard[0]["state"] == "live"
    assert (world.heard[1]["state"], world.heard[1]["re"], world.heard[1]["actual_rate"]) == ("ended", None, None)
    assert world.close is not None
    assert world.close.code == 1000


def test_what_is_appended_while_the_place_is_looked_up_is_not_lost() -> None:
    world = World(Log(0, 1), "from=1&rate=1", patient=False).open()
    world.append(2).append(3, poke=False)
    world.answer()
    assert world.heard[0]["head"] == 4
    world.patient = True
    world.answer()
    assert world.settle().types() == ["subscribed", "2", "3", "4", "caught_up"]


def test_messages_wait_until_the_stream_is_open() -> None:
    world = World(Log(0, 1), "from=start&rate=1", patient=False).open()
    world.say("pause")
    assert world.types() == []
    world.answer()
    assert world.types() == ["subscribed", "playback"]
    assert world.heard[1]["state"] == "paused"


def test_an_answer_to_another_look_up_does_not_open_a_stream() -> None:
    world = World(Log(0, 1), "from=start&rate=1", patient=False).open()
    world.deliver(ReadPlace(Position(1), False, 1))
    world.deliver(ReadPlace(Position(0), False, 2))
    assert world.types() == []


def test_before_it_is_open_a_session_is_not_at_the_edge() -> None:
    world = World(Log(0), "")
    assert not world.session.at_edge
    assert world.session.deadline is None
