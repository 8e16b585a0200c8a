"""Outputs: what a session asks of the shell that carries it."""

from msgspec import Struct

from liveblog.session.messages import ServerMessage
from liveblog.session.page import Item, Piece
from liveblog.session.target import Live, Moment, Position


class Send(Struct, frozen=True, gc=False):
    """Write a shared event message."""

    item: Item


class SendPiece(Struct, frozen=True, gc=False):
    """Write the shared event messages of a piece."""

    piece: Piece


class Say(Struct, frozen=True):
    """Encode and write a message that is this reader's own."""

    message: ServerMessage


class ReadPage(Struct, frozen=True):
    """Read events; answered by `page_read` with this generation, or by `read_failed`.

    Args:
        after: The position after which to read.
        limit: At most so many events. Fewer are as good, as long as there is one.
        generation: The session's generation, which the answer must bring back.

    """

    after: int
    limit: int
    generation: int


class ReadPlace(Struct, frozen=True):
    """Look up a place; answered by `place_read` with this request, or by `read_failed`.

    Args:
        to: What to look up. A moment before the first event means position 0, one after the last means the head.
        with_document: Whether the blog as of that place is wanted too.
        generation: The session's generation.

    """

    to: Position | Moment | Live
    with_document: bool
    generation: int


class Close(Struct, frozen=True):
    """Close the socket; nothing comes after it. `code` is a `CloseCode`, `reason` one short sentence."""

    code: int
    reason: str


Read = ReadPage | ReadPlace
Output = Send | SendPiece | Say | ReadPage | ReadPlace | Close
