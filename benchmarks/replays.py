"""A thousand replays at once, each at its own rate, from its own place: how late events are, and that none is early.

Some pause and seek while it goes on; they are there for what they cost, and their own events are not judged.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import cast

import uvloop

from benchmarks import endpoint, material, program
from benchmarks.bench import SLUG, Bench
from benchmarks.crowd import Crowd
from benchmarks.goals import Goal, at_most
from benchmarks.posting import Poster
from benchmarks.replaying import build_past
from benchmarks.storm import keep_posting, p99
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.domain import instant
from liveblog.settings import Settings

_OTHER = "crowd"
_RATES = (1, 2, 4, 8, 10)
"""On average 5: with an event a second of timeline, as many a second from each replay."""
_RESTLESS = 10
"""One in so many pauses and seeks."""
_POST_PAUSE_S = 0.05
_EVENT = re.compile(rb'"type":"event","position":(\d+)')
_SUBSCRIBED = re.compile(rb'"type":"subscribed".*?"position":(\d+).*?"server_time":"([^"]+)"')


def measure(bench: Bench) -> Iterator[Table]:
    """Alone, and while another blog's readers are sent what is posted there."""
    sizes = bench.sizes
    url = bench.sqlite()
    seconds = max(_RATES) * (sizes.paced_s + 5) * 2
    ats = uvloop.run(build_past(url, seconds, seconds))
    token = uvloop.run(_prepare(url))
    readers = sizes.readers[-1]
    limits = {"max_connections_per_address": str(readers + sizes.replays + 1), "heartbeat_s": "3600"}
    rows: list[Row] = []
    goals: list[Goal] = []
    with program.liveblog(url, core=None, **limits) as server, Crowd.gathered() as crowd:
        for name, limit in (("alone", 5), (f"beside {readers:,} readers", 20)):
            if name != "alone":
                crowd.do("join", server.port, [f"/v1/blogs/{_OTHER}/stream"] * readers, 0.0, "open")
                crowd.begin("listen", sizes.paced_s + 3.0)
            begun, used = time.perf_counter(), server.cpu_s()
            late, rate = uvloop.run(
                _replay(server.port, sizes.replays, sizes.paced_s, ats, None if name == "alone" else token)
            )
            share = (server.cpu_s() - used) / (time.perf_counter() - begun)
            if name != "alone":
                crowd.end()
            early = sum(each < -1 for each in late)
            rows += [
                Row(f"median, {name}", [sorted(late)[len(late) // 2]], "ms"),
                Row(f"p99, {name}", [p99(late)], "ms"),
                Row(f"early by more than a millisecond, {name}", [early], ""),
                Row(f"events a second, {name}", [rate], "/s"),
                Row(f"processor of the server, {name}", [share], "s/s"),
            ]
            goals += [
                at_most(limit, f"{sizes.replays:,} replays, {name}, p99 after the deadline", p99(late), "ms"),
                at_most(0, f"{sizes.replays:,} replays, {name}, events that were early", early, ""),
            ]
    note = "the clock starts at the `server_time` of `subscribed`, cut to a millisecond; not pinned"
    yield Table(f"replays: {sizes.replays:,} at mixed rates, milliseconds after the deadline", rows, note, goals)


async def _prepare(url: str) -> str:
    """Start the other blog, and make a token."""
    async with main.open_store(Settings(database_url=url)) as store:
        await material.append(store.event_log, [material.start(_OTHER)])
        return await endpoint.token(store.tokens)


async def _replay(
    port: int, count: int, seconds: int, ats: Sequence[int], token: str | None
) -> tuple[list[float], float]:
    """Milliseconds after its deadline for each event, and events a second."""
    loop, dice = asyncio.get_running_loop(), Random(1)
    late: list[float] = []
    replays: list[_Replay] = []
    for number in range(count):
        replay = _Replay(_RATES[number % len(_RATES)], dice.randrange(1, len(ats) // 2), ats, late)
        replays.append(replay)
        await loop.create_connection(lambda: replay, "127.0.0.1", port)  # noqa: B023  (made before the next)
    posting: asyncio.Task[None] | None = None
    if token is not None:
        poster = await Poster.connected(port)
        posting = asyncio.create_task(keep_posting(poster, token, _POST_PAUSE_S, [], _OTHER))
    await asyncio.sleep(1.0)
    late.clear()
    begun = time.perf_counter()
    for _ in range(seconds):
        for replay in replays[::_RESTLESS]:
            replay.stir(dice)
        await asyncio.sleep(1.0)
    rate = len(late) / (time.perf_counter() - begun) * _RESTLESS / (_RESTLESS - 1)
    if posting is not None:
        posting.cancel()
    for replay in replays:
        replay.leave()
    return late, rate


class _Replay(asyncio.Protocol):
    """One that notes when its events come."""

    def __init__(self, rate: int, start: int, ats: Sequence[int], late: list[float]) -> None:
        self._rate = rate
        self._start = start
        self._ats = ats
        self._late = late
        self._begun: float | None = None
        self._is_stirred = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
        path = f"/v1/blogs/{SLUG}/stream?from={self._start}&rate={self._rate}"
        request = (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{key}\r\n\r\n"
        )
        self._transport.write(request.encode())

    def data_received(self, data: bytes) -> None:
        """Called by the loop. An event is in one piece, or is not judged."""
        now = time.time()
        if self._begun is None and (found := _SUBSCRIBED.search(data)):
            self._begun = instant.parse(found[2].decode()) / 1000
        if self._begun is None or self._is_stirred:
            return
        for found in _EVENT.finditer(data):
            after = (self._ats[int(found[1]) - 1] - self._ats[self._start - 1]) / self._rate / 1000
            self._late.append((now - self._begun - after) * 1000)

    def stir(self, dice: Random) -> None:
        """Ask for something else."""
        self._is_stirred = True
        place = dice.randrange(1, len(self._ats) // 2)
        asked = dice.choice([b'{"type":"pause"}', b'{"type":"resume"}', b'{"type":"seek","to":%d}' % place])
        mask = b"\0\0\0\0"  # which leaves the text as it is
        self._transport.write(bytes([0x81, 0x80 | len(asked)]) + mask + asked)

    def leave(self) -> None:
        """Cut the connection."""
        self._transport.abort()
