"""Keys, what they ask for, and what the player shows."""

import json
from typing import Any

import pytest

from cli.stage import START, at, blog, event, subscribed
from liveblog.cli.watching.controls import SPEEDS, Controls, control
from liveblog.cli.watching.keys import Keys
from liveblog.cli.watching.messages import Rate, decode
from liveblog.cli.watching.player import Player
from liveblog.domain import instant


def playing(*messages: dict[str, Any], now: float = 0.0) -> Player:
    player = Player()
    for message in messages:
        decoded = decode(json.dumps(message).encode())
        assert decoded is not None
        player.heard(decoded, now)
    return player


def playback(state: str = "playing", rate: Rate = 60, position: int = 3, time: str = START) -> dict[str, Any]:
    return {"type": "playback", "state": state, "position": position, "time": time, "rate": rate, "generation": 1}


def shown(player: Player, now: float) -> str:
    time = player.time(now)
    assert time is not None
    return instant.show(time)


class TestKeys:
    def test_every_key_has_its_name(self) -> None:
        assert Keys().read(b" +=-slq\x1b[C\x1b[D\x1bOC\x1bOD") == [
            *("space", "faster", "faster", "slower", "step", "live", "quit"),
            *("right", "left", "right", "left"),
        ]

    def test_however_they_are_cut(self) -> None:
        keys = Keys()
        assert [keys.read(bytes([byte])) for byte in b"\x1b[C \x1bOD"] == [
            [],
            [],
            ["right"],
            ["space"],
            [],
            [],
            ["left"],
        ]

    def test_others_are_passed_over(self) -> None:
        assert Keys().read(b"x\x1b[Az\x1b \xc3\xa9q") == ["space", "quit"]


class TestPlayer:
    def test_it_shows_what_the_server_says(self) -> None:
        player = playing(subscribed(3, head=9, rate=60))
        assert (player.state, player.position, player.head, player.rate) == ("playing", 3, 9, 60)

    def test_the_servers_time_is_the_blogs_at_the_live_edge_alone(self) -> None:
        assert shown(playing(subscribed(state="live")), 0) == START
        assert playing(subscribed(state="playing")).time(0) is None
        assert shown(playing(event(4), subscribed(state="live")), 0) == at(4)

    def test_head_and_position_follow(self) -> None:
        player = playing(subscribed(3, head=4), event(4), event(5))
        assert (player.position, player.head) == (5, 5)
        player = playing(subscribed(3, head=4), {"type": "heartbeat", "head": 11, "server_time": START})
        assert (player.position, player.head) == (3, 11)
        player = playing(subscribed(3, head=4), {"type": "fell_behind", "position": 3, "head": 12})
        assert (player.position, player.head) == (3, 12)
        player = playing(subscribed(3), {"type": "caught_up", "position": 9})
        assert (player.state, player.position, player.live) == ("live", 9, True)

    def test_the_clock_runs_at_the_rate_while_playing(self) -> None:
        player = playing(subscribed(), playback(rate=60), now=100)
        assert shown(player, 101.5) == "2020-01-08T01:31:30.000Z"

    @pytest.mark.parametrize("message", [playback("paused"), playback("live"), playback(rate="instant")])
    def test_the_clock_stands_otherwise(self, message: dict[str, Any]) -> None:
        assert shown(playing(subscribed(), message), 1000) == START

    def test_events_and_snapshots_set_the_clock(self) -> None:
        assert shown(playing(subscribed(), event(4)), 0) == at(4)
        snapshot = {"type": "snapshot", "position": 6, "time": at(6), "generation": 0, "state": blog(6)}
        assert shown(playing(subscribed(), snapshot), 0) == at(6)

    def test_a_time_that_cannot_be_read_changes_nothing(self) -> None:
        assert shown(playing(subscribed(state="live"), event(4, at="noon")), 0) == START

    def test_a_lost_connection_shows_unless_it_was_paused(self) -> None:
        player, paused = playing(subscribed()), playing(subscribed(), playback("paused"))
        player.lost()
        paused.lost()
        assert (player.state, paused.state) == ("connecting", "paused")


