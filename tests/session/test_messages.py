"""A client's text ends as a message, a refusal or a violation, and never otherwise."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.session.messages import (
    ClientMessage,
    Closing,
    Error,
    GoLive,
    Heartbeat,
    MessageRefused,
    Pause,
    ProtocolViolation,
    Rate,
    Resume,
    Seek,
    Snapshot,
    Step,
    decode,
    shown_rate,
    wished_rate,
)
from liveblog.session.target import Live, Moment, Position, Start


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "pause"}', Pause()),
        ('{"type": "resume", "id": "a"}', Resume(id="a")),
        ('{"type": "pause", "id": null}', Pause()),
        ('{"type": "rate", "rate": 60, "id": -7}', Rate(rate=60.0, id=-7)),
        ('{"type": "rate", "rate": "instant"}', Rate(rate="instant")),
        ('{"type": "rate", "rate": 0.1}', Rate(rate=0.1)),
        ('{"type": "rate", "rate": 1000}', Rate(rate=1000.0)),
        ('{"type": "step", "count": 100}', Step(count=100)),
        ('{"type": "go_live"}', GoLive()),
        ('{"type": "seek", "to": 5}', Seek(to=5)),
        ('{"type": "seek", "to": "live", "rate": 2, "paused": true}', Seek(to="live", rate=2.0, paused=True)),
        (b'{"type": "pause", "id": "\xc3\xa9"}', Pause(id="é")),
        (json.dumps({"type": "pause", "id": "x" * 200}), Pause(id="x" * 200)),
        (json.dumps({"type": "pause", "id": 2**63 - 1}), Pause(id=2**63 - 1)),
    ],
)
def test_messages(text: str | bytes, message: ClientMessage) -> None:
    assert decode(text) == message


@pytest.mark.parametrize(
    ("to", "target"),
    [
        (5, Position(5)),
        (0, Position(0)),
        (-3, Position(0)),
        (10**40, Position(10**40)),
        ("start", Start()),
        ("live", Live()),
        ("1970-01-01T01:00:00.0019+01:00", Moment(1)),
    ],
)
def test_where_a_seek_can_go(to: Any, target: Any) -> None:
    message = decode(json.dumps({"type": "seek", "to": to}))
    assert isinstance(message, Seek)
    assert message.target() == target


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "pause", "[]", "1", '"pause"', "null", "NaN", '{"type": "rate", "rate": NaN}', '{"a": -Infinity}'),
        *('{"type": "pause"} {}', "{'type': 'pause'}", '{"type": "pause"', b"\xff\xfe", b'{"a": "\xed\xa0\x80"}'),
        *("[" * 100_000, '{"a":' * 100_000, '{"type": "pause", "id": ' + "9" * 5000 + "}", "\ufeff{}"),
    ],
)
def test_what_is_no_json_object_is_a_violation(text: str | bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode(text)


@pytest.mark.parametrize(
    ("text", "code", "re"),
    [
        ('{"type": "rewind", "id": 4}', "unknown_type", 4),
        ('{"type": "event", "id": 4}', "unknown_type", 4),
        ("{}", "bad_message", None),
        ('{"type": 4, "id": "x"}', "bad_message", "x"),
        ('{"type": null}', "bad_message", None),
        ('{"type": "pause", "now": true, "id": 1}', "bad_message", 1),
        ('{"type": "rate", "id": 1}', "bad_message", 1),
        ('{"type": "rate", "rate": 0.09, "id": 1}', "bad_message", 1),
        ('{"type": "rate", "rate": 1000.1, "id": 1}', "bad_message", 1),
        ('{"type": "rate", "rate": 1e999, "id": 1}', "bad_message", 1),
        ('{"type": "rate", "rate": "60", "id": 1}', "bad_message", 1),
        ('{"type": "rate", "rate": true, "id": 1}', "bad_message", 1),
        ('{"type": "seek", "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": "15", "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": "2020-01-08T01:30:00", "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": 1.5, "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": true, "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": null, "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": 1, "rate": null, "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": 1, "paused": 1, "id": 1}', "bad_message", 1),
        ('{"type": "step", "id": 1}', "bad_message", 1),
        ('{"type": "step", "count": 0, "id": 1}', "bad_message", 1),
        ('{"type": "step", "count": 101, "id": 1}', "bad_message", 1),
        ('{"type": "pause", "type": "resume", "id": 1}', "bad_message", 1),
        ('{"type": "pause", "id": 1, "id": 2}', "bad_message", None),
        ('{"type": "pause", "id": true}', "bad_message", None),
        ('{"type": "pause", "id": 1.5}', "bad_message", None),
        ('{"type": "pause", "id": {}}', "bad_message", None),
        ('{"type": "pause", "id": 9223372036854775808}', "bad_message", None),
        (json.dumps({"type": "pause", "id": "x" * 201}), "bad_message", None),
        ('{"type": "pause", "id": "\\ud800"}', "bad_message", None),
        ('{"type": "\\ud800", "id": 1}', "unknown_type", 1),
        ('{"type": "pause", "\\ud800": 1, "id": 1}', "bad_message", 1),
        ('{"type": "seek", "to": "\\udfff", "id": 1}', "bad_message", 1),
        ('{"type": "pause", "' + "y" * 9000 + '": 1, "id": 1}', "bad_message", 1),
    ],
)
def test_an_object_that_is_no_message_is_refused(text: str, code: str, re: Any) -> None:
    with pytest.raises(MessageRefused) as refused:
        decode(text)
    assert (refused.value.code, refused.value.re) == (code, re)
    assert len(refused.value.message) <= 300
    assert msgspec.json.encode(Error(code=code, message=refused.value.message, re=refused.value.re))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(("type", "id", "to", "rate", "paused", "count", "x"))
KINDS = st.sampled_from(("pause", "resume", "rate", "seek", "step", "go_live", "stop")) | VALUES


@settings(max_examples=800, derandomize=True, deadline=None, database=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5), KINDS)
def test_any_object_ends_in_one_of_the_three_ways(fields: dict[str, Any], kind: Any) -> None:
    try:
        message = decode(json.dumps({**fields, "type": kind}))
    except MessageRefused as refused:
        answer = Error(code=refused.code, message=refused.message, re=refused.re)
    except ProtocolViolation:
        assert "Infinity" in json.dumps([fields, kind]) or "NaN" in json.dumps([fields, kind])
        return
    else:
        answer = Error(code="", message="", re=message.id)
        assert message.id == fields.get("id")
    assert msgspec.json.encode(answer)
    assert answer.re is None or answer.re == fields["id"]


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(st.binary(max_size=60) | st.text(st.characters(), max_size=60))
def test_any_text_ends_in_one_of_the_three_ways(text: str | bytes) -> None:
    with pytest.raises((MessageRefused, ProtocolViolation)):
        decode(text)


def test_server_messages_have_their_type_first() -> None:
    assert msgspec.json.encode(Heartbeat(head=3, server_time="t")) == b'{"type":"heartbeat","head":3,"server_time":"t"}'
    assert msgspec.json.encode(Closing(code=4001, reason="r")) == b'{"type":"closing","code":4001,"reason":"r"}'


def test_a_snapshot_carries_the_stored_document_byte_for_byte() -> None:
    document = msgspec.Raw(b'{"b": 1,  "a": 2}')
    encoded = msgspec.json.encode(Snapshot(position=1, time="t", generation=1, state=document))
    assert encoded.endswith(b'"state":{"b": 1,  "a": 2}}')


def test_rates() -> None:
    assert (wished_rate("instant"), wished_rate(2.5)) == (None, 2.5)
    assert (shown_rate(None), shown_rate(2.5)) == ("instant", 2.5)
