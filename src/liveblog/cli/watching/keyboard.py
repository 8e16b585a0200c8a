"""The terminal's keyboard, key by key, and the terminal left as it was found."""

import asyncio
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from liveblog.cli.watching.keys import Keys

_CHUNK = 1024


@contextmanager
def keyboard(descriptor: int, press: Callable[[str], None]) -> Iterator[None]:
    """Call `press` with each key for as long as the block runs, on the running loop.

    Ctrl-C still interrupts. After Ctrl-Z and ``fg`` the keys are read one by one again; a SIGTERM is an interrupt, for
    otherwise it would leave a terminal that shows nothing of what is typed.

    Args:
        descriptor: Of a terminal.
        press: Takes the name of a key.

    """
    loop, keys, before = asyncio.get_running_loop(), Keys(), termios.tcgetattr(descriptor)
    task = asyncio.current_task()
    assert task is not None, "a keyboard is read within a task"

    def readable() -> None:
        data = os.read(descriptor, _CHUNK)
        if not data:  # the terminal is gone
            loop.remove_reader(descriptor)
        for key in keys.read(data):
            press(key)

    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, readable)
    loop.add_signal_handler(signal.SIGCONT, tty.setcbreak, descriptor)
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_signal_handler(signal.SIGCONT)
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
