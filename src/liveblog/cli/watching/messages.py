"""The server's messages as a reader needs them: every field that we do not use is ignored, so is every unknown type.

Values of `event_type`, `kind`, `status` and `state` are plain strings on purpose: new ones may come.
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

Rate: TypeAlias = float | str


class Reconnect(Struct, frozen=True):
    """How to come back; milliseconds."""

    min_ms: int = 500
    max_ms: int = 30_000
    first_jitter_ms: int = 1_000


class Retracted(Struct, frozen=True):
    """Why an entry is gone."""

    reason: str | None = None


class Quote(Struct, frozen=True):
    """Who is quoted."""

    speaker: str | None = None
    role: str | None = None


class Entry(Struct, frozen=True):
    """An entry's document."""

    id: str
    position: int = 0
    kind: str = "update"
    headline: str | None = None
    body_text: str | None = None
    question: str | None = None
    quote: Quote | None = None
    published_at: str | None = None
    breaking: bool = False
    pinned: bool = False
    key_event: bool = False
    retracted: Retracted | None = None


class KeyPoint(Struct, frozen=True):
    """One thing that is known so far."""

    id: str
    text: str | None = None


class Header(Struct, frozen=True):
    """The blog without its entries."""

    headline: str | None = None
    status: str | None = None
    key_points: tuple[KeyPoint, ...] = ()


class Counts(Struct, frozen=True):
    """How many entries stand."""

    entries: int = 0


class Data(Struct, frozen=True):
    """What an event says beyond its documents."""

    entry_id: str | None = None
    point_id: str | None = None
    changed: tuple[str, ...] = ()
    was: str | None = None
    now: str | None = None
    reason: str | None = None


class Blog(Header, frozen=True, kw_only=True):
    """The whole document of a blog, as HTTP and snapshots have it."""

    position: int
    epoch: str | None = None
    edition: str | None = None
    time: str | None = None
    counts: Counts = Counts()
    entries: tuple[Entry, ...] = ()
    included: tuple[Entry, ...] = ()


class Subscribed(Struct, frozen=True, tag="subscribed", kw_only=True):
    """Always first: where the stream starts."""

    epoch: str
    edition: str | None = None
    head: int
    position: int
    state: str
    rate: Rate | None = None
    generation: int = 0
    server_time: str | None = None
    heartbeat_s: float = 15.0
    reconnect: Reconnect = Reconnect()


class Snapshot(Struct, frozen=True, tag="snapshot", kw_only=True):
    """It replaces everything that was known."""

    position: int
    time: str | None = None
    generation: int | None = None
    state: Blog


class Event(Struct, frozen=True, tag="event", kw_only=True):
    """Something happened."""

    position: int
    event_type: str
    at: str
    at_estimated: bool = False
    by: str | None = None
    data: Data = Data()
    entry: Entry | None = None
    header: Header | None = None
    included: tuple[Entry, ...] = ()


class CaughtUp(Struct, frozen=True, tag="caught_up"):
    """The live edge is reached."""

    position: int


class FellBehind(Struct, frozen=True, tag="fell_behind"):
    """We read too slowly; nothing is lost."""

    position: int
    head: int


class Playback(Struct, frozen=True, tag="playback", kw_only=True):
    """Where the playback stands; the answer to a control where `re` names one."""

    state: str
    position: int
    time: str | None = None
    rate: Rate | None = None
    generation: int = 0
    re: str | int | None = None


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    """The server is there."""

    head: int
    server_time: str | None = None


class Error(Struct, frozen=True, tag="error"):
    """Something was refused and changed nothing."""

    code: str
    message: str | None = None
    re: str | int | None = None


Message: TypeAlias = Subscribed | Snapshot | Event | CaughtUp | FellBehind | Playback | Heartbeat | Error
_DECODER: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def decode(data: bytes) -> Message | None:
    """Read a message; None for one that we do not know, which is to be ignored."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
