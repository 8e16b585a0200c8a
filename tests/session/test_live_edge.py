"""At the live edge: written straight by the hub, left when the socket is slow, reached again by pages."""

from __future__ import annotations

from liveblog.session.output import ReadPage, ReadPlace
from liveblog.session.target import Position
from session.world import Log, World


def live(query: str = "", *, patient: bool = True) -> World:
    world = World(Log(0, 10, 20), query, patient=patient).open()
    world.forget()
    return world


def test_the_hub_writes_and_the_session_only_moves_its_cursor() -> None:
    world = live(patient=False)
    world.publish(30, 3).publish(40)
    assert world.types() == ["4", "5", "6", "7"]
    assert not world.reads
    assert (world.session.cursor, world.session.head) == (7, 7)
    assert world.session.at_edge


def test_a_wake_up_is_enough() -> None:
    world = live()
    world.append(30, 2)
    assert world.types() == ["4", "5"]
    assert world.session.at_edge


def test_an_event_that_is_known_of_and_not_sent_keeps_the_session_off_the_edge() -> None:
    world = live(patient=False)
    world.append(30)
    assert not world.session.at_edge
    world.publish(31)
    assert world.types() == []
    assert world.reads == [ReadPage(3, 128, 1)]
    world.answer()
    assert world.types() == ["4", "5"]
    assert world.session.at_edge


def test_a_lost_wake_up_is_made_up_for_by_the_next() -> None:
    world = live()
    world.append(30, poke=False).append(31)
    assert world.types() == ["4", "5"]


def test_repeated_and_late_wake_ups_change_nothing() -> None:
    world = live()
    world.append(30).poke().poke(3).poke(0)
    assert world.types() == ["4"]
    assert world.session.at_edge


def test_time_is_that_of_the_event_at_the_cursor_whether_it_was_sent_here_or_not() -> None:
    world = live()
    world.say("resume")
    assert world.heard[-1]["time"] == "2020-01-08T01:30:20.000Z"
    world.publish(30).say("resume")
    assert world.heard[-1]["time"] == "2020-01-08T01:30:30.000Z"


def test_a_blocked_socket_leaves_the_edge_and_returns_if_nothing_was_missed() -> None:
    world = live().block()
    assert not world.session.at_edge
    world.unblock()
    assert world.session.at_edge
    assert world.types() == []


def test_a_slow_reader_is_told_what_it_missed_and_given_it_at_once() -> None:
    world = live().block()
    world.publish(30).publish(400, 2)
    assert world.types() == []
    assert not world.reads
    world.unblock()
    assert world.types() == ["fell_behind", "4", "5", "6", "caught_up"]
    assert (world.heard[0]["position"], world.heard[0]["head"]) == (3, 6)
    assert world.session.at_edge


def test_a_reader_that_is_slow_while_it_catches_up_is_told_once() -> None:
    world = World(Log(0, size=30_000), "").open()
    world.forget()
    world.block()
    for second in range(6):
        world.publish(10 + second)
    world.writable, world.capacity = True, 2
    world.session.writable(True, world.now)
    world.pump()
    assert world.types() == ["fell_behind", "2", "3"]
    world.unblock()
    assert world.types() == ["fell_behind", "2", "3", "4", "5", "6", "7", "caught_up"]


def test_catching_up_ignores_the_rate_and_keeps_it() -> None:
    world = live("rate=3").block()
    world.publish(5000)
    world.patient = False
    world.unblock()
    world.say("rate", rate=4)
    world.answer(world.reads.index(ReadPlace(Position(3), False, 1)))
    assert (world.heard[-1]["state"], world.heard[-1]["actual_rate"], world.heard[-1]["rate"]) == ("playing", None, 4.0)
    world.answer()
    assert world.types()[-2:] == ["4", "caught_up"]


def test_pausing_while_catching_up_is_pausing_the_live_edge() -> None:
    world = live().block()
    world.publish(30)
    world.patient = False
    world.unblock()
    world.say("pause")
    world.answer(world.reads.index(ReadPlace(Position(3), False, 1)))
    world.answer()
    assert world.types() == ["fell_behind", "playback"]
    world.say("resume")
    assert world.types() == ["fell_behind", "playback", "playback", "4", "caught_up"]


def test_large_events_leave_one_in_a_poll() -> None:
    world = World(Log(0, 1, 2, size=500_000), "from=start").open()
    assert world.types() == ["subscribed", "1", "2", "3", "caught_up"]


def test_once_closed_nothing_more_is_wanted() -> None:
    world = live()
    world.session.closed()
    world.session.closed()
    world.append(30).send('{"type": "pause"}').block().unblock()
    assert world.types() == []
    assert not world.session.at_edge
    assert world.session.deadline is None


def test_the_edge_is_left_before_the_next_poll() -> None:
    """The hub looks at `at_edge` between an input and the poll that follows it."""
    world = live()
    world.session.head_advanced(4, world.now)
    assert not world.session.at_edge
    world = live()
    world.session.receive('{"type": "pause"}', world.now)
    assert not world.session.at_edge
    world = live()
    world.session.receive("[]", world.now)
    assert not world.session.at_edge
    world = live()
    world.session.writable(False, world.now)
    assert not world.session.at_edge


def test_a_reader_is_slow_only_once_its_socket_takes_bytes_again() -> None:
    world = live(patient=False)
    world.append(30).block()
    world.session.poll(world.now)
    assert world.session.state.value == "live"
    world.unblock()
    assert world.types() == ["fell_behind"]


def test_once_closed_nothing_is_held() -> None:
    world = World(Log(*range(300)), "from=start&rate=1").open()
    world.session.closed()
    assert world.session._window.end(0) == 0
    assert world.session._playhead is None
    world = World(Log(0), "from=start&rate=1", patient=False).open()
    world.session.closed()
    world.answer()
    assert world.types() == []


def test_a_page_that_knows_a_newer_head_leaves_the_edge() -> None:
    world = live()
    world.log.append(30)
    world.session.page_read(world.log.page(ReadPage(0, 2, 1)), 1, world.now)
    assert not world.session.at_edge
    world.pump()
    assert world.types() == ["4"]
