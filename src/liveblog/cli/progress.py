"""Progress of long work, on standard error: a bar on a terminal, a plain line now and then elsewhere.

Standard output stays free for results.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from liveblog.cli.printable import printable

EVERY_S = 5.0
"""How often a plain line is written, in seconds: work that is done before the first needs none."""
_NARROW = 60
"""Columns below which there is no room for a bar."""


class Told(Protocol):
    """Takes in how far the work is."""

    def __call__(self, done: int, note: str = "", left_s: float | None = None) -> None:
        """Say so.

        Args:
            done: How many of all.
            note: What else a person would like to see, such as where the work is.
            left_s: How many seconds it will still take, if that is known.

        """


@contextmanager
def progress(
    what: str, total: int, *, stream: TextIO | None = None, now: Callable[[], float] = time.monotonic
) -> Iterator[Told]:
    """Show progress for as long as the block runs.

    Args:
        what: The work, in a word or two.
        total: How many steps it has.
        stream: Where to; standard error by default.
        now: Monotonic seconds.

    """
    to = sys.stderr if stream is None else stream
    if to.isatty():
        with _bar(what, total, to) as told:
            yield told
    else:
        yield _lines(what, total, to, now)


def _lines(what: str, total: int, stream: TextIO, now: Callable[[], float]) -> Told:
    last = now()

    def told(done: int, note: str = "", left_s: float | None = None) -> None:
        nonlocal last
        if now() - last < EVERY_S:
            return
        last = now()
        stream.write(f"{_line(f'{what}: {done} of {total}', note, left_s)}\n")
        stream.flush()

    return told


@contextmanager
def _bar(what: str, total: int, stream: TextIO) -> Iterator[Told]:
    console = Console(file=stream, highlight=False)
    words = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = [words] if console.width < _NARROW else [BarColumn(bar_width=console.width // 5), words]
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(_line(f"{what} 0/{total}", "", None), total=max(total, 1))

        def told(done: int, note: str = "", left_s: float | None = None) -> None:
            if left_s is None:
                left_s = bars.tasks[task].time_remaining
            bars.update(task, completed=done, description=_line(f"{what} {done}/{total}", note, left_s))

        yield told


def _line(start: str, note: str, left_s: float | None) -> str:
    left = "" if left_s is None else f"{timedelta(seconds=round(left_s))} left"
    return "  ".join(part for part in (start, printable(note), left) if part)
