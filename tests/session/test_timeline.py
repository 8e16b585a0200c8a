"""Shortened silences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.session.timeline import Segment, offsets, squeezed


def test_offsets_without_a_limit_are_the_distances_from_the_first() -> None:
    assert offsets([1000, 1000, 4000, 100_000], None) == (0, 0, 3000, 99_000)


def test_offsets_with_a_limit_shorten_what_is_longer() -> None:
    assert offsets([1000, 1000, 4000, 100_000, 105_000], 5000) == (0, 0, 3000, 8000, 13_000)


def test_offsets_of_nothing() -> None:
    assert offsets([], 5) == ()
    assert offsets([7], 5) == (0,)


def test_squeezed() -> None:
    assert (squeezed(9, None), squeezed(9, 10.0), squeezed(11, 10.0)) == (9, 9, 10)


def test_a_segment_within_the_limit_is_as_long_as_its_time() -> None:
    segment = Segment.towards(5000, at=1000, time=2000, mark=100.0, max_gap=4000)
    assert segment == Segment(2000, 100.0, 5000, 3100.0)
    assert segment.expand(600.0) == 2500
    assert segment.compress(2500) == 600.0


def test_a_segment_of_a_longer_silence_has_its_share_of_the_limit() -> None:
    segment = Segment.towards(101_000, at=1000, time=51_000, mark=0.0, max_gap=10_000)
    assert segment.next_mark == 5000
    assert segment.expand(2500) == 76_000
    assert segment.compress(76_000) == 2500


def test_outside_a_segment_its_ends_count() -> None:
    segment = Segment.towards(5000, at=1000, time=2000, mark=100.0, max_gap=None)
    assert (segment.expand(0), segment.expand(9e9)) == (2000, 5000)
    assert (segment.compress(0), segment.compress(10**12)) == (100.0, 3100.0)


def test_a_segment_without_length() -> None:
    segment = Segment.towards(1000, at=1000, time=1000, mark=7.0, max_gap=5)
    assert (segment.next_mark, segment.expand(7.0), segment.compress(1000)) == (7.0, 1000, 7.0)


def test_instants_that_went_backwards_would_count_as_the_same() -> None:
    assert Segment.towards(900, at=1000, time=1000, mark=7.0, max_gap=5).next_mark == 7.0


INSTANTS = st.lists(st.integers(0, 10**9), min_size=2, max_size=12).map(sorted)
MAX_GAP = st.none() | st.floats(0.5, 10**7)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(INSTANTS, MAX_GAP)
def test_segments_laid_end_to_end_are_the_whole_timeline(instants: list[int], max_gap: float | None) -> None:
    mark = 0.0
    for at, next_at, offset in zip(instants, instants[1:], offsets(instants, max_gap)[1:], strict=False):
        mark = Segment.towards(next_at, at=at, time=at, mark=mark, max_gap=max_gap).next_mark
        assert mark == pytest.approx(offset, abs=1e-6)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    st.integers(0, 10**9), st.integers(1, 10**9), MAX_GAP, st.lists(st.floats(0, 1), min_size=2, max_size=6).map(sorted)
)
def test_within_a_segment_time_rises_and_is_original(
    at: int, gap: int, max_gap: float | None, shares: list[float]
) -> None:
    segment = Segment.towards(at + gap, at=at, time=at, mark=0.0, max_gap=max_gap)
    shown = [segment.expand(share * segment.next_mark) for share in shares]
    assert shown == sorted(shown)
    assert all(at <= time <= at + gap for time in shown)
    for share, time in zip(shares, shown, strict=True):
        assert segment.expand(segment.compress(time)) == pytest.approx(time, abs=1)
        assert time == pytest.approx(at + share * gap, abs=1.001)
