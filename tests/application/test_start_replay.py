"""The wish for a shared replay: what it means, and what is wrong with one that cannot be."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.application.decoding import decode_replay
from liveblog.domain import instant
from liveblog.domain.rejection import CommandRejected
from liveblog.session.query import Query
from liveblog.session.target import Live, Moment, Position, Start

SIMPLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70)
VALUES = SIMPLE | st.lists(SIMPLE, max_size=2) | st.dictionaries(st.text(max_size=5), SIMPLE, max_size=2)
WISHES = st.dictionaries(st.sampled_from(["name", "from", "rate", "max_gap", "x"]), VALUES)


def test_only_the_name_is_needed() -> None:
    wish = decode_replay({"name": "evening"})
    assert wish.query() == Query(origin=Start(), rate=1.0, max_gap=None)


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("start", Start()),
        ("live", Live()),
        (0, Position(0)),
        (17, Position(17)),
        ("2020-01-08T01:30:00+01:00", Moment(instant.parse("2020-01-08T00:30:00Z"))),
    ],
)
def test_it_begins_where_a_seek_could_lead(given: Any, target: Any) -> None:
    assert decode_replay({"name": "evening", "from": given}).query().origin == target


def test_it_has_the_rate_and_the_gap_of_a_readers_own_replay() -> None:
    wish = decode_replay({"name": "evening", "rate": 600, "max_gap": 2.5})
    assert wish.query() == Query(origin=Start(), rate=600.0, max_gap=2.5)


@pytest.mark.parametrize(
    ("wish", "faults"),
    [
        ([], [("", "expected an object, not a list")]),
        ({}, [("name", "required")]),
        ({"name": "X"}, [("name", "expected 1 to 64 of a-z, 0-9 and -, not beginning with -")]),
        ({"name": "x", "rate": 0}, [("rate", "expected a number from 0.1 up to 1000.0")]),
        ({"name": "x", "rate": True}, [("rate", "expected a number from 0.1 up to 1000.0, not a boolean")]),
        ({"name": "x", "max_gap": 0}, [("max_gap", "expected a number above 0")]),
        ({"name": "x", "from": -1}, [("from", "expected 0 or more, or a string, not -1")]),
        ({"name": "x", "from": None}, [("from", "expected a whole number, or a string, not null")]),
        ({"name": "x", "y": 1}, [("y", "unknown field: remove it")]),
    ],
)
def test_what_is_wrong_is_said(wish: Any, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(CommandRejected) as refused:
        decode_replay(wish)
    assert refused.value.code == "invalid_command"
    assert [(fault.path, fault.message) for fault in refused.value.faults] == faults


@settings(derandomize=True, deadline=None, max_examples=300)
@given(WISHES | VALUES)
def test_whatever_is_sent_is_a_wish_or_a_refusal_with_its_faults(value: Any) -> None:
    try:
        wish = decode_replay(value)
    except CommandRejected as refused:
        assert refused.faults
        assert all(fault.message for fault in refused.faults)
    else:
        assert wish.name == value["name"]
        assert wish.query().rate is not None
