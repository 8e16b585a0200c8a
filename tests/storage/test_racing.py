"""Many writers at once, on threads, in processes and on connections: nothing is lost, doubled, or out of order."""

import os
import subprocess
import sys
from pathlib import Path

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest

from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from log.build import Build, FakeClock, accept, render
from log.whole import assert_whole
from storage.racer import race

pytestmark = pytest.mark.anyio

SLUGS = ["a", "b", "c", "d"]
TESTS = Path(__file__).parents[1]


@pytest.fixture
async def log(database: Database) -> SqlLog:
    """A log with all the blogs."""
    log, build = SqlLog(database, FakeClock(), render), Build(1)
    await accept(log, *(build.start(slug) for slug in SLUGS))
    return log


async def assert_nothing_is_lost(log: SqlLog, appended: int) -> None:
    histories = [await assert_whole(log, slug) for slug in SLUGS]
    assert sum(map(len, histories)) == appended + len(SLUGS)
    everything = await log.read_all(0, 100_000)
    assert [each.log_position for each in everything] == list(range(1, appended + len(SLUGS) + 1))


async def test_racing_threads_leave_no_gap(log: SqlLog, url: str) -> None:
    """Each thread has its own loop and its own database object."""
    appended: list[int] = []

    async def one(seed: int) -> None:
        appended.append(await anyio.to_thread.run_sync(anyio.run, race, url, seed, 12, SLUGS))

    async with anyio.create_task_group() as tasks:
        for seed in range(2, 6):
            tasks.start_soon(one, seed)
    assert sum(appended) >= 4 * 12 * len(SLUGS)
    await assert_nothing_is_lost(log, sum(appended))


async def test_racing_processes_leave_no_gap(log: SqlLog, url: str) -> None:
    """Batches over several blogs, in different orders: none waits for another in a circle."""
    paths = [str(TESTS), str(TESTS.parent / "src")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    appended: list[int] = []

    async def one(seed: int) -> None:
        command = [sys.executable, str(TESTS / "storage" / "racer.py"), url, str(seed), "12", *SLUGS]
        done = await anyio.run_process(command, env=environment, check=False, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()
        appended.append(int(done.stdout))

    async with anyio.create_task_group() as tasks:
        for seed in range(2, 5):
            tasks.start_soon(one, seed)
    assert sum(appended) >= 3 * 12 * len(SLUGS)
    await assert_nothing_is_lost(log, sum(appended))


async def test_who_follows_sees_every_event_in_the_order_of_its_position(log: SqlLog, url: str) -> None:
    """Nobody who has seen a position finds one below it later: order of positions is order of commits."""
    database = await open_database(url)
    follower, seen, appended = SqlLog(database, FakeClock(), render), 0, 0

    async def one(seed: int) -> None:
        nonlocal appended
        appended += await race(url, seed, 10, SLUGS)

    async def follow() -> None:
        nonlocal seen
        for each in await follower.read_all(seen, 50):
            assert each.log_position == seen + 1
            seen += 1

    writers_done = anyio.Event()

    async def following() -> None:
        while not writers_done.is_set():
            await follow()
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(following)
        async with anyio.create_task_group() as writers:
            for seed in range(2, 5):
                writers.start_soon(one, seed)
        writers_done.set()
    while seen < appended + len(SLUGS):
        before = seen
        await follow()
        assert seen > before
    await database.close()
