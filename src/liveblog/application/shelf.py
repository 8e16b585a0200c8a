"""The shelf: pages of past messages, read and encoded once for everybody, within one budget for all blogs together."""

from collections import OrderedDict

from liveblog.application.sheet import Sheet

SHELF_BYTES = 192 * 1024 * 1024
"""Bytes that the messages on the shelf may come to take, each in all its forms: at least 24 MiB of messages."""


class Shelf:
    """Keeps the pages that were used last.

    Args:
        most_bytes: How much, in bytes of messages in all their forms.

    """

    def __init__(self, most_bytes: int = SHELF_BYTES) -> None:
        self._most_bytes = most_bytes
        self._pages: OrderedDict[tuple[object, int], Sheet] = OrderedDict()
        self.bytes = 0
        """How much is kept."""

    def __len__(self) -> int:
        """How many pages are kept."""
        return len(self._pages)

    def get(self, owner: object, start: int) -> Sheet | None:
        """The page of an owner that begins after a position, if it is still here."""
        page = self._pages.get((owner, start))
        if page is not None:
            self._pages.move_to_end((owner, start))
        return page

    def put(self, owner: object, start: int, page: Sheet) -> None:
        """Keep a page, and let go of those that were not used for longest."""
        if (owner, start) in self._pages:  # two read it at once
            return
        self._pages[owner, start] = page
        self.bytes += page.room
        while self.bytes > self._most_bytes:
            _, old = self._pages.popitem(last=False)
            self.bytes -= old.room
