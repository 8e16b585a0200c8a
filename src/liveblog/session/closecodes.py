"""Close codes of the stream. The range of a code is its verdict, also for a code that the reader does not know."""

from enum import Enum, IntEnum


class Verdict(Enum):
    """What a reader does after a close."""

    DONE = "done"
    RECONNECT = "reconnect with your cursor"
    CURSOR_VOID = "read the blog and start from its position"
    NEVER = "do not retry"


class CloseCode(IntEnum):
    """Every code that this server sends or a reader of it may see."""

    DONE = 1000
    GOING_AWAY = 1001
    UNSUPPORTED_DATA = 1003
    ABNORMAL = 1006
    INVALID_TEXT = 1007
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    SHUTTING_DOWN = 4001
    SOCKET_STALLED = 4008
    TOO_MANY_MESSAGES = 4029
    EPOCH_CHANGED = 4402
    POSITION_BEYOND_HEAD = 4403
    EDITION_CHANGED = 4405
    BAD_REQUEST = 4500
    NO_SUCH_BLOG = 4504
    NO_SUCH_REPLAY = 4505

    @property
    def verdict(self) -> Verdict:
        """What a reader that was closed with this code does."""
        return verdict(self)


_NEVER = frozenset({1002, 1003, 1007, 1008, 1009, 1010})
"""Codes by which an endpoint says that the other one's bytes were wrong (RFC 6455, section 7.4.1): so will they be
the next time."""


def verdict(code: int) -> Verdict:
    """Judge any close code, known or not.

    A code outside every range that the protocol speaks of comes from something between server and reader, which may
    be gone the next time: the verdict is to reconnect, backing off.
    """
    if code == CloseCode.DONE:
        return Verdict.DONE
    if code in _NEVER or 4500 <= code <= 4999:  # noqa: PLR2004  (the range that the protocol names)
        return Verdict.NEVER
    if 4400 <= code <= 4499:  # noqa: PLR2004  (the range that the protocol names)
        return Verdict.CURSOR_VOID
    return Verdict.RECONNECT
