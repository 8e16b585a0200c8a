"""What the server says on the stream, but for `event` messages, which are encoded once for all readers."""

from typing import Literal

from msgspec import Struct

from liveblog.domain.shown import Number, Timestamp
from liveblog.session.embedded import BlogDocument
from liveblog.session.terms import Reconnect

Shown = Literal["playing", "paused", "buffering", "live", "ended"]
"""The states that a reader is told."""
ShownRate = float | Literal["instant"]
Re = str | int | None
"""The `id` of the client message that is answered."""


class Subscribed(Struct, frozen=True, kw_only=True, tag_field="type", tag="subscribed"):
    """Always the first message.

    Args:
        protocol: The version of this protocol.
        blog: The blog's slug.
        epoch: The copy of the log that positions belong to.
        edition: Changes when what was already sent would now be sent otherwise.
        head: The newest position.
        position: The cursor that the stream starts from.
        state: `live` if it starts at the head, else `playing`.
        rate: Timeline seconds per second.
        generation: Rises with each seek.
        server_time: The server's clock.
        heartbeat_s: Seconds between heartbeats: no message for twice as long means that the connection is dead.
        reconnect: How to come back.

    """

    protocol: int = 1
    blog: str
    epoch: str
    edition: str
    head: Number
    position: Number
    state: Shown
    rate: ShownRate
    generation: int
    server_time: Timestamp
    heartbeat_s: float
    reconnect: Reconnect


class Snapshot(Struct, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """The blog as of a position: it replaces everything that the reader holds.

    Args:
        position: The position.
        time: The instant that was asked for, or that of the event at the position.
        generation: The generation of the `playback` before it.
        state: The blog's document, as over HTTP.

    """

    position: Number
    time: Timestamp
    generation: int
    state: BlogDocument


class CaughtUp(Struct, frozen=True, kw_only=True, tag_field="type", tag="caught_up"):
    """The live edge is reached; from here events come as they are committed.

    Args:
        position: The newest position.

    """

    position: Number


class FellBehind(Struct, frozen=True, kw_only=True, tag_field="type", tag="fell_behind"):
    """The reader was too slow for the live edge; what it missed follows in order.

    Args:
        position: The last position that it was sent.
        head: The newest position.

    """

    position: Number
    head: Number


class Playback(Struct, frozen=True, kw_only=True, tag_field="type", tag="playback"):
    """Where the playback stands: the answer to a control, or news of a stall, its end, or the end.

    Args:
        state: What the stream does now.
        position: The last position that was sent.
        time: An original instant: the clock's, or where no clock rules, that of the event at the cursor.
        rate: What was asked for last, and what a resume or a seek will use.
        actual_rate: What the timeline does now: that rate while a clock runs, 0 while it stands, null where no clock
            rules (live, ended and `instant`).
        generation: Rises with each seek: what is sent after this message belongs to it.
        re: The `id` of the control that this answers; null where nobody asked.

    """

    state: Shown
    position: Number
    time: Timestamp
    rate: ShownRate
    actual_rate: float | None
    generation: int
    re: Re


class Heartbeat(Struct, frozen=True, kw_only=True, tag_field="type", tag="heartbeat"):
    """The connection is alive. The same for all readers of a blog, so it is the shell that says it.

    Args:
        head: The newest position.
        server_time: The server's clock.

    """

    head: Number
    server_time: Timestamp


class Error(Struct, frozen=True, kw_only=True, tag_field="type", tag="error"):
    """Something was refused, and changed nothing.

    Args:
        code: What is wrong, as a stable word.
        message: What to do about it.
        re: The `id` of the message that was refused; null where it had none that could be read.

    """

    code: str
    message: str
    re: Re


class Closing(Struct, frozen=True, kw_only=True, tag_field="type", tag="closing"):
    """For transports without close codes: the stream ends now.

    Args:
        code: The close code that a WebSocket would have had.
        reason: Why, in a sentence.

    """

    code: int
    reason: str


ServerMessage = Subscribed | Snapshot | CaughtUp | FellBehind | Playback | Heartbeat | Error | Closing
