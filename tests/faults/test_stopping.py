"""SIGTERM: readers go with their cursor, posts in flight are answered, and nothing is left behind."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from liveblog import main
from liveblog.application.access import digest_of, new_secret
from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor, Role
from liveblog.settings import Settings
from program import Server, serving

pytestmark = pytest.mark.anyio

PUBLISH = {"type": "publish_entry", "headline": "News"}


@asynccontextmanager
async def client(server: Server, url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """An editor's client, with a blog to post to."""
    token = new_secret()
    async with main.open_store(Settings(database_url=url)) as store:
        actor = Actor("edith", "Edith", Role.EDITOR)
        await store.tokens.create(Token(id="t", actor=actor, blogs=None, created_at=0), digest_of(token))
    bearer = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=server.address, headers=bearer, timeout=20) as http:
        answer = await http.post("/v1/admin/blogs", json={"slug": "night", "headline": "A night"})
        assert answer.status_code == 201, answer.text
        yield http


def stream(server: Server) -> Any:
    return connect(server.address.replace("http", "ws", 1) + "/v1/blogs/night/stream", ping_interval=None)


@pytest.mark.parametrize(
    ("url", "number"),
    [("sqlite", signal.SIGTERM), ("sqlite", signal.SIGINT), ("postgresql", signal.SIGTERM)],
    indirect=["url"],
)
async def test_a_stopping_server_leaves_nothing_behind(url: str, tmp_path: Path, number: signal.Signals) -> None:
    with serving(url, tmp_path) as server:
        async with client(server, url), stream(server) as reader:
            await reader.recv()
            pid = server.pid
            assert children(pid) == []
            stopping = asyncio.create_task(asyncio.to_thread(server.kill, number))
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await reader.recv()
            assert reader.close_code == 4001
            assert await stopping == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", server.port))
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        with file.with_name(file.name + ".lock").open("rb+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert not file.with_name(file.name + "-wal").exists(), "the log was not closed"
    logged = [json.loads(line) for line in (tmp_path / "server.log").read_text().splitlines() if line.startswith("{")]
    assert [line for line in logged if line["level"] in {"error", "critical"}] == []


async def test_posts_in_flight_are_answered(sqlite_url: str, tmp_path: Path) -> None:
    """Each request of before the signal is answered, or its connection broken; what was acknowledged is there."""
    with serving(sqlite_url, tmp_path) as server:
        async with client(server, sqlite_url) as http:
            posts = [asyncio.create_task(http.post("/v1/admin/blogs/night/commands", json=PUBLISH)) for _ in range(60)]
            await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
            assert await asyncio.to_thread(server.kill, signal.SIGTERM) == 0
            outcomes = await asyncio.gather(*posts, return_exceptions=True)
    answers = [each for each in outcomes if isinstance(each, httpx2.Response)]
    assert all(isinstance(each, httpx2.Response | httpx2.TransportError) for each in outcomes)
    assert {each.status_code for each in answers} <= {201, 503}
    accepted = {each.json()["position"] for each in answers if each.status_code == 201}
    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        positions = [row[0] for row in database.execute("SELECT position FROM events ORDER BY position")]
    assert positions == list(range(1, len(positions) + 1))
    assert accepted
    assert accepted <= set(positions)


async def test_a_draining_server_serves_on_but_is_not_ready(sqlite_url: str, tmp_path: Path) -> None:
    """Until the time to drain is over, or a second signal comes: nobody here waits for an hour."""
    with serving(sqlite_url, tmp_path, LIVEBLOG_DRAIN_S="3600") as server:
        async with client(server, sqlite_url) as http:
            assert (await http.get("/readyz")).status_code == 200
            server.tell(signal.SIGTERM)
            async with asyncio.timeout(60):
                while (await http.get("/readyz")).status_code == 200:
                    pass
            assert (await http.post("/v1/admin/blogs/night/commands", json=PUBLISH)).status_code == 201
            async with httpx2.AsyncClient(base_url=server.address) as newcomer:
                assert (await newcomer.get("/v1/blogs/night")).status_code == 200
                assert (await newcomer.get("/healthz")).status_code == 200
            assert await asyncio.to_thread(server.kill, signal.SIGTERM) == 0


async def test_a_client_that_hangs_does_not_hold_up_the_end(sqlite_url: str, tmp_path: Path) -> None:
    """A reader that does not answer the close frame, and a post whose body would be waited for for an hour."""
    with serving(sqlite_url, tmp_path, LIVEBLOG_SHUTDOWN_S="1", LIVEBLOG_BODY_S="3600") as server:
        async with client(server, sqlite_url) as http:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            bearer = http.headers["authorization"]
            writer.write(
                b"POST /v1/admin/blogs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + f"Authorization: {bearer}\r\nContent-Length: 10\r\n\r\n".encode()
                + b"{"
            )
            key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            silent, speaking = await asyncio.open_connection("127.0.0.1", server.port)
            speaking.write(
                b"GET /v1/blogs/night/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + key
            )
            await silent.readuntil(b"subscribed")
            assert await asyncio.to_thread(server.kill, signal.SIGTERM) == 0
            for each in (writer, speaking):
                each.close()
                with contextlib.suppress(ConnectionError):
                    await each.wait_closed()
            del reader


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]
