"""What a closed connection asks of the reader: the close code's range is the verdict, also of unknown codes."""

from enum import Enum, auto

_HOPELESS = frozenset({1002, 1003, 1007, 1008, 1009, 1010})
"""Errors that the same conversation would only repeat (RFC 6455, section 7.4.1)."""
LOST = 1006
"""The connection broke without a close frame."""


class Fate(Enum):
    """What to do after a close."""

    DONE = auto()
    AGAIN = auto()
    """Reconnect with the cursor."""
    VOID = auto()
    """The cursor means nothing any more: read the blog, and start from its position."""
    NEVER = auto()


def fate(code: int) -> Fate:
    """Judge a close code."""
    if code == 1000:  # noqa: PLR2004  (normal closure)
        return Fate.DONE
    if 4400 <= code <= 4499:  # noqa: PLR2004  (a range of the protocol)
        return Fate.VOID
    if code in _HOPELESS or 4500 <= code <= 4999:  # noqa: PLR2004  (a range of the protocol)
        return Fate.NEVER
    return Fate.AGAIN
