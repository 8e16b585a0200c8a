"""The sequencer: requests that arrive together are committed together, in order, and none is forgotten."""

import asyncio
from collections.abc import Sequence

import pytest

from liveblog.application.sequencer import AT_ONCE, WAITING, Sequencer
from liveblog.domain.actor import Actor
from liveblog.domain.rejection import CommandRejected
from liveblog.log.request import Append, LogUnavailable, Outcome, Request

pytestmark = pytest.mark.anyio


class SlowLog:
    """A log whose commits end when the test says so; each outcome is a refusal that names its request."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = asyncio.Event()
        self.failure: Exception | None = None

    async def append(self, requests: Sequence[Request], *, together: bool = False) -> list[Outcome]:
        assert not together
        self.groups.append([request.slug for request in requests])
        await self.gate.wait()
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        return [CommandRejected("no_such_blog", request.slug) for request in requests]

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def request(name: str) -> Append:
    return Append(slug=name, actor=Actor("a", "A"), commits=())


async def settled(log: SlowLog, groups: int) -> None:
    while len(log.groups) < groups:
        await asyncio.sleep(0)


@pytest.fixture
def log() -> SlowLog:
    return SlowLog()


async def test_what_arrives_during_a_commit_is_committed_together_afterwards(log: SlowLog) -> None:
    seen: list[str] = []

    def committed(outcome: Outcome) -> str:
        seen.append(str(outcome))
        return f"done {outcome}"

    sequencer = Sequencer(log, committed)  # type: ignore[arg-type] # of the port only append is used
    running = asyncio.create_task(sequencer.run())
    first = asyncio.create_task(sequencer.submit(request("0")))
    await settled(log, 1)
    others = [asyncio.create_task(sequencer.submit(request(str(number)))) for number in range(1, AT_ONCE + 6)]
    await asyncio.sleep(0)
    log.gate.set()
    assert await first == "done 0"
    assert await asyncio.gather(*others) == [f"done {number}" for number in range(1, AT_ONCE + 6)]
    assert [len(group) for group in log.groups] == [1, AT_ONCE, 5]
    assert seen == [str(number) for number in range(AT_ONCE + 6)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("failure", [LogUnavailable("no disk"), RuntimeError("a defect")])
async def test_a_commit_that_fails_is_told_to_its_requests_and_the_next_ones_go_on(
    log: SlowLog, failure: Exception
) -> None:
    sequencer = Sequencer(log, str)  # type: ignore[arg-type] # as above
    running = asyncio.create_task(sequencer.run())
    log.failure = failure
    log.gate.set()
    with pytest.raises(LogUnavailable):
        await sequencer.submit(request("0"))
    assert await sequencer.submit(request("1")) == "1"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_submitter_who_left_does_not_hold_up_the_others(log: SlowLog) -> None:
    sequencer = Sequencer(log, str)  # type: ignore[arg-type] # as above
    running = asyncio.create_task(sequencer.run())
    gone = asyncio.create_task(sequencer.submit(request("0")))
    await settled(log, 1)
    gone.cancel()
    stays = asyncio.create_task(sequencer.submit(request("1")))
    log.gate.set()
    assert await stays == "1"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_waits_when_it_stops_is_told_so(log: SlowLog) -> None:
    sequencer = Sequencer(log, str)  # type: ignore[arg-type] # as above
    running = asyncio.create_task(sequencer.run())
    under_way = asyncio.create_task(sequencer.submit(request("0")))
    await settled(log, 1)
    waiting = asyncio.create_task(sequencer.submit(request("1")))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(LogUnavailable, match="stopping"):
        await waiting
    log.gate.set()
    assert await under_way == "0"


async def test_a_queue_that_is_full_takes_no_more(log: SlowLog) -> None:
    sequencer = Sequencer(log, str)  # type: ignore[arg-type] # as above
    waiting = [asyncio.create_task(sequencer.submit(request("x"))) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(LogUnavailable, match="too many"):
        await sequencer.submit(request("y"))
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
