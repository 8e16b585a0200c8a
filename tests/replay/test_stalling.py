"""A reader whose socket is full is given up once it has taken nothing for so long; one that takes little is not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from liveblog.session.page import Item
from replay.crowd import Hall, Watcher, hall
from replay.virtual_loop import run

STALL_S = 30.0
BEAT_S = 10.0
HEARTBEAT = Item(0, 0, 0, b'{"type":"heartbeat"}', kind="heartbeat")


@asynccontextmanager
async def stuck(unsent: int) -> AsyncIterator[tuple[Hall, Watcher]]:
    """A watcher whose socket has just been filled."""
    async with hall() as where:
        await where.show(rate=0.1)
        watcher = Watcher(where)
        watcher.waiting = unsent
        watcher.subscription.writable(False)
        yield where, watcher


async def beat(where: Hall, watcher: Watcher) -> None:
    await where.stage.sleep_until(where.stage.time() + BEAT_S)
    watcher.subscription.beat(HEARTBEAT, STALL_S)


def test_a_socket_that_takes_something_now_and_then_is_kept_for_as_long_as_it_does() -> None:
    async def perform() -> None:
        async with stuck(100_000) as (where, watcher):
            for turn in range(300):
                if turn % 3 == 0:
                    watcher.waiting -= 1
                await beat(where, watcher)
                assert watcher.closed is None
            await beat(where, watcher)
            assert watcher.closed is None
            await beat(where, watcher)
            assert watcher.closed == 4008

    run(perform())


def test_a_socket_that_takes_nothing_is_given_up_after_the_time_and_not_before() -> None:
    async def perform() -> None:
        async with stuck(100_000) as (where, watcher):
            for _ in range(3):
                await beat(where, watcher)
            assert watcher.closed is None, "its time is just over, and not more"
            await beat(where, watcher)
            assert watcher.closed == 4008

    run(perform())


def test_what_is_written_to_it_meanwhile_is_nothing_that_it_has_taken() -> None:
    async def perform() -> None:
        async with stuck(100_000) as (where, watcher):
            for _ in range(4):
                watcher.waiting += 1_000
                await beat(where, watcher)
            assert watcher.closed == 4008

    run(perform())


def test_a_socket_that_was_emptied_begins_anew() -> None:
    async def perform() -> None:
        async with stuck(100_000) as (where, watcher):
            for _ in range(3):
                await beat(where, watcher)
            watcher.waiting = 0
            watcher.subscription.writable(True)
            watcher.waiting = 100_000
            watcher.subscription.writable(False)
            for _ in range(3):
                await beat(where, watcher)
            assert watcher.closed is None
            await beat(where, watcher)
            assert watcher.closed == 4008

    run(perform())
