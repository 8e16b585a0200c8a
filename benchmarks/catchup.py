"""What it costs to give hundreds of readers a blog from its first event, each on a connection of its own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from statistics import median

import uvloop

from benchmarks import nchan, program
from benchmarks.bench import SLUG, Bench, build
from benchmarks.crowd import Crowd
from benchmarks.fanout import NCHAN, OURS, PLAIN, sent
from benchmarks.goals import Goal, at_most
from benchmarks.program import Program
from benchmarks.table import Row, Table

_WHOLE, _ALONE = "handshakes included", "handshakes taken off"
_LIMITS = {_WHOLE: 1 / 3, _ALONE: 1 / 5}


def measure(bench: Bench) -> Iterator[Table]:
    """Processor time of the server per event and reader, beside servers that keep the same messages in memory."""
    sizes = bench.sizes
    url = bench.sqlite()
    uvloop.run(build(url, sizes.caught_up - 1))
    quiet = {"heartbeat_s": "3600", "max_connections_per_address": str(sizes.catching_up + 1)}
    costs: dict[str, list[tuple[float, float]]] = {}
    with ExitStack() as closing:
        crowd = closing.enter_context(Crowd.gathered(program.CLIENT))
        ours = closing.enter_context(program.liveblog(url, core=program.SERVER, **quiet))
        messages = _messages(ours, sizes.caught_up)
        stream = f"/v1/blogs/{SLUG}/stream?from="
        servers = [(OURS, ours, f"{stream}live", f"{stream}start", 1)]
        if (peer := closing.enter_context(nchan.running())) is not None:
            _keep(peer, f"/publish?to={SLUG}", messages)
            servers.append((NCHAN, peer, "/new?to=nobody", f"/all?to={SLUG}", 0))
        peer = closing.enter_context(program.running("benchmarks.plain", core=program.SERVER))
        _keep(peer, "/keep", messages)
        servers.append((PLAIN, peer, "/stream", "/history", 0))
        for _ in range(sizes.runs + 1):  # the first warms up
            for name, server, idle, path, greets in servers:
                handshakes = _cost(server, crowd, [idle] * sizes.catching_up, greets)
                whole = _cost(server, crowd, [path] * sizes.catching_up, greets + len(messages))
                events = sizes.catching_up * len(messages) / 1e6
                costs.setdefault(name, []).append((whole / events, (whole - handshakes) / events))
    yield _table(f"catchup: {sizes.catching_up:,} readers, {sizes.caught_up:,} events each", costs)


def _table(title: str, costs: dict[str, list[tuple[float, float]]]) -> Table:
    rows: list[Row] = []
    goals: list[Goal] = []
    for index, what in enumerate((_WHOLE, _ALONE)):
        figures = {name: [cost[index] for cost in found[1:]] for name, found in costs.items()}
        others = [name for name in figures if name != OURS]
        rows.append(Row(f"{OURS}, {what}", figures[OURS], "us", tuple(f"{name}, {what}" for name in others)))
        rows += [Row(f"{name}, {what}", figures[name], "us") for name in others]
        if NCHAN in figures:
            ratio = median(figures[OURS]) / median(figures[NCHAN])
            goals.append(at_most(_LIMITS[what], f"catch-up, processor time an event, {what}", ratio, f"x {NCHAN}"))
    return Table(f"{title}, processor time an event", rows, "" if goals else nchan.NOT_FOUND, goals)


def _cost(server: Program, crowd: Crowd, paths: Sequence[str], until: int) -> float:
    """Seconds of the server's processor until each reader has so many messages."""
    begun = server.cpu_s()
    crowd.do("join", server.port, paths, 0.0, until or "open")
    crowd.do("read", until)
    taken = server.cpu_s() - begun
    crowd.do("leave")
    return taken


def _messages(server: Program, count: int) -> list[bytes]:
    """The event messages of the whole blog."""
    connection = HTTPConnection("127.0.0.1", server.port)
    found: list[bytes] = []
    while len(found) < count:
        connection.request("GET", f"/v1/blogs/{SLUG}/events?after={len(found)}&limit=500")
        page = json.loads(connection.getresponse().read())
        found += [json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode() for each in page["events"]]
    connection.close()
    return found


def _keep(server: Program, path: str, messages: Sequence[bytes]) -> None:
    connection = HTTPConnection("127.0.0.1", server.port)
    for message in messages:
        sent(connection, path, message, {})
    connection.close()
