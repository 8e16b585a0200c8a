"""What one reader can cost: messages a second, messages waiting, answers waiting, bytes of memory."""

from __future__ import annotations

import sys
from typing import Any

from liveblog.session.output import ReadPage
from session.world import Log, World


def test_twenty_messages_a_second_are_taken_and_no_more() -> None:
    world = World(Log(0), "").open()
    for _ in range(20):
        world.say("resume")
    assert world.close is None
    world.wait(0.06).say("resume")
    assert world.close is None
    world.say("resume")
    assert world.close is not None
    assert world.close.code == 4029
    assert (world.heard[-1]["type"], world.heard[-1]["code"]) == ("error", "too_many_messages")


def test_refused_messages_count_too() -> None:
    world = World(Log(0), "").open()
    for _ in range(21):
        world.say("bogus")
    assert world.close is not None
    assert world.close.code == 4029


def test_a_long_silence_saves_up_no_more_than_one_burst() -> None:
    world = World(Log(0), "").open().say("resume").wait(3600)
    for _ in range(21):
        world.say("resume")
    assert world.close is not None


def test_too_many_messages_behind_an_unfinished_one_close() -> None:
    world = World(Log(0, 1), "from=start", patient=False).open().say("seek", to=1)
    said = 0
    while world.close is None:
        world.wait(0.06).say("pause")
        said += 1
        assert len(world.session._inbox or ()) <= 32
    assert said == 33
    assert world.close.code == 4029


def test_answers_to_a_reader_that_takes_none_are_bounded_and_the_close_leaves_at_once() -> None:
    world = World(Log(0, 1), "").open().block()
    while world.close is None:
        world.wait(0.06).say("pause")
        assert len(world.session._owed) <= 33
    assert world.close.code == 4029
    assert world.types() == ["subscribed"]


def test_answers_that_waited_for_the_socket_come_in_order() -> None:
    world = World(Log(0, 1), "").open().block()
    for _ in range(30):
        world.wait(0.06).say("pause").wait(0.06).say("bogus")
    world.unblock()
    assert world.close is None
    assert world.types() == ["subscribed"] + ["playback", "error"] * 30


def test_at_most_one_snapshot_waits_for_the_socket() -> None:
    world = World(Log(*range(9)), "").open().block()
    for to in range(1, 9):
        world.wait(0.1).say("seek", to=to, paused=True)
    assert [type(owed).__name__ for owed in world.session._owed] == ["Playback", "Snapshot"]
    world.unblock()
    assert world.types() == ["subscribed"] + ["playback", "snapshot"] * 8


def test_a_frame_that_is_no_object_closes() -> None:
    world = World(Log(0), "").open().send("[1, 2]")
    assert world.close is not None
    assert world.close.code == 4500
    assert (world.heard[-1]["code"], world.heard[-1]["re"]) == ("not_an_object", None)


def test_nothing_is_taken_after_the_close_was_decided() -> None:
    world = World(Log(0), "").open()
    world.session.receive("[]", world.now)
    world.session.receive('{"type": "pause"}', world.now)
    world.session.head_advanced(9, world.now)
    world.pump()
    assert world.types() == ["subscribed", "error"]


def test_a_live_reader_is_small() -> None:
    """Ten thousand of them are to fit: what a session holds of its own is below a kibibyte."""
    world = World(Log(0), "").open()
    own: list[Any] = [world.session, world.session._window, world.session._owed]
    assert world.session._inbox is None
    assert sum(map(sys.getsizeof, own)) < 1024
    assert not hasattr(world.session, "__dict__")


def test_nothing_leaves_after_the_close_was_decided() -> None:
    world = World(Log(0, 1, 2), "from=1", patient=False).open()
    world.session.page_read(world.log.page(ReadPage(1, 128, 1)), 1, world.now)
    world.session.receive("[]", world.now)
    world.pump()
    assert world.types() == ["subscribed", "error"]
    assert world.close is not None
