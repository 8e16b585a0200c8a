"""How late a replay's events leave after their deadlines, and that its rate is its rate."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from random import Random

import uvloop
from msgspec import structs
from websockets.asyncio.client import connect

from benchmarks import material, program
from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_most
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.domain import instant
from liveblog.settings import Settings

_SLOW, _FAST = 60, 600
_DAY_MS = 86_400_000


def measure(bench: Bench) -> Iterator[Table]:
    """The same blog at two rates, seen by one plain client, beside bare timers of the loop in the client's process."""
    url = bench.sqlite()
    uvloop.run(build_past(url, bench.sizes.replayed, bench.sizes.replay_s))
    lates: dict[int, list[float]] = {_FAST: [], _SLOW: []}
    lasted: dict[int, list[float]] = {_FAST: [], _SLOW: []}
    timers: list[float] = []
    with program.liveblog(url) as server:
        for _ in range(max(1, bench.sizes.runs // 2)):
            for rate in (_FAST, _SLOW):
                opened, arrivals = uvloop.run(_watch(server.port, rate))
                deadlines = [(at - arrivals[0][1]) / rate / 1000 for _, at in arrivals]
                lates[rate] += [
                    (arrival - opened - deadline) * 1000
                    for (arrival, _), deadline in zip(arrivals, deadlines, strict=True)
                ]
                lasted[rate].append(arrivals[-1][0] - opened)
                if rate == _FAST:
                    timers += uvloop.run(_bare(deadlines))
    yield Table(
        "replaying: milliseconds after the deadline, per event",
        [
            Row(f"rate {_FAST}", lates[_FAST], "ms", "bare timers"),
            Row(f"rate {_SLOW}", lates[_SLOW], "ms", "bare timers"),
            Row("bare timers", timers, "ms"),
        ],
        "; ".join(f"p99 at rate {rate}: {_p99(lates[rate]):.2f} ms" for rate in lates)
        + "; the clock starts at the `server_time` of `subscribed`, a whole millisecond: below -1 would be early",
        [
            at_most(5, f"one replay at rate {rate}, p99 after the deadline", _p99(lates[rate]), "ms")
            for rate in (_FAST, _SLOW)
        ],
    )
    yield Table(
        "replaying: the whole of it",
        [
            Row(f"rate {_SLOW}", lasted[_SLOW], "s", f"rate {_FAST}"),
            Row(f"rate {_FAST}", lasted[_FAST], "s"),
        ],
    )


async def build_past(url: str, events: int, seconds: int) -> list[int]:
    """A blog of the past: so many events at uneven instants, which are returned."""
    dice = Random(1)
    begin = main.wall() - _DAY_MS
    offsets = [0, *sorted(dice.sample(range(1, seconds * 1000), events - 2)), seconds * 1000]
    async with main.open_store(Settings(database_url=url)) as store:
        started = material.start(SLUG)
        commit = structs.replace(started.commits[0], at=begin)
        await material.append(store.event_log, [structs.replace(started, commits=(commit,))])
        for offset, post in zip(offsets[1:], material.posts(SLUG, events - 1), strict=True):
            commit = structs.replace(post.commits[0], at=begin + offset)
            await material.append(store.event_log, [structs.replace(post, commits=(commit,))])
    return [begin + offset for offset in offsets]


async def _watch(port: int, rate: int) -> tuple[float, list[tuple[float, int]]]:
    """When the clock started and each event arrived, in seconds, and the event's instant, in milliseconds."""
    url = f"ws://127.0.0.1:{port}/v1/blogs/{SLUG}/stream?from=start&rate={rate}&at_end=end"
    seen: list[tuple[float, str]] = []
    async with connect(url, compression=None, ping_interval=None) as socket:
        async for text in socket:
            assert isinstance(text, str)
            seen.append((time.time(), text))
    messages = [(arrival, json.loads(text)) for arrival, text in seen]
    events = [(arrival, instant.parse(each["at"])) for arrival, each in messages if each["type"] == "event"]
    return instant.parse(messages[0][1]["server_time"]) / 1000, events


async def _bare(deadlines: Sequence[float]) -> list[float]:
    """Milliseconds after the deadline of timers that do nothing."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    late: list[float] = []
    done = asyncio.Event()

    def due(deadline: float) -> None:
        late.append((loop.time() - begun - deadline) * 1000)
        if len(late) == len(deadlines):
            done.set()

    for deadline in deadlines:
        loop.call_at(begun + deadline, due, deadline)
    await done.wait()
    return late


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
