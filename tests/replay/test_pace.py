"""The speed of a replay, on a virtual clock: exact for every event, however long it takes."""

import asyncio

import pytest

from liveblog.domain import instant
from replay.history import NIGHT, recorded
from replay.memory_stage import SERVER_T0, MemoryStage, memory_stage, wall
from replay.pace import squeezed
from replay.reader import Reader
from replay.virtual_loop import VirtualLoop, run


async def departures(stage: MemoryStage, query: str) -> dict[int, float]:
    """When each event leaves, in seconds since the reader joined, up to the live edge."""
    reader, start = Reader(stage.history), stage.time()
    reader.joins()
    await stage.join(query)
    found = {}
    while not reader.edge:
        heard = await stage.hear()
        reader.hear(heard.message)
        if heard.message["type"] == "event":
            found[reader.position] = heard.at - start
    return found


def all_departures(*queries: str) -> list[dict[int, float]]:
    async def perform() -> list[dict[int, float]]:
        async with memory_stage(recorded(NIGHT)) as stage:
            return [await departures(stage, query) for query in queries]

    return run(perform())


def test_a_night_at_rate_60_takes_ten_times_as_long_as_at_600() -> None:
    slow, fast = all_departures("from=start&rate=60", "from=start&rate=600")
    assert list(slow) == list(fast) == list(range(1, 49))
    assert slow == pytest.approx({position: 10 * wall for position, wall in fast.items()}, abs=1e-6)
    assert fast[48] == pytest.approx(56)
    assert slow[48] == pytest.approx(560)


@pytest.mark.parametrize("max_gap", [None, 60.0, 0.5])
def test_every_rate_shows_the_same_distances(max_gap: float | None) -> None:
    """From the slowest, at which the night takes four days, to the fastest."""
    rates = (0.1, 1, 7.5, 1000)
    gap = "" if max_gap is None else f"&max_gap={max_gap}"

    async def perform() -> None:
        async with memory_stage(recorded(NIGHT)) as stage:
            history = stage.history
            wanted = {n: squeezed(history, history.at(1), n, max_gap) for n in range(1, history.head + 1)}
            for rate in rates:
                found = await departures(stage, f"from=start&rate={rate}{gap}")
                scaled = {position: wall * rate for position, wall in found.items()}
                assert scaled == pytest.approx(wanted, abs=1e-4)

    run(perform())


@pytest.mark.parametrize("query", ["from=start&rate=600", "from=20&rate=60"])
def test_by_the_server_time_that_is_told_nothing_leaves_early(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even if the processor is taken away where the stream begins, before or after a clock was read."""

    async def perform() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        async with memory_stage(recorded(NIGHT)) as stage:

            def interrupted() -> int:
                loop.lose(0.005)
                told = wall(loop)
                loop.lose(0.003)
                return told

            monkeypatch.setattr(stage, "_wall", interrupted)
            await stage.join(query)
            subscribed = (await stage.hear()).message
            told = instant.parse(subscribed["server_time"])
            judged = 0
            while (heard := await stage.hear()).message["type"] != "caught_up":
                if heard.message["type"] == "event":
                    silence = stage.history.at(heard.message["position"]) - stage.history.at(subscribed["position"])
                    late = SERVER_T0 + heard.at * 1000 - told - silence / subscribed["rate"]
                    assert -1e-3 <= late < 10
                    judged += 1
            assert judged == 48 - subscribed["position"]

    run(perform())
