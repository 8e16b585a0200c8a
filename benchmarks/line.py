"""A WebSocket client that only counts: what it costs is what the machine has less for the server it measures."""

import socket
from collections.abc import Sequence

_SHORT, _MIDDLE = 126, 127
"""Length codes above which the length follows in two bytes, and in eight (RFC 6455, section 5.2)."""
_HEADERS = (
    "Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    "\r\nUpgrade: websocket\r\nOrigin: https://news.example\r\nSec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: consent=yes; edition=uk\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
"""What a browser sends: with the host, twelve headers."""


class Line:
    """One connection.

    Args:
        port: Of a server on this machine.
        path: Of its stream.
        headers: Further ones, each with its end of line.
        options: Of the socket, before it connects, as `setsockopt` takes them.

    Attributes:
        frames: Messages longer than 125 bytes that have come in whole: all events are, and `subscribed`.
        arrived: Whether the message came that says that the live edge is reached.
        open: Whether the server has answered the handshake.

    """

    __slots__ = ("_began", "_opening", "_owed", "_rest", "arrived", "open", "socket")

    def __init__(self, port: int, path: str, headers: str = "", options: Sequence[tuple[int, int, int]] = ()) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        for option in options:
            self.socket.setsockopt(*option)
        self.socket.connect_ex(("127.0.0.1", port))
        self._opening = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{_HEADERS}{headers}\r\n".encode()
        self._rest = b""
        self._owed = 0
        self._began = 0
        self.open = False
        self.arrived = False

    @property
    def frames(self) -> int:
        """Whole messages so far."""
        return self._began - (self._owed > 0)

    def greet(self) -> None:
        """Ask for the stream: the connection stands.

        Raises:
            OSError: If it was refused.

        """
        self.socket.send(self._opening)
        self._opening = b""

    def take(self, buffer: memoryview) -> bool:
        """Read what is there; returns False once the server has ended the connection."""
        try:
            size = self.socket.recv_into(buffer)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        if not size:
            return False
        data, at = buffer[:size], 0
        if self._rest:
            joined = self._rest + bytes(data)
            data, size, self._rest = memoryview(joined), len(joined), b""
        if not self.open:
            at = bytes(data).find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = bytes(data)
                return True
            self.open = True
            assert bytes(data[9:12]) == b"101", bytes(data[:at])
        self._count(data, at, size)
        return True

    def _count(self, data: memoryview, at: int, size: int) -> None:
        """Walk over the frames: of a long one only the length is looked at."""
        at += self._owed
        began = self._began
        while at + 4 <= size:
            length = data[at + 1]
            if length < _SHORT:
                end = at + 2 + length
                if end > size:
                    break
                if bytes(data[at + 4 : at + 22]) == b'type":"caught_up",':
                    self.arrived = True
                at = end
            elif length == _SHORT:
                at += 4 + (data[at + 2] << 8 | data[at + 3])
                began += 1
            else:
                if at + 10 > size:
                    break
                at += 10 + int.from_bytes(data[at + 2 : at + 10], "big")
                began += 1
        self._began = began
        if at < size:
            self._rest, self._owed = bytes(data[at:]), 0
        else:
            self._owed = at - size
