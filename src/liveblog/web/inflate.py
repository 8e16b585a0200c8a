"""Reading a client's compressed messages (RFC 7692, section 7.2.2), with the limit kept while they are inflated."""

import zlib

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.extensions.base import Extension
from websockets.frames import CTRL_OPCODES, Frame, Opcode
from websockets.typing import ExtensionName

MESSAGE_LIMIT = 16 * 1024
"""Bytes of a client's message."""
_WINDOW = 14
"""Bits: no distance within a message of such a size is longer."""
TAIL = b"\x00\x00\xff\xff"
"""What a sender takes off the end of a compressed message, and a receiver puts back."""
_PADDING = (b"", b"\x00", TAIL, b"\x00" + TAIL)
"""What may follow a block that says it is the last (section 7.2.3.4): a byte of the sender's, and the tail."""


class Inflate(Extension):
    """Inflates one connection's messages, each by itself. What it needs is there while a message is arriving."""

    name = ExtensionName("permessage-deflate")

    def __init__(self) -> None:
        self._inflater: zlib._Decompress | None = None
        self._size = 0
        """Bytes of the message that have arrived, as compressed."""

    def encode(self, frame: Frame) -> Frame:
        """Leave frames as they are: the parser writes none but control frames."""
        return frame

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Inflate a frame of a compressed message.

        Args:
            frame: As it came.
            max_size: Bytes that the message may still come to.

        Raises:
            PayloadTooBig: If it is more, compressed or inflated.
            ProtocolError: If it cannot be inflated.

        """
        assert max_size is not None
        if frame.opcode in CTRL_OPCODES:
            return frame
        if frame.opcode is not Opcode.CONT:
            if not frame.rsv1:
                return frame
            self._inflater, self._size = zlib.decompressobj(-_WINDOW), 0
        elif frame.rsv1 or self._inflater is None:
            return frame  # a reserved bit here is the parser's to refuse
        data = self._inflate(self._inflater, bytes(frame.data) + (TAIL if frame.fin else b""), max_size)
        if frame.fin:
            self._inflater = None
        return Frame(frame.opcode, data, frame.fin, rsv2=frame.rsv2, rsv3=frame.rsv3)

    def _inflate(self, inflater: "zlib._Decompress", data: bytes, room: int) -> bytes:
        # Blocks that hold nothing count too: without end they would cost time, and after the last one memory.
        self._size += len(data)
        if self._size > MESSAGE_LIMIT + len(TAIL):
            raise PayloadTooBig(None, room)
        try:
            found = inflater.decompress(data, room + 1)
        except zlib.error:
            raise ProtocolError("a compressed message that is none") from None
        if len(found) > room:
            raise PayloadTooBig(None, room)
        if inflater.unused_data not in _PADDING:
            raise ProtocolError("a compressed message goes on after its last block")
        return found
