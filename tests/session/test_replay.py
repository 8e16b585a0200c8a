"""A replay: when events leave, and what time is shown."""

from __future__ import annotations

import pytest

from liveblog.session.output import ReadPage, Send
from session.world import Log, World


def replay(log: Log, query: str = "from=start&rate=1") -> World:
    return World(log, query).open()


@pytest.mark.parametrize(("rate", "wait"), [(0.1, 600), (1, 60), (60, 1), (1000, 0.06)])
def test_spacing_is_the_original_divided_by_the_rate(rate: float, wait: float) -> None:
    departures = replay(Log(0, 60, 180), f"from=start&rate={rate}").settle().departures()
    assert departures == pytest.approx({1: 100, 2: 100 + wait, 3: 100 + 3 * wait})


def test_silences_over_max_gap_are_shortened_to_it() -> None:
    world = replay(Log(0, 5, 1000, 1010, 1021), "from=start&rate=1&max_gap=10").settle()
    assert world.departures() == {1: 100, 2: 105, 3: 115, 4: 125, 5: 135}


def test_within_a_shortened_silence_time_runs_faster_and_every_instant_is_original() -> None:
    world = replay(Log(0, 1000), "from=start&rate=1&max_gap=10")
    shown = []
    for _ in range(4):
        world.wait(2.5).say("resume")
        shown.append(world.heard[-1]["time"])
    assert shown == [
        "2020-01-08T01:34:10.000Z",
        "2020-01-08T01:38:20.000Z",
        "2020-01-08T01:42:30.000Z",
        "2020-01-08T01:46:40.000Z",
    ]


def test_a_start_within_a_shortened_silence_waits_its_share_of_the_rest() -> None:
    world = replay(Log(0, 1000), "from=2020-01-08T01:42:30Z&rate=1&max_gap=10").settle()
    assert world.departures() == {2: 102.5}


def test_a_timer_that_comes_early_sends_nothing_and_asks_again() -> None:
    world = replay(Log(0, 10))
    deadline = world.session.deadline
    assert deadline == 110.0
    world.wait(9.9999, timer=False)
    world.session.timer_due(world.now)
    world.pump()
    assert world.types() == ["subscribed", "1"]
    assert world.session.deadline == deadline


def test_events_that_are_due_together_leave_together() -> None:
    world = replay(Log(0, 1, 1.1, 1.2, 9))
    world.wait(1.2, timer=False)
    world.session.timer_due(world.now)
    outputs = world.session.poll(world.now)
    assert [o.item.position for o in outputs if isinstance(o, Send)] == [2, 3, 4]


def test_late_timers_do_not_add_up_to_drift() -> None:
    """An hour of events three seconds apart, each timer 0.2 s late: every event is 0.2 s late, the last one too."""
    world = replay(Log(*range(0, 3601, 3)))
    while world.session.deadline is not None:  # at the live edge there is none
        world.until(world.session.deadline + 0.2, timer=False)
        world.session.timer_due(world.now)
        world.pump()
    lateness = [wall - (97 + 3 * position) for position, wall in world.departures().items()]
    assert max(lateness) == pytest.approx(0.2)
    assert world.departures()[1201] == pytest.approx(3700.2)
    assert "playback" not in world.types()


def test_a_commit_leaves_together() -> None:
    log = Log(0)
    log.append(5, count=40)
    world = replay(log).wait(4.99)
    assert world.types() == ["subscribed", "1"]
    world.now = 105.0
    outputs = world.session.poll(world.now)
    assert [o.item.position for o in outputs if isinstance(o, Send)] == list(range(2, 42))


def test_a_commit_that_would_not_fit_behind_others_is_begun_in_the_next_poll() -> None:
    log = Log()
    log.append(0, count=40)
    log.append(0, count=40)
    world = World(log, "from=start", patient=False).open()
    world.session.page_read(log.page(ReadPage(0, 128, 1)), 1, world.now)
    sizes = [len([o for o in world.session.poll(world.now) if isinstance(o, Send)]) for _ in range(3)]
    assert sizes == [40, 40, 0]


def test_a_commit_larger_than_a_poll_leaves_in_polls_that_follow_each_other() -> None:
    log = Log(0)
    log.append(5, count=100)
    world = replay(log)
    world.now = 105.0
    sizes = [len([o for o in world.session.poll(world.now) if isinstance(o, Send)]) for _ in range(3)]
    assert sizes == [64, 36, 0]


def test_a_commit_that_a_page_tears_waits_for_the_rest() -> None:
    log = Log(0)
    log.append(1, count=200)
    torn = World(log, "from=start&rate=1", patient=False).open()
    torn.answer().answer()
    torn.now = 101.0
    torn.pump()
    assert torn.departures() == {1: 100.0}
    torn.answer()
    assert torn.departures() == {1: 100.0, **dict.fromkeys(range(2, 202), 101.0)}


def test_the_live_edge_is_the_last_event_and_not_the_present() -> None:
    world = replay(Log(0, 3)).wait(3)
    assert world.types() == ["subscribed", "1", "2", "caught_up"]
    assert world.now == 103.0
    assert world.session.at_edge


def test_after_the_live_edge_events_leave_at_commit_whatever_the_rate() -> None:
    world = replay(Log(0, 3)).wait(3)
    world.publish(500)
    assert world.departures()[3] == 103.0


def test_an_event_appended_during_a_replay_has_its_own_moment() -> None:
    world = replay(Log(0, 3)).wait(1)
    world.append(4)
    assert world.settle().departures() == {1: 100, 2: 103, 3: 104}
    assert world.types()[-1] == "caught_up"
    assert world.types().count("caught_up") == 1


def test_at_the_end_that_was_asked_for_the_stream_says_so_and_closes() -> None:
    world = replay(Log(0, 3), "from=start&rate=1&at_end=end").settle()
    assert world.types() == ["subscribed", "1", "2", "playback"]
    ended = world.heard[-1]
    assert (ended["state"], ended["position"], ended["re"]) == ("ended", 2, None)
    assert ended["time"] == "2020-01-08T01:30:03.000Z"
    assert world.close is not None
    assert world.close.code == 1000


def test_at_the_end_instant_ends_too() -> None:
    world = replay(Log(0, 3), "from=start&at_end=end")
    assert world.types() == ["subscribed", "1", "2", "playback"]
    assert world.heard[-1]["rate"] == "instant"


def test_a_page_ahead_is_read_so_that_the_clock_does_not_wait() -> None:
    log = Log(*range(400))
    world = World(log, "from=start&rate=1", patient=False).open()
    world.answer()
    world.answer()
    assert [read.after for read in world.reads if isinstance(read, ReadPage)] == [128]
    world.answer()
    assert not world.reads
    world.wait(130)
    assert [read.after for read in world.reads if isinstance(read, ReadPage)] == [256]
    assert world.client.position == 131


def test_the_end_waits_for_a_socket_that_takes_nothing() -> None:
    world = replay(Log(0, 3), "from=start&rate=1&at_end=end")
    world.capacity = 1
    world.settle()
    assert world.types() == ["subscribed", "1", "2"]
    assert world.close is None
    assert world.session.deadline is None
    world.unblock()
    assert world.types() == ["subscribed", "1", "2", "playback"]
    assert world.close is not None
