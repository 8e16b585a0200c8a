"""The servers of a run: one on SQLite, two on PostgreSQL, and whoever takes the place of one of them."""

import random
import signal
from collections import Counter
from pathlib import Path

from chaos.server import ChaosServer


class Fleet:
    """Servers on one database, each of which may be gone for a while.

    Args:
        url: The database's.
        folder: For what the servers write.
        size: How many there are.
        dice: Decides who goes to which.

    """

    def __init__(self, url: str, folder: Path, size: int, dice: random.Random) -> None:
        self._url = url
        self._folder = folder
        self._dice = dice
        self._all: list[ChaosServer] = []
        """Those that were replaced too: what they said counts."""
        self.nodes = [self._made() for _ in range(size)]

    async def start(self) -> None:
        """Start them all."""
        for node in self.nodes:
            await node.start()

    async def kill(self) -> None:
        """End whatever runs."""
        for node in self._all:
            if node.is_running:
                await node.end(signal.SIGKILL)

    def pick(self) -> ChaosServer:
        """One of them."""
        return self._dice.choice(self.nodes)

    def port(self) -> int:
        """Where one of them listens, or did."""
        return self.pick().port

    async def replace(self, old: ChaosServer) -> int:
        """Start another server, send newcomers there, and end the old one in order; returns its exit code."""
        new = self._made()
        await new.start()
        self.nodes[self.nodes.index(old)] = new
        return await old.end(signal.SIGTERM)

    @property
    def heard(self) -> Counter[str]:
        """What they said of themselves."""
        return sum((node.heard for node in self._all), Counter[str]())

    @property
    def complaints(self) -> list[str]:
        """Lines of their logs that speak of a defect."""
        return [line for node in self._all for line in node.complaints]

    def _made(self) -> ChaosServer:
        self._all.append(ChaosServer(self._url, self._folder / f"offset-{len(self._all)}"))
        return self._all[-1]
