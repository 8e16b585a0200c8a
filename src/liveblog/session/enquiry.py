"""Enquiries: reads that the session has asked for and waits for, tried again some times if they fail."""

from typing import Generic, TypeVar

from liveblog.session.output import Read

FIRST_RETRY_S = 0.25
"""Each further wait is twice as long as the one before."""
TRIES = 6

ReadT_co = TypeVar("ReadT_co", bound=Read, covariant=True)


class Enquiry(Generic[ReadT_co]):
    """One read, until it is answered."""

    __slots__ = ("_failures", "due", "read")

    def __init__(self, read: ReadT_co) -> None:
        self.read = read
        self.due: float | None = 0.0
        """When to ask (again), in seconds of the wall; None while the answer is awaited."""
        self._failures = 0

    def ask(self, now: float) -> ReadT_co | None:
        """Return the read if it is to be started now; the answer is awaited from then on."""
        if self.due is None or now < self.due:
            return None
        self.due = None
        return self.read

    def failed(self, now: float) -> bool:
        """Wait before asking again; returns False when it has failed too often for that."""
        self._failures += 1
        self.due = now + FIRST_RETRY_S * 2 ** (self._failures - 1)
        return self._failures < TRIES
