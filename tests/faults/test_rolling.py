"""A rolling restart behind a TCP proxy: the new server takes newcomers, the old one ends, nobody misses anything."""

import asyncio
import gc
import random
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from chaos.clients import Listener, Writer
from chaos.fleet import Fleet
from chaos.history import History, Reader, Told, anomalies
from chaos.proxy import Proxy
from chaos.sources import Source
from program import done as run_command

pytestmark = [
    pytest.mark.anyio,
    # Clients that are cut off in the middle of their handshakes leave sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WRITERS, LISTENERS, SOURCES = 4, 20, 12
ROLLS = 2
POSTS = 15
"""Before each of them, and after the last."""
PATIENCE_S = 300.0
COMMANDS = "/v1/admin/blogs/night/commands"


async def test_a_rolling_restart_loses_repeats_and_reorders_nothing(url: str, tmp_path: Path) -> None:
    """Both servers run for a while; every reader is told to come back, and editors post all the time."""
    token = run_command("token", "create", "--name", "Edith", url=url).strip()
    fleet = Fleet(url, tmp_path, 1, random.Random(1))
    proxy = Proxy(random.Random(2), fleet.port, calm=True)
    try:
        await fleet.start()
        await proxy.start()
        address, bearer = f"http://127.0.0.1:{proxy.port}", {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=address, headers=bearer, timeout=20) as http:
            async with asyncio.timeout(PATIENCE_S):
                rolling = Rolling(fleet, http, proxy.port)
                history = await rolling.happen()
    finally:
        await fleet.kill()
        await proxy.stop()
    gc.collect()
    assert anomalies(history) == []
    assert fleet.complaints == []
    assert len(history.log) > ROLLS * POSTS
    # Everybody read from each server in its turn, and nobody was sent away in any other manner.
    assert {name for name in rolling.seen if "closed with" in name} == {
        "streams closed with 4001",
        "event streams closed with 4001",
    }
    assert rolling.seen["reconnects"] >= ROLLS * LISTENERS
    assert rolling.seen["reconnects of event streams"] >= ROLLS * SOURCES


class Rolling:
    """Readers and editors of a night, while one server after another serves it."""

    def __init__(self, fleet: Fleet, http: httpx2.AsyncClient, port: int) -> None:
        self.seen: Counter[str] = Counter()
        self._fleet = fleet
        self._http = http
        self._address = f"127.0.0.1:{port}/v1/blogs/night"
        self._writers = [Writer(f"w{n}", http, random.Random(10 + n), self.seen) for n in range(WRITERS)]
        self._listeners = [
            Listener(Reader(f"r{n}", 0), "", random.Random(20 + n), self.seen, compressed=n % 2 == 0)
            for n in range(LISTENERS)
        ]
        self._sources = [Source(Reader(f"s{n}", 0), http, random.Random(50 + n), self.seen) for n in range(SOURCES)]
        self._over = False
        self._head: int | None = None

    @property
    def _readers(self) -> list[Reader]:
        return [*(each.reader for each in self._listeners), *(each.reader for each in self._sources)]

    async def happen(self) -> History:
        """Post and read, roll, and come to an end."""
        body = {"slug": "night", "headline": "A night"}
        assert (await self._http.post("/v1/admin/blogs", json=body)).status_code == 201
        async with asyncio.TaskGroup() as everybody:
            writing = [everybody.create_task(each.work(COMMANDS, lambda: self._over)) for each in self._writers]
            for listener in self._listeners:
                everybody.create_task(listener.listen(lambda: f"ws://{self._address}/stream", self._has_all))
            for source in self._sources:
                everybody.create_task(source.listen(lambda: f"http://{self._address}/sse", self._has_all))
            for _ in range(ROLLS):
                await self._posted_and_read()
                assert await self._fleet.replace(self._fleet.nodes[0]) == 0
            await self._posted_and_read()
            self._over = True
            await asyncio.gather(*writing)
            # Whoever is at the head sees with the next heartbeat that it is over.
            log = await self._log()
            self._head = len(log)
        return History(log, [each for writer in self._writers for each in writer.attempts], self._readers)

    async def _posted_and_read(self) -> None:
        """Wait until some more has been posted, and everybody has it: then everybody reads from the present server."""
        head = sum(len(attempt.acknowledged or ()) for writer in self._writers for attempt in writer.attempts) + POSTS
        while any(reader.cursor <= head for reader in self._readers):
            await asyncio.sleep(0.02)

    async def _log(self) -> list[Told]:
        log: list[Told] = []
        while True:
            answer = await self._http.get(f"/v1/blogs/night/events?after={len(log)}&limit=1000")
            assert answer.status_code == 200
            page = answer.json()
            log += map(Told.of, page["events"])
            if not page["final"] and page["head"] == len(log):
                return log

    def _has_all(self, reader: Reader) -> bool:
        return self._head is not None and reader.cursor >= self._head
