"""A watched stream in a terminal: a line for each event, in colours, above a status line that follows the playback."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from liveblog.cli.printable import printable
from liveblog.cli.watching.controls import KEYS
from liveblog.cli.watching.line import Line, Role
from liveblog.cli.watching.messages import Blog, Error, Event, Message, Snapshot
from liveblog.cli.watching.player import Player
from liveblog.cli.watching.telling import Telling
from liveblog.domain import instant

_STYLES: dict[Role, str] = {
    "plain": "",
    "dim": "dim",
    "title": "bold",
    "breaking": "bold white on red",
    "mark": "cyan",
    "struck": "red strike",
    "new": "bold green underline",
    "reason": "italic",
    "warning": "bold yellow",
}
_DATE = len("2020-01-08 ")
"""What a clock goes without where there is little room."""
_LONGEST = 400
"""A body longer than this is cut: the terminal is for watching, the blog for reading."""


class Screen:
    """A terminal.

    Args:
        console: Where to draw.
        keys: Whether there is a keyboard, so that the keys are worth naming.

    """

    def __init__(self, console: Console, *, keys: bool) -> None:
        self._console = console
        self._keys = keys
        self._live = Live("", console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._telling = Telling()
        self._breaking = False

    def __enter__(self) -> Self:
        """Begin to draw the status line."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the status line away, and leave the terminal as it was."""
        self._live.stop()

    def message(self, data: bytes, message: Message | None) -> None:
        """Draw an event, a snapshot or an error."""
        del data
        match message:
            case Event():
                self._draw(self._telling.event(message))
            case Snapshot():
                self.blog(message.state)
            case Error():
                self.note(f"{message.code}: {message.message or 'refused'}")
            case _:
                pass

    def blog(self, blog: Blog) -> None:
        """Draw a rule, and the blog below it as it stands."""
        self._console.rule(style="dim")
        for each in self._telling.blog(blog):
            self._draw(each)

    def note(self, text: str) -> None:
        """Draw a note."""
        self._console.print(Text(printable(text), style="dim italic"))

    def status(self, player: Player, now: float) -> None:
        """Draw the status line."""
        time = player.time(now)
        clock = "" if time is None else instant.show(time)[:19].replace("T", " ") + "Z"
        rate = f"{player.rate:g}x" if isinstance(player.rate, int | float) else player.rate or ""
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f" {printable(player.state)} ", style="reverse")
        place, speed = f" {player.position}/{player.head}  ", f"  {printable(str(rate))}"
        if len(text) + len(place + clock + speed) > self._console.width:
            clock = clock[_DATE:]
        text.append(place + clock + speed)
        for key in KEYS.split("  ") if self._keys else ():
            if len(text) + 2 + len(key) > self._console.width:
                break
            text.append(f"  {key}", style="dim")
        self._live.update(text, refresh=True)

    def _draw(self, pieces: Line) -> None:
        text = Text()
        for index, (words, role) in enumerate(pieces):
            shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
            text.append(" " if index else "").append(shown, style=_STYLES[role])
        self._console.print(text)
