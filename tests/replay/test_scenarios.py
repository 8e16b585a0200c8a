"""Every scenario of replay/ comes true twice: to the moment on a virtual clock, and against a real server."""

import pytest

from replay import scenario
from replay.director import Director
from replay.history import recorded
from replay.memory_stage import memory_stage
from replay.scenario import Scenario, load
from replay.server_stage import server_stage
from replay.virtual_loop import run


@pytest.fixture(params=scenario.names())
def script(request: pytest.FixtureRequest) -> Scenario:
    return load(request.param)


def test_it_comes_true_to_the_moment_on_a_virtual_clock(script: Scenario) -> None:
    async def perform() -> None:
        async with memory_stage(recorded(script.recording), script.events) as stage:
            await Director(script, stage).perform()

    run(perform())


@pytest.mark.anyio
async def test_it_comes_true_on_a_real_server(script: Scenario, sqlite_url: str) -> None:
    async with server_stage(sqlite_url, recorded(script.recording), script.events) as stage:
        await Director(script, stage).perform()
