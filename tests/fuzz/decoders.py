"""Decoders: bodies of the admin endpoint, client messages, queries and cursors. Nothing may come but a refusal."""

import contextlib
import json
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from starlette.requests import Request

from fuzz import samples
from fuzz.target import Target
from liveblog.application import cursors
from liveblog.application.cursors import BadCursor
from liveblog.application.decoding import (
    InvalidJson,
    decode_commands,
    decode_start,
    decode_wish,
    fingerprint,
    parse_json,
)
from liveblog.application.draft_wishes import (
    ChangedDraft,
    NewDraft,
    Preview,
    ReturnDraft,
    ScheduleDraft,
    Step,
    encode,
)
from liveblog.application.presences import AtDesk, Leaving
from liveblog.application.readmodels import Place
from liveblog.domain.rejection import CommandRejected
from liveblog.log.canonical import canonical
from liveblog.session import messages, query
from liveblog.session.messages import MessageRefused, ProtocolViolation
from liveblog.session.query import QueryRefused
from liveblog.web.parameters import Parameters
from liveblog.web.problems import Problem, response

WISHES = (NewDraft, ChangedDraft, Step, ReturnDraft, ScheduleDraft, Preview, AtDesk, Leaving)
NOW = 1_578_447_000_000


async def take_commands(data: bytes) -> bool:
    """Decode a body of commands, as the endpoint does."""
    try:
        value = parse_json(data)
    except InvalidJson as refusal:
        assert str(refusal)
        assert 0 < len(str(refusal)) <= 300
        return False
    with contextlib.suppress(UnicodeEncodeError):  # a lone surrogate, which is refused next
        assert len(fingerprint("/", value)) == 32
    try:
        commands = decode_commands(value, NOW)
    except CommandRejected as refusal:
        _check_refusal(refusal)
        return False
    again = msgspec.json.encode(commands if isinstance(value, list) else commands[0])
    assert decode_commands(parse_json(again), NOW) == commands, "what is accepted can be written and read again"
    canonical(msgspec.to_builtins(commands))
    return True


async def take_start(data: bytes) -> bool:
    """Decode the body that starts a blog."""
    try:
        command = decode_start(parse_json(data))
    except InvalidJson:
        return False
    except CommandRejected as refusal:
        _check_refusal(refusal)
        return False
    assert decode_start(parse_json(msgspec.json.encode(command))) == command
    return True


async def take_wish(data: bytes) -> bool:
    """Decode a body that is about a draft, a preview or a presence, as each of its routes does."""
    try:
        value = parse_json(data)
    except InvalidJson:
        return False
    taken = [_is_wish(value, kind) for kind in WISHES]
    return any(taken)


def _is_wish(value: Any, kind: type[Struct]) -> bool:
    try:
        wish = decode_wish(value, kind)
    except CommandRejected as refusal:
        _check_refusal(refusal)
        return False
    if isinstance(wish, NewDraft | ChangedDraft):
        kept = msgspec.json.decode(encode(wish.command))
        assert encode(kept) == encode(wish.command), "what is kept can be read and written again"
        with contextlib.suppress(CommandRejected):
            decode_commands(kept, NOW)
    return True


async def take_message(data: bytes) -> bool:
    """Decode a client's frame."""
    try:
        message = messages.decode(data)
    except ProtocolViolation:
        return False
    except MessageRefused as refusal:
        assert (
            len(msgspec.json.encode(messages.Error(code=refusal.code, message=refusal.message, re=refusal.re))) < 4096
        )
        return False
    msgspec.json.encode(messages.Error(code="", message="", re=message.id))
    return True


async def take_stream_query(data: bytes) -> bool:
    """Read a stream's query, as the handshake does."""
    try:
        query.parse(_pairs(data))
    except QueryRefused as refusal:
        assert refusal.faults
        msgspec.json.encode(refusal.faults)
        return False
    return True


async def take_parameters(data: bytes) -> bool:
    """Read every kind of parameter from a query string."""
    request = Request({"type": "http", "method": "GET", "headers": [], "query_string": data})
    given = Parameters(request)
    try:
        given.limit(50, 1_000)
        for name, least in (("position", 0), ("after", 0), ("at_least", 0), ("expected_position", 0), ("buckets", 1)):
            given.number(name, least=least)
        given.time("time")
        given.one_of("order", "newest", "oldest")
        given.one_of("status", "live", "ended")
        given.words("only", "key", "breaking")
        for name in ("epoch", "edition", "around", "cursor"):
            given.text(name)
        given.exclude("cursor", "around")
        given.done()
    except Problem as problem:
        assert response(problem).status_code == 400
        return False
    return True


async def take_cursor(data: bytes) -> bool:
    """Read a cursor of either kind; what is accepted is written again as the same place."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        direction, place = cursors.read_place(text)
    except BadCursor:
        return False
    assert cursors.read_place(cursors.show_place(direction, place)) == (direction, place)
    return True


def _pairs(data: bytes) -> list[tuple[str, str]]:
    return parse_qsl(data.decode("latin-1"), keep_blank_values=True)


def _check_refusal(refusal: CommandRejected) -> None:
    """A refusal names at least one fault, and can be sent."""
    assert refusal.code == "invalid_command"
    assert refusal.faults
    assert all(fault.message for fault in refusal.faults)
    assert len(msgspec.json.encode(refusal.faults)) < 1 << 20


_PLACES = ("after", Place(NOW, 7)), ("before", Place(-1, 0))
_FIELDS: set[str] = {name for each in samples.COMMANDS if isinstance(each, dict) for name in each}
_TYPES: set[str] = {each["type"] for each in samples.COMMANDS if isinstance(each, dict)}


def _quoted(names: set[str]) -> tuple[bytes, ...]:
    return tuple(json.dumps(name).encode() for name in sorted(names))


def _words(*values: Any) -> tuple[bytes, ...]:
    return tuple(str(value).encode() for value in values)


_QUERY_WORDS = _words(
    *("&", "=", "&&", "%", "%00", "%zz", "%ed%a0%80", "+", ";", "from=", "rate=", "position=", "limit=0", "limit=201"),
    *("cursor=", "time=2020-01-08T01:30:00 03:00", "at_least=9999999999999999", "rate=.", "rate=1.", "max_gap=0"),
    *("max_gap=" + "9" * 400, "rate=٣", "only=,", "only=key,key", "hash=" + "F" * 64, "epoch=", "token=x"),
)
TARGETS = (
    Target("commands", samples.encoded(samples.COMMANDS), _quoted(_FIELDS | _TYPES), take_commands, is_json=True),
    Target("start", samples.encoded((samples.START,)), _quoted(set(samples.START)), take_start, is_json=True),
    Target(
        "wishes",
        samples.encoded(samples.WISHES),
        _quoted(_FIELDS | {name for each in samples.WISHES for name in each}),
        take_wish,
        is_json=True,
    ),
    Target(
        "messages",
        samples.encoded(samples.MESSAGES),
        _quoted({"type", "id", "rate", "to", "paused", "count", "instant", "live"}),
        take_message,
        is_json=True,
    ),
    Target("stream-query", tuple(map(str.encode, samples.STREAM_QUERIES)), _QUERY_WORDS, take_stream_query),
    Target("parameters", tuple(map(str.encode, samples.READ_QUERIES)), _QUERY_WORDS, take_parameters),
    Target(
        "cursors", tuple(cursors.show_place(*each).encode() for each in _PLACES), _words("=", "/", "YQ"), take_cursor
    ),
)
