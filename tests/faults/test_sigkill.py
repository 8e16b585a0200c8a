"""No accepted post is lost, doubled or changed when the server is killed while it works."""

import asyncio
import json
import random
import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from log.stranger import canonical, first_fault
from program import Server, done, serving

pytestmark = pytest.mark.anyio

CLIENTS = 8
POSTS = 12
KILLS = 3


async def test_every_acknowledged_post_is_there_once(url: str, tmp_path: Path) -> None:
    dice = random.Random(20200108)
    token = done("token", "create", "--name", "Edith", url=url).strip()
    with serving(url, tmp_path) as server:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=10) as http:
            body = {"slug": "night", "headline": "A night"}
            assert (await http.post(f"{server.address}/v1/admin/blogs", json=body)).status_code == 201
            newsroom = Newsroom(server, http)
            killing = asyncio.create_task(newsroom.kill_and_restart(dice))
            async with asyncio.timeout(120):
                await asyncio.gather(*(newsroom.work(client, random.Random(client)) for client in range(CLIENTS)))
                newsroom.done = True
                await killing
            events = await read_all(server, http)
    assert newsroom.kills == KILLS
    assert newsroom.repeats > 0
    assert [event["position"] for event in events] == list(range(1, CLIENTS * POSTS + 2))
    published = {event["entry"]["headline"]: event for event in events if event["event_type"] == "entry_published"}
    assert len(published) == CLIENTS * POSTS
    assert {name: published[name] for name in newsroom.acknowledged} == newsroom.acknowledged
    assert len(newsroom.acknowledged) == CLIENTS * POSTS

    header, *lines = map(json.loads, done("export", "night", url=url).splitlines())
    rows = [
        (
            canonical(line["envelope"]),
            canonical(line["payload"]),
            bytes.fromhex(line["salt"]),
            bytes.fromhex(line["hash"]),
        )
        for line in lines
    ]
    assert len(rows) == len(events)
    assert first_fault(header["blog_id"], rows) is None
    assert header["hash"] == events[-1]["hash"]


class Newsroom:
    """Clients that post until they are answered, and somebody who pulls the plug."""

    def __init__(self, server: Server, http: httpx2.AsyncClient) -> None:
        self.server = server
        self.http = http
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.kills = 0
        self.repeats = 0
        self.done = False
        self._answered = asyncio.Event()

    async def work(self, client: int, dice: random.Random) -> None:
        """Post, every second one twice under its key; after a cut the same again under the same key."""
        for number in range(POSTS):
            headline, key = f"{client}/{number}", str(uuid4())
            if number % 2:
                first, second = await asyncio.gather(self._post(headline, key), self._post(headline, key))
                assert first == second
            else:
                first = await self._post(headline, key)
            self.acknowledged[headline] = first
            self._answered.set()
            if dice.random() < 0.2:
                assert await self._post(headline, key) == first

    async def kill_and_restart(self, dice: random.Random) -> None:
        """Kill the server in the middle of its work, each time some answers after it came back."""
        for _ in range(KILLS):
            target = len(self.acknowledged) + dice.randint(3, 25)
            while len(self.acknowledged) < target and not self.done:
                self._answered.clear()
                await self._answered.wait()
            assert not self.done, "the work was over before every kill"
            self.server.kill(signal.SIGKILL)
            self.kills += 1
            await asyncio.to_thread(self.server.start)

    async def _post(self, headline: str, key: str) -> dict[str, Any]:
        while True:
            try:
                answer = await self.http.post(
                    f"{self.server.address}/v1/admin/blogs/night/commands",
                    json={"type": "publish_entry", "headline": headline},
                    headers={"Idempotency-Key": key},
                )
            except httpx2.TransportError:
                continue
            if answer.status_code == 503:
                continue
            assert answer.status_code in {200, 201}, answer.text
            self.repeats += answer.headers.get("Idempotent-Replay") == "true"
            (event,) = answer.json()["events"]
            found: dict[str, Any] = event
            return found


async def read_all(server: Server, http: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """Every event of the blog, by pages."""
    events: list[dict[str, Any]] = []
    while True:
        page = (await http.get(f"{server.address}/v1/blogs/night/events?after={len(events)}&limit=50")).json()
        events += page["events"]
        if not page["final"]:
            return events
