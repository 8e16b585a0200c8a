"""Where a watched stream goes: to a pipe, as it came or as lines.

A terminal is in `screen`.
"""

from typing import BinaryIO, Protocol, TextIO

from liveblog.cli.printable import printable
from liveblog.cli.watching.line import plain
from liveblog.cli.watching.messages import Blog, Event, Message, Snapshot
from liveblog.cli.watching.player import Player
from liveblog.cli.watching.telling import Telling


class Output(Protocol):
    """Shows one stream."""

    def message(self, data: bytes, message: Message | None) -> None:
        """Show a message: the bytes that came, and what they mean to us, if anything."""

    def blog(self, blog: Blog) -> None:
        """Show the blog as it was read over HTTP."""

    def note(self, text: str) -> None:
        """Say something about the connection."""

    def status(self, player: Player, now: float) -> None:
        """Show where the playback stands, at a monotonic second."""


class Pipe:
    """What is the same for every pipe: notes go to standard error, and there is no status line.

    Args:
        notes: Standard error.

    """

    def __init__(self, notes: TextIO) -> None:
        self._notes = notes

    def note(self, text: str) -> None:
        """Write a note."""
        self._notes.write(f"{printable(text)}\n")
        self._notes.flush()

    def status(self, player: Player, now: float) -> None:
        """Show nothing."""


class Json(Pipe):
    """Each message of the server exactly as it came, one a line.

    Args:
        stream: Standard output, in bytes.
        notes: Standard error.

    """

    def __init__(self, stream: BinaryIO, notes: TextIO) -> None:
        super().__init__(notes)
        self._stream = stream

    def message(self, data: bytes, message: Message | None) -> None:
        """Write the message, known or not."""
        del message
        self._stream.write(data + b"\n")
        self._stream.flush()

    def blog(self, blog: Blog) -> None:
        """Write nothing: it is no message. The new epoch in the next `subscribed` says that it is time to read."""


class Lines(Pipe):
    """A line for each event.

    Args:
        stream: Standard output.
        notes: Standard error; it also gets what is no event.

    """

    def __init__(self, stream: TextIO, notes: TextIO) -> None:
        super().__init__(notes)
        self._stream = stream
        self._telling = Telling()

    def message(self, data: bytes, message: Message | None) -> None:
        """Write an event's line."""
        del data
        if isinstance(message, Event):
            self._stream.write(f"{plain(self._telling.event(message))}\n")
            self._stream.flush()
        elif isinstance(message, Snapshot):
            self.blog(message.state)

    def blog(self, blog: Blog) -> None:
        """Note how the blog stands."""
        self.note(plain(self._telling.blog(blog)[0]))
