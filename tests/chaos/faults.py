"""What goes wrong with the server and what stands under it, one fault at a time, by dice."""

import asyncio
import fcntl
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from chaos.proxy import Proxy
from chaos.server import ChaosServer

Fault = Callable[[], Awaitable[None]]


class Faults:
    """Each fault begins, lasts and ends; what is counted in `seen` is what was seen to happen."""

    def __init__(self, server: ChaosServer, proxy: Proxy, database: Path | None, dice: random.Random) -> None:
        self.seen: Counter[str] = Counter()
        self._server = server
        self._proxy = proxy
        self._database = database
        self._dice = dice

    @property
    def all(self) -> Mapping[str, Fault]:
        """Every fault that this database allows, by name."""
        always: dict[str, Fault] = {
            "killed": self._kill,
            "restarted": self._restart,
            "stopped": self._stop,
            "stalled loop": self._stall,
            "clock stepped": self._step_clock,
            "connections cut": self._cut,
        }
        return always if self._database is None else always | {"disk full": self._fill_disk, "locked": self._lock}

    async def strike(self, name: str) -> None:
        """Let one fault happen, from its beginning to its end."""
        await self.all[name]()
        self.seen[name] += 1

    async def _kill(self) -> None:
        code = await self._server.end(signal.SIGKILL)
        assert code == -signal.SIGKILL
        await asyncio.sleep(self._dice.uniform(0, 0.5))
        await self._server.start()

    async def _restart(self) -> None:
        code = await self._server.end(signal.SIGTERM)
        assert code == 0, f"SIGTERM ended the server with {code}"
        await self._server.start()

    async def _stop(self) -> None:
        self._server.send(signal.SIGSTOP)
        await asyncio.sleep(self._dice.uniform(0.5, 4))
        self._server.send(signal.SIGCONT)

    async def _stall(self) -> None:
        before = self._server.heard["stalled"]
        self._server.send(signal.SIGUSR1)
        await self._heard("stalled", before)

    async def _step_clock(self) -> None:
        for offset in (self._dice.choice((-40_000, 40_000, 3_600_000, -86_400_000)), 0):
            before = self._server.heard["clock"]
            self._server.offset.write_text(str(offset))
            self._server.send(signal.SIGUSR2)
            await self._heard("clock", before)
            await asyncio.sleep(self._dice.uniform(0.3, 1.5))

    async def _heard(self, word: str, before: int) -> None:
        async with asyncio.timeout(20):
            while self._server.heard[word] == before:
                await asyncio.sleep(0.01)

    async def _cut(self) -> None:
        self._proxy.cut_all()

    async def _fill_disk(self) -> None:
        self._server.limit_files(4096)
        await asyncio.sleep(self._dice.uniform(0.5, 2))
        self._server.limit_files(-1)

    async def _lock(self) -> None:
        """Hold the database as another program would that writes for long."""
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
