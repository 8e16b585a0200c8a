"""The pages that readers are answered with: lists of blogs, of entries and of events."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from liveblog.domain.header import Counts
from liveblog.domain.shown import Number, Ordinal, Timestamp
from liveblog.session.embedded import EntryDocument, EventDocument


class ListedBlog(Struct, frozen=True, kw_only=True):
    """A blog in the list of blogs.

    Args:
        slug: The blog's name in addresses.
        headline: Its headline; plain text.
        status: Whether the coverage goes on.
        head: The newest position.
        counts: How many there are of what.
        started_at: The instant of its first event.
        updated_at: The instant of its newest event.

    """

    slug: str
    headline: str
    status: Literal["live", "ended"]
    head: Ordinal
    counts: Counts
    started_at: Timestamp | None
    updated_at: Timestamp


class Blogs(Struct, frozen=True, kw_only=True):
    """A page of blogs, the newest activity first.

    Args:
        blogs: The blogs.
        next: A cursor to those after these; null at the end.

    """

    blogs: tuple[ListedBlog, ...]
    next: str | None


class EntriesPage(Struct, frozen=True, kw_only=True):
    """A page of a blog's entries in the order asked for.

    Args:
        blog: The blog's slug.
        epoch: The copy of the log that positions belong to.
        edition: Changes when what was already sent would now be sent otherwise.
        position: The event after which the entries stood so.
        entries: The entries.
        next: A cursor to those after these; null at the end.
        previous: A cursor to those before these; null at the beginning.

    """

    blog: str
    epoch: str
    edition: str
    position: Ordinal
    entries: tuple[EntryDocument, ...]
    next: str | None
    previous: str | None


class EventsPage(Struct, frozen=True, kw_only=True):
    """Neighbouring events, as messages of the stream.

    Args:
        blog: The blog's slug.
        epoch: The copy of the log that positions belong to.
        edition: Changes when what was already sent would now be sent otherwise.
        after: The position asked for.
        events: The events after it, in order.
        next_after: What to ask for next.
        final: Whether there are more events after these: then the page never changes.
        head: The newest position; only where the page is not final.

    """

    blog: str
    epoch: str
    edition: str
    after: Number
    events: tuple[EventDocument, ...]
    next_after: Number
    final: bool
    head: Number | UnsetType = UNSET
