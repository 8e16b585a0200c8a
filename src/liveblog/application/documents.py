"""The blog's document: what `GET /v1/blogs/{slug}` answers and a snapshot carries, as of any position."""

from inspect import getdoc
from typing import Any

import msgspec
from msgspec import Raw, Struct, defstruct, structs

from liveblog.application.cursors import show_place
from liveblog.application.readmodels import EntryPage
from liveblog.domain import instant, limits
from liveblog.domain.header import Counts, Header
from liveblog.domain.shown import Digest, Number, Timestamp
from liveblog.session.embedded import EntryDocument

_MARGIN = 16 * 1024
"""What a message holds beside header and entries, generously."""


def described_by(kind: type) -> str:
    """The part of a type's docstring that tells of its fields."""
    return (getdoc(kind) or "").partition("Args:\n")[2]


def fields_of(kind: type[Struct], *but: str) -> list[tuple[str, Any]]:
    """The fields of a type, but for some, to be fields of a document that contains it."""
    return [(field.name, field.type) for field in structs.fields(kind) if field.name not in but]


Blog = defstruct(
    "Blog",
    [
        ("slug", str),
        ("epoch", str),
        ("edition", str),
        ("position", Number),
        ("hash", Digest),
        ("time", Timestamp),
        *fields_of(Header, "slug"),
        ("counts", Counts),
        ("entries", tuple[EntryDocument, ...]),
        ("included", tuple[EntryDocument, ...]),
        ("next", str | None),
    ],
    frozen=True,
    kw_only=True,
    module=__name__,
    namespace={
        "__doc__": f"""A blog as of a position: its header, and its newest entries.

Args:
    epoch: The copy of the log that positions belong to.
    edition: Changes when what was already sent would now be sent otherwise.
    position: The event after which the blog stood so; 0 in a stream that is before the first.
    hash: The chain's hash at that position.
    time: The instant that was asked for, or that of the event at the position.
    counts: How many there are of what.
    entries: The newest entries, the newest first.
    included: Those entries that the header names and that are not among `entries`.
    next: A cursor to the entries after these; null if there are none.
{described_by(Header)}"""
    },
)
"""The header's fields stand in it as they stand in the header."""


def blog_document(page: EntryPage, time: int | None = None) -> bytes:
    """Write the blog as of the page's moment, with its newest entries.

    Args:
        page: The newest entries, in the order newest first.
        time: The instant asked for, in milliseconds; else that of the event at the position.

    Returns:
        JSON, under the limit of a message: what does not fit of `entries` comes with `next`.

    """
    moment = page.moment
    header = structs.asdict(msgspec.json.decode(moment.header, type=Header))
    del header["slug"]
    room = limits.MESSAGE_BYTES - _MARGIN - len(moment.header)
    # The newest entry always fits, so that a reader is never left without one to go on from.
    entries = list(page.entries[:1])
    room -= sum(len(placed.document) + 1 for placed in entries)
    included = []
    for document in page.included:
        if len(document) < room:
            room -= len(document) + 1
            included.append(document)
    for placed in page.entries[1:]:
        room -= len(placed.document) + 1
        if room <= 0:
            break
        entries.append(placed)
    left = page.more_after or len(entries) < len(page.entries)
    return msgspec.json.encode(
        Blog(
            slug=moment.head.slug,
            epoch=moment.head.epoch,
            edition=moment.head.edition,
            position=moment.position,
            hash=moment.hash.hex(),
            time=instant.show(moment.at if time is None else time),
            **header,
            counts=moment.counts,
            entries=tuple(Raw(placed.document) for placed in entries),
            included=tuple(map(Raw, included)),
            next=show_place("after", entries[-1].place) if left and entries else None,
        )
    )
