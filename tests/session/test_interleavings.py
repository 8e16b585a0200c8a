"""Thousands of conversations in a world that is against them: what `world` and `chaos` check holds in every one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session.chaos import KINDS, endure, mess

NUMBER = st.integers(0, 999)
SETUP = st.lists(NUMBER, min_size=7, max_size=17).map(tuple)
ACTIONS = st.lists(st.tuples(st.sampled_from(KINDS), NUMBER, NUMBER), max_size=40)


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(SETUP, ACTIONS)
def test_order_once_bounds_and_arrival(setup: tuple[int, ...], actions: list[tuple[str, int, int]]) -> None:
    endure(setup, actions)


@pytest.mark.parametrize("first", range(0, 1500, 250))
def test_the_same_holds_in_long_conversations(first: int) -> None:
    """Hypothesis keeps its cases small; these are longer and evenly mixed."""
    for seed in range(first, first + 250):
        endure(*mess(random.Random(seed)))
