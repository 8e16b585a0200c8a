"""Thousands of readers in a process of their own, who connect, count what they get, and leave when told to."""

import os
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Literal

from benchmarks.line import Line

_AT_ONCE = 64
"""Handshakes under way at most, where nothing is said about their pace: no queue of the kernel's may run over."""
_PATIENCE_S = 120.0
_BUFFER = bytearray(256 * 1024)

Until = Literal["open", "arrived"] | int
"""What the readers wait for: the handshake's answer, the live edge, or so many messages from when they were opened."""


class Crowd:
    """The readers, from the process that measures. One thing at a time: `begin` it, then `end` it, or `do` both.

    Args:
        pipe: To their process.

    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    @classmethod
    @contextmanager
    def gathered(cls, core: int | None = None) -> Iterator["Crowd"]:
        """A crowd that nobody is in yet.

        Args:
            core: The processor that it keeps to.

        """
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, core), daemon=True)
        process.start()
        theirs.close()
        try:
            yield cls(ours)
        finally:
            ours.close()
            process.join(10)
            process.kill()
            process.join()

    def begin(self, name: str, *given: Any) -> None:
        """Have them do something."""
        self._pipe.send((name, given))

    def end(self) -> Any:
        """Wait until it is done; returns what came of it.

        Raises:
            RuntimeError: If they could not do it.

        """
        try:
            done, answer = self._pipe.recv()
        except EOFError:
            raise RuntimeError("the readers' process has ended") from None
        if not done:
            raise RuntimeError(answer)
        return answer

    def do(self, name: str, *given: Any) -> Any:
        """Begin and end."""
        self.begin(name, *given)
        return self.end()


class _Readers:
    """The readers, in their own process."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._cut = 0

    def join(self, port: int, paths: Sequence[str], within_s: float, until: Until, headers: str = "") -> list[float]:
        """Connect, and read until each has what it waits for.

        Args:
            port: Of the server.
            paths: Of the streams, one for each reader.
            within_s: Seconds over which the connections are spread; 0: as fast as they are answered.
            until: What each waits for.
            headers: What each sends beside a browser's usual headers.

        Returns:
            After how many seconds each had it, in the order in which they did.

        """
        begun = time.perf_counter()
        left, lines, waiting = list(reversed(paths)), list[Line](), set[int]()
        reached: list[float] = []
        while left or len(reached) < len(paths):
            now = time.perf_counter() - begun
            room = int(len(paths) * now / within_s) + 1 - len(lines) if within_s else _AT_ONCE - len(waiting)
            for _ in range(min(room, len(left))):
                line = Line(port, left.pop(), headers)
                lines.append(line)
                waiting.add(line.socket.fileno())
                self._lines[line.socket.fileno()] = line
                self._epoll.register(line.socket.fileno(), select.EPOLLOUT)
            for line in self._turn(0.001 if left else 0.1):
                if line.socket.fileno() in waiting and _has(line, until):
                    waiting.discard(line.socket.fileno())
                    reached.append(time.perf_counter() - begun)
            if now > _PATIENCE_S:
                raise TimeoutError(f"{len(waiting)} of {len(paths)} readers wait after {now:.0f} s")
        return reached

    def read(self, messages: int) -> tuple[float, float]:
        """Read until each has got so many messages in all; returns when that was, and the processor time it took."""
        used, begun = time.process_time(), time.perf_counter()
        waiting = {number for number, line in self._lines.items() if line.frames < messages}
        while waiting:
            for line in self._turn(0.1):
                if line.frames >= messages:
                    waiting.discard(line.socket.fileno())
            if time.perf_counter() - begun > _PATIENCE_S:
                raise TimeoutError(f"{len(waiting)} of {len(self._lines)} readers wait")
        more = [line.frames for line in self._lines.values() if line.frames != messages]
        assert not more, f"{len(more)} readers got too much: {more[0]} messages, not {messages}"
        return time.perf_counter(), time.process_time() - used

    def listen(self, seconds: float) -> tuple[int, float]:
        """Read whatever comes for so long; returns how many messages came, and the processor time it took."""
        used, end = time.process_time(), time.perf_counter() + seconds
        before = sum(line.frames for line in self._lines.values())
        while time.perf_counter() < end:
            for _ in self._turn(0.05):
                pass
        return sum(line.frames for line in self._lines.values()) - before, time.process_time() - used

    def leave(self) -> None:
        """Cut all connections, without a word."""
        for line in self._lines.values():
            line.socket.close()
        self._lines.clear()

    def _turn(self, seconds: float) -> Iterator[Line]:
        """The lines on which something came."""
        view = memoryview(_BUFFER)
        for number, happened in self._epoll.poll(seconds):
            line = self._lines[number]
            if happened & select.EPOLLOUT:
                line.greet()
                self._epoll.modify(number, select.EPOLLIN)
            elif line.take(view):
                yield line
            else:
                raise ConnectionError("the server has ended a connection")


def _has(line: Line, until: Until) -> bool:
    if until == "open":
        return line.open
    return line.arrived if until == "arrived" else line.frames >= until


def _serve(pipe: Connection, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    else:
        os.nice(5)  # who takes the time must not wait for those who only make it busy
    readers = _Readers()
    while True:
        try:
            name, given = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, getattr(readers, name)(*given)))
        except (OSError, AssertionError) as error:
            pipe.send((False, f"{type(error).__name__}: {error}"))
