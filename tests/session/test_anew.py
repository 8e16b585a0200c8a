"""Streams that begin anew: with a snapshot of the head, to which the whole conversation then belongs.

So begins who joins a shared replay, whose clock is not its own, and who comes back with a position that is void.
"""

from __future__ import annotations

from typing import Any

import pytest

from liveblog.session.output import ReadPlace
from liveblog.session.query import Query
from liveblog.session.session import Session
from liveblog.session.target import Position, Start
from session.world import TERMS, Log, World


def anew(log: Log, *, patient: bool = True, **query: Any) -> World:
    world = World(log, patient=patient)
    world.session = Session(TERMS, Query(anew=True, **query), log.head)
    return world.open()


def joined(log: Log, rate: float = 60.0) -> World:
    return anew(log, session="evening", rate=rate)


def test_it_begins_with_the_head_of_that_moment_and_goes_on_live() -> None:
    world = anew(Log(0, 1, 2), patient=False)
    assert world.types() == []
    assert world.reads == [ReadPlace(Position(3), with_document=True, generation=1)]
    world.answer()
    assert world.types() == ["subscribed", "snapshot"]
    assert (world.heard[0]["state"], world.heard[0]["position"], world.heard[0]["head"]) == ("live", 3, 3)
    assert (world.heard[1]["position"], world.heard[1]["generation"]) == (3, 1)
    assert world.session.at_edge
    assert world.publish(3).types() == ["subscribed", "snapshot", "4"]


@pytest.mark.parametrize("origin", [Position(1), Position(10**18), Start()])
def test_whatever_else_is_asked_for(origin: Any) -> None:
    world = anew(Log(0, 1, 2), origin=origin, epoch="another", max_gap=1.0)
    assert world.types() == ["subscribed", "snapshot"]
    assert world.heard[1]["position"] == 3


@pytest.mark.parametrize("rate", [None, 0.1])
def test_what_comes_while_the_snapshot_is_read_follows_as_if_it_came_now(rate: float | None) -> None:
    world = anew(Log(0, 1, 2), patient=False, rate=rate)
    world.append(1000)
    world.answer()
    assert world.types() == ["subscribed", "snapshot"]
    assert (world.heard[0]["state"], world.heard[0]["position"], world.heard[0]["head"]) == ("live", 3, 3)
    world.answer()
    assert world.types() == ["subscribed", "snapshot", "4"]
    assert world.session.at_edge


def test_with_at_end_it_ends_after_the_snapshot() -> None:
    world = anew(Log(0, 1, 2), at_end="end")
    assert world.types() == ["subscribed", "snapshot", "playback"]
    assert world.heard[2]["state"] == "ended"
    assert world.close is not None
    assert world.close.code == 1000


def test_one_who_joins_a_replay_is_told_its_rate_and_has_no_clock() -> None:
    world = joined(Log(0, 1, 2))
    assert world.heard[0]["rate"] == 60
    assert world.session.deadline is None
    assert world.publish(1000).types() == ["subscribed", "snapshot", "4"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("rate", {"rate": 2}),
        ("rate", {"rate": "instant"}),
        ("seek", {"to": "start"}),
        ("seek", {"to": 3, "paused": True}),
        ("go_live", {}),
    ],
)
def test_a_control_that_would_change_the_replay_for_others_changes_nothing(kind: str, fields: dict[str, Any]) -> None:
    world = joined(Log(0, 1, 2))
    world.forget()
    world.say(kind, **fields)
    assert world.types() == ["error"]
    assert (world.heard[0]["code"], world.heard[0]["re"]) == ("shared_replay", 1)
    assert not world.reads
    assert world.session.at_edge
    assert world.publish(3).types() == ["error", "4"]
    assert world.say("pause").heard[-1]["rate"] == 60


def test_a_pause_is_ones_own_and_what_was_missed_comes_at_once() -> None:
    world = joined(Log(0, 1, 2))
    world.forget()
    assert world.say("pause").heard[-1]["state"] == "paused"
    world.publish(3).publish(1000)
    assert world.types() == ["playback"]
    assert world.say("step", count=1).types() == ["playback", "playback", "4"]
    assert world.say("resume").types() == ["playback", "playback", "4", "playback", "5", "caught_up"]
    assert world.session.at_edge


def test_refusals_keep_the_order_of_the_questions() -> None:
    world = joined(Log(0, 1, 2))
    world.forget()
    for kind in ("pause", "go_live", "resume"):
        world.say(kind)
    assert [(each["type"], each["re"]) for each in world.heard] == [("playback", 1), ("error", 2), ("playback", 3)]


def test_a_slow_reader_of_a_replay_falls_behind_and_catches_up() -> None:
    world = joined(Log(0, 1, 2))
    world.forget()
    world.block().publish(3).publish(4)
    assert world.types() == []
    assert world.unblock().types() == ["fell_behind", "4", "5", "caught_up"]
    assert world.session.at_edge
