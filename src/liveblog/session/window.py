"""The window: the one or two pages of events that a session has at hand in front of its cursor.

At most the page being sent and the one after it, both shared with other sessions, and at most one read under way.
Every event that is looked at goes through the three-way compare with the cursor: not newer, skip; next, take; further
on, there is a hole, so drop the pages and read from the cursor again.
"""

from liveblog.session.enquiry import Enquiry
from liveblog.session.output import ReadPage
from liveblog.session.page import Item, Page, Piece

PAGE_LIMIT = 128


class Window:
    """Pages in front of a cursor. The cursor itself is the session's and comes in as an argument."""

    __slots__ = ("_ahead", "_enquiry", "_index", "_page")

    def __init__(self) -> None:
        self._page: Page | None = None
        self._index = 0
        self._ahead: Page | None = None
        self._enquiry: Enquiry[ReadPage] | None = None

    def peek(self, cursor: int) -> Item | None:
        """Return the event at cursor + 1, or None if it is not at hand."""
        while self._page is not None:
            items = self._page.items
            self._skip(items, cursor)
            while self._index < len(items):
                item = items[self._index]
                if item.position == cursor + 1:
                    return item
                if item.position > cursor + 1:
                    self.clear()
                    return None
                self._index += 1
            self._page, self._ahead, self._index = self._ahead, None, 0
        return None

    def piece(self, cursor: int) -> Piece | None:
        """Return what can leave in one piece from cursor + 1 on. To be asked after `peek` has found that event."""
        return None if self._page is None else self._page.pieces.get(cursor)

    def find(self, position: int) -> Item | None:
        """Return the event at a position, if it is at hand."""
        for page in (self._page, self._ahead):
            if page is not None:
                item = item_of(page, position)
                if item is not None:
                    return item
        return None

    def end(self, cursor: int) -> int:
        """Return the last position at hand, or the cursor if nothing is."""
        last = self._ahead or self._page
        return cursor if last is None else max(cursor, last.items[-1].position)

    def holds_commit(self, item: Item, cursor: int) -> bool:
        """Whether an event's commit can leave together: its last event is at hand, or no more can be held."""
        return self._ahead is not None or item.commit_end <= self.end(cursor)

    def weight(self, commit_end: int) -> tuple[int, int]:
        """Return how many events, and bytes of them, are at hand from the next one to the end of its commit."""
        count = size = 0
        rest = () if self._page is None else self._page.items[self._index :]
        for item in (*rest, *(self._ahead.items if self._ahead is not None else ())):
            if item.position > commit_end:
                break
            count += 1
            size += len(item.payload)
        return count, size

    def want(self, cursor: int, head: int, generation: int, now: float) -> ReadPage | None:
        """Return the read to start now, if one is needed and none is under way."""
        if self._enquiry is None:
            end = self.end(cursor)
            if self._ahead is not None or end >= head:
                return None
            self._enquiry = Enquiry(ReadPage(end, PAGE_LIMIT, generation))
        return self._enquiry.ask(now)

    def offer(self, page: Page, cursor: int, now: float) -> bool:
        """Take a page if it goes on where the pages at hand end; any other is let go.

        A page may begin before the position that was asked for: what is too old in it is skipped.

        Returns:
            False if the read under way was answered with nothing of use too often.

        """
        end = self.end(cursor)
        last = page.items[-1].position if page.items else page.after
        useful = bool(page.items) and page.items[0].position <= end + 1 <= last
        if useful and self._page is None:
            self._page, self._index = page, 0
        elif useful and self._ahead is None:
            self._ahead = page
        if self._enquiry is None or not page.after <= self._enquiry.read.after <= last:
            return True
        if useful or page.after < last <= end:
            self._enquiry = None
            return True
        return self._failed(now)

    def failed(self, read: ReadPage, now: float) -> bool:
        """Learn that a read failed; returns False if it has failed too often."""
        return self._enquiry is None or self._enquiry.read != read or self._failed(now)

    def clear(self) -> None:
        """Let go of all pages, and of the read under way: its answer is taken only if it fits."""
        self._page = self._ahead = self._enquiry = None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is awaited."""
        return self._enquiry is not None and self._enquiry.due is None

    @property
    def retry(self) -> float | None:
        """The wall time at which a failed read is to be tried again, if one is."""
        return None if self._enquiry is None else self._enquiry.due

    def _skip(self, items: tuple[Item, ...], cursor: int) -> None:
        """Go on in a page right after the cursor, if that event is where it is expected; else whoever looks, finds."""
        if items and items[-1].position <= cursor:
            self._index = len(items)
        elif self._index < len(items):
            index = self._index + cursor + 1 - items[self._index].position
            if self._index < index < len(items) and items[index].position == cursor + 1:
                self._index = index

    def _failed(self, now: float) -> bool:
        assert self._enquiry is not None, "no read is under way"
        return self._enquiry.failed(now)


def item_of(page: Page, position: int) -> Item | None:
    """Return the event at a position, if the page has it."""
    index = position - page.after - 1
    if 0 <= index < len(page.items) and page.items[index].position == position:
        return page.items[index]
    return None
