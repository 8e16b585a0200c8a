"""Events: what happened to a blog, one struct each, named in the past tense.

A stored event never changes, so neither may a field's meaning here: a new shape is a new `schema_version` and an
upcaster in the codec. In `EntryRevised`, `EntryCorrected` and `HeadlineChanged` only the changed fields are set.
"""

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

from liveblog.domain.content import Contributor, Link, Media, Quote, Source

_Changed: TypeAlias = UnsetType


class BlogStarted(Struct, frozen=True, kw_only=True, gc=False):
    """The first event of a blog.

    `slug`: where it was started; a copy may stand elsewhere. None where the event is older than the field.
    """

    slug: str | None = None
    headline: str
    standfirst: str | None = None
    contributors: tuple[Contributor, ...] = ()
    links: tuple[Link, ...] = ()
    media: tuple[Media, ...] = ()
    language: str = "en"
    time_zone: str = "UTC"


class HeadlineChanged(Struct, frozen=True, kw_only=True, gc=False):
    """The header's texts changed."""

    headline: str | _Changed = UNSET
    standfirst: str | None | _Changed = UNSET
    contributors: tuple[Contributor, ...] | _Changed = UNSET
    links: tuple[Link, ...] | _Changed = UNSET
    media: tuple[Media, ...] | _Changed = UNSET
    language: str | _Changed = UNSET
    time_zone: str | _Changed = UNSET


class EntryPublished(Struct, frozen=True, kw_only=True, gc=False):
    """An entry came to stand in the blog. `flags`: any of breaking, key_event, pinned, sorted."""

    entry_id: str
    kind: str
    published_at: str
    published_at_estimated: bool = False
    flags: tuple[str, ...] = ()
    headline: str | None = None
    body: str | None = None
    question: str | None = None
    quote: Quote | None = None
    contributors: tuple[Contributor, ...] = ()
    sources: tuple[Source, ...] = ()
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()


class EntryRevised(Struct, frozen=True, kw_only=True, gc=False):
    """An entry was edited; nothing had been wrong."""

    entry_id: str
    kind: str | _Changed = UNSET
    headline: str | None | _Changed = UNSET
    body: str | None | _Changed = UNSET
    question: str | None | _Changed = UNSET
    quote: Quote | None | _Changed = UNSET
    contributors: tuple[Contributor, ...] | _Changed = UNSET
    sources: tuple[Source, ...] | _Changed = UNSET
    media: tuple[Media, ...] | _Changed = UNSET
    links: tuple[Link, ...] | _Changed = UNSET
    tags: tuple[str, ...] | _Changed = UNSET


class EntryCorrected(EntryRevised, frozen=True, kw_only=True):
    """An error in an entry was put right, in public."""

    was: str
    now: str
    reason: str


class EntryRetracted(Struct, frozen=True, kw_only=True, gc=False):
    """An entry was withdrawn; its place stays."""

    entry_id: str
    reason: str


class BreakingFlagged(Struct, frozen=True, gc=False):
    """An entry was marked as breaking."""

    entry_id: str


class BreakingCleared(Struct, frozen=True, gc=False):
    """An entry is no longer breaking."""

    entry_id: str


class EntryPinned(Struct, frozen=True, gc=False):
    """An entry was pinned."""

    entry_id: str


class EntryUnpinned(Struct, frozen=True, gc=False):
    """An entry is no longer pinned."""

    entry_id: str


class KeyEventMarked(Struct, frozen=True, gc=False):
    """An entry became a key event."""

    entry_id: str


class KeyEventUnmarked(Struct, frozen=True, gc=False):
    """An entry is no longer a key event."""

    entry_id: str


class KeyPointSet(Struct, frozen=True, kw_only=True, gc=False):
    """A key point was said, or said anew."""

    point_id: str
    text: str
    sources: tuple[Source, ...] = ()
    reason: str | None = None


class KeyPointWithdrawn(Struct, frozen=True, kw_only=True, gc=False):
    """A key point was taken off the list."""

    point_id: str
    reason: str


class BlogEnded(Struct, frozen=True, gc=False):
    """The coverage is over."""


class BlogReopened(Struct, frozen=True, gc=False):
    """The coverage goes on after all."""


FlagEvent: TypeAlias = (
    BreakingFlagged | BreakingCleared | EntryPinned | EntryUnpinned | KeyEventMarked | KeyEventUnmarked
)
EntryEvent: TypeAlias = EntryPublished | EntryRevised | EntryCorrected | EntryRetracted | FlagEvent
PointEvent: TypeAlias = KeyPointSet | KeyPointWithdrawn
Event: TypeAlias = BlogStarted | HeadlineChanged | EntryEvent | PointEvent | BlogEnded | BlogReopened


def changed_fields(event: Event) -> tuple[str, ...] | None:
    """The fields that an edit set, in the order of the documents; None for events that are no edit."""
    if not isinstance(event, EntryRevised | HeadlineChanged):
        return None
    names = (name for name in event.__struct_fields__ if name not in {"entry_id", "was", "now", "reason"})
    return tuple(name for name in names if getattr(event, name) is not UNSET)
