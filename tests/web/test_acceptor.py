"""The acceptor takes connections a few at a time, all of them, and goes on after a shortage."""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from house import open_house, until
from liveblog.web import acceptor
from liveblog.web.acceptor import AT_ONCE, Acceptor
from liveblog.web.server import bind

pytestmark = pytest.mark.anyio


class Greeter(asyncio.Protocol):
    """Says one word to whoever connects."""

    made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Greeter.made += 1
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"hello\n")
        transport.close()


@asynccontextmanager
async def accepting() -> AsyncIterator[tuple[Acceptor, int]]:
    """An acceptor, and its port."""
    Greeter.made = 0
    with contextlib.closing(bind("127.0.0.1", 0)) as listener:
        found = Acceptor(listener, Greeter)
        try:
            yield found, listener.getsockname()[1]
        finally:
            found.close()
            await found.wait_closed()


async def greeted(port: int) -> bytes:
    """Connect and listen."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.transport.abort()


async def test_a_storm_is_taken_a_few_at_a_time_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(acceptor, "PAUSE_S", 3_600.0)
    Greeter.made = 0
    with contextlib.ExitStack() as leaving:
        listener = leaving.enter_context(contextlib.closing(bind("127.0.0.1", 0)))
        address = listener.getsockname()
        clients = [leaving.enter_context(socket.create_connection(address)) for _ in range(10 * AT_ONCE)]
        found = Acceptor(listener, Greeter)
        try:
            await until(lambda: Greeter.made >= AT_ONCE)
            for _ in range(100):
                await asyncio.sleep(0)
            assert Greeter.made == AT_ONCE, "others have a turn before the next few"
            monkeypatch.setattr(acceptor, "PAUSE_S", 0.0)
            assert found._again is not None
            found._again.cancel()
            found._go_on()
            async with asyncio.timeout(20):
                for client in clients:
                    client.setblocking(False)
                    assert await loop.sock_recv(client, 100) == b"hello\n"
            assert Greeter.made == 10 * AT_ONCE
        finally:
            found.close()
            await found.wait_closed()


async def test_nobody_is_taken_after_the_close() -> None:
    async with accepting() as (found, port):
        assert await greeted(port) == b"hello\n"
        found.close()
        found.close()
        waiting = asyncio.create_task(greeted(port))
        for _ in range(100):
            await asyncio.sleep(0)
        assert Greeter.made == 1
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


async def test_a_shortage_of_descriptors_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptor, "NO_ROOM_S", 0.01)
    async with accepting() as (found, port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            with no_descriptors():
                await until(lambda: found._again is not None)
            assert Greeter.made == 0
            assert await asyncio.to_thread(client.recv, 100) == b"hello\n"


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Use up what descriptors the process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (max(int(each.name) for each in Path("/proc/self/fd").iterdir()) + 1, hard)
    )
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        yield
    finally:
        for each in taken:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_server_takes_a_storm(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start()

        async def read() -> str:
            async with house.stream() as reader:
                return str((await reader.next())["type"])

        assert set(await asyncio.gather(*(read() for _ in range(60)))) == {"subscribed"}
