"""Whole conversations, message by message and to the microsecond, against an independent model of the protocol."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session.duet import KINDS, perform, scene

NUMBER = st.integers(0, 999)
SETUP = st.lists(NUMBER, min_size=6, max_size=16).map(tuple)
ACTIONS = st.lists(st.tuples(st.sampled_from(KINDS), NUMBER, NUMBER), max_size=30)


@settings(max_examples=600, derandomize=True, deadline=None, database=None)
@given(SETUP, ACTIONS)
def test_a_conversation_is_what_the_model_says(setup: tuple[int, ...], actions: list[tuple[str, int, int]]) -> None:
    perform(setup, actions)


@pytest.mark.parametrize("first", range(0, 2000, 250))
def test_long_conversations_are_what_the_model_says(first: int) -> None:
    """Hypothesis keeps its cases small; these are longer and evenly mixed. Few of them end in a tie."""
    played = 0
    for seed in range(first, first + 250):
        played += perform(*scene(random.Random(seed))) is not None
    assert played > 240
