"""What the session is given to read: shared pages of encoded events, and places on the timeline."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

FORMS = 4
"""In how many forms a message may be kept: as JSON, as a frame, as a compressed frame and for event streams."""


class Item(Struct):
    """One event, encoded once and shared by every session that sends it.

    Args:
        position: The event's number in its blog.
        at: The event's instant, in milliseconds UTC.
        commit_end: The last position of the commit that the event belongs to.
        payload: The event message as JSON, UTF-8.
        kind: The message's type, for shells that say it beside the payload.
        frame: The payload as a finished WebSocket frame, once a shell has made it. This and the next are ever set
            later: who makes it first makes it for all, and two makers would make the same bytes.
        block: The same for an event stream.
        deflated: The frame that readers of compressed messages get; the plain one where compressing saves nothing.

    """

    position: int
    at: int
    commit_end: int
    payload: bytes
    kind: str = "event"
    frame: bytes | None = None
    block: bytes | None = None
    deflated: bytes | None = None

    @property
    def room(self) -> int:
        """Bytes that it may come to take, once it is there in all forms; a compressed one is never the longer."""
        return FORMS * len(self.payload)


class Piece(Protocol):
    """Neighbouring events, whole commits' to the end, whose bytes were put together once for all who send them."""

    @property
    def items(self) -> tuple[Item, ...]:
        """The events: without a gap, no more than leave in one poll."""

    @property
    def last(self) -> Item:
        """The last of them."""

    @property
    def size(self) -> int:
        """Bytes of their payloads."""


class Page(Struct, frozen=True):
    """Neighbouring events after a position. Shared between sessions, never changed.

    A page should end where a commit ends unless the commit is too large for one: a session sends a commit together
    only if its last event is at hand, and otherwise waits for the page that has it.

    Args:
        after: The position that was asked for.
        items: The events from `after` + 1 on, without a gap.
        head: The newest position known when the page was read.
        pieces: Those of the events that can leave together, by the position before the first.

    """

    after: int
    items: tuple[Item, ...]
    head: int
    pieces: Mapping[int, Piece] = {}


class Place(Struct, frozen=True):
    """The answer to "where is this, and what did the blog look like then?".

    Args:
        position: The last event at or before the target; 0 if the target lies before the first.
        at: That event's instant in milliseconds UTC; of event 1 for position 0.
        time: The instant that was asked for, or `at` for a target that is no instant.
        head: The newest position known when the place was read.
        hash: The chain's hash at that position, in hexadecimal.
        document: The blog as of that position as JSON, if it was asked for.

    """

    position: int
    at: int
    time: int
    head: int
    hash: str
    document: bytes | None = None
