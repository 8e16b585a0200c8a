"""What the servers count of themselves, kept although each of them forgets it when it ends."""

import asyncio
import re
from collections import Counter
from contextlib import suppress

import httpx2

from chaos.fleet import Fleet

EVERY_S = 0.5
_STALLED = re.compile(rb'^liveblog_streams_closed_total\{code="4008"\} ([0-9.]+)$', re.MULTILINE)


class Sampler:
    """Asks every server for its numbers, again and again.

    Args:
        fleet: The servers.

    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._found: Counter[int] = Counter()

    @property
    def stalled(self) -> int:
        """Streams that were closed because their sockets took nothing: at least so many."""
        return self._found.total()

    async def work(self) -> None:
        """Ask until cancelled."""
        async with httpx2.AsyncClient(timeout=5) as http:
            while True:
                for node in self._fleet.nodes:
                    if node.is_running:
                        pid = node.pid
                        with suppress(httpx2.HTTPError, OSError):
                            text = (await http.get(f"http://127.0.0.1:{node.port}/metrics")).content
                            if match := _STALLED.search(text):
                                self._found[pid] = int(float(match[1]))
                await asyncio.sleep(EVERY_S)
