"""A terminal with a program in it: what it draws is awaited, what is typed reaches it."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from typing import Any, Self

from cli.stage import PATIENCE_S

LIVEBLOG = [sys.executable, "-c", "from liveblog.cli import main; main()"]
BUFFERED = {name: value for name, value in os.environ.items() if name not in ("PYTHONUNBUFFERED", "NO_COLOR")}
"""An environment in which a pipe is buffered as for anybody, so that a missing flush shows."""
_LOCAL_FLAGS = 3


class Terminal:
    """`liveblog` on a pseudo-terminal.

    Args:
        arguments: The command and its arguments.
        columns: How wide it is.
        more: Variables of the environment.

    """

    def __init__(self, *arguments: str, columns: int = 120, more: Mapping[str, str] | None = None) -> None:
        self._arguments, self._columns, self._more = arguments, columns, more or {}
        self.text = ""
        self._seen = 0

    def __enter__(self) -> Self:
        self._ours, self._theirs = pty.openpty()
        termios.tcsetwinsize(self._theirs, (40, self._columns))
        self.before = self.modes()
        self.process = subprocess.Popen(
            [*LIVEBLOG, *self._arguments],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={**BUFFERED, "TERM": "xterm-256color", "COLUMNS": f"{self._columns}", "LINES": "40", **self._more},
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def shows(self, text: str) -> None:
        """Wait until a text is drawn after the one that was awaited before."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.text.find(text, self._seen)) < 0:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} is not in {self.text[self._seen :]!r}"
            if select.select([self._ours], [], [], left)[0]:
                self.text += os.read(self._ours, 65536).decode("utf-8", "replace")
        self._seen = found + len(text)

    def modes(self) -> list[Any]:
        """The terminal's local modes: echo, line by line or key by key."""
        return [termios.tcgetattr(self._theirs)[_LOCAL_FLAGS]]

    def ended(self) -> int:
        """Wait for the program's end."""
        return self.process.wait(PATIENCE_S)
