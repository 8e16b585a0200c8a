"""The newest revision of an entry or a key point, as a store hands it to a batch."""

import msgspec
from msgspec import Struct

from liveblog.domain.entry import Entry, OwnedEntry
from liveblog.domain.header import KeyPoint, PointState
from liveblog.log.rows import EntryRevision, PointRevision


class Held(Struct, gc=False):
    """The newest revision of an entry or key point: its document, and what the store knows beside it.

    `row` is the revision's own row while the batch that made it is not written yet.
    """

    document: bytes
    valid_from: int
    owner: str = ""
    withdrawn: bool = False
    row: EntryRevision | PointRevision | None = None
    entry: OwnedEntry | None = None
    point: PointState | None = None

    def as_entry(self) -> OwnedEntry:
        """The entry, decoded once."""
        if self.entry is None:
            self.entry = OwnedEntry(self.owner, msgspec.json.decode(self.document, type=Entry))
        return self.entry

    def as_point(self) -> PointState:
        """The key point, decoded once."""
        if self.point is None:
            self.point = PointState(msgspec.json.decode(self.document, type=KeyPoint), self.withdrawn)
        return self.point
