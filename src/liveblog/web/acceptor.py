"""The acceptor: takes connections from the listening socket a few at a time, so that a storm of them harms nobody.

A handshake costs some hundred microseconds. The loop would accept all that wait at once and then do nothing else for
as long as their handshakes take; those who read already, and those who post, would wait for every newcomer. Here the
newcomers wait, in the kernel's queue, where waiting costs nothing.
"""

import asyncio
import errno
import socket
from collections.abc import Callable

import structlog

AT_ONCE = 8
"""Connections taken in one go."""
PAUSE_S = 0.002
"""Seconds until the next go, if more wait: their handshakes take about as long."""
NO_ROOM_S = 1.0
"""Seconds until the next try when the process or the system has no descriptor left."""
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

log = structlog.get_logger(__name__)


class Acceptor:
    """Takes connections until it is closed.

    Args:
        listener: A listening socket that does not block.
        make: Makes the protocol of a connection.

    """

    def __init__(self, listener: socket.socket, make: Callable[[], asyncio.Protocol]) -> None:
        self._listener = listener
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._again: asyncio.TimerHandle | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self._loop.add_reader(listener.fileno(), self._accept)

    def close(self) -> None:
        """Take no connection any more."""
        if self._closed:
            return
        self._closed = True
        if self._again is None:
            self._loop.remove_reader(self._listener.fileno())
        else:
            self._again.cancel()

    async def wait_closed(self) -> None:
        """Wait for the connections that were just taken."""
        await asyncio.gather(*self._connecting, return_exceptions=True)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                taken, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                log.warning("no_room_for_connections", reason=error.strerror)
                self._rest(NO_ROOM_S)
                return
            taken.setblocking(False)
            task = self._loop.create_task(self._connect(taken))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)
        self._rest(PAUSE_S)

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener.fileno())
        self._again = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._again = None
        self._loop.add_reader(self._listener.fileno(), self._accept)

    async def _connect(self, taken: socket.socket) -> None:
        try:
            transport, _ = await self._loop.connect_accepted_socket(self._make, taken)
        except OSError:
            taken.close()  # it was gone again
            return
        if self._closed:
            transport.close()  # the others have been told that the server stops; this one would never be
