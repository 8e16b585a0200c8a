"""The entry's document: all that a reader sees of one item of a blog."""

from msgspec import Struct

from liveblog.domain.content import Contributor, Link, Media, Quote, Source
from liveblog.domain.shown import EntryKind, Ordinal, Timestamp, Uuid


class Correction(Struct, frozen=True, gc=False):
    """An error put right, as the entry itself shows it.

    Args:
        position: The event that corrected it.
        at: When.
        was: What had been wrong.
        now: What is right.
        reason: Why it was corrected.
        by: Who corrected it, by public name.

    """

    position: Ordinal
    at: Timestamp
    was: str
    now: str
    reason: str
    by: str


class Retraction(Struct, frozen=True, gc=False):
    """An entry's withdrawal.

    Args:
        at: When.
        reason: Why.
        by: By whom, by public name.

    """

    at: Timestamp
    reason: str
    by: str


class Redaction(Struct, frozen=True, gc=False):
    """That content was removed from the past as well.

    Args:
        position: The event that removed it.
        at: When.
        reason: Why.

    """

    position: Ordinal
    at: Timestamp
    reason: str


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One entry as of `position`. Order everywhere: `published_at`, then `first_position`, both fixed at publication.

    A retracted entry keeps its place and what tells of it; everything else is null, empty or false.

    Args:
        id: Its name, in whatever copy of the blog.
        revision: 1, and one more for each revision, correction and retraction; flags do not count.
        position: The last event that touched it. Of two documents of one entry the higher position wins.
        first_position: The event that published it.
        kind: What sort of entry it is.
        headline: Plain text.
        body_markdown: The body as it was written.
        body_html: The body as sanitised markup: the only string of the protocol that is not plain text.
        body_text: The body as plain text.
        question: The question that the body answers.
        quote: Who says what the body quotes.
        contributors: Who wrote or reported it.
        sources: Whose word it is.
        media: Pictures, videos and recordings.
        links: Related coverage.
        tags: Words to find it by.
        published_at: When it was published.
        published_at_estimated: Whether that instant is a guess, made when old coverage was imported.
        updated_at: When it was last revised, corrected or retracted, if ever.
        breaking: Whether it is flagged as breaking news.
        pinned: Whether it is kept at the top.
        key_event: Whether it is one of the moments to jump between.
        corrections: The errors that were put right, the oldest first.
        retracted: Its withdrawal, if it was withdrawn.
        redacted: Its removal from the past, if it was removed.

    """

    id: Uuid
    revision: Ordinal
    position: Ordinal
    first_position: Ordinal
    kind: EntryKind
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
    published_at: Timestamp
    published_at_estimated: bool = False
    updated_at: Timestamp | None = None
    breaking: bool = False
    pinned: bool = False
    key_event: bool = False
    corrections: tuple[Correction, ...] = ()
    retracted: Retraction | None = None
    redacted: Redaction | None = None


class OwnedEntry(Struct, frozen=True, gc=False):
    """An entry and the id of the actor who published it, which readers never see."""

    owner: str
    document: Entry


def is_blank(entry: Entry) -> bool:
    """Tell whether there is nothing in the entry that a reader could read, watch or follow."""
    said = entry.headline or entry.body_markdown or entry.question
    return not (said or entry.quote or entry.media or entry.links)
