"""Request bodies: strict JSON, and every fault of a command at once."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.application.decoding import InvalidJson, decode_commands, decode_start, fingerprint, parse_json
from liveblog.domain import commands as c
from liveblog.domain import instant
from liveblog.domain.rejection import CommandRejected

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    [
        *(
            [
                "type",
                "headline",
                "body",
                "kind",
                "question",
                "quote",
                "contributors",
                "sources",
                "media",
                "links",
                "tags",
                "published_at",
            ]
        ),
        *(
            [
                "entry_id",
                "breaking",
                "pinned",
                "key_event",
                "was",
                "now",
                "reason",
                "point_id",
                "text",
                "expected_revision",
                "time_zone",
            ]
        ),
    ]
)
TYPES = st.sampled_from(
    [
        *(
            [
                "publish_entry",
                "revise_entry",
                "correct_entry",
                "retract_entry",
                "flag_breaking",
                "pin_entry",
                "set_key_point",
            ]
        ),
        "withdraw_key_point",
        "change_headline",
        "end_blog",
        "unknown",
    ]
)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(JSON | st.builds(lambda kind, rest: {**rest, "type": kind}, TYPES, st.dictionaries(FIELDS, JSON, max_size=6)))
def test_any_value_is_decoded_or_refused_with_its_faults(value: Any) -> None:
    try:
        commands = decode_commands(value)
    except CommandRejected as refusal:
        assert refusal.code == "invalid_command"
        assert refusal.faults
        json.dumps([fault.path for fault in refusal.faults]).encode()
    else:
        assert commands


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,0123456789eE+-.\\u tfn', max_size=60).map(str.encode))
def test_any_body_is_parsed_or_refused(body: bytes) -> None:
    try:
        value = parse_json(body)
    except InvalidJson as refusal:
        assert str(refusal)
    else:
        assert value == json.loads(body)


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":1}', b'[{"x":{"b":1,"b":2}}]', b"NaN", b"[Infinity]", b"[1e999]", b"\xff", b"[" * 9999, b""]
)
def test_what_other_parsers_let_through_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJson):
        parse_json(body)


def test_a_request_is_the_same_however_it_is_spelt() -> None:
    first = parse_json(b'{"type": "publish_entry", "media": [{"width": 10}]}')
    second = parse_json(b'{"media":[{"width":1.0e1}],"type":"publish\\u005fentry"}')
    assert fingerprint("/x", first) == fingerprint("/x", second)
    assert fingerprint("/x", first) != fingerprint("/y", first)
    assert fingerprint("/x", first) != fingerprint("/x", {**first, "headline": None})


def test_absent_null_and_empty_are_three_things() -> None:
    name = "7a3b8a2e-3c5d-4c51-8f3a-111111111111"
    (command,) = decode_commands({"type": "revise_entry", "entry_id": name, "headline": None, "tags": []})
    assert isinstance(command, c.ReviseEntry)
    assert command.headline is None
    assert command.tags == ()
    assert not isinstance(command.body, str | None)


def faults(value: Any) -> dict[str, str]:
    with pytest.raises(CommandRejected) as refused:
        decode_commands(value)
    return {fault.path: fault.message for fault in refused.value.faults}


def test_faults_are_found_behind_each_other() -> None:
    found = faults(
        {
            "type": "publish_entry",
            "headline": "\x00",
            "published_at": "2020-02-30T00:00:00Z",
            "media": [{"type": "hologram", "url": "ftp://x"}, 7],
            "contributors": "Ann",
            "tags": ["x" * 61],
            "breaking": "yes",
            "quote": {"speaker": None},
            "extra": 1,
        }
    )
    assert set(found) == {
        "headline",
        "published_at",
        "media[0].type",
        "media[0].url",
        "media[1]",
        "contributors",
        "tags[0]",
        "breaking",
        "quote.speaker",
        "extra",
    }
    assert found["tags[0]"] == "61 characters: at most 60 fit"


@pytest.mark.parametrize("count", [0, 101])
def test_a_list_holds_1_to_100_commands(count: int) -> None:
    assert "" in faults([{"type": "end_blog"}] * count)
    assert len(decode_commands([{"type": "end_blog"}] * 100)) == 100


def test_a_fault_shows_what_was_sent() -> None:
    assert faults({"headline": "x"}) == {"type": "required"}
    assert faults({"type": "zz"})["type"].endswith(", not 'zz'")
    assert faults({"type": "publish_entry", "headline": "x", "kind": "zz"})["kind"].endswith(", not 'zz'")
    found = faults({"type": "publish_entry", "media": [{"type": "video", "duration_s": 1.5}]})
    assert found == {"media[0].duration_s": "expected a whole number, not a fraction"}


def test_a_time_zone_is_looked_up_among_the_other_faults() -> None:
    with pytest.raises(CommandRejected) as refused:
        decode_start({"slug": "!", "headline": "x", "time_zone": "Mars"})
    assert {fault.path for fault in refused.value.faults} == {"slug", "time_zone"}


def test_a_time_zone_must_exist() -> None:
    assert decode_start({"slug": "x", "headline": "y", "time_zone": "Asia/Baghdad"}).time_zone == "Asia/Baghdad"
    assert "time_zone" in faults({"type": "change_headline", "time_zone": "Asia/Atlantis"})
    assert "[1].time_zone" in faults([{"type": "end_blog"}, {"type": "change_headline", "time_zone": "Moon"}])


def test_a_time_that_has_not_come_is_found_among_the_other_faults() -> None:
    late = {"type": "publish_entry", "headline": "x", "published_at": "2020-01-08T01:01:00.001Z"}
    now = instant.parse("2020-01-08T01:00:00Z")
    with pytest.raises(CommandRejected) as refused:
        decode_commands([{"type": "end_blog"}, late], now)
    assert [fault.path for fault in refused.value.faults] == ["[1].published_at"]
    assert decode_commands({**late, "published_at": "2020-01-08T01:01:00Z"}, now)
    assert decode_commands(late)


def test_an_entry_must_have_something_to_read() -> None:
    assert "body" in faults({"type": "publish_entry", "tags": ["empty"]})
