"""What a reader asks for in mid-course, what it is answered, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from liveblog.session.output import ReadPage, ReadPlace
from liveblog.session.target import Live, Position
from session.world import Log, World

TEN = tuple(range(0, 100, 10))


def replay(query: str = "from=start&rate=1", log: Log | None = None) -> World:
    """A replay of ten events, ten seconds apart, 25 seconds in: events 1 to 3 have left."""
    world = World(log or Log(*TEN), query).open().wait(25)
    world.forget()
    return world


def live(log: Log | None = None) -> World:
    world = World(log or Log(*TEN), "rate=2").open()
    world.forget()
    return world


def paused(count: int = 0) -> World:
    world = replay()
    world.say("pause")
    world.forget()
    return world


def in_state(state: str) -> World:
    match state:
        case "replay":
            return replay()
        case "paused":
            return paused()
        case _:
            return live()


def last(world: World) -> dict[str, Any]:
    return world.heard[-1]


class TestPause:
    def test_the_clock_stands_where_it_is(self) -> None:
        world = replay().say("pause")
        answer = last(world)
        assert (answer["state"], answer["position"], answer["time"]) == ("paused", 3, "2020-01-08T01:30:25.000Z")
        assert (answer["rate"], answer["actual_rate"], answer["re"]) == (1.0, 0, 1)
        world.wait(1000)
        assert world.types() == ["playback"]
        assert world.session.deadline is None

    def test_at_the_live_edge_nothing_is_sent(self) -> None:
        world = live().say("pause")
        world.publish(100).publish(101)
        assert world.types() == ["playback"]
        assert last(world)["state"] == "paused"
        assert not world.session.at_edge

    def test_twice_is_answered_twice_and_changes_nothing(self) -> None:
        world = replay().say("pause").wait(3).say("pause")
        assert [m["time"] for m in world.heard] == ["2020-01-08T01:30:25.000Z"] * 2


class TestResume:
    def test_the_clock_goes_on_from_where_it_stood(self) -> None:
        world = paused().wait(1000).say("resume")
        assert (last(world)["state"], last(world)["time"]) == ("playing", "2020-01-08T01:30:25.000Z")
        assert last(world)["actual_rate"] == 1.0
        assert world.settle().departures()[4] == 1125 + 5

    def test_at_the_live_edge_what_was_missed_comes_at_once(self) -> None:
        world = live().say("pause").publish(100).publish(2000)
        world.forget()
        world.say("resume")
        assert world.types() == ["playback", "11", "12", "caught_up"]
        assert (world.heard[0]["state"], world.heard[0]["actual_rate"]) == ("playing", None)
        assert world.session.at_edge

    def test_at_the_live_edge_with_nothing_missed_it_is_live_again(self) -> None:
        world = live().say("pause").say("resume")
        assert [m["state"] for m in world.heard] == ["paused", "live"]
        assert world.session.at_edge

    def test_while_playing_is_answered_and_changes_nothing(self) -> None:
        world = replay().say("resume")
        assert (last(world)["state"], last(world)["time"]) == ("playing", "2020-01-08T01:30:25.000Z")
        assert world.settle().departures()[4] == 130.0

    def test_while_live_is_answered_and_changes_nothing(self) -> None:
        world = live().say("resume")
        assert world.types() == ["playback"]
        assert last(world)["state"] == "live"
        assert world.session.at_edge


class TestRate:
    def test_changes_the_speed_from_this_moment(self) -> None:
        world = replay().say("rate", rate=10)
        assert (last(world)["rate"], last(world)["actual_rate"], last(world)["time"]) == (
            10.0,
            10.0,
            "2020-01-08T01:30:25.000Z",
        )
        assert world.wait(1.5).departures() == {4: 125.5, 5: 126.5}

    def test_instant_gives_the_rest_at_once(self) -> None:
        world = replay().say("rate", rate="instant")
        answer = world.heard[0]
        assert (answer["state"], answer["rate"], answer["actual_rate"]) == ("playing", "instant", None)
        assert world.types()[1:] == [*map(str, range(4, 11)), "caught_up"]

    def test_while_paused_is_remembered_for_resuming(self) -> None:
        world = paused().say("rate", rate=5)
        assert (last(world)["state"], last(world)["rate"], last(world)["actual_rate"]) == ("paused", 5.0, 0)
        world.wait(50)
        assert world.types() == ["playback"]
        world.say("resume")
        assert world.settle().departures()[4] == 175 + 1

    def test_while_paused_instant_and_back_does_not_move_the_clock(self) -> None:
        world = paused().say("rate", rate="instant").say("rate", rate=1).say("resume")
        assert {m["time"] for m in world.heard} == {"2020-01-08T01:30:25.000Z"}
        assert world.settle().departures()[4] == 130.0

    def test_at_the_live_edge_is_remembered_for_the_next_seek(self) -> None:
        world = live().say("rate", rate=10)
        assert (last(world)["state"], last(world)["rate"], last(world)["actual_rate"]) == ("live", 10.0, None)
        assert world.session.at_edge
        world.say("seek", to=8)
        assert world.settle().departures() == {9: 101.0, 10: 102.0}

    def test_from_instant_to_paced_the_clock_starts_at_the_event_at_the_cursor(self) -> None:
        # Its socket stops the reader in the middle of an instant replay.
        slow = World(Log(*TEN, size=20_000), "from=start", patient=False).open()
        slow.capacity = 3
        slow.answer()
        assert slow.client.position == 3
        slow.say("rate", rate=1)
        slow.unblock()
        assert slow.heard[-1]["time"] == "2020-01-08T01:30:20.000Z"
        assert slow.settle().departures()[4] == 110.0

    def test_an_unknown_moment_is_looked_up_first(self) -> None:
        world = World(Log(*TEN), "from=5", patient=False).open().say("rate", rate=1)
        assert ReadPlace(Position(5), False, 1) in world.reads
        assert world.types() == ["subscribed"]
        world.answer()  # the page: nothing leaves while the clock does not know its moment
        assert world.types() == ["subscribed"]
        world.answer()
        assert world.types() == ["subscribed", "playback"]
        assert last(world)["time"] == "2020-01-08T01:30:40.000Z"
        assert world.settle().departures()[6] == 110.0

    def test_an_unknown_moment_is_looked_up_before_anything_is_said_of_it(self) -> None:
        world = World(Log(*TEN), "from=5", patient=False).open().say("pause").say("rate", rate=1).say("resume")
        assert [m["type"] for m in world.heard] == ["subscribed"]
        world.answer(world.reads.index(ReadPlace(Position(5), False, 1)))
        assert [m["type"] for m in world.heard] == ["subscribed", "playback", "playback", "playback"]
        assert {m["time"] for m in world.heard[1:]} == {"2020-01-08T01:30:40.000Z"}
        assert last(world)["state"] == "playing"


class TestSeek:
    def test_answers_then_snapshot_then_events(self) -> None:
        world = replay().say("seek", to=6, rate=10)
        assert world.types() == ["playback", "snapshot"]
        answer, snapshot = world.heard
        assert (answer["position"], answer["generation"], answer["rate"], answer["state"]) == (6, 2, 10.0, "playing")
        assert (snapshot["position"], snapshot["generation"]) == (6, 2)
        assert snapshot["time"] == answer["time"] == "2020-01-08T01:30:50.000Z"
        assert world.settle().departures() == {7: 126, 8: 127, 9: 128, 10: 129}

    def test_back_and_forth(self) -> None:
        world = replay().say("seek", to=1).wait(10).say("seek", to=9).settle()
        assert world.types() == ["playback", "snapshot", "2", "playback", "snapshot", "10", "caught_up"]

    def test_to_a_time(self) -> None:
        world = replay().say("seek", to="2020-01-08T04:30:55+03:00")
        assert (world.heard[0]["position"], world.heard[0]["time"]) == (6, "2020-01-08T01:30:55.000Z")
        assert world.settle().departures()[7] == 130.0

    def test_to_start(self) -> None:
        world = replay().say("seek", to="start")
        assert world.types() == ["playback", "snapshot", "1"]
        assert world.heard[0]["position"] == 0

    def test_a_time_before_the_blog_is_its_start(self) -> None:
        world = replay().say("seek", to="2001-01-01T00:00:00Z")
        assert world.types() == ["playback", "snapshot", "1"]
        assert world.heard[1]["time"] == "2020-01-08T01:30:00.000Z"

    @pytest.mark.parametrize("to", [10, 99, 10**30, "live", "2020-01-08T01:31:30Z", "2031-01-08T01:30:00Z"])
    def test_to_the_head_or_beyond_it_is_live_without_caught_up(self, to: Any) -> None:
        world = replay().say("seek", to=to)
        assert world.types() == ["playback", "snapshot"]
        assert (world.heard[0]["state"], world.heard[0]["position"]) == ("live", 10)
        assert world.heard[1]["time"] == "2020-01-08T01:31:30.000Z"
        world.publish(1000)
        assert world.departures() == {11: 125.0}

    def test_paused_stays_there(self) -> None:
        world = replay().say("seek", to=5, paused=True).wait(100)
        assert world.types() == ["playback", "snapshot"]
        assert world.heard[0]["state"] == "paused"
        world.say("resume")
        assert world.settle().departures()[6] == 225 + 10

    def test_without_paused_plays_even_if_it_was_paused(self) -> None:
        world = paused().say("seek", to=5)
        assert world.heard[0]["state"] == "playing"
        assert world.settle().departures()[6] == 135.0

    def test_without_a_rate_keeps_the_remembered_one(self) -> None:
        world = paused().say("rate", rate=10).say("seek", to=5)
        assert world.settle().departures()[6] == 126.0

    def test_paused_at_the_head_gives_what_was_missed_at_once_on_resuming(self) -> None:
        world = replay().say("seek", to="live", paused=True)
        assert world.heard[0]["state"] == "paused"
        world.publish(500).publish(900)
        world.forget()
        world.say("resume")
        assert world.types() == ["playback", "11", "12", "caught_up"]

    def test_nothing_leaves_while_the_place_is_looked_up(self) -> None:
        world = replay()
        world.patient = False
        world.say("seek", to=8).wait(500).append(200)
        assert world.types() == []
        assert world.session.deadline is None
        world.answer()
        assert world.types() == ["playback", "snapshot"]

    def test_pages_of_the_generation_before_are_let_go(self) -> None:
        world = replay()
        world.patient = False
        world.say("seek", to=5)
        world.deliver(ReadPage(3, 128, 1))
        world.answer()
        world.session.page_read(world.log.page(ReadPage(5, 128, 1)), 1, world.now)
        world.wait(30)
        assert world.types() == ["playback", "snapshot", "playback"]
        assert (last(world)["state"], last(world)["re"]) == ("buffering", None)

    def test_messages_behind_a_seek_wait_for_its_snapshot(self) -> None:
        world = replay()
        world.patient = False
        world.say("seek", to=5).say("pause").say("seek", to=7).say("bogus")
        assert world.types() == []
        world.answer()
        assert world.types() == ["playback", "snapshot", "playback"]
        world.answer(-1)
        assert world.types()[3:] == ["playback", "snapshot", "error"]

    def test_a_seek_out_of_the_live_edge_leaves_it(self) -> None:
        world = live().say("seek", to=9)
        assert not world.session.at_edge
        world.publish(200)
        assert world.settle().departures() == {10: 105.0, 11: 105 + 55}

    def test_within_a_commit_the_rest_of_it_leaves_at_once(self) -> None:
        log = Log(0, 10)
        log.append(20, count=3)
        world = World(log, "from=start&rate=1").open()
        world.forget()
        world.say("seek", to=4)
        assert world.types() == ["playback", "snapshot", "5", "caught_up"]


class TestGoLive:
    def test_is_a_seek_to_live_and_plays(self) -> None:
        world = paused().say("go_live")
        assert world.types() == ["playback", "snapshot"]
        assert (world.heard[0]["state"], world.heard[0]["position"], world.heard[0]["generation"]) == ("live", 10, 2)
        assert world.session.at_edge

    def test_asks_for_the_head_of_the_moment_when_it_is_looked_up(self) -> None:
        world = replay()
        world.patient = False
        world.say("go_live")
        assert world.reads[-1] == ReadPlace(Live(), True, 2)
        world.append(300, poke=False)
        world.answer(-1)
        assert world.heard[0]["position"] == 11

    def test_a_place_older_than_the_known_head_is_live_all_the_same(self) -> None:
        world = replay()
        world.patient = False
        world.say("go_live")
        place = world.log.place(ReadPlace(Live(), True, 2))
        world.append(300)
        world.session.place_read(place, ReadPlace(Live(), True, 2), world.now)
        world.pump()
        world.patient = True
        while world.reads:
            world.answer()
        assert world.types() == ["playback", "snapshot", "11"]
        assert world.heard[0]["state"] == "live"
        assert world.session.at_edge

    def test_where_the_end_is_asked_for_it_is_the_end(self) -> None:
        world = replay("from=start&rate=1&at_end=end").say("go_live")
        assert world.types() == ["playback", "snapshot", "playback"]
        assert [m["state"] for m in world.heard if m["type"] == "playback"] == ["live", "ended"]
        assert world.close is not None


class TestStep:
    def test_answers_where_it_led_then_sends_the_events_at_once(self) -> None:
        world = paused().say("step", count=2)
        assert world.types() == ["playback", "4", "5"]
        assert (world.heard[0]["position"], world.heard[0]["time"]) == (5, "2020-01-08T01:30:40.000Z")
        assert (world.heard[0]["state"], world.heard[0]["actual_rate"]) == ("paused", 0)

    def test_moves_the_clock(self) -> None:
        world = paused().say("step", count=2).say("resume")
        assert world.settle().departures()[6] == 135.0

    def test_while_not_paused_is_refused(self) -> None:
        world = replay().say("step", count=1)
        assert (last(world)["type"], last(world)["code"], last(world)["re"]) == ("error", "not_paused", 1)
        assert live().say("step", count=1).types() == ["error"]

    def test_never_splits_a_commit(self) -> None:
        log = Log(0, 10)
        log.append(20, count=5)
        log.append(30)
        world = World(log, "from=2&rate=1").open().say("pause")
        world.forget()
        world.say("step", count=2)
        assert world.types() == ["playback", "3", "4", "5", "6", "7"]
        assert (world.heard[0]["position"], world.heard[0]["time"]) == (7, "2020-01-08T01:30:20.000Z")

    def test_at_the_head_takes_fewer_and_stays_paused(self) -> None:
        world = paused().say("step", count=100)
        assert world.types() == ["playback", *map(str, range(4, 11))]
        assert world.heard[0]["position"] == 10
        world.say("step", count=1)
        assert (last(world)["position"], last(world)["state"]) == (10, "paused")

    def test_at_the_head_resuming_reaches_the_live_edge(self) -> None:
        world = paused().say("step", count=100)
        world.forget()
        world.say("resume")
        assert world.types() == ["playback", "caught_up"]
        assert world.heard[0]["state"] == "playing"
        assert world.session.at_edge

    def test_paused_at_the_end_it_ends_only_when_resumed(self) -> None:
        world = replay("from=start&rate=1&at_end=end").say("pause").say("step", count=50).wait(1000)
        assert world.close is None
        world.say("resume")
        assert world.close is not None
        assert [m["state"] for m in world.heard[-2:]] == ["playing", "ended"]

    def test_paused_at_the_live_edge_takes_what_was_missed(self) -> None:
        world = live().say("pause").publish(100).publish(101).publish(102)
        world.forget()
        world.say("step", count=2)
        assert world.types() == ["playback", "11", "12"]
        assert (world.heard[0]["position"], world.heard[0]["time"]) == (12, "2020-01-08T01:31:41.000Z")
        world.say("resume")
        assert world.types()[3:] == ["playback", "13", "caught_up"]

    def test_past_the_pages_at_hand_looks_up_only_where_it_ends(self) -> None:
        log = Log(*range(500))
        world = World(log, "from=start&rate=1", patient=False).open().say("pause")
        world.answer()
        assert last(world)["type"] == "playback"
        world.forget()
        world.say("step", count=90)
        assert world.reads == [ReadPage(89, 1, 1)]
        world.append(600)
        world.answer()
        assert world.types() == ["playback"]
        assert world.heard[0]["position"] == 90
        world.answer()
        assert world.types() == ["playback", *map(str, range(1, 91))]

    def test_messages_behind_a_step_wait_for_its_events(self) -> None:
        world = paused()
        world.block()
        world.say("step", count=2).say("resume")
        assert world.types() == []
        world.unblock()
        assert world.types() == ["playback", "4", "5", "playback"]


class TestRefusals:
    @pytest.mark.parametrize("state", ["replay", "paused", "live"])
    def test_are_answered_in_turn_and_change_nothing(self, state: str) -> None:
        world, twin = in_state(state), in_state(state)
        wrong: list[dict[str, Any]] = [
            {"kind": "rate", "rate": 0},
            {"kind": "seek", "to": "soon"},
            {"kind": "step", "count": 0},
        ]
        for bad in wrong:
            world.say(**bad)
        assert world.types() == ["error"] * 3
        assert {m["code"] for m in world.heard} == {"bad_message"}
        world.forget()
        assert world.settle().heard == twin.settle().heard
        assert world.session.state is twin.session.state
