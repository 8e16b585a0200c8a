"""A rebuild beside a server that is written to and read: nobody misses anything, and nothing comes twice."""

import asyncio
import itertools
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from websockets.asyncio.client import connect

from liveblog.application import rebuilding
from liveblog.domain.commands import SetKeyPoint
from liveblog.storage import tables
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from log.build import Build, FakeClock, accept
from program import Server, begun, done, run, serving
from storage.rebuilt import RENDERER, all_of, check, dump, in_use, rebuild

pytestmark = pytest.mark.anyio

CLIENTS = 5
POSTS = 100
"""Of each client."""
REBUILDS = 7
"""While they post."""
PATIENCE_S = 120.0


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The database, open in this process beside the server's."""
    opened = await open_database(url)
    yield opened
    await opened.close()


async def test_nobody_notices_a_rebuild_during_500_posts(
    url: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers of the stream and of pages, before, during and after some rebuilds, see the one history that there is."""
    monkeypatch.setattr(rebuilding, "MOST", 64)  # so that a rebuild is many transactions
    token = done("token", "create", "--name", "Edith", url=url).strip()
    with serving(url, tmp_path, LIVEBLOG_HEARTBEAT_S="1") as server:
        async with httpx2.AsyncClient(base_url=server.address, timeout=20) as http:
            house = House(server, http, token)
            await house.post("/v1/admin/blogs", {"slug": "night", "headline": "A night"})
            point = {"type": "set_key_point", "point_id": "known", "text": "Little"}
            await house.post("/v1/admin/blogs/night/commands", point)
            posting = [asyncio.create_task(house.write(client)) for client in range(CLIENTS)]
            reading = [asyncio.create_task(house.follow(patience)) for patience in (7, 60, 10**6)]
            walking = asyncio.create_task(house.walk())
            async with asyncio.timeout(PATIENCE_S):
                for _ in range(REBUILDS):
                    for _ in range(CLIENTS * POSTS // (REBUILDS + 1)):
                        await house.posted.acquire()
                    await rebuild(database)
                await asyncio.gather(*posting)
                house.head = CLIENTS * POSTS + 2
                histories = await asyncio.gather(*reading)
                await walking
        assert [event["position"] for event in histories[0]] == list(range(1, house.head + 1))
        assert histories[1:] == histories[:1] * 2
        assert len(house.walks) > 2
        for position, entries in house.walks:
            assert entries == standing(histories[0][:position])
        # The server still runs: a rebuild by the command, and what it made is what the readers have seen.
        before = await dump(database)
        assert "rebuilt up to position" in await asyncio.to_thread(done, "rebuild", url=url)
        assert await dump(database) == before
        assert await in_use(database) == all_of(REBUILDS + 2)
        assert "as the log says" in await asyncio.to_thread(done, "rebuild", "--check", "night", url=url)


def standing(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries after some events, in the order of readers, as a reader keeps them."""
    entries = {event["entry"]["id"]: event["entry"] for event in events if event["entry"] is not None}
    return sorted(entries.values(), key=lambda each: (each["published_at"], each["first_position"]), reverse=True)


class House:
    """Those who write to the night, and those who read it."""

    def __init__(self, server: Server, http: httpx2.AsyncClient, token: str) -> None:
        self.server = server
        self.http = http
        self.head: int | None = None
        """The last position, once everything is written."""
        self.posted = asyncio.Semaphore(0)
        """Released by every post."""
        self.walks: list[tuple[int, list[dict[str, Any]]]] = []
        self._token = {"Authorization": f"Bearer {token}"}

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """Send what must be accepted."""
        answer = await self.http.post(path, json=body, headers=self._token)
        assert answer.status_code == 201, answer.text
        self.posted.release()
        found: dict[str, Any] = answer.json()
        return found

    async def write(self, client: int) -> None:
        """Publish and correct in turns."""
        for number in range(POSTS // 2):
            path = "/v1/admin/blogs/night/commands"
            flags = {"breaking": number % 5 == 0, "key_event": number % 7 == 0}
            new = {"type": "publish_entry", "headline": f"{client}/{number}", "body": f"**{number}** {client}", **flags}
            entry = (await self.post(path, new))["entry"]["id"]
            said = {"was": "a", "now": "b", "reason": "c", "body": f"*{number}* {client}, not more"}
            await self.post(path, {"type": "correct_entry", "entry_id": entry, **said})

    async def follow(self, patience: int) -> list[dict[str, Any]]:
        """Read the stream from the start to its end, dropping the socket every so many events."""
        events: list[dict[str, Any]] = []
        epoch = ""
        while True:
            cursor = f"from={len(events)}{epoch}" if events else "from=start"
            url = f"{self.server.address.replace('http', 'ws', 1)}/v1/blogs/night/stream?{cursor}"
            # Without a bound to its queue: a client that has stopped reading would not see its close answered.
            async with connect(url, max_size=None, max_queue=None) as socket:
                for _ in range(patience):
                    message = json.loads(await socket.recv())
                    if message["type"] == "subscribed":
                        epoch = f"&epoch={message['epoch']}"
                    elif message["type"] == "event":
                        events.append(message)
                    if self.head is not None and len(events) >= self.head:
                        return events

    async def walk(self) -> None:
        """Read all pages of a moment, again and again."""
        while self.head is None:
            blog = (await self.http.get("/v1/blogs/night?limit=1")).json()
            entries: list[dict[str, Any]] = []
            cursor = ""
            for _ in itertools.count():
                query = f"position={blog['position']}&limit=30{cursor}"
                answer = await self.http.get(f"/v1/blogs/night/entries?{query}")
                assert answer.status_code == 200, answer.text
                page = answer.json()
                entries += page["entries"]
                if page["next"] is None:
                    break
                cursor = f"&cursor={page['next']}"
            assert len(entries) == blog["counts"]["entries"]
            self.walks.append((blog["position"], entries))


async def test_a_rebuild_that_was_killed_leaves_the_blog_as_it_was(url: str, database: Database) -> None:
    """Killed in its middle, it has changed nothing that anybody reads, and the next one does the whole work."""
    log, build = SqlLog(database, FakeClock(), RENDERER.render), Build(1)
    await accept(log, build.start("night", SetKeyPoint(point_id="known", text="Little")))
    for _ in range(40):
        await accept(log, build.append("night", *(build.entry() for _ in range(100))))
    await rebuild(database)  # which brings the edition up to date
    before = await dump(database)
    rebuilding_process = begun("rebuild", url=url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await database.read(half_made):
                assert rebuilding_process.poll() is None, "it was done before it could be killed"
    finally:
        rebuilding_process.send_signal(signal.SIGKILL)
        rebuilding_process.communicate()
    assert rebuilding_process.returncode == -signal.SIGKILL
    assert (await in_use(database))["blogs"] == {2}
    assert (await in_use(database))["checkpoints"] == {2, 3}
    assert await check(database) is None
    assert done("rebuild", url=url) == "night: rebuilt up to position 4002\n"
    assert await dump(database) == before
    assert await in_use(database) == all_of(3)


def half_made(connection: sa.Connection) -> bool:
    query = sa.select(sa.func.count()).where(tables.checkpoints.c.generation == 3, tables.checkpoints.c.position > 0)
    return bool(connection.execute(query).scalar_one())


async def test_a_rebuild_while_another_process_rebuilds_is_refused(url: str, database: Database) -> None:
    async with database.reserved("rebuild") as ours:
        assert ours
        refused = await asyncio.to_thread(run, "rebuild", url=url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "another rebuild is at work" in refused.stderr
