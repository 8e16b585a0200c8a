"""A newsroom for tests: a real server on a real database and a real port, in the test's own event loop."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from contract.witness import WatchedConnection, see_answer
from liveblog import main
from liveblog.application.access import actor_id_for, digest_of, new_secret
from liveblog.application.tokens import Token
from liveblog.domain.actor import Actor, Role
from liveblog.settings import Settings
from liveblog.web.server import Server, bind
from liveblog.web.services import Services

PATIENCE_S = 20.0
"""How long a test waits for what must come; it never waits for time to pass."""


class House:
    """A running server and what a test asks of it."""

    def __init__(self, store: main.Store, services: Services, address: str, client: httpx2.AsyncClient) -> None:
        self.store = store
        self.services = services
        self.address = address
        self.http = client
        self.editor = ""

    async def token(self, role: str = "editor", name: str = "Edith", blogs: tuple[str, ...] | None = None) -> str:
        """Make a token; returns the secret."""
        secret = new_secret()
        actor = Actor(actor_id_for(name), name, Role(role))
        made = Token(id=str(uuid4()), actor=actor, blogs=blogs, created_at=main.wall())
        await self.store.tokens.create(made, digest_of(secret))
        return secret

    async def start(self, slug: str = "night", **fields: Any) -> httpx2.Response:
        """Start a blog as the editor."""
        body = {"slug": slug, "headline": "A night", **fields}
        return await self.http.post("/v1/admin/blogs", json=body, headers=self._bearer(self.editor))

    async def post(
        self,
        slug: str,
        body: Any,
        *,
        token: str | None = None,
        key: str | None = None,
        expected_position: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """Post a command, or a list of them."""
        sent = {**self._bearer(self.editor if token is None else token), **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        query = "" if expected_position is None else f"?expected_position={expected_position}"
        return await self.http.post(f"/v1/admin/blogs/{slug}/commands{query}", json=body, headers=sent)

    async def publish(self, slug: str = "night", **fields: Any) -> dict[str, Any]:
        """Publish an entry that must be accepted; returns the answer."""
        answer = await self.post(slug, {"type": "publish_entry", "headline": "News", **fields})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str) -> Any:
        """Read a document that must be there."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @asynccontextmanager
    async def stream(
        self, slug: str = "night", query: str = "", compression: str | None = None
    ) -> AsyncIterator["Reader"]:
        """A plain WebSocket client; one that offers "deflate" gets compressed messages."""
        url = f"{self.address.replace('http', 'ws', 1)}/v1/blogs/{slug}/stream{query}"
        async with connect(
            url, compression=compression, max_size=None, ping_interval=None, create_connection=WatchedConnection
        ) as socket:
            yield Reader(socket)

    def _bearer(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}


class Reader:
    """A client of the stream."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next message; of these types, where some are named."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                if not kinds or message["type"] in kinds:
                    return message

    async def events(self, count: int) -> list[dict[str, Any]]:
        """So many events."""
        return [await self.next("event") for _ in range(count)]

    async def rest(self) -> list[dict[str, Any]]:
        """Every message until the server closes."""
        async with asyncio.timeout(PATIENCE_S):
            return [json.loads(text) async for text in self.socket]

    async def close_code(self) -> int | None:
        """The code of the server's close frame, once it comes."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    await self.socket.recv()
        return self.socket.close_code

    async def say(self, **message: Any) -> None:
        """Send a client message."""
        await self.socket.send(json.dumps(message))

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Send a client message and wait for its answer."""
        await self.say(id="asked", **message)
        while True:
            answer = await self.next("playback", "error")
            if answer["re"] == "asked":
                return answer


@asynccontextmanager
async def open_house(database_url: str, **given: Any) -> AsyncIterator[House]:
    """Run a server on a database whose schema is up to date."""
    settings = Settings(database_url=database_url, port=0, command_rate=0, **given)
    addresses: list[str] = []
    async with main.open_store(settings) as store, main.serving(settings, store) as services:
        server = main.make(settings.but(shutdown_s=5), services, addresses.append)
        listening = asyncio.create_task(_listen(server, settings))
        try:
            await until(lambda: bool(addresses) or listening.done())
            async with httpx2.AsyncClient(
                base_url=addresses[0], timeout=PATIENCE_S, event_hooks={"response": [see_answer]}
            ) as client:
                house = House(store, services, addresses[0], client)
                house.editor = await house.token()
                yield house
        finally:
            server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await listening


async def _listen(server: Server, settings: Settings) -> None:
    await server._serve([bind(settings.host, settings.port)])


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop run until something holds that no message tells of."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0)
