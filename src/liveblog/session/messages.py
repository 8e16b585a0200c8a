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
| `bad_query`, `no_such_blog` | said by the shell in place of a session; close 4500 or 4504 follows |
"""

import json
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from liveblog.session.query import FASTEST, SLOWEST
from liveblog.session.target import Position, Target, from_text
from liveblog.session.terms import Reconnect

Shown = Literal["playing", "paused", "buffering", "live", "ended"]
"""The states that a reader is told."""
ShownRate = float | Literal["instant"]
Re = str | int | None
"""The `id` of the client message that is answered."""

_ID_LENGTH = 200
_ID_LEAST, _ID_MOST = -(2**63), 2**63 - 1
_TEXT = 200


class Subscribed(Struct, frozen=True, kw_only=True, tag_field="type", tag="subscribed"):
    """Always the first message. `position` is the cursor that the stream starts from."""

    protocol: int = 1
    blog: str
    epoch: str
    edition: str
    head: int
    position: int
    state: Shown
    rate: ShownRate
    generation: int
    server_time: str
    heartbeat_s: float
    reconnect: Reconnect


class Snapshot(Struct, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """The blog as of a position: it replaces everything that the reader holds."""

    position: int
    time: str
    generation: int
    state: Raw


class CaughtUp(Struct, frozen=True, kw_only=True, tag_field="type", tag="caught_up"):
    """The live edge is reached; from here events come as they are committed."""

    position: int


class FellBehind(Struct, frozen=True, kw_only=True, tag_field="type", tag="fell_behind"):
    """The reader was too slow for the live edge; what it missed follows in order."""

    position: int
    head: int


class Playback(Struct, frozen=True, kw_only=True, tag_field="type", tag="playback"):
    """Where the playback stands: the answer to a control, or news of a stall, its end, or the end.

    `rate` is what was asked for last, and what a resume or a seek will use. `actual_rate` is what the timeline does
    now: that rate while a clock runs, 0 while it stands, null where no clock rules (live, ended and `instant`).
    `time` is an original instant: the clock's, or where no clock rules, that of the event at the cursor.
    """

    state: Shown
    position: int
    time: str
    rate: ShownRate
    actual_rate: float | None
    generation: int
    re: Re


class Heartbeat(Struct, frozen=True, kw_only=True, tag_field="type", tag="heartbeat"):
    """The connection is alive. The same for all readers of a blog, so it is the shell that says it."""

    head: int
    server_time: str


class Error(Struct, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """Something was refused, and changed nothing. `message` says what to do."""

    code: str
    message: str
    re: Re


class Closing(Struct, frozen=True, kw_only=True, tag_field="type", tag="closing"):
    """For transports without close codes: the stream ends now, with the code that a WebSocket would have had."""

    code: int
    reason: str


ServerMessage = Subscribed | Snapshot | CaughtUp | FellBehind | Playback | Heartbeat | Error | Closing

WishedRate = Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | Literal["instant"]


class Pause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="pause"):
    """Stop where it is."""

    id: Re = None


class Resume(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="resume"):
    """Go on."""

    id: Re = None


class Rate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="rate"):
    """Change the speed."""

    rate: WishedRate
    id: Re = None


class Seek(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="seek"):
    """Go elsewhere, and change speed and pause with it if wished."""

    to: int | str
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
    """While paused, take the next events at once."""

    count: Annotated[int, Meta(ge=1, le=100)]
    id: Re = None


class GoLive(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="go_live"):
    """Go to the live edge and stay there."""

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
