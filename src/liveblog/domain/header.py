"""The header: the blog without its entries; and the counts beside it."""

from typing import Literal

from msgspec import Struct

from liveblog.domain.content import Contributor, Link, Media, Source
from liveblog.domain.shown import Number, Ordinal, Timestamp


class KeyPoint(Struct, frozen=True, kw_only=True, gc=False):
    """One line of "what we know so far".

    Args:
        id: Its name within the blog, chosen by the editor.
        text: What is known; plain text.
        sources: Whose word it is.
        revision: 1, and one more each time that it is said anew.
        position: The last event that touched it.
        set_at: When it was said first.
        updated_at: When it was said anew, if ever.

    """

    id: str
    text: str
    sources: tuple[Source, ...] = ()
    revision: Ordinal
    position: Ordinal
    set_at: Timestamp
    updated_at: Timestamp | None = None


class PointState(Struct, frozen=True, gc=False):
    """A key point, shown or withdrawn; a withdrawn one keeps its last text for its history."""

    point: KeyPoint
    withdrawn: bool = False


class Header(Struct, frozen=True, kw_only=True, gc=False):
    """What the blog says of itself. No count and no entry in it, so an ordinary post does not change it.

    Args:
        slug: The blog's name in addresses.
        status: Whether the coverage goes on. An ended blog may still be corrected.
        headline: Its headline; plain text.
        standfirst: A sentence or two under the headline.
        contributors: Who writes it.
        links: Related coverage.
        media: Pictures, videos and recordings of the blog as a whole.
        language: The language that it is written in, as a tag of BCP 47.
        time_zone: The time zone that its readers think in, by its IANA name.
        started_at: When it began: the instant of event 1, for good.
        ended_at: When it ended, if it has.
        pinned: Ids of the pinned entries, the newest pin first.
        breaking: Ids of the breaking entries, the newest flag first; at most ten.
        key_points: What is known so far.
        header_revision: Rises with each change of the header.

    """

    slug: str
    status: Literal["live", "ended"] = "live"
    headline: str = ""
    standfirst: str | None = None
    contributors: tuple[Contributor, ...] = ()
    links: tuple[Link, ...] = ()
    media: tuple[Media, ...] = ()
    language: str = "en"
    time_zone: str = "UTC"
    started_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    pinned: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()
    key_points: tuple[KeyPoint, ...] = ()
    header_revision: Number = 0

    def entries_named(self) -> tuple[str, ...]:
        """The ids of the entries that the header names, each once."""
        return tuple(dict.fromkeys(self.pinned + self.breaking))


class Counts(Struct, frozen=True, gc=False):
    """How many there are of what.

    Args:
        entries: Entries that stand; retracted ones are left out.
        retracted: Entries that were withdrawn.
        corrections: Corrections made, over all entries.
        key_events: Entries marked as key events.
        breaking: Entries flagged as breaking, also those that the header does not name.

    """

    entries: Number = 0
    retracted: Number = 0
    corrections: Number = 0
    key_events: Number = 0
    breaking: Number = 0
