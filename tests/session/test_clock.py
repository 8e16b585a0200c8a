"""The playback clock."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.session.clock import PlaybackClock


def test_runs_at_its_rate_from_its_references() -> None:
    clock = PlaybackClock(wall=100.0, mark=5000.0, rate=2.0)
    assert clock.at(100.0) == 5000
    assert clock.at(103.5) == 12_000
    assert clock.deadline(12_000) == 103.5
    assert clock.deadline(3000) == 99.0


def test_shows_nothing_before_its_reference() -> None:
    assert PlaybackClock(100.0, 5000.0, 2.0).at(99.0) == 5000


def test_a_paused_clock_stands_and_never_gets_anywhere() -> None:
    clock = PlaybackClock(100.0, 0.0, 2.0).paused(101.0)
    assert clock.at(101.0) == clock.at(999.0) == 2000
    assert clock.deadline(2001) == math.inf
    assert clock.rate == 2.0


def test_a_resumed_clock_goes_on_from_where_it_stood() -> None:
    clock = PlaybackClock(100.0, 0.0, 2.0).paused(101.0).resumed(200.0)
    assert clock.at(200.0) == 2000
    assert clock.deadline(4000) == 201.0


def test_a_new_rate_changes_nothing_at_the_moment_of_the_change() -> None:
    clock = PlaybackClock(100.0, 0.0, 2.0).at_rate(10.0, 103.0)
    assert clock.at(103.0) == 6000
    assert clock.deadline(7000) == 103.1
    paused = clock.paused(104.0).at_rate(1.0, 105.0)
    assert paused.deadline(99_999) == math.inf
    assert paused.resumed(110.0).deadline(17_000) == 111.0


def test_a_moved_clock_keeps_its_rate() -> None:
    assert PlaybackClock(100.0, 0.0, 2.0).moved(50_000, 101.0) == PlaybackClock(101.0, 50_000, 2.0)


CHANGES = st.lists(st.tuples(st.floats(0.1, 1000), st.floats(0, 1e5)), max_size=5)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.floats(0, 1e6), CHANGES, st.floats(0, 1e8))
def test_reaches_a_mark_at_its_deadline(wall: float, changes: list[tuple[float, float]], ahead: float) -> None:
    clock = PlaybackClock(wall, 0.0, 1.0)
    for rate, later in changes:
        clock = clock.at_rate(rate, clock.wall + later)
    assert clock.at(clock.deadline(clock.mark + ahead)) == pytest.approx(clock.mark + ahead, abs=1e-2, rel=1e-9)
