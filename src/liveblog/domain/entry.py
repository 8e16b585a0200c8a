"""The entry's document: all that a reader sees of one item of a blog."""

from msgspec import Struct

from liveblog.domain.content import Contributor, Link, Media, Quote, Source


class Correction(Struct, frozen=True):
    """An error put right, as the entry itself shows it."""

    position: int
    at: str
    was: str
    now: str
    reason: str
    by: str


class Retraction(Struct, frozen=True):
    """When, why and by whom an entry was withdrawn."""

    at: str
    reason: str
    by: str


class Redaction(Struct, frozen=True):
    """That content was removed from the past as well."""

    position: int
    at: str
    reason: str


class Entry(Struct, frozen=True, kw_only=True):
    """One entry as of `position`, the last event that touched it. Of two documents the higher position wins.

    `body_html` is safe markup; every other string is plain text. Order everywhere: `published_at`, then
    `first_position`, both fixed at publication.
    """

    id: str
    revision: int
    position: int
    first_position: int
    kind: str
    headline: str | None = None
    body_markdown: str | None = None
    body_html: str | None = None
    body_text: str | None = None
    question: str | None = None
    quote: Quote | None = None
    contributors: tuple[Contributor, ...] = ()
    sources: tuple[Source, ...] = ()
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()
    published_at: str
    published_at_estimated: bool = False
    updated_at: str | None = None
    breaking: bool = False
    pinned: bool = False
    key_event: bool = False
    corrections: tuple[Correction, ...] = ()
    retracted: Retraction | None = None
    redacted: Redaction | None = None


class OwnedEntry(Struct, frozen=True):
    """An entry and the id of the actor who published it, which readers never see."""

    owner: str
    document: Entry


def is_blank(entry: Entry) -> bool:
    """Tell whether there is nothing in the entry that a reader could read, watch or follow."""
    said = entry.headline or entry.body_markdown or entry.question
    return not (said or entry.quote or entry.media or entry.links)
