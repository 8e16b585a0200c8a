"""A blog folded from nothing but its stored events: read one by one, applied one by one, and nothing else."""

import msgspec

from liveblog.domain import instant
from liveblog.domain.entry import Entry, OwnedEntry
from liveblog.domain.evolve import Render, Stamp, evolve
from liveblog.domain.header import PointState
from liveblog.domain.state import State, initial_state
from liveblog.log.codec import CODEC
from liveblog.log.record import Record


class Refold:
    """A blog as of the events that it took.

    Args:
        slug: The blog's.
        render: Makes HTML and text of a body.

    """

    def __init__(self, slug: str, render: Render) -> None:
        self._render = render
        self._blog = initial_state(slug).blog
        self._entries: dict[str, OwnedEntry] = {}
        self._points: dict[str, PointState] = {}
        self._documents: dict[str, bytes] = {}

    def take(self, record: Record) -> None:
        """Apply the next event."""
        assert record.payload is not None
        event, actor = CODEC.decode(record.envelope, record.payload)
        entry_id, point_id = getattr(event, "entry_id", ""), getattr(event, "point_id", "")
        before = State(self._blog, self._entries.get(entry_id), self._points.get(point_id))
        stamp = Stamp(record.envelope.position, instant.parse(record.envelope.at), actor)
        after = evolve(before, event, stamp, self._render)
        self._blog = after.blog
        if after.entry is not None:
            self._entries[entry_id] = after.entry
            self._documents[entry_id] = msgspec.json.encode(after.entry.document)
        if after.point is not None:
            self._points[point_id] = after.point

    @property
    def header(self) -> bytes:
        """The header's document."""
        return msgspec.json.encode(self._blog.header)

    @property
    def counts(self) -> bytes:
        """The counts, as a document."""
        return msgspec.json.encode(self._blog.counts)

    def newest_first(self) -> list[bytes]:
        """The documents of all entries, in the order of readers."""
        found = sorted((each.document for each in self._entries.values()), key=_place, reverse=True)
        return [self._documents[entry.id] for entry in found]


def _place(entry: Entry) -> tuple[int, int]:
    return instant.parse(entry.published_at), entry.first_position
