"""What readers who take little or nothing cost the others: latency, memory, and when those who take nothing go."""

import asyncio
import re
import select
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from benchmarks import endpoint, material, posting, program
from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_most
from benchmarks.line import Line
from benchmarks.program import Program
from benchmarks.table import Row, Table

POST_EVERY_S = 0.05
SIP = 1_024
"""Bytes that a slow reader takes in a second."""
SMALL = (
    (socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024),
    (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_400),
)
"""What makes a connection one over a network: the system keeps little of it, and packets are as small as there. Still,
over loopback a server learns of what such a reader took only by a dozen kilobytes."""
AFTER = 2.5
"""How often the time to give readers up passes until it is seen who was given up."""
RUNS = 2
_GIVEN_UP = re.compile(rb'^liveblog_streams_closed_total\{code="4008"\} ([0-9.]+)$', re.MULTILINE)


class Run(NamedTuple):
    """What was seen in one run.

    Args:
        waits: From a post's first byte to its event at a reader who keeps up, in milliseconds, sorted.
        memory_kib: What the server held at most, less what it held when all were connected.
        given_up: Readers who were closed with 4008.

    """

    waits: list[float]
    memory_kib: int
    given_up: int

    def percentile(self, part: float) -> float:
        """The wait that this part did not exceed."""
        return self.waits[int(part * (len(self.waits) - 1))]


def measure(bench: Bench) -> Iterator[Table]:
    """The latency of those who keep up, in turns with and without the others."""
    tenth, runs = bench.sizes.watching // 10, range(min(RUNS, bench.sizes.runs))
    found: dict[str, list[Run]] = {"beside slow ones": [], "alone": []}
    for _ in runs:
        found["beside slow ones"].append(_run(bench, tenth, tenth))
        found["alone"].append(_run(bench, 0, 0))
    rows = [
        Row(f"{figure} {name}", [run.percentile(part) for run in done], "ms", f"{figure} alone")
        for figure, part in (("median", 0.5), ("p99", 0.99))
        for name, done in found.items()
    ]
    slow = found["beside slow ones"]
    rows += [
        Row(f"memory more, {name}", [run.memory_kib / 1024 for run in done], "MiB") for name, done in found.items()
    ]
    rows.append(Row("given up with 4008", [float(run.given_up) for run in slow], ""))
    worst = max(run.percentile(0.99) for run in slow) / min(run.percentile(0.99) for run in found["alone"])
    yield Table(
        f"slow: {bench.sizes.watching - 2 * tenth:,} readers, {tenth} that take nothing, {tenth} at {SIP:,} bytes/s",
        rows,
        f"a post every {POST_EVERY_S * 1000:.0f} ms; who takes nothing for {bench.sizes.stall_s} s is given up",
        goals=[at_most(1.5, "p99 of readers beside slow ones", worst, "x alone")],
    )


def _run(bench: Bench, idle: int, slow: int) -> Run:
    url = bench.sqlite()
    token = asyncio.run(endpoint.prepare(url))
    sizes = bench.sizes
    limits = {"max_connections_per_address": str(sizes.watching), "heartbeat_s": "2", "stall_s": str(sizes.stall_s)}
    with program.liveblog(url, program.SERVER, **limits) as server:
        room = Room(server, token)
        try:
            room.join(sizes.watching * 8 // 10, idle, slow)
            waits, memory = room.watch(sizes.watched_s)
            if idle:
                room.watch(AFTER * sizes.stall_s)
            return Run(sorted(waits), memory, room.given_up())
        finally:
            room.leave()


class Room:
    """Readers of three kinds, and who posts for them, on one loop."""

    def __init__(self, server: Program, token: str) -> None:
        self._server = server
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._held: list[Line] = []
        self._view = memoryview(bytearray(256 * 1024))
        self._poster = socket.create_connection(("127.0.0.1", server.port))
        self._poster.setblocking(False)
        self._epoll.register(self._poster.fileno(), select.EPOLLIN)
        self._authorization = f"Bearer {token}"
        self._bodies = material.bodies(1)
        self._posted = [time.perf_counter()]
        """When each of the messages was posted, after the first, which is `subscribed`."""
        self._is_answered = True
        self._slow: list[Line] = []

    def join(self, quick: int, idle: int, slow: int) -> None:
        """Connect, one reader after the other."""
        path = f"/v1/blogs/{SLUG}/stream"
        for number in range(quick + idle + slow):
            line = Line(self._server.port, path, options=SMALL if number >= quick else ())
            self._lines[line.socket.fileno()] = line
            self._epoll.register(line.socket.fileno(), select.EPOLLOUT)
            while not line.frames:
                self._turn([])
            if number >= quick:
                self._epoll.unregister(line.socket.fileno())
                self._held.append(self._lines.pop(line.socket.fileno()))
        self._slow = self._held[idle:]

    def watch(self, seconds: float) -> tuple[list[float], int]:
        """Post and read for a while; returns the waits in milliseconds, and by how many KiB the server grew at most."""
        waits: list[float] = []
        last = time.perf_counter()
        end, before, most = last + seconds, self._server.memory_kib(), 0
        while (now := time.perf_counter()) < end:
            if self._is_answered and now >= self._posted[-1] + POST_EVERY_S:
                self._post(now)
            self._turn(waits)
            if now > last + 1:
                last = now
                for each in self._slow:
                    with suppress(OSError):  # nothing there, or given up: that is counted
                        each.socket.recv(SIP)
                most = max(most, self._server.memory_kib() - before)
        return waits, most

    def given_up(self) -> int:
        """How many readers the server has closed because they took nothing."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._server.port}/metrics", timeout=20) as answer:
            found = _GIVEN_UP.search(answer.read())
        return 0 if found is None else int(float(found[1]))

    def leave(self) -> None:
        """Close everything."""
        for each in (*self._lines.values(), *self._held):
            each.socket.close()
        self._poster.close()
        self._epoll.close()

    def _turn(self, waits: list[float]) -> None:
        """Read what is there, and note how long it took since it was posted."""
        for number, happened in self._epoll.poll(0.005):
            if number == self._poster.fileno():
                self._is_answered = b"201 Created" in self._poster.recv(256 * 1024) or self._is_answered
                continue
            line = self._lines[number]
            if happened & select.EPOLLOUT:
                line.greet()
                self._epoll.modify(number, select.EPOLLIN)
                continue
            before = line.frames
            if not line.take(self._view):
                raise ConnectionError("the server has ended the stream of a reader who keeps up")
            arrived = time.perf_counter()
            # The first of its messages was `subscribed`, before anything was posted.
            waits += [(arrived - self._posted[each]) * 1000 for each in range(before, line.frames)]

    def _post(self, now: float) -> None:
        self._is_answered = False
        self._posted.append(now)
        body = endpoint.command("\n\n".join(next(self._bodies) for _ in range(8)))
        self._poster.sendall(posting.request(endpoint.path_of(SLUG), body, Authorization=self._authorization))
