"""The cursor: what is asked for on each connection, what is believed, and how long to wait."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.stage import EPOCH, START, blog, event, subscribed
from liveblog.cli.watching.following import Following, Verdict
from liveblog.cli.watching.messages import Message, Snapshot, decode
from liveblog.session.closecodes import Verdict as Fate
from liveblog.session.closecodes import verdict as fate


def read(message: Mapping[str, Any]) -> Message:
    decoded = decode(json.dumps(message).encode())
    assert decoded is not None
    return decoded


def make(asked: Mapping[str, str] | None = None, *, dice: float = 0.5, **query: str) -> Following:
    """A reader who asks for `asked` and `query`; `start` stands for `from`, which is Python's word."""
    if "start" in query:
        query["from"] = query.pop("start")
    return Following({**query, **(asked or {})}, lambda: dice)


def hear(following: Following, *messages: Mapping[str, Any]) -> list[Verdict]:
    return [following.received(read(message)) for message in messages]


def playback(position: int, generation: int, state: str = "playing") -> dict[str, Any]:
    return {
        "type": "playback",
        "state": state,
        "position": position,
        "time": START,
        "generation": generation,
        "re": "1",
    }


def snapshot(position: int, **more: Any) -> dict[str, Any]:
    return {"type": "snapshot", "position": position, "time": START, "generation": 0, "state": blog(position, **more)}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([1000], Fate.DONE),
        ([1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 3000, 4000, 4001, 4008, 4029, 4399], Fate.RECONNECT),
        ([4400, 4402, 4403, 4499], Fate.CURSOR_VOID),
        ([1002, 1003, 1007, 1008, 1009, 1010, 4500, 4504, 4999], Fate.NEVER),
    ],
)
def test_the_range_of_a_close_code_is_the_verdict(codes: list[int], expected: Fate) -> None:
    assert {code: fate(code) for code in codes} == dict.fromkeys(codes, expected)


class TestQuery:
    ASKED: Mapping[str, str] = {"rate": "60", "max_gap": "30", "at_end": "end", "epoch": "old", "hash": "ab"}

    def test_the_first_connection_asks_for_what_the_reader_asked(self) -> None:
        following = make(self.ASKED, start="start")
        assert following.query() == {"from": "start", **self.ASKED}

    def test_so_does_the_next_if_the_first_brought_nothing(self) -> None:
        following = make(start=START)
        following.query()
        assert following.query() == {"from": START}

    def test_the_next_asks_for_the_cursor_and_keeps_the_rest(self) -> None:
        following = make(self.ASKED, start="start")
        following.query()
        hear(following, subscribed(), event(1), event(2))
        rest = {"rate": "60", "max_gap": "30", "at_end": "end"}
        assert following.query() == {"from": "2", "epoch": EPOCH, **rest}

    def test_a_reader_at_the_live_edge_comes_back_at_once_and_not_at_a_rate(self) -> None:
        for live in (subscribed(9, state="live"), {"type": "caught_up", "position": 9}):
            following = make(start="9", rate="60")
            hear(following, subscribed(9, state="playing"), live)
            assert following.query() == {"from": "9", "epoch": EPOCH}
            assert following.rate == 60

    def test_a_reader_who_sought_away_from_the_live_edge_comes_back_at_the_rate(self) -> None:
        following = make(rate="60")
        hear(following, subscribed(9, state="live"), playback(3, 1))
        assert following.query() == {"from": "3", "epoch": EPOCH, "rate": "60"}

    def test_a_changed_rate_is_asked_for_from_then_on(self) -> None:
        following = make(start="start", rate="60")
        hear(following, subscribed())
        following.rate = 0.5
        assert following.query()["rate"] == "0.5"
        following.rate = "instant"
        assert following.query()["rate"] == "instant"

    def test_a_shared_replay_is_joined_again_by_its_name_alone(self) -> None:
        following = make(session="tour")
        hear(following, subscribed(5), snapshot(5), event(6))
        assert following.query() == {"session": "tour"}
        assert hear(following, subscribed(8, edition="2"), snapshot(8), event(9)) == [Verdict.SHOW] * 3


class TestOrder:
    def test_events_in_order_are_shown(self) -> None:
        following = make(start="start")
        assert hear(following, subscribed(), event(1), event(2)) == [Verdict.SHOW] * 3
        assert following.position == 2

    def test_what_was_handled_is_dropped(self) -> None:
        following = make(start="start")
        verdicts = hear(following, subscribed(), event(1), event(1), event(2), event(1), event(2))
        assert verdicts[2:] == [Verdict.DROP, Verdict.SHOW, Verdict.DROP, Verdict.DROP]

    def test_what_comes_too_early_is_a_gap_and_moves_nothing(self) -> None:
        following = make(start="start")
        assert hear(following, subscribed(), event(2)) == [Verdict.SHOW, Verdict.GAP]
        assert following.position == 0

    def test_nothing_is_believed_before_subscribed(self) -> None:
        following = make(start="start")
        assert hear(following, event(1), snapshot(1)) == [Verdict.DROP] * 2
        hear(following, subscribed(), event(1))
        following.query()
        assert hear(following, event(2)) == [Verdict.DROP]

    def test_a_snapshot_and_an_answered_seek_move_the_cursor_back(self) -> None:
        following = make(start="start")
        hear(following, subscribed(), event(1), event(2), event(3))
        assert hear(following, playback(1, 1), snapshot(1), event(2)) == [Verdict.SHOW] * 3
        assert following.position == 2

    def test_a_playback_without_a_new_generation_moves_nothing(self) -> None:
        following = make(start="start")
        hear(following, subscribed(generation=4), event(1), playback(0, 4))
        assert following.position == 1

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=12))
    @settings(derandomize=True, deadline=None, max_examples=300)
    def test_however_often_it_breaks_each_event_is_shown_once_and_in_order(self, runs: list[tuple[int, int]]) -> None:
        """Each connection starts up to three events too early, and breaks after some events."""
        following = make(start="start")
        shown = []
        for early, count in runs:
            cursor = int(following.query()["from"]) if following.position is not None else 0
            start = max(0, cursor - early)
            hear(following, subscribed(start))
            said = range(start + 1, start + 1 + count)
            shown += [position for position in said if hear(following, event(position)) == [Verdict.SHOW]]
        assert shown == list(range(1, len(shown) + 1))
        assert len(shown) == (following.position or 0)


