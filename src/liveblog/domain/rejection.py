"""The asker's fault: a command that the rules refuse. It changed nothing."""

from msgspec import Struct

from liveblog.domain.entry import Entry
from liveblog.domain.header import Header, KeyPoint


class Fault(Struct, frozen=True):
    """One thing that is wrong with a request.

    Args:
        path: Where: a path such as ``[2].media[0].url``, or the name of a parameter or header.
        message: What to do about it.

    """

    path: str
    message: str


class CommandRejected(Exception):
    """A command that the rules refuse.

    Args:
        code: The stable name of the rule, for instance ``entry_retracted``.
        message: What the asker can do about it.
        current: The entry, key point or header as it is now, where that helps to decide again.
        faults: Every fault, where the command itself is invalid.

    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        current: Entry | KeyPoint | Header | None = None,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.current = current
        self.faults = faults
        self.position: int | None = None
        """Where the blog stood when it was refused; set by the log."""
        self.index: int | None = None
        """Which command of a list was refused, counted from 0; set by whoever decides the list."""


def invalid(path: str, message: str) -> CommandRejected:
    """Refuse a command for what it says, where only the state or the clock could tell."""
    return CommandRejected("invalid_command", message, faults=(Fault(path, message),))
