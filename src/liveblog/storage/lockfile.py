"""A lock between processes: whoever writes to a SQLite file holds the lock of the file beside it.

SQLite has a lock of its own. This one keeps a second process from checkpointing the write-ahead log while the first
writes, which loses commits in SQLite before 3.51.3, and lets a writer wait for a set time without spinning in SQLite.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liveblog.log.request import LogUnavailable

_FIRST_S = 0.000_5
_LONGEST_S = 0.010
_DIGITS = 20


class LockFile:
    """An exclusive lock, given back by the system when its process dies.

    Args:
        path: The file to lock; it is made where there is none, and stays.
        timeout_s: Seconds to wait for another process.

    Raises:
        OSError: If the file can be neither opened nor made.

    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            LogUnavailable: If another process holds it for longer than the time-out.

        """
        self._take()
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def write(self, number: int) -> None:
        """Keep a number in the file; it needs no lock, and outlives this process."""
        os.pwrite(self._descriptor, b"%0*d\n" % (_DIGITS, number), 0)

    def read(self) -> int:
        """Read the number; 0 where there is none."""
        kept = os.pread(self._descriptor, _DIGITS + 1, 0)
        return int(kept) if len(kept) == _DIGITS + 1 and kept[:-1].isdigit() else 0

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _take(self) -> None:
        # The system's own wait has no time-out, so the lock is asked for again and again, ever more rarely.
        deadline, pause = time.monotonic() + self._timeout_s, _FIRST_S
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LogUnavailable("another process is writing to the database: try again later") from None
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_S)
            else:
                return
