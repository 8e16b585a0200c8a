"""A cable between a browser and the server that a test can cut, and mend."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from clients.proxy import Proxy
from house import House


class Relay(Proxy):
    """Passes bytes on to a house; while it is cut, nobody gets through.

    Args:
        house: The server.

    """

    def __init__(self, house: House) -> None:
        port = urlsplit(house.address).port
        assert port is not None
        super().__init__(port)
        self._is_cut = False

    @property
    def address(self) -> str:
        """Base of the addresses on this side."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut every connection, and refuse new ones."""
        self._is_cut = True
        super().cut()

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(asyncio.CancelledError):  # of the relay's end
            await super()._accept(reader, writer)
