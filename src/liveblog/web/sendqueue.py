"""The send queue of a connection: what was written to it and has not arrived at the other end's system.

The transport tells only when its own buffer empties. Behind that the system keeps some hundred kilobytes: of a reader
who takes a kilobyte a second the transport sees nothing for minutes, and could not tell it from one who takes nothing.
"""

import asyncio
import fcntl
import struct
import termios

_NUMBER = struct.Struct("i")


def descriptor(transport: asyncio.Transport) -> int | None:
    """What can be written to directly while nothing waits in the transport; with TLS in between, nothing."""
    raw = transport.get_extra_info("socket")
    return None if raw is None or transport.get_extra_info("sslcontext") is not None else raw.fileno()


def unsent(transport: asyncio.Transport) -> int:
    """Bytes that were written and not acknowledged, at either level; 0 where there is no socket any more."""
    if transport.is_closing():
        return 0
    queued = 0
    raw = transport.get_extra_info("socket")
    if raw is not None:
        try:
            # SIOCOUTQ of tcp(7), which has the number and the meaning of a terminal's TIOCOUTQ.
            (queued,) = _NUMBER.unpack(fcntl.ioctl(raw.fileno(), termios.TIOCOUTQ, bytes(_NUMBER.size)))
        except OSError:
            queued = 0
    return queued + transport.get_write_buffer_size()