class TestReadingAgain:
    def reader(self, **query: str) -> Following:
        following = make(query, start="start")
        hear(following, subscribed(), event(1), event(2))
        following.query()
        return following

    def test_another_epoch_voids_the_cursor(self) -> None:
        following = self.reader()
        assert hear(following, subscribed(2, epoch="epoch-2")) == [Verdict.VOID]

    def test_the_blog_read_over_http_is_the_new_start(self) -> None:
        following = self.reader(rate="60")
        document = snapshot(7, epoch="epoch-2")
        message = read(document)
        assert isinstance(message, Snapshot)
        following.read(message.state)
        assert following.query() == {"from": "7", "epoch": "epoch-2", "rate": "60"}
        assert hear(following, subscribed(7, epoch="epoch-2"), event(8)) == [Verdict.SHOW] * 2

    @pytest.mark.parametrize("start", [subscribed(2, edition="2"), subscribed(4)])
    def test_another_edition_or_a_later_start_means_to_read_what_stands_at_the_cursor(self, start: Any) -> None:
        following = self.reader()
        assert hear(following, start) == [Verdict.READ_AGAIN]
        assert following.position == start["position"]

    def test_a_reading_that_did_not_come_about_is_still_owed(self) -> None:
        following = self.reader()
        hear(following, subscribed(2, edition="2"))
        following.query()
        assert hear(following, subscribed(2, edition="2")) == [Verdict.READ_AGAIN]
        message = read(snapshot(2, edition="2"))
        assert isinstance(message, Snapshot)
        following.read(message.state)
        following.query()
        assert hear(following, subscribed(2, edition="2")) == [Verdict.SHOW]

    def test_a_snapshot_that_was_lost_is_owed(self) -> None:
        """The one before the first event of `from=TIME`, and the one after a seek."""
        following = make(start=START)
        hear(following, subscribed(2))
        following.query()
        assert hear(following, subscribed(2)) == [Verdict.READ_AGAIN]
        sought = self.reader()
        hear(sought, subscribed(2), playback(1, 1))
        sought.query()
        assert hear(sought, subscribed(1)) == [Verdict.READ_AGAIN]

    def test_a_snapshot_that_came_is_not(self) -> None:
        following = make(start=START)
        hear(following, subscribed(2), snapshot(2))
        following.query()
        assert hear(following, subscribed(2)) == [Verdict.SHOW]

    def test_before_the_first_event_there_is_nothing_to_read(self) -> None:
        following = make(start="start")
        hear(following, subscribed(0))
        following.query()
        assert hear(following, subscribed(0, edition="2")) == [Verdict.SHOW]


class TestWaiting:
    def test_the_first_wait_is_a_part_of_the_jitter(self) -> None:
        following = make(dice=0.25)
        hear(following, subscribed())
        assert following.pause_s() == 0.25

    def test_then_it_grows_between_the_bounds(self) -> None:
        least, most = make(dice=0.0), make(dice=1.0)
        hear(least, subscribed())
        hear(most, subscribed())
        assert [least.pause_s() for _ in range(5)] == [0.0, 0.1, 0.1, 0.1, 0.1]
        assert [most.pause_s() for _ in range(6)] == [1.0, 0.2, 0.4, 0.8, 0.8, 0.8]

    def test_a_connection_that_brings_something_begins_anew(self) -> None:
        following = make(start="start", dice=1.0)
        hear(following, subscribed())
        assert [following.pause_s(), following.pause_s()] == [1.0, 0.2]
        following.query()
        hear(following, subscribed(), event(1))
        assert following.pause_s() == 1.0

    def test_a_connection_that_only_greets_does_not(self) -> None:
        following = make(start="start", dice=1.0)
        hear(following, subscribed())
        following.pause_s()
        following.query()
        hear(following, subscribed())
        assert following.pause_s() == 0.2

    def test_nor_does_one_that_only_refuses(self) -> None:
        following = make(start="start", dice=1.0)
        hear(following, subscribed())
        following.pause_s()
        following.query()
        refusal = {"type": "error", "code": "too_many_messages", "message": "Slow down.", "re": None}
        assert hear(following, refusal) == [Verdict.SHOW]
        assert following.pause_s() == 0.2

    def test_a_thousand_failures_are_survived(self) -> None:
        following = make(dice=1.0)
        assert [following.pause_s() for _ in range(1000)][-1] == 30.0

    def test_silence_is_twice_the_heartbeat(self) -> None:
        following = make()
        assert following.silence_s == 30
        hear(following, subscribed(heartbeat_s=5))
        assert following.silence_s == 10


def test_unknown_types_and_broken_frames_are_no_messages() -> None:
    for data in (b'{"type": "weather"}', b'{"type": "event"}', b"[]", b"{", b"\xff", b'{"position": 1}'):
        assert decode(data) is None


def test_unknown_fields_and_values_are_taken() -> None:
    assert hear(make(start="start"), subscribed(state="dreaming", mood=1), event(1, "entry_sung", mood=1)) == (
        [Verdict.SHOW] * 2
    )
