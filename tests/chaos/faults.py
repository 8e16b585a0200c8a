"""What goes wrong with the server and what stands under it, one fault at a time, by dice."""

import asyncio
import fcntl
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from chaos.fleet import Fleet
from chaos.proxy import Proxy
from chaos.server import ChaosServer

PATIENCE_S = 60.0

Fault = Callable[[ChaosServer], Awaitable[None]]


class Faults:
    """Each fault begins, lasts and ends; what is counted in `seen` is what was seen to happen.

    Args:
        fleet: One of its servers is struck at a time.
        proxy: What stands before it.
        database: The file, if it is one.
        dice: Decides whom, how long and how much.
        refused: Tells how many posts were refused so far because nothing could be written.

    """

    def __init__(
        self, fleet: Fleet, proxy: Proxy, database: Path | None, dice: random.Random, refused: Callable[[], int]
    ) -> None:
        self.seen: Counter[str] = Counter()
        self._fleet = fleet
        self._proxy = proxy
        self._database = database
        self._dice = dice
        self._refused = refused

    @property
    def all(self) -> Mapping[str, Fault]:
        """Every fault that this database allows, by name."""
        always: dict[str, Fault] = {
            "killed": self._kill,
            "restarted": self._restart,
            "replaced while it ran": self._replace,
            "stopped": self._stop,
            "loop stalled": self._stall,
            "clock stepped": self._step_clock,
            "all connections cut": self._cut,
        }
        return always if self._database is None else always | {"disk full": self._fill_disk, "locked": self._lock}

    async def strike(self, name: str) -> None:
        """Let one fault happen, from its beginning to its end."""
        await self.all[name](self._fleet.pick())
        self.seen[name] += 1

    async def _kill(self, node: ChaosServer) -> None:
        code = await node.end(signal.SIGKILL)
        assert code == -signal.SIGKILL
        await asyncio.sleep(self._dice.uniform(0, 0.5))
        await node.start()

    async def _restart(self, node: ChaosServer) -> None:
        code = await node.end(signal.SIGTERM)
        assert code == 0, f"SIGTERM ended the server with {code}"
        await node.start()

    async def _replace(self, node: ChaosServer) -> None:
        code = await self._fleet.replace(node)
        assert code == 0, f"SIGTERM ended the server with {code}"

    async def _stop(self, node: ChaosServer) -> None:
        node.send(signal.SIGSTOP)
        await self._until(lambda: node.is_stopped)
        await asyncio.sleep(self._dice.uniform(0.5, 4))
        assert node.is_stopped
        node.send(signal.SIGCONT)

    async def _stall(self, node: ChaosServer) -> None:
        before = node.heard["stalled"]
        node.send(signal.SIGUSR1)
        await self._until(lambda: node.heard["stalled"] > before)

    async def _step_clock(self, node: ChaosServer) -> None:
        for offset in (self._dice.choice((-40_000, 40_000, 3_600_000, -86_400_000)), 0):
            before = node.heard["clock"]
            node.offset.write_text(str(offset))
            node.send(signal.SIGUSR2)
            await self._until(lambda before=before: node.heard["clock"] > before)  # type: ignore[misc]  # of this turn
            await asyncio.sleep(self._dice.uniform(0.3, 1.5))

    async def _cut(self, node: ChaosServer) -> None:
        del node
        await self._until(lambda: self._proxy.cut_all() > 0)

    async def _fill_disk(self, node: ChaosServer) -> None:
        before = self._refused()
        node.limit_files(4096)
        await self._until(lambda: self._refused() > before)
        await asyncio.sleep(self._dice.uniform(0, 1.5))
        node.limit_files(-1)

    async def _lock(self, node: ChaosServer) -> None:
        """Hold the database as another program would that writes for long."""
        del node
        assert self._database is not None
        with self._database.with_name(self._database.name + ".lock").open("a") as file:
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
            other = sqlite3.connect(self._database, timeout=20, isolation_level=None)
            try:
                other.execute("BEGIN IMMEDIATE")
                await asyncio.sleep(self._dice.uniform(0.3, 2))
                other.execute("ROLLBACK")
            finally:
                other.close()

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait until the fault is seen."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.01)
