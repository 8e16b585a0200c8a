"""The header: the blog without its entries; and the counts beside it."""

from typing import Literal

from msgspec import Struct

from liveblog.domain.content import Contributor, Link, Media, Source


class KeyPoint(Struct, frozen=True, kw_only=True):
    """One line of "what we know so far" as of `position`, the last event that touched it."""

    id: str
    text: str
    sources: tuple[Source, ...] = ()
    revision: int
    position: int
    set_at: str
    updated_at: str | None = None


class PointState(Struct, frozen=True):
    """A key point, shown or withdrawn; a withdrawn one keeps its last text for its history."""

    point: KeyPoint
    withdrawn: bool = False


class Header(Struct, frozen=True, kw_only=True):
    """What the blog says of itself. No count and no entry in it, so an ordinary post does not change it.

    `pinned` and `breaking` hold entry ids, the newest pin or flag first.
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
    started_at: str | None = None
    ended_at: str | None = None
    pinned: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()
    key_points: tuple[KeyPoint, ...] = ()
    header_revision: int = 0

    def entries_named(self) -> tuple[str, ...]:
        """The ids of the entries that the header names, each once."""
        return tuple(dict.fromkeys(self.pinned + self.breaking))


class Counts(Struct, frozen=True):
    """How many entries stand, were retracted, are key events or breaking; and how many corrections were made."""

    entries: int = 0
    retracted: int = 0
    corrections: int = 0
    key_events: int = 0
    breaking: int = 0
