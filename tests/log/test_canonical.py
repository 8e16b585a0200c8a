"""The canonical bytes are those of RFC 8785, and those that the standard library writes in one line."""

import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liveblog.log.canonical import canonical
from liveblog.log.record import Envelope
from log import stranger

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text()
NAMES = st.text(st.characters(codec="ascii"), max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
runs = settings(derandomize=True, deadline=None, max_examples=300)


@runs
@given(VALUES)
@example({"b": 1, "a": [True, None, {"z": "", "B": -1}], "": "\x00\x1f\x7f\x80\u2028\u2029\ufeff"})
@example('"\\/\b\f\n\r\t<>& é 語 🚀')
def test_the_bytes_are_those_of_rfc_8785_and_of_the_standard_library(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value) == stranger.canonical(value)


@runs
@given(VALUES)
def test_nothing_is_lost(value: Any) -> None:
    assert json.loads(canonical(value)) == value


def test_structs_are_written_as_their_fields_are() -> None:
    envelope = Envelope(
        blog_id="b",
        position=1,
        event_id="e",
        event_type="t",
        schema_version=1,
        at="a",
        at_estimated=False,
        recorded_at="r",
        commit_end=1,
        flags=("breaking", "pinned"),
    )
    assert canonical(envelope) == stranger.canonical(msgspec.to_builtins(envelope))
    assert list(json.loads(canonical(envelope))) == sorted(envelope.__struct_fields__)


@pytest.mark.parametrize("surrogate", ["\ud800", "a\udfffb"])
def test_a_lone_surrogate_has_no_bytes(surrogate: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical({"text": surrogate})
