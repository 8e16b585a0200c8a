"""Timers of many readers on the loop that the server runs on."""

import asyncio
from functools import partial
from random import Random

import uvloop

from liveblog.application.turns import UVLOOP_TICKS, Turns


def test_no_timer_goes_off_before_its_time() -> None:
    """Each goes off once, when the clock has reached it; this loop's own would be up to half a tick early."""

    async def perform() -> None:
        loop, turns, dice = asyncio.get_running_loop(), Turns(UVLOOP_TICKS), Random(5)
        went_off: dict[float, float] = {}
        times = [loop.time() + dice.uniform(0.001, 0.040) for _ in range(200)]
        done = loop.create_future()

        def note(time: float) -> None:
            went_off[time] = loop.time()
            if len(went_off) == len(times):
                done.set_result(None)

        for time in times:
            turns.at(time, partial(note, time))
        await asyncio.wait_for(done, 20)
        assert all(seen >= time for time, seen in went_off.items())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(perform())


def test_where_timers_are_exact_so_are_these() -> None:
    async def perform() -> None:
        loop = asyncio.get_running_loop()
        time = loop.time() + 0.0123456
        assert Turns().at(time, loop.stop).when() == time

    asyncio.run(perform())