class TestControl:
    def test_space_pauses_and_resumes(self) -> None:
        assert control("space", playing(subscribed()), None, 0) == {"type": "pause"}
        assert control("space", playing(playback("paused")), None, 0) == {"type": "resume"}

    def test_step_and_live(self) -> None:
        assert control("step", Player(), None, 0) == {"type": "step", "count": 1}
        assert control("live", Player(), None, 0) == {"type": "go_live"}

    @pytest.mark.parametrize(
        ("rate", "slower", "faster"),
        [
            (1.0, 0.5, 2),
            (7.0, 5, 10),
            (0.1, 0.1, 0.25),
            (1000.0, 600, "instant"),
            ("instant", 1000, "instant"),
            (None, 1000, "instant"),
        ],
    )
    def test_speed_goes_by_steps(self, rate: Rate | None, slower: Rate, faster: Rate) -> None:
        assert control("slower", Player(), rate, 0) == {"type": "rate", "rate": slower}
        assert control("faster", Player(), rate, 0) == {"type": "rate", "rate": faster}

    def test_every_speed_is_one_that_the_protocol_takes(self) -> None:
        assert (SPEEDS[0], SPEEDS[-1], sorted(SPEEDS)) == (0.1, 1000, [*SPEEDS])

    @pytest.mark.parametrize(
        ("rate", "asked", "back", "forward"),
        [
            (60.0, 60.0, "2020-01-08T01:00:00.000Z", "2020-01-08T02:00:00.000Z"),
            (0.5, 0.5, "2020-01-08T01:29:30.000Z", "2020-01-08T01:30:30.000Z"),
            ("instant", 1, "2020-01-08T01:25:00.000Z", "2020-01-08T01:35:00.000Z"),
            (None, 1, "2020-01-08T01:25:00.000Z", "2020-01-08T01:35:00.000Z"),
        ],
    )
    def test_an_arrow_seeks_by_30_seconds_of_the_readers_time(
        self, rate: Rate | None, asked: Rate, back: str, forward: str
    ) -> None:
        player = playing(subscribed(), playback("paused"))
        assert control("left", player, rate, 0) == {"type": "seek", "to": back, "rate": asked, "paused": True}
        assert control("right", player, rate, 0) == {"type": "seek", "to": forward, "rate": asked, "paused": True}

    def test_an_arrow_counts_from_where_the_clock_is_now(self) -> None:
        player = playing(subscribed(), playback(rate=1))
        sought = control("right", player, 1, 10)
        assert sought == {"type": "seek", "to": "2020-01-08T01:30:40.000Z", "rate": 1, "paused": False}

    def test_there_is_no_way_forward_from_the_live_edge_and_no_way_at_all_without_a_clock(self) -> None:
        assert control("right", playing(subscribed(state="live")), 1, 0) is None
        assert control("left", playing(subscribed(state="live")), 1, 0) is not None
        assert control("left", Player(), 1, 0) is None

    def test_a_key_without_a_meaning_asks_nothing(self) -> None:
        assert control("quit", Player(), None, 0) is None


class TestControls:
    def test_one_is_in_flight_at_a_time(self) -> None:
        controls, player = Controls(), playing(subscribed())
        controls.press("space")
        controls.press("live")
        assert controls.next(player, None, 0.0) == {"type": "pause", "id": "1"}
        assert controls.next(player, None, 9.0) is None
        controls.answered("other")
        controls.answered(None)
        assert controls.next(player, None, 9.0) is None
        controls.answered("1")
        assert controls.next(player, None, 9.0) == {"type": "go_live", "id": "2"}
        controls.answered("2")
        assert controls.next(player, None, 18.0) is None

    def test_a_key_that_is_held_stays_under_twenty_messages_a_second(self) -> None:
        controls, player, sent = Controls(), playing(subscribed()), 0
        for millisecond in range(1000):
            controls.press("step")
            message = controls.next(player, None, millisecond / 1000)
            if message:
                sent += 1
                controls.answered(message["id"])
        assert 15 <= sent < 20

    def test_of_too_many_waiting_keys_the_newest_are_kept(self) -> None:
        controls, sent = Controls(), []
        for key in ("space", "space", "live", "step", "faster"):
            controls.press(key)
        for second in range(5):
            message = controls.next(Player(), None, second)
            if message:
                sent.append(message["type"])
                controls.answered(message["id"])
        assert sent == ["go_live", "step", "rate"]

    def test_only_an_answer_to_a_message_with_a_rate_changes_the_wish(self) -> None:
        controls, player = Controls(), playing(subscribed(), event(4))
        for number, (key, sets) in enumerate([("faster", True), ("left", True), ("space", False)], 1):
            controls.press(key)
            assert controls.next(player, 1, number) is not None
            assert controls.answered(str(number)) is sets

    def test_a_key_that_asks_nothing_lets_the_next_one_go(self) -> None:
        controls = Controls()
        controls.press("left")
        controls.press("live")
        assert controls.next(Player(), None, 0) == {"type": "go_live", "id": "1"}

    def test_a_lost_connection_forgets_what_was_meant_for_it(self) -> None:
        controls = Controls()
        controls.press("space")
        controls.press("live")
        assert controls.next(Player(), None, 0) is not None
        controls.lost()
        assert controls.next(Player(), None, 9) is None
        controls.press("step")
        assert controls.next(Player(), None, 9) == {"type": "step", "count": 1, "id": "2"}
