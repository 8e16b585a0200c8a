"""Batches: what one poll returns, kept to a bounded size."""

from liveblog.session.output import Output, Send, SendPiece
from liveblog.session.page import Item, Piece

ITEMS = 64
"""How many events leave in one poll."""
BYTES = 64 * 1024
"""How many bytes of events and snapshots leave in one poll, unless a single one, or a single piece, is larger."""


class Batch:
    """Outputs, and how much payload they are."""

    __slots__ = ("items", "outputs", "size")

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.items = 0
        self.size = 0

    def has_room(self, items: int, size: int) -> bool:
        """Whether so many events of so many bytes can be added; the first one always can."""
        return not (self.items or self.size) or (self.items + items <= ITEMS and self.size + size <= BYTES)

    def send(self, item: Item) -> None:
        """Add an event."""
        self.outputs.append(Send(item))
        self.items += 1
        self.size += len(item.payload)

    def send_piece(self, piece: Piece) -> None:
        """Add neighbouring events, whose bytes are there already."""
        self.outputs.append(SendPiece(piece))
        self.items += len(piece.items)
        self.size += piece.size
