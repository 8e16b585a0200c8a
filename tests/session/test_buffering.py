"""What cannot leave in time: the clock waits, says so, and goes on; nothing is dropped."""

from __future__ import annotations

import pytest

from session.world import Log, World


def replay(*, patient: bool = True) -> World:
    """Events at 0, 10, 20 ... seconds, the first of them sent."""
    world = World(Log(*range(0, 100, 10)), "from=start&rate=1").open()
    world.forget()
    world.patient = patient
    return world


def states(world: World) -> list[str]:
    return [m["state"] for m in world.heard if m["type"] == "playback"]


def test_up_to_a_quarter_of_a_second_late_is_simply_sent_and_the_clock_does_not_move() -> None:
    world = replay().block().wait(10.2).unblock()
    assert world.settle().departures() == pytest.approx({2: 110.2, **{n: 90 + 10 * n for n in range(3, 11)}})
    assert states(world) == []


def test_a_socket_blocked_for_longer_makes_the_clock_wait_at_the_event_that_is_due() -> None:
    world = replay().block().wait(15).unblock()
    assert world.types() == ["playback", "playback", "2"]
    buffering, playing = world.heard[:2]
    assert (buffering["state"], buffering["actual_rate"], buffering["re"]) == ("buffering", 0, None)
    assert (playing["state"], playing["actual_rate"], playing["re"]) == ("playing", 1.0, None)
    assert buffering["time"] == playing["time"] == "2020-01-08T01:30:10.000Z"
    assert world.settle().departures() == {n: 95 + 10 * n for n in range(2, 11)}


def test_buffering_is_noticed_a_quarter_of_a_second_after_the_event_was_due() -> None:
    world = replay().block()
    assert world.session.deadline == 110.25
    world.wait(10.24)
    assert world.session.state.value == "playing"
    world.wait(0.01)
    assert world.session.state.value == "buffering"
    assert world.session.deadline is None


def test_a_blocked_socket_with_nothing_due_makes_nothing_wait() -> None:
    world = replay().block().wait(9).unblock()
    assert world.settle().departures()[2] == 110.0
    assert states(world) == []


def test_a_timer_that_is_very_late_is_a_stall_too() -> None:
    world = replay().wait(14, timer=False)
    world.session.timer_due(world.now)
    world.pump()
    assert world.types() == ["playback", "playback", "2"]
    assert states(world) == ["buffering", "playing"]
    assert world.settle().departures()[3] == 124.0


def test_a_page_that_is_late_makes_the_clock_wait_if_an_event_was_due() -> None:
    log = Log(0, 10, 20)
    world = World(log, "from=1&rate=1", patient=False).open()
    world.answer()
    world.wait(30)
    assert states(world) == ["buffering"]
    assert world.heard[-1]["time"] == "2020-01-08T01:30:00.000Z"
    world.answer()
    assert states(world) == ["buffering", "playing"]
    assert world.heard[2]["time"] == "2020-01-08T01:30:10.000Z"
    assert world.settle().departures() == {2: 130.0, 3: 140.0}


def test_a_page_that_is_late_makes_the_clock_wait_for_nothing_that_was_not_due() -> None:
    log = Log(0, 10, 20)
    world = World(log, "from=1&rate=1", patient=False).open()
    world.answer()
    world.wait(4).answer()
    assert states(world) == ["buffering", "playing"]
    assert world.heard[-1]["time"] == "2020-01-08T01:30:04.000Z"
    assert world.settle().departures() == {2: 110.0, 3: 120.0}


def test_pausing_and_resuming_while_the_clock_waits() -> None:
    world = replay().block().wait(15).say("pause").wait(100).unblock()
    assert states(world) == ["buffering", "paused"]
    assert world.heard[-1]["time"] == "2020-01-08T01:30:10.000Z"
    world.say("resume")
    assert world.types() == ["playback", "playback", "playback", "2"]
    assert world.settle().departures()[3] == 225.0


def test_resuming_while_the_clock_waits_changes_nothing() -> None:
    world = replay().block().wait(15).say("resume").unblock()
    assert states(world) == ["buffering", "buffering", "playing"]
    assert world.settle().departures()[3] == 125.0


def test_a_new_rate_while_the_clock_waits_holds_from_when_it_goes_on() -> None:
    world = replay().block().wait(15).say("rate", rate=10).wait(1).unblock()
    assert states(world) == ["buffering", "buffering", "playing"]
    assert (world.heard[1]["rate"], world.heard[1]["actual_rate"]) == (10.0, 0)
    assert world.heard[2]["actual_rate"] == 10.0
    assert world.settle().departures()[3] == 117.0


def test_instant_has_no_clock_that_could_wait() -> None:
    world = replay().block().wait(15).say("rate", rate="instant").wait(50).unblock()
    assert states(world) == ["buffering", "playing"]
    assert world.types()[2:] == [*map(str, range(2, 11)), "caught_up"]


def test_a_rate_change_makes_an_overdue_event_due_now_and_not_hours_ago() -> None:
    world = World(Log(0, 1000, 2000), "from=start&rate=1000").open().block().wait(1.2)
    world.say("rate", rate=0.1).unblock()
    assert states(world) == ["playing"]
    assert world.departures()[2] == pytest.approx(101.2)
    assert world.settle().departures()[3] == pytest.approx(101.2 + 10_000)


def test_each_stall_is_said_once() -> None:
    world = replay().block().wait(500).wait(500).unblock()
    assert states(world) == ["buffering", "playing"]
    world.wait(4).block().wait(100).unblock()
    assert states(world) == ["buffering", "playing"] * 2


def test_a_pause_ends_the_wait_for_a_page() -> None:
    """What counts after resuming is how long the page is late since then."""
    world = World(Log(0, 10), "from=1&rate=1", patient=False).open()
    world.answer()
    world.wait(0.2).say("pause").wait(60).say("resume").wait(0.2)
    assert states(world) == ["paused", "playing"]
    world.wait(0.1)
    assert states(world) == ["paused", "playing", "buffering"]


def test_what_a_blocked_socket_kept_from_being_read_is_read_when_it_takes_bytes_again() -> None:
    world = replay().block().say("seek", to=5).wait(60)
    assert world.session.state.value == "buffering"
    world.unblock()
    assert world.types() == ["playback", "snapshot", "playback", "playback", "6"]
    assert states(world) == ["playing", "buffering", "playing"]


def test_what_is_late_by_exactly_the_grace_is_simply_sent() -> None:
    world = replay().wait(10.25, timer=False)
    world.session.timer_due(world.now)
    world.pump()
    assert world.types() == ["2"]
