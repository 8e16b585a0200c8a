"""The cursor of a reader who comes back: what to ask for on each connection, and what to believe of what comes.

A machine without I/O. Its whole memory of the blog is the epoch, the edition and the last position; the position moves
before the event is handled, so that nothing is ever handled twice.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto

from liveblog.cli.watching.messages import (
    Blog,
    CaughtUp,
    Error,
    Event,
    Message,
    Playback,
    Rate,
    Reconnect,
    Snapshot,
    Subscribed,
)

_CURSOR = ("from", "epoch", "hash")
_LIVE = "live"


class Verdict(Enum):
    """What to do with a message."""

    SHOW = auto()
    DROP = auto()
    """It was handled before."""
    READ_AGAIN = auto()
    """What was read so far may be out of date: read the blog as of the cursor, and go on."""
    GAP = auto()
    """Something before it is missing: leave, and come back with the cursor."""
    VOID = auto()
    """The cursor means nothing here: read the blog, and start from its position."""


class Following:
    """One reader's way through one stream, over any number of connections.

    Args:
        query: What the reader asked for: from, rate, max_gap, at_end, epoch, hash or session, as text.
        dice: A number from 0 up to 1.

    """

    def __init__(self, query: Mapping[str, str], dice: Callable[[], float]) -> None:
        self._query = dict(query)
        self._dice = dice
        self._reconnect = Reconnect()
        self._generation = 0
        self._connected = False
        self._failures = 0
        self._live = False
        self._document_owed = False
        self.epoch: str | None = None
        self.edition: str | None = None
        self.position: int | None = None
        self.heartbeat_s = 15.0
        self.rate: Rate | None = _rate(query.get("rate"))
        """What the reader wants, which a connection at the live edge does not ask for: it is to catch up at once."""

    @property
    def silence_s(self) -> float:
        """After how many seconds without a message the connection counts as dead."""
        return 2 * self.heartbeat_s

    def query(self) -> dict[str, str]:
        """Say what to ask for on the next connection, and forget the one before."""
        self._connected = False
        if self.position is None or self.epoch is None:
            return dict(self._query)
        if "session" in self._query:
            return {"session": self._query["session"]}
        kept = {name: value for name, value in self._query.items() if name not in (*_CURSOR, "rate")}
        if self.rate is not None and not self._live:
            kept["rate"] = self.rate if isinstance(self.rate, str) else f"{self.rate:g}"
        return {"from": str(self.position), "epoch": self.epoch, **kept}

    def received(self, message: Message) -> Verdict:
        """Take a message in, before anything else is done with it."""
        if isinstance(message, Subscribed):
            return self._subscribed(message)
        if isinstance(message, Error):
            return Verdict.SHOW  # which may come in place of `subscribed`, and brings nothing
        if not self._connected or self.position is None:
            return Verdict.DROP
        self._failures = 0
        match message:
            case Event():
                if message.position <= self.position:
                    return Verdict.DROP
                if message.position > self.position + 1:
                    return Verdict.GAP
                self.position = message.position
            case Snapshot():
                self.position, self._document_owed = message.position, False
                self.edition = message.state.edition or self.edition
            case Playback() if message.generation != self._generation:
                # A seek, answered: what follows comes from there, and a snapshot comes first.
                self._generation, self.position = message.generation, message.position
                self._live, self._document_owed = message.state == _LIVE, True
            case CaughtUp():
                self._live = True
            case _:
                pass
        return Verdict.SHOW

    def _subscribed(self, message: Subscribed) -> Verdict:
        self._connected = True
        self._reconnect, self.heartbeat_s = message.reconnect, message.heartbeat_s
        self._generation = message.generation
        self._live = self._live or message.state == _LIVE
        first = self.position is None
        if not first and message.epoch != self.epoch:
            return Verdict.VOID
        ahead = first or message.position > (self.position or 0)
        # Without a snapshot to come, what we hold must reach the cursor, and be of this edition.
        outdated = not first and (ahead or message.edition != self.edition or self._document_owed)
        self.epoch, self.edition = message.epoch, message.edition
        if "session" in self._query:
            self.position, outdated = message.position, False
        elif ahead:
            self.position = message.position
        outdated = outdated and self.position != 0
        self._document_owed = outdated or (first and _is_time(self._query.get("from", _LIVE)))
        return Verdict.READ_AGAIN if outdated else Verdict.SHOW

    def read(self, blog: Blog) -> None:
        """Take in the blog as it was read over HTTP: as of the cursor, or, where the cursor is void, as it is now."""
        self.epoch, self.edition, self.position = blog.epoch, blog.edition, blog.position
        self._document_owed = False

    def pause_s(self) -> float:
        """Say how many seconds to wait before the next connection, and count this one as failed.

        The first wait is a random part of the jitter that the server asks for; from then on it grows, at random, for
        as long as no connection brings anything.
        """
        failures, asked = self._failures, self._reconnect
        self._failures += 1
        if failures == 0:
            return self._dice() * asked.first_jitter_ms / 1000
        most = max(asked.min_ms, min(asked.max_ms, asked.min_ms * (1 << min(failures, 32))))
        return (asked.min_ms + self._dice() * (most - asked.min_ms)) / 1000


def _is_time(start: str) -> bool:
    return start not in (_LIVE, "start") and not start.isdecimal()


def _rate(text: str | None) -> Rate | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
