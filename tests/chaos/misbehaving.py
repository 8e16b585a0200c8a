"""`liveblog serve` that can be told to misbehave, run as a program of its own.

SIGUSR1 stalls the event loop. SIGUSR2 steps the wall clock by the milliseconds that a file holds. Each says on standard
error that it happened. Everything else is the server as it is.
"""

import os
import signal
import time
from pathlib import Path
from types import FrameType

from liveblog import main
from liveblog.cli import main as terminal

STALL_S = 0.7
OFFSET_FILE = "CHAOS_CLOCK_OFFSET"

_true_wall = main.wall
_offset_ms = 0


def stall(number: int, frame: FrameType | None) -> None:
    """Do nothing at all, in the thread of the event loop."""
    time.sleep(STALL_S)
    say("stalled")


def step(number: int, frame: FrameType | None) -> None:
    """Set the clock to another time."""
    global _offset_ms  # noqa: PLW0603  (a process has one clock)
    _offset_ms = int(Path(os.environ[OFFSET_FILE]).read_text())
    say(f"clock off by {_offset_ms} ms")


def say(what: str) -> None:
    """Tell the harness; past Python's buffer, which the signal may have found in the middle of a line of the log."""
    os.write(2, f"chaos: {what}\n".encode())


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, stall)
    signal.signal(signal.SIGUSR2, step)
    main.wall = lambda: _true_wall() + _offset_ms
    terminal()
