"""A run: writers, readers and talkers of nonsense around a server to which everything happens, then the reckoning."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy.engine import make_url

from chaos.clients import Listener, Pager, Writer, talk_nonsense
from chaos.faults import Faults
from chaos.fleet import Fleet
from chaos.history import History, Reader, Told, anomalies
from chaos.proxy import Proxy
from chaos.sampler import Sampler
from chaos.sources import Source, Watcher
from program import done as run_command

WRITERS = 6
LISTENERS = 16
COMPRESSED = 6
PACED = 6
SOURCES = 8
WATCHERS = 4
PAGERS = 3
TALKERS = 2
NODES = 2
"""Servers on PostgreSQL; on SQLite there is one, and a second one only while it takes the first one's place."""
MEANT = {
    "bytes trickled",
    "compressed connections",
    "cut within a message",
    "event streams closed with 4001",
    "events of shared replays",
    "nonsense",
    "posts again",
    "posts answered from the log",
    "reconnects",
    "reconnects of event streams",
    "sockets stalled",
    "streams closed with 4001",
}
"""What the faults are for: that it happened is part of a good run."""
RARE = {"fell behind", "stalled sockets given up"}
"""What takes its time, and is part of a long one."""
LONG_S = 300
"""Seconds from which a run is long."""
SETTLE_S = 120
"""How long readers may take to the head once nothing goes wrong any more."""
EXTRA_S = 120
"""How much longer faults go on if by the end not everything has happened that is meant to."""


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
    file = make_url(url).database if url.startswith("sqlite") else None
    fleet = Fleet(url, folder, 1 if file else NODES, random.Random(f"{seed}/fleet"))
    proxy, front = (Proxy(random.Random(f"{seed}/{calm}"), fleet.port, calm=calm) for calm in (False, True))
    try:
        await fleet.start()
        await proxy.start()
        await front.start()
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{front.port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
            limits=httpx2.Limits(max_connections=None),
        ) as http:
            return await Night(fleet, proxy, http, None if file is None else Path(file), seed).happen(seconds)
    finally:
        await fleet.kill()
        for each in (proxy, front):
            await each.stop()


class Night:
    """One blog and everybody around it."""

    def __init__(self, fleet: Fleet, proxy: Proxy, http: httpx2.AsyncClient, database: Path | None, seed: int) -> None:
        self._fleet = fleet
        self._proxy = proxy
        self._http = http
        self._seed = seed
        self._seen: Counter[str] = Counter()
        self._faults = Faults(
            fleet, proxy, database, self._dice("faults", 1), lambda: self._seen["posts refused for now"]
        )
        self._sampler = Sampler(fleet)
        self._over = False
        self._head: int | None = None

    async def happen(self, seconds: float) -> Outcome:
        """Run, end and reckon."""
        meant = {*self._faults.all, *MEANT, *(RARE if seconds >= LONG_S else ())}
        started = await self._http.post("/v1/admin/blogs", json={"slug": "night", "headline": "Night"})
        assert started.status_code == 201, started.text
        writers = [Writer(f"w{n}", self._http, self._dice("writer", n), self._seen) for n in range(WRITERS)]
        listeners = self._listeners()
        sources = [Source(Reader(f"s{n}", 0), self._http, self._dice("source", n), self._seen) for n in range(SOURCES)]
        pagers = [Pager(Reader(f"p{n}", 0), self._http, self._dice("pager", n)) for n in range(PAGERS)]
        watchers = [Watcher(f"again{n}", self._http, self._dice("watcher", n), self._seen) for n in range(WATCHERS)]
        async with asyncio.TaskGroup() as everybody:
            begin = everybody.create_task
            passers_by = [
                begin(talk_nonsense(self._stream, self._dice("talker", n), self._seen)) for n in range(TALKERS)
            ]
            passers_by += [begin(watcher.watch(self._stream, _REPLAYS)) for watcher in watchers]
            passers_by.append(begin(self._sampler.work()))
            writing = [begin(each.work(_COMMANDS, self._is_over)) for each in writers]
            for listener in listeners:
                begin(self._settling(listener.listen(self._stream, self._has_all)))
            for source in sources:
                begin(self._settling(source.listen(self._source, self._has_all)))
            for pager in pagers:
                begin(self._settling(pager.read(_EVENTS, self._has_all)))
            await self._strike(seconds, meant)
            self._over = True
            await asyncio.gather(*writing)
            for each in passers_by:
                each.cancel()
            self._proxy.calm = True
            log = await self._read_log()
            self._head = len(log)
            self._proxy.cut_all()
        history = History(log, [each for writer in writers for each in writer.attempts], [])
        history.readers += [each.reader for each in listeners]
        history.readers += [each.reader for each in sources]
        history.readers += [each.reader for each in pagers]
        history.readers += [reader for watcher in watchers for reader in watcher.readers]
        return Outcome(len(log), self._happened(), anomalies(history), self._fleet.complaints, self._never(meant))

    def _listeners(self) -> list[Listener]:
        kinds = [("", False)] * LISTENERS + [("", True)] * COMPRESSED + [("&rate=1000&max_gap=0.01", False)] * PACED
        return [
            Listener(Reader(f"r{n}", 0), query, self._dice("reader", n), self._seen, compressed=compressed)
            for n, (query, compressed) in enumerate(kinds)
        ]

    async def _strike(self, seconds: float, meant: set[str]) -> None:
        """One fault after the other, each kind in turn but in another order every time."""
        dice, loop = self._dice("faults", 0), asyncio.get_running_loop()
        end = loop.time() + seconds
        waiting: list[str] = []
        while loop.time() < end or (loop.time() < end + EXTRA_S and self._never(meant)):
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

    def _happened(self) -> Counter[str]:
        seen = self._seen + self._proxy.seen + self._faults.seen
        seen["stalled sockets given up"] = self._sampler.stalled
        return seen

    def _never(self, meant: set[str]) -> list[str]:
        """What was meant to happen and has not."""
        seen = self._happened()
        return sorted(name for name in meant if not seen[name])

    def _is_over(self) -> bool:
        return self._over

    def _has_all(self, reader: Reader) -> bool:
        return self._head is not None and reader.cursor >= self._head

    def _stream(self) -> str:
        return f"ws://127.0.0.1:{self._proxy.port}/v1/blogs/night/stream"

    def _source(self) -> str:
        return f"http://127.0.0.1:{self._proxy.port}/v1/blogs/night/sse"

    def _dice(self, who: str, number: int) -> random.Random:
        return random.Random(f"{self._seed}/{who}/{number}")


_COMMANDS = "/v1/admin/blogs/night/commands"
_EVENTS = "/v1/blogs/night/events"
_REPLAYS = "/v1/admin/blogs/night/replays"
