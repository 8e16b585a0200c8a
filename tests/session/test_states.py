"""The table of states."""

from __future__ import annotations

import itertools

import pytest

from liveblog.session.states import TRANSITIONS, Happening, IllegalTransition, State, after, allows, shown


def test_every_state_has_a_row_and_every_happening_a_place() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {happening for row in TRANSITIONS.values() for happening in row} == set(Happening)


@pytest.mark.parametrize(("state", "happening"), list(itertools.product(State, Happening)))
def test_what_is_in_the_table_leads_on_and_what_is_not_is_an_error_that_names_both(
    state: State, happening: Happening
) -> None:
    if happening in TRANSITIONS[state]:
        assert allows(state, happening)
        assert after(state, happening) is TRANSITIONS[state][happening]
    else:
        assert not allows(state, happening)
        with pytest.raises(IllegalTransition, match=f"'{happening.value}' cannot happen while '{state.value}'"):
            after(state, happening)


def test_every_state_can_be_reached() -> None:
    reached, frontier = {State.OPENING}, {State.OPENING}
    while frontier:
        frontier = {to for state in frontier for to in TRANSITIONS[state].values()} - reached
        reached |= frontier
    assert reached == set(State)


def test_every_state_but_closed_can_close() -> None:
    assert {state for state in State if not allows(state, Happening.CLOSE)} == {State.CLOSED}


def test_a_step_is_for_the_paused() -> None:
    assert {state for state in State if allows(state, Happening.STEP)} == {State.PAUSED, State.HELD}


def test_what_readers_are_told() -> None:
    silent = {State.OPENING, State.SEEKING, State.CLOSED}
    told = {state: shown(state) for state in State if state not in silent}
    assert set(told.values()) == {"playing", "paused", "buffering", "live", "ended"}
    assert (told[State.CATCHING_UP], told[State.HELD]) == ("playing", "paused")
    for state in silent:
        with pytest.raises(KeyError):
            shown(state)
