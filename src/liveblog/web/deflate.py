"""Compressed messages (RFC 7692): negotiated so that one compressed frame fits everyone, and made once for all of them.

Without context takeover each message is compressed by itself, and no connection has a compressor or keeps a window. The
window of shared messages is the smallest that clients usually ask for; it costs little, since most are shorter.
"""

import zlib
from collections.abc import Sequence

from websockets.exceptions import NegotiationError
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.typing import ExtensionParameter

from liveblog.session.page import Item
from liveblog.web.forms import PLAIN, text_frame
from liveblog.web.inflate import TAIL, Inflate

WINDOW = 12
"""Bits of the window of messages that go to many: who takes no such window gets them plain."""
WIDEST = 15
"""Bits of the widest window, that of clients who name none."""
LEAST = 512
"""Bytes from which a message is compressed; of what is shorter hardly a packet is saved."""
OWN_LEVEL = 1
"""How hard a message is compressed that one reader alone gets: the loop waits for it, and nobody else will use it."""
_COMPRESSED = 0x40
"""RSV1, in the first byte of a frame."""


class Deflated:
    """Messages compressed where it pays.

    Args:
        level: How hard shared messages are compressed, 1 to 9.
        window: Bits of the window that the reader takes.

    """

    name = "deflated"

    def __init__(self, level: int, window: int) -> None:
        self._level = level
        self._window = window

    def shared(self, item: Item) -> bytes:
        """See `Form.shared`."""
        if item.deflated is None:
            item.deflated = _frame(item.payload, self._level, WINDOW) or PLAIN.shared(item)
        return item.deflated

    def own(self, payload: bytes) -> bytes:
        """See `Form.own`."""
        return _frame(payload, OWN_LEVEL, self._window) or text_frame(payload)

    def extensions(self) -> list[Extension]:
        """See `Form.extensions`."""
        return [Inflate()]


class Negotiated(Inflate):
    """What a handshake has agreed on.

    Args:
        form: How the reader gets messages.

    """

    def __init__(self, form: Deflated) -> None:
        super().__init__()
        self.form = form


class Negotiation(ServerPerMessageDeflateFactory):
    """Judges offers (section 7.1): takes the first that the shared frames fit.

    Args:
        level: How hard shared messages are compressed, 1 to 9.

    """

    def __init__(self, level: int) -> None:
        super().__init__(server_no_context_takeover=True, client_no_context_takeover=True)
        self._forms = {window: Deflated(level, window) for window in range(WINDOW, WIDEST + 1)}

    def process_request_params(  # type: ignore[override]  # the library's own extension is not the only one it takes
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], Extension]:
        """Answer an offer.

        Raises:
            NegotiationError: If the offer is declined.

        """
        answer, agreed = super().process_request_params(params, accepted_extensions)
        form = self._forms.get(agreed.local_max_window_bits)
        if form is None:
            raise NegotiationError("the window is smaller than that of the messages which all readers share")
        return answer, Negotiated(form)


def _frame(payload: bytes, level: int, window: int) -> bytes | None:
    """A text message in one compressed frame (section 7.2.1); None where it would save nothing."""
    if len(payload) < LEAST:
        return None
    compressor = zlib.compressobj(level, wbits=-window)
    data = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    if len(data) - len(TAIL) >= len(payload):
        return None
    frame = text_frame(data[: -len(TAIL)])
    return bytes([frame[0] | _COMPRESSED]) + frame[1:]
