"""The forms in which messages travel on a WebSocket. Readers of one form share the bytes of what all of them get."""

from typing import Protocol

from websockets.extensions.base import Extension
from websockets.frames import Frame, Opcode

from liveblog.session.page import Item


class Form(Protocol):
    """How messages are written for one reader, and how the reader's are read."""

    @property
    def name(self) -> str:
        """Of the form, for all who share its bytes."""

    def shared(self, item: Item) -> bytes:
        """A message that goes to many, as a frame that is made once for everyone."""

    def own(self, payload: bytes) -> bytes:
        """A message that is one reader's own, as a frame."""

    def extensions(self) -> list[Extension]:
        """What the parser of the reader's frames needs; anew for each reader."""


class Plain:
    """Text frames as they are (RFC 6455, section 5.2)."""

    name = "plain"

    def shared(self, item: Item) -> bytes:
        """See `Form.shared`."""
        if item.frame is None:
            item.frame = text_frame(item.payload)
        return item.frame

    def own(self, payload: bytes) -> bytes:
        """See `Form.own`."""
        return text_frame(payload)

    def extensions(self) -> list[Extension]:
        """See `Form.extensions`: a reserved bit is a fault."""
        return []


PLAIN = Plain()


def text_frame(payload: bytes) -> bytes:
    """A whole text message in one frame."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)
