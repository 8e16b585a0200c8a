"""Where one message ends and the next begins in what a server sends: of a WebSocket, or of an event stream."""

_HEAD_END = b"\r\n\r\n"
_UPGRADED = b"HTTP/1.1 101 "


class Framing:
    """Follows a connection's bytes from its first one."""

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._is_websocket = False
        self._frame = b""
        """The beginning of a frame whose length is not known yet."""
        self._left = 0
        """Bytes of a frame that are still to come."""
        self._last = b""

    @property
    def is_within(self) -> bool:
        """Whether the last byte was neither the end of a message nor of the head."""
        if self._head is not None:
            return False
        if self._is_websocket:
            return bool(self._frame or self._left)
        return not self._last.endswith(b"\n\n")

    def take(self, data: bytes) -> None:
        """Follow the bytes that come next."""
        if self._head is not None:
            self._head += data
            head, end, data = self._head.partition(_HEAD_END)
            if not end:
                return
            self._is_websocket, self._head, self._last = head.startswith(_UPGRADED), None, b"\n\n"
        if self._is_websocket:
            self._take_frames(data)
        elif data:
            self._last = (self._last + data)[-2:]

    def _take_frames(self, data: bytes) -> None:
        """Skip whole frames (RFC 6455, section 5.2); a server's are not masked."""
        data = self._frame + data
        while data:
            if self._left:
                skipped = min(self._left, len(data))
                self._left -= skipped
                data = data[skipped:]
                continue
            size = _size(data)
            if size is None:
                break
            self._left, data = size[1], data[size[0] :]
        self._frame = data


def _size(data: bytes) -> tuple[int, int] | None:
    """Bytes of a frame's head and of its payload; None if too little of it is there to tell."""
    if len(data) < 2:
        return None
    more = {126: 2, 127: 8}.get(data[1] & 0x7F, 0)
    if len(data) < 2 + more:
        return None
    return 2 + more, int.from_bytes(data[2 : 2 + more], "big") if more else data[1] & 0x7F
