"""The port of the read models: the blog as it is, and as it stood at any position."""

from typing import Literal, Protocol

from msgspec import Struct

from liveblog.domain.header import Counts
from liveblog.log.rows import BlogHead, Mark


class Moment(Struct, frozen=True, kw_only=True):
    """A blog as of a position: where that is, and the header's document and the counts there.

    `at` is the instant, in milliseconds, of the event at the position; at position 0 that of event 1.
    """

    head: BlogHead
    position: int
    hash: bytes
    at: int
    header: bytes
    counts: Counts


class Place(Struct, frozen=True, order=True):
    """A place in the order of a blog's entries. It need not be one where an entry stands."""

    published_at: int
    first_position: int


class PlacedEntry(Struct, frozen=True):
    """An entry's document with its place."""

    place: Place
    document: bytes


class EntryQuery(Struct, frozen=True, kw_only=True):
    """Which entries to read.

    `after` and `before` are exclusive bounds in the order asked for: a page begins just after `after`, or ends just
    before `before`; `around` names an entry that the page shows in its middle. At most one of the three is given.
    `only`: entries that bear at least one of the marks; None for all.
    """

    order: Literal["newest", "oldest"] = "newest"
    limit: int = 50
    after: Place | None = None
    before: Place | None = None
    around: str | None = None
    only: Mark | None = None


class EntryPage(Struct, frozen=True, kw_only=True):
    """Entries in the order asked for; whether there are more before and after them; and those the header names.

    `included` holds the entries that the header names and that are not among `entries`, in the header's order.
    """

    moment: Moment
    entries: tuple[PlacedEntry, ...]
    more_before: bool
    more_after: bool
    included: tuple[bytes, ...]


class Revision(Struct, frozen=True, kw_only=True):
    """One revision of an entry or key point, and the stored event that made it."""

    position: int
    event_type: str
    at: int
    document: bytes
    envelope: bytes
    payload: bytes | None


class History(Struct, frozen=True, kw_only=True):
    """An entry as it is, and all its revisions, the oldest first."""

    moment: Moment
    document: bytes
    revisions: tuple[Revision, ...]


class Erratum(Struct, frozen=True, kw_only=True):
    """A correction or a retraction: the stored event, and the entry as it read just after the one or before the other.

    `at` is in milliseconds.
    """

    position: int
    event_type: str
    at: int
    entry_id: str
    document: bytes
    payload: bytes | None


class Ledger(Struct, frozen=True, kw_only=True):
    """A blog's errata, the newest first, and whether there are more."""

    head: BlogHead
    errata: tuple[Erratum, ...]
    more: bool


class PointRevision(Struct, frozen=True, kw_only=True):
    """A revision of a key point; `withdrawn` if it took the point off the list."""

    withdrawn: bool
    revision: Revision


class PointsHistory(Struct, frozen=True, kw_only=True):
    """The revisions of all key points of a blog, the newest first, and whether there are more."""

    head: BlogHead
    revisions: tuple[PointRevision, ...]
    more: bool


class Turn(Struct, frozen=True, kw_only=True):
    """An event that a timeline marks. `born`: the marks of an entry that was published with some.

    `document` is the entry's, as it read after the event, or before it if the event retracted it.
    """

    position: int
    event_type: str
    entry_id: str | None
    born: Mark
    document: bytes | None


class Course(Struct, frozen=True, kw_only=True):
    """How a blog went: the instants of its events after a position, in milliseconds, and its newest turns.

    `turns` is in the order of positions; `more_turns` if there were more before them.
    """

    head: BlogHead
    instants: tuple[int, ...]
    turns: tuple[Turn, ...]
    more_turns: bool


class NoSuchMoment(LookupError):
    """The blog never was at the position asked for: `code` says why."""

    def __init__(self, code: Literal["before_start", "position_beyond_head"], head: int) -> None:
        super().__init__(code)
        self.code = code
        self.head = head


class ReadModels(Protocol):
    """Queries. Each answers from one snapshot of the store; None means that there is no such blog."""

    async def blogs(
        self, before: tuple[int, str] | None, limit: int, status: Literal["live", "ended"] | None
    ) -> list[BlogHead]:
        """Blogs by newest activity, then blog id, both falling; `before` is the (at, blog id) to go on after."""

    async def moment(self, slug: str, position: int | None) -> Moment | None:
        """The blog as of a position (None: its head). Position 0 is the state before the first event.

        Raises:
            NoSuchMoment: If the position is negative or beyond the head.

        """

    async def entries(self, slug: str, position: int | None, query: EntryQuery) -> EntryPage | None:
        """A page of entries as of a position (None: the head).

        Raises:
            NoSuchMoment: As `moment`.
            LookupError: If `around` names no entry of the blog at that position.

        """

    async def history(self, slug: str, entry_id: str) -> History | None:
        """An entry with all its revisions; None also if the blog has no such entry."""

    async def ledger(self, slug: str, before: int | None, limit: int) -> Ledger | None:
        """A blog's corrections and retractions; `before` is the position to go on from, itself left out."""

    async def points(self, slug: str, limit: int) -> PointsHistory | None:
        """The newest revisions of a blog's key points, shown or withdrawn."""

    async def course(self, slug: str, after: int, limit: int) -> Course | None:
        """How a blog went; at the head `after`, or beyond it, no more than that. `limit` is of turns."""

    async def position_at(self, slug: str, instant: int) -> int | None:
        """The position of the last event whose `at` is not after the instant (milliseconds); 0 if all are."""

    async def heads(self, blog_ids: list[str]) -> list[BlogHead]:
        """The newest state of the blogs named, where they exist."""

    async def log_position(self) -> int:
        """The newest position over all blogs."""
