"""What a batch leaves for its store to write: rows, whatever the store keeps them in."""

from enum import IntFlag

from msgspec import Struct, structs

from liveblog.domain.entry import Entry
from liveblog.domain.header import Counts
from liveblog.domain.state import Blog
from liveblog.log.record import Record


class Mark(IntFlag):
    """What an entry can be picked out by."""

    BREAKING = 1
    PINNED = 2
    KEY_EVENT = 4
    CORRECTED = 8
    RETRACTED = 16
    SUMMARY = 32


_NONE = Mark(0)


def marks_of(entry: Entry) -> Mark:
    """The marks of an entry as it stands."""
    marks = _NONE
    if entry.breaking:
        marks |= Mark.BREAKING
    if entry.pinned:
        marks |= Mark.PINNED
    if entry.key_event:
        marks |= Mark.KEY_EVENT
    if entry.corrections:
        marks |= Mark.CORRECTED
    if entry.retracted is not None:
        marks |= Mark.RETRACTED
    if entry.kind == "summary":
        marks |= Mark.SUMMARY
    return marks


class BlogHead(Struct, frozen=True, kw_only=True, gc=False):
    """A blog's newest state: all that the next decision needs of it. `at` is its last event's, in milliseconds."""

    blog_id: str
    slug: str
    epoch: str
    edition: str
    generation: int
    position: int
    hash: bytes
    at: int
    blog: Blog


class EntryRevision(Struct, kw_only=True, gc=False):
    """An entry's document from position `valid_from` on, until `valid_to` (None: still).

    `published_at` and `first_position` are the place of the entry in the order of the blog.
    """

    blog_id: str
    generation: int
    entry_id: str
    valid_from: int
    valid_to: int | None = None
    published_at: int
    first_position: int
    owner: str
    marks: int
    document: bytes


class PointRevision(Struct, kw_only=True, gc=False):
    """A key point's document from position `valid_from` on; `withdrawn` if it is off the list then."""

    blog_id: str
    generation: int
    point_id: str
    valid_from: int
    valid_to: int | None = None
    withdrawn: bool
    document: bytes


class HeaderRevision(Struct, kw_only=True, gc=False):
    """The header's document from position `valid_from` on."""

    blog_id: str
    generation: int
    valid_from: int
    document: bytes


class CountsRow(Struct, frozen=True, kw_only=True, gc=False):
    """The counts at a position."""

    blog_id: str
    generation: int
    position: int
    counts: Counts


class KeyRow(Struct, frozen=True, kw_only=True, gc=False):
    """An idempotency key, bound to the `count` events from position `first`."""

    blog_id: str
    actor_id: str
    key: str
    fingerprint: bytes
    first: int
    count: int
    entry_id: str | None


class Close(Struct, frozen=True, kw_only=True, gc=False):
    """A stored revision that ends at `valid_to`: `name` is the entry's or key point's id."""

    blog_id: str
    generation: int
    name: str
    valid_from: int
    valid_to: int


class Rows(Struct):
    """All rows of a batch, in the order of the log."""

    records: list[Record]
    entries: list[EntryRevision]
    points: list[PointRevision]
    headers: list[HeaderRevision]
    counts: list[CountsRow]
    keys: list[KeyRow]
    closed_entries: list[Close]
    closed_points: list[Close]

    @classmethod
    def empty(cls) -> "Rows":
        """No rows yet."""
        return cls([], [], [], [], [], [], [], [])

    def extend(self, other: "Rows") -> None:
        """Add the rows of a request that was accepted."""
        for ours, theirs in zip(structs.astuple(self), structs.astuple(other), strict=True):
            ours.extend(theirs)
