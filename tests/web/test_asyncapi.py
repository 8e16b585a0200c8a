"""The AsyncAPI document: valid for the official parser, complete, and made of what the server works with."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from contract.validators import Schema, faults, stream
from liveblog.session.closecodes import CloseCode
from liveblog.session.messages import ClientMessage, Closing, MessageRefused, ProtocolViolation, ServerMessage, decode
from liveblog.session.query import _READERS, QueryRefused, parse
from liveblog.session.wire import EventMessage

PARSER = Path(__file__).parents[1] / "contract" / "parse_asyncapi.mjs"


def tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)


def channel(name: str) -> Schema:
    found: Schema = stream()["channels"][name]
    return found


def test_the_official_parser_finds_nothing_to_say_of_it() -> None:
    """`make test` installs the parser beside the Python that runs this."""
    environment = Path(sys.prefix)
    assert (environment / "node" / "node_modules").is_dir(), "the parser is not installed: run `make test`"
    parsed = subprocess.run(
        [environment / "bin" / "node", PARSER, environment / "node"],
        input=json.dumps(stream()),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(parsed.stdout)
    assert found["diagnostics"] == []
    assert found["version"] == "3.1.0"
    assert set(found["messages"]) == set(stream()["components"]["messages"])


def test_its_channels_have_every_message_and_no_other() -> None:
    said = {tag(kind) for kind in (*get_args(ServerMessage), EventMessage)}
    heard = {tag(kind) for kind in get_args(ClientMessage)}
    # A WebSocket has close codes instead.
    assert set(channel("stream")["messages"]) == (said - {tag(Closing)}) | heard
    assert set(channel("sse")["messages"]) == said


def test_it_has_every_close_code_with_its_verdict() -> None:
    codes = channel("stream")["x-close-codes"]
    assert {int(code): each["verdict"] for code, each in codes.items()} == {
        int(code): code.verdict.value for code in CloseCode
    }


def test_its_query_is_what_a_subscription_reads() -> None:
    assert set(channel("stream")["bindings"]["ws"]["query"]["properties"]) == set(_READERS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(("from", text, text) for text in ("live", "start", "0", "12", "-1", "soon", "2020-01-08T01:30:00Z")),
        *(("rate", text, text) for text in ("instant", "fast")),
        *(("rate", str(number), number) for number in (0.1, 1000, 0.09, 1000.1, 0, -1)),
        *(("max_gap", str(number), number) for number in (0.5, 30, 0, -1)),
        *(("at_end", text, text) for text in ("follow", "end", "stay")),
        *(("epoch", text, text) for text in ("x", "x" * 200, "", "x" * 201)),
        *(("session", text, text) for text in ("again", "-", "Again", "x" * 65)),
    ],
)
def test_its_query_takes_what_a_subscription_takes(name: str, text: str, value: Any) -> None:
    try:
        parse([(name, text)])
    except QueryRefused:
        taken = False
    else:
        taken = True
    schema = channel("stream")["bindings"]["ws"]["query"]["properties"][name]
    assert (faults("stream", schema, value) == []) == taken


@pytest.mark.parametrize("given", ["0" * 64, "F" * 64, "0" * 63, "g" * 64])
def test_its_hash_is_one_that_a_subscription_takes(given: str) -> None:
    try:
        parse([("from", "1"), ("hash", given)])
    except QueryRefused:
        taken = False
    else:
        taken = True
    schema = channel("stream")["bindings"]["ws"]["query"]["properties"]["hash"]
    assert (faults("stream", schema, given) == []) == taken


@pytest.mark.parametrize(
    "message",
    [
        {"type": "pause"},
        {"type": "pause", "id": "a"},
        {"type": "pause", "id": 7},
        {"type": "pause", "id": 1.5},
        {"type": "pause", "id": ["a"]},
        {"type": "pause", "colour": "red"},
        {"type": "rate"},
        {"type": "rate", "rate": 60},
        {"type": "rate", "rate": "instant"},
        {"type": "rate", "rate": "fast"},
        {"type": "rate", "rate": 0.05},
        {"type": "rate", "rate": 1001},
        {"type": "seek", "to": "start"},
        {"type": "seek", "to": 12, "rate": 2, "paused": True},
        {"type": "seek", "to": "2020-01-08T01:30:00Z"},
        {"type": "seek", "to": "2020-01-08T01:30:00"},
        {"type": "seek", "to": "tomorrow"},
        {"type": "seek", "to": None},
        {"type": "step", "count": 1},
        {"type": "step", "count": 0},
        {"type": "step", "count": 101},
        {"type": "go_live", "id": None},
        {"type": "dance"},
        {},
    ],
)
def test_the_schemas_of_controls_take_what_the_decoder_takes(message: dict[str, Any]) -> None:
    try:
        decode(json.dumps(message))
    except (MessageRefused, ProtocolViolation):
        taken = False
    else:
        taken = True
    schemas = [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in get_args(ClientMessage)]
    assert any(faults("stream", schema, message) == [] for schema in schemas) == taken


def test_every_example_is_what_its_schema_says() -> None:
    examples = [
        (message["payload"], example["payload"])
        for message in stream()["components"]["messages"].values()
        for example in message.get("examples", [])
    ]
    assert len(examples) > 5
    for schema, value in examples:
        assert faults("stream", schema, value) == [], value


def test_every_message_and_field_is_described() -> None:
    for name, schema in stream()["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, form in schema.get("properties", {}).items():
            is_tag = len(form.get("enum", ())) == 1
            assert form.get("description") or is_tag, f"{name}.{field}"
