"""A run: writers, readers and talkers of nonsense around a server to which everything happens, then the reckoning."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy.engine import make_url

from chaos.clients import Listener, Pager, Writer, talk_nonsense
from chaos.faults import Faults
from chaos.history import History, Reader, Told, anomalies
from chaos.proxy import Proxy
from chaos.server import ChaosServer
from program import done as run_command

WRITERS = 6
LISTENERS = 24
PACED = 6
PAGERS = 3
TALKERS = 2
SETTLE_S = 60
"""How long readers may take to the head once nothing goes wrong any more."""


@dataclass(frozen=True)
class Outcome:
    """What a run was, and what was wrong with it."""

    events: int
    seen: Counter[str]
    anomalies: list[str]
    complaints: list[str]
    never: list[str]
    """Faults that were meant to happen and did not."""


async def run(url: str, folder: Path, seconds: float, seed: int) -> Outcome:
    """Let everything happen for a while.

    Args:
        url: An empty database at the newest schema.
        folder: For what the run writes.
        seconds: How long faults go on; each kind happens at least once.
        seed: Of every dice.

    """
    token = run_command("token", "create", "--name", "Edith", url=url).strip()
    server, proxy = ChaosServer(url, folder), Proxy(random.Random(seed))
    file = make_url(url).database if url.startswith("sqlite") else None
    faults = Faults(server, proxy, None if file is None else Path(file), random.Random(seed + 1))
    await server.start()
    await proxy.start()
    proxy.target = server.port
    bearer = {"Authorization": f"Bearer {token}"}
    address = f"http://127.0.0.1:{server.port}"
    try:
        async with httpx2.AsyncClient(base_url=address, headers=bearer, timeout=10) as http:
            night = Night(server, proxy, faults, http, seed)
            return await night.happen(seconds)
    finally:
        if server.is_running:
            await server.end(signal.SIGKILL)
        await proxy.stop()


class Night:
    """One blog and everybody around it."""

    def __init__(self, server: ChaosServer, proxy: Proxy, faults: Faults, http: httpx2.AsyncClient, seed: int) -> None:
        self._server = server
        self._proxy = proxy
        self._faults = faults
        self._http = http
        self._seed = seed
        self._seen: Counter[str] = Counter()
        self._over = False
        self._head: int | None = None

    async def happen(self, seconds: float) -> Outcome:
        """Run, end and reckon."""
        started = await self._http.post("/v1/admin/blogs", json={"slug": "night", "headline": "Night"})
        assert started.status_code == 201, started.text
        writers = [Writer(f"w{n}", self._http, self._dice("writer", n), self._seen) for n in range(WRITERS)]
        queries = [*[""] * LISTENERS, *["&rate=1000&max_gap=0.01"] * PACED]
        listeners = [
            Listener(Reader(f"r{n}", 0), query, self._dice("reader", n), self._seen) for n, query in enumerate(queries)
        ]
        pagers = [Pager(Reader(f"p{n}", 0), self._http, self._dice("pager", n)) for n in range(PAGERS)]
        async with asyncio.TaskGroup() as everybody:
            talkers = [
                everybody.create_task(talk_nonsense(self._stream, self._dice("talker", n), self._seen))
                for n in range(TALKERS)
            ]
            writing = [everybody.create_task(each.work(_COMMANDS, self._is_over)) for each in writers]
            for listener in listeners:
                everybody.create_task(self._settling(listener.listen(self._stream, self._has_all)))
            for pager in pagers:
                everybody.create_task(self._settling(pager.read(_EVENTS, self._has_all)))
            await self._strike(seconds)
            self._over = True
            await asyncio.gather(*writing)
            for talker in talkers:
                talker.cancel()
            self._proxy.calm = True
            log = await self._read_log()
            self._head = len(log)
            self._proxy.cut_all()
        history = History(log, [each for writer in writers for each in writer.attempts], [])
        history.readers = [*(each.reader for each in listeners), *(each.reader for each in pagers)]
        return self._reckon(history)

    async def _strike(self, seconds: float) -> None:
        """One fault after the other, each kind in turn but in another order every time."""
        dice, loop = self._dice("faults", 0), asyncio.get_running_loop()
        end = loop.time() + seconds
        waiting: list[str] = []
        while loop.time() < end or any(not self._faults.seen[name] for name in self._faults.all):
            if not waiting:
                waiting = dice.sample(sorted(self._faults.all), len(self._faults.all))
            await self._faults.strike(waiting.pop())
            await asyncio.sleep(dice.uniform(0.1, 0.8))

    async def _settling(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a reader come to the head; one that never does is for the checker to name."""
        task = asyncio.ensure_future(work)
        while not task.done() and self._head is None:
            await asyncio.wait({task}, timeout=0.2)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, SETTLE_S)

    async def _read_log(self) -> list[Told]:
        log: list[Told] = []
        while True:
            body = (await self._http.get(f"{_EVENTS}?after={len(log)}&limit=1000")).raise_for_status().json()
            log += map(Told.of, body["events"])
            if not body["final"] and body["head"] == len(log):
                return log

    def _reckon(self, history: History) -> Outcome:
        seen = self._seen + self._proxy.seen + self._faults.seen
        if self._server.heard["stalled"]:
            seen["loop stalls seen"] = self._server.heard["stalled"]
        wanted = {*self._faults.all, "cut", "stall", "trickle", "reconnects", "nonsense", "posts again"}
        wanted |= {"posts answered from the log"}
        never = sorted(name for name in wanted if not seen[name])
        return Outcome(len(history.log), seen, anomalies(history), self._server.complaints, never)

    def _is_over(self) -> bool:
        return self._over

    def _has_all(self, reader: Reader) -> bool:
        return self._head is not None and reader.cursor >= self._head

    def _stream(self) -> str:
        self._proxy.target = self._server.port
        return f"ws://127.0.0.1:{self._proxy.port}/v1/blogs/night/stream"

    def _dice(self, who: str, number: int) -> random.Random:
        return random.Random(f"{self._seed}/{who}/{number}")


_COMMANDS = "/v1/admin/blogs/night/commands"
_EVENTS = "/v1/blogs/night/events"
