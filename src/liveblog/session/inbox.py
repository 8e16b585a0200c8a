"""The inbox: client messages that wait behind an unfinished one, and how many are taken in a second."""

from collections import deque

from liveblog.session.messages import ClientMessage, MessageRefused

RATE = 20
"""Messages a second, and as many at once."""
WAITING = 32

Letter = ClientMessage | MessageRefused
"""A message, or what is to be answered in its place."""


class Inbox:
    """A bounded queue behind a token bucket."""

    __slots__ = ("_letters", "_tokens", "_updated")

    def __init__(self, now: float) -> None:
        self._letters: deque[Letter] = deque()
        self._tokens = float(RATE)
        self._updated = now

    def admit(self, now: float) -> bool:
        """Count a message that has come in; returns False if it is one too many."""
        self._tokens = min(float(RATE), self._tokens + max(0.0, now - self._updated) * RATE)
        self._updated = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def put(self, letter: Letter) -> bool:
        """Let a message wait; returns False if too many do."""
        if len(self._letters) >= WAITING:
            return False
        self._letters.append(letter)
        return True

    def take(self) -> Letter:
        """Return the one that has waited longest.

        Raises:
            IndexError: If none waits.

        """
        return self._letters.popleft()

    def __len__(self) -> int:
        return len(self._letters)
