"""What a reader's terminal knows of the playback: state, position, head, rate and the blog's clock.

Monotonic seconds are arguments; instants are milliseconds.
"""

from liveblog.cli.watching.messages import (
    CaughtUp,
    Event,
    FellBehind,
    Heartbeat,
    Message,
    Playback,
    Rate,
    Snapshot,
    Subscribed,
)
from liveblog.domain import instant


class Player:
    """The display of a player; it only repeats what the server says, and lets the clock run in between."""

    def __init__(self) -> None:
        self.state = "connecting"
        self.position = 0
        self.head = 0
        self.rate: Rate | None = None
        self._time: int | None = None
        self._since = 0.0

    @property
    def paused(self) -> bool:
        """Whether the reader has stopped it."""
        return self.state == "paused"

    @property
    def live(self) -> bool:
        """Whether it is at the live edge."""
        return self.state == "live"

    def heard(self, message: Message, now: float) -> None:
        """Take a message in.

        Args:
            message: One that is to be shown.
            now: Monotonic seconds.

        """
        match message:
            case Subscribed():
                self.state, self.position, self.head = message.state, message.position, message.head
                self.rate = message.rate
                if self._time is None and self.live:
                    self._set(message.server_time, now)
            case Snapshot():
                self.position = message.position
                self._set(message.time, now)
            case Event():
                self.position = message.position
                self._set(message.at, now)
            case Playback():
                self.state, self.position, self.rate = message.state, message.position, message.rate
                self._set(message.time, now)
            case CaughtUp():
                self.state, self.position = "live", message.position
            case FellBehind() | Heartbeat():
                self.head = message.head
            case _:
                pass
        self.head = max(self.head, self.position)

    def lost(self) -> None:
        """Show that there is no connection; a pause is kept, for it is the reader's wish."""
        if not self.paused:
            self.state = "connecting"

    def time(self, now: float) -> int | None:
        """Say what the blog's clock shows, as far as one can tell between two messages."""
        if self._time is None or self.state != "playing" or not isinstance(self.rate, int | float):
            return self._time
        return self._time + int((now - self._since) * 1000 * self.rate)

    def _set(self, text: str | None, now: float) -> None:
        if text is not None:
            try:
                self._time, self._since = instant.parse(text), now
            except ValueError:
                return
