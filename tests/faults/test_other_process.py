"""What another process or node appends reaches the readers of this one."""

import asyncio
from pathlib import Path

import pytest

from house import open_house
from liveblog import main
from liveblog.application import recording
from liveblog.main import Store
from program import run

pytestmark = pytest.mark.anyio


async def test_an_import_beside_the_running_server_reaches_open_sockets(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording that goes on where the blog stands is added by another process, and the database tells of it."""
    monkeypatch.setattr(main, "_LOOK_S", 3600.0)  # not the look that is taken for safety
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    async with open_house(f"sqlite:///{_empty(sqlite_url, tmp_path / 'origin.db')}") as origin:
        await origin.start()
        await origin.publish(headline="Before")
        short.write_bytes(await _export(origin.store, "night"))
        for number in range(3):
            await origin.publish(headline=f"After {number}")
        long.write_bytes(await _export(origin.store, "night"))
    await asyncio.to_thread(_imported, short, sqlite_url)
    async with open_house(sqlite_url) as house, house.stream() as reader:
        assert (await reader.next("subscribed"))["head"] == 2
        await asyncio.to_thread(_imported, long, sqlite_url)
        events = await reader.events(3)
        assert [event["entry"]["headline"] for event in events] == ["After 0", "After 1", "After 2"]
        assert events == (await house.get("/v1/blogs/night/events?after=2"))["events"]
        # This server goes on where the other process stopped.
        await house.publish(headline="Ours")
        assert (await reader.next("event"))["position"] == 6


async def test_two_nodes_on_one_postgres_feed_each_others_readers(postgres_url: str) -> None:
    async with open_house(postgres_url) as one, open_house(postgres_url) as two:
        await one.start()
        async with one.stream() as here, two.stream() as there:
            await here.next("subscribed")
            await there.next("subscribed")
            two.editor = one.editor
            for number in range(10):
                await (one if number % 2 else two).publish(headline=f"{number}")
            assert await here.events(10) == await there.events(10)


def _imported(file: Path, url: str) -> None:
    finished = run("import", str(file), url=url)
    assert finished.returncode == 0, finished.stderr


def _empty(url: str, path: Path) -> Path:
    path.write_bytes(Path(url.removeprefix("sqlite:///")).read_bytes())
    return path


async def _export(store: Store, slug: str) -> bytes:
    head = await store.event_log.head(slug)
    assert head is not None
    recorded = await store.event_log.read(head.blog_id, 0, 1000)
    return b"".join(recording.write(slug, head.blog_id, (each.record for each in recorded)))
