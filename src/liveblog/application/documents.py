"""The blog's document: what `GET /v1/blogs/{slug}` answers and a snapshot carries, as of any position."""

from typing import Any

import msgspec
from msgspec import Raw

from liveblog.application.cursors import show_place
from liveblog.application.readmodels import EntryPage
from liveblog.domain import instant, limits

_MARGIN = 16 * 1024
"""What a message holds beside header and entries, generously."""


def blog_document(page: EntryPage, time: int | None = None) -> bytes:
    """Write the blog as of the page's moment, with its newest entries.

    Args:
        page: The newest entries, in the order newest first.
        time: The instant asked for, in milliseconds; else that of the event at the position.

    Returns:
        JSON, under the limit of a message: what does not fit of `entries` comes with `next`.

    """
    moment = page.moment
    header: dict[str, Any] = msgspec.json.decode(moment.header, type=dict[str, Raw])
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
        {
            "slug": moment.head.slug,
            "epoch": moment.head.epoch,
            "edition": moment.head.edition,
            "position": moment.position,
            "hash": moment.hash.hex(),
            "time": instant.show(moment.at if time is None else time),
            **header,
            "counts": moment.counts,
            "entries": [Raw(placed.document) for placed in entries],
            "included": [Raw(document) for document in included],
            "next": show_place("after", entries[-1].place) if left and entries else None,
        }
    )
