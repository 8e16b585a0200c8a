"""A sheet: neighbouring messages that many readers are given, with the pieces in which they go out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from liveblog.application.run import Run
from liveblog.session.page import Item, Page, Piece

PAGE_BYTES = 512 * 1024
"""Bytes of messages in a page, unless a single one is larger."""
PIECE_ITEMS = 128
"""Messages in a piece, at most."""
PIECE_BYTES = 128 * 1024
"""Bytes of messages in a piece, unless a single one is larger: so much may wait for a slow socket."""
PIECES = 2
"""How much more memory messages may come to take, as part of pieces too."""


class Sheet:
    """Messages without a gap, from one read or from the ring. Their bytes are put together once for all readers.

    Args:
        after: The position before the first.
        items: The messages.

    Attributes:
        end: The position of the last message, or the one before the first if there is none.
        room: Bytes that it may come to take, with all the forms of its messages.

    """

    __slots__ = ("_after", "_pieces", "_reach", "_size", "end", "items", "room")

    def __init__(self, after: int, items: Iterable[Item]) -> None:
        self._after = after
        self.items = tuple(items)
        self.end = self.items[-1].position if self.items else after
        self.room = PIECES * sum(item.room for item in self.items)
        self._size = sum(len(item.payload) for item in self.items)
        runs = pieces(self.items)
        self._pieces: Mapping[int, Run] = {run.after: run for run in runs}
        self._reach = runs[-1].last.position if runs else after

    def page(self, after: int, limit: int, head: int) -> Page:
        """What follows a position, at most so many messages: all that share this sheet get the same pieces."""
        items = self.items[after - self._after :][:limit]
        if self._size > PAGE_BYTES:
            items = bounded(items)
        items = whole_commits(items)
        # A piece may not reach further than the page does.
        reaches = bool(items) and items[-1].position >= self._reach
        return Page(after, items, head, self._pieces_from(after) if reaches else {})

    def _pieces_from(self, after: int) -> Mapping[int, Piece]:
        """The pieces; for one who comes in the middle of one, the rest of that too."""
        if after not in self._pieces:
            for piece in self._pieces.values():
                if piece.after < after < piece.last.position:
                    return {after: Run(piece.items[after - piece.after :]), **self._pieces}
        return self._pieces


def pieces(items: Sequence[Item]) -> list[Run]:
    """Put whole commits together, into as few pieces as leave in one poll each, and about equal ones.

    A commit that does not leave in one poll is in no piece.
    """
    size = sum(len(item.payload) for item in items)
    count = max(1, ceil(len(items) / PIECE_ITEMS), ceil(size / PIECE_BYTES))
    found: list[Run] = []
    piece: list[Item] = []
    size_each, size = size / count, 0
    for commit in _commits(items):
        weight = sum(len(item.payload) for item in commit)
        fits = len(piece) + len(commit) <= PIECE_ITEMS and size + weight <= PIECE_BYTES
        if piece and (not fits or size >= size_each):
            found.append(Run(piece))
            piece, size = [], 0
        if len(commit) == 1 or (len(commit) <= PIECE_ITEMS and weight <= PIECE_BYTES):
            piece += commit
            size += weight
    return [*found, Run(piece)] if piece else found


def _commits(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Whole commits; of the first its end may be all that is there."""
    begin = 0
    for end, item in enumerate(items, 1):
        if item.position == item.commit_end:
            yield items[begin:end]
            begin = end


def bounded(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Those of the first messages that make no more than a page's bytes; at least one."""
    room = PAGE_BYTES
    for count, item in enumerate(items):
        room -= len(item.payload)
        if room < 0 and count:
            return items[:count]
    return items


def whole_commits(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """End the page where a commit ends, if one ends in it: a replay sends a commit together."""
    for count in range(len(items), 0, -1):
        if items[count - 1].position == items[count - 1].commit_end:
            return items[:count]
    return items
