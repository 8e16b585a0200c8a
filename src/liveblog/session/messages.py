"""The messages of the stream: what the server says, what a client may say, and how a client's text is read.

An `event` message is not here: it is encoded once for all readers. What is here is said to one reader, or to none.

A client's text ends in exactly one of three ways: a message; `MessageRefused`, which is answered by `error` and
changes nothing; or `ProtocolViolation`, after which the socket is closed.

The codes of `error` messages:

| code | meaning |
|---|---|
| `unknown_type` | a client message of a type that does not exist |
| `bad_message` | a client message with a missing, unknown, repeated or impossible field |
| `not_paused` | `step` while not paused |
| `not_an_object` | a frame that is no JSON object; close 4500 follows |
| `too_many_messages` | more client messages than are taken; close 4029 follows |
| `epoch_changed`, `history_changed` | the cursor belongs to another copy of the log; close 4402 follows |
| `position_beyond_head` | the cursor is newer than the log; close 4403 follows |
| `shared_replay` | `rate`, `seek` or `go_live` in a shared replay |
| `bad_query`, `no_such_blog`, `no_such_replay` | said by the shell in place of a session; 4500, 4504 or 4505 follows |
"""

import json
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from liveblog.session.query import FASTEST, SLOWEST
from liveblog.session.server_messages import (
    CaughtUp,
    Closing,
    Error,
    FellBehind,
    Heartbeat,
    Playback,
    Re,
    ServerMessage,
    Shown,
    ShownRate,
    Snapshot,
    Subscribed,
)
from liveblog.session.target import PlaceName, Position, Target, from_text

__all__ = [
    "CaughtUp",
    "ClientMessage",
    "Closing",
    "Error",
    "FellBehind",
    "GoLive",
    "Heartbeat",
    "MessageRefused",
    "Pause",
    "Playback",
    "ProtocolViolation",
    "Rate",
    "Re",
    "Resume",
    "Seek",
    "ServerMessage",
    "Shown",
    "ShownRate",
    "Snapshot",
    "Step",
    "Subscribed",
    "WishedRate",
    "decode",
    "shown_rate",
    "wished_rate",
]

_ID_LENGTH = 200
_ID_LEAST, _ID_MOST = -(2**63), 2**63 - 1
_TEXT = 200

WishedRate = Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | Literal["instant"]


class Pause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="pause"):
    """Stop where it is.

    Args:
        id: Comes back as `re` in the answer: a string of at most 200 characters, or an integer of 64 bits.

    """

    id: Re = None


class Resume(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="resume"):
    """Go on; at the live edge, send at once all that was missed.

    Args:
        id: Comes back as `re` in the answer: a string of at most 200 characters, or an integer of 64 bits.

    """

    id: Re = None


class Rate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="rate"):
    """Change the speed from this moment on.

    Args:
        rate: Timeline seconds per second, or `instant`: as fast as the client takes it.
        id: Comes back as `re` in the answer: a string of at most 200 characters, or an integer of 64 bits.

    """

    rate: WishedRate
    id: Re = None


class Seek(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="seek"):
    """Go elsewhere, and change speed and pause with it if wished.

    Args:
        to: `start`, `live`, a position, or a time (RFC 3339, with an offset).
        rate: The speed from there.
        paused: Whether to stand still there.
        id: Comes back as `re` in the answer: a string of at most 200 characters, or an integer of 64 bits.

    """

    to: int | PlaceName
    rate: WishedRate | UnsetType = UNSET
    paused: bool = False
    id: Re = None

    def __post_init__(self) -> None:
        """Refuse a text that names no place."""
        self.target()

    def target(self) -> Target:
        """Return the place; a position before the first event counts as 0."""
        return Position(max(0, self.to)) if isinstance(self.to, int) else from_text(self.to)


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="step"):
    """While paused, take the next events at once; the clock moves to the last.

    Args:
        count: How many; more where a commit would be split.
        id: Comes back as `re` in the answer: a string of at most 200 characters, or an integer of 64 bits.

    """

    count: Annotated[int, Meta(ge=1, le=100)]
    id: Re = None


class GoLive(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="go_live"):
    """Go to the live edge and stay there.

    Args:
        id: Comes back as `re` in the answer: a string of at most 200 characters, or an integer of 64 bits.

    """

    id: Re = None

    def seek(self) -> Seek:
        """Return the seek that this is short for."""
        return Seek(to="live", id=self.id)


ClientMessage = Pause | Resume | Rate | Seek | Step | GoLive
_TYPES = tuple(str(kind.__struct_config__.tag) for kind in (Pause, Resume, Rate, Seek, Step, GoLive))


class ProtocolViolation(Exception):
    """The peer sent what no client of this protocol sends; `str()` says what. The socket is closed."""


class MessageRefused(Exception):
    """A client message that is refused, and changes nothing."""

    def __init__(self, code: str, message: str, re: Re = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.re = re


def wished_rate(rate: ShownRate) -> float | None:
    """Return a rate as the session keeps it: None for `instant`."""
    return None if isinstance(rate, str) else rate


def shown_rate(rate: float | None) -> ShownRate:
    """Return a rate as readers are told it."""
    return "instant" if rate is None else rate


def decode(text: str | bytes) -> ClientMessage:
    """Read a client's text frame.

    Args:
        text: The frame's content; bytes are taken as UTF-8.

    Raises:
        ProtocolViolation: If the text is no JSON object.
        MessageRefused: If the object is no message: an unknown type, or a bad, unknown or repeated field.

    """
    fields, repeated = _object(text)
    re = None if "id" in repeated else _usable(fields.get("id"))
    if repeated:
        raise MessageRefused("bad_message", f"a name is given twice: {_short(repeated[0])}", re)
    if re is None and fields.get("id") is not None:
        raise MessageRefused("bad_message", "id is neither a string of at most 200 characters nor a 64-bit integer")
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise MessageRefused("bad_message", "type is missing or no string", re)
    if kind not in _TYPES:
        raise MessageRefused("unknown_type", "known types are " + ", ".join(_TYPES), re)
    try:
        message: ClientMessage = msgspec.convert(fields, ClientMessage)
    except (msgspec.ValidationError, UnicodeError) as fault:  # a name with a lone surrogate is the latter
        raise MessageRefused("bad_message", _short(str(fault)), re) from None
    return message


def _object(text: str | bytes) -> tuple[dict[str, Any], list[str]]:
    """Read a JSON object with the standard library, which can see repeated names; messages are small and few."""
    repeated: list[str] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, value in pairs:
            if name in fields:
                repeated.append(name)
            fields[name] = value
        return fields

    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        # ValueError: no JSON, no UTF-8, or a number of thousands of digits.
        fields = json.loads(decoded, object_pairs_hook=keep, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ProtocolViolation("a frame must hold one JSON object") from None
    if not isinstance(fields, dict):
        raise ProtocolViolation("a frame must hold one JSON object")
    return fields, repeated


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _usable(given: object) -> Re:
    """Return an `id` that can be sent back as it came, or None."""
    if isinstance(given, str) and len(given) <= _ID_LENGTH and _writable(given):
        return given
    if isinstance(given, int) and not isinstance(given, bool) and _ID_LEAST <= given <= _ID_MOST:
        return given
    return None


def _writable(text: str) -> bool:
    """Whether the text can be UTF-8: a lone surrogate cannot."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _short(text: str) -> str:
    """Return a text that is safe to send: short, and UTF-8."""
    return text[:_TEXT].encode("utf-8", "replace").decode()
