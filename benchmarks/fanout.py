"""What it costs to hand an event to thousands of open sockets, and to keep them open.

Beside nchan, a bare loop of writes in C, and a plain Starlette broadcast with a queue for each reader: the same
readers, the same messages, posted one after the other as fast as each is answered. Server and clients have a processor
each.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from statistics import median

from benchmarks import endpoint, material, nchan, program, writeloop
from benchmarks.bench import SLUG, Bench, build
from benchmarks.crowd import Crowd
from benchmarks.goals import Goal, at_most
from benchmarks.program import Program
from benchmarks.table import Row, Table

OURS, NCHAN, LOOP, PLAIN = "stream", "nchan", "write loop in C", "plain Starlette"
_QUIET = "nobody"
_LIMITS = {1_000: {NCHAN: 1.05, LOOP: 1.5, PLAIN: 0.25}, 10_000: {NCHAN: 1.05, LOOP: 1.3}}
_SHARE = {PLAIN: 10}
"""Of what costs so much more, so much less is measured."""

_Post = Callable[[HTTPConnection, bool, str], None]
"""Posts a body on a connection, to the readers or to nobody."""


class Server:
    """One that takes part.

    Args:
        name: In the tables.
        program: That runs.
        path: Of its stream.
        post: How it is posted to.
        greets: Messages that a reader gets before any post.

    """

    def __init__(self, name: str, program: Program, path: str, post: _Post, greets: int = 0) -> None:
        self.name = name
        self.program = program
        self.path = path
        self._post = post
        self.seen = greets
        self.crowd: Crowd
        self.memory_kib = 0.0
        self.costs: list[float] = []

    def gather(self, crowd: Crowd, readers: int) -> None:
        """Let the readers in, and see what they hold of its memory."""
        before = self.program.memory_kib()
        crowd.do("join", self.program.port, [self.path] * readers, 0.0, "open")
        crowd.do("read", self.seen)
        self.memory_kib = (self.program.memory_kib() - before) / readers
        self.crowd = crowd

    def measure(self, posts: Sequence[str], readers: int) -> None:
        """Take one more figure: microseconds of processor a delivery, those of the posts themselves taken off."""
        quiet = self._cost(posts, is_quiet=True)
        self.crowd.begin("read", self.seen + len(posts))
        taken = self._cost(posts, is_quiet=False, until=self.crowd)
        self.seen += len(posts)
        self.costs.append((taken - quiet) / len(posts) / readers * 1e6)

    def _cost(self, posts: Sequence[str], *, is_quiet: bool, until: Crowd | None = None) -> float:
        connection = HTTPConnection("127.0.0.1", self.program.port)
        begun = self.program.cpu_s()
        for post in posts:
            self._post(connection, is_quiet, post)
        if until is not None:
            until.end()
        connection.close()
        return self.program.cpu_s() - begun


def measure(bench: Bench) -> Iterator[Table]:
    """Processor time of the server per message and reader, and memory per reader that waits."""
    for readers in bench.sizes.readers:
        yield _table(bench, readers)


def _table(bench: Bench, readers: int) -> Table:
    with ExitStack() as closing:
        servers = list(_servers(bench, readers, closing))
        for server in servers:
            server.gather(closing.enter_context(Crowd.gathered(program.CLIENT)), readers)
        for number in range(bench.sizes.runs + 1):  # the first warms up
            for server in servers:
                count = max(2, bench.sizes.broadcasts // _SHARE.get(server.name, 1))
                server.measure([body for body, _ in zip(material.bodies(number), range(count), strict=False)], readers)
    rows = [Row(server.name, server.costs[1:], "us") for server in servers]
    rows[0] = Row(OURS, rows[0].values, "us", tuple(row.label for row in rows[1:]))
    rows += [Row(f"{server.name}, memory a reader", [server.memory_kib], "KiB") for server in servers]
    there = {server.name for server in servers}
    missing = [said for name, said in ((NCHAN, nchan.NOT_FOUND), (LOOP, writeloop.NOT_FOUND)) if name not in there]
    return Table(
        f"fanout: {readers:,} readers, processor time a delivery",
        rows,
        "; ".join(missing),
        goals=list(_goals(servers, readers)),
    )


def _goals(servers: Sequence[Server], readers: int) -> Iterator[Goal]:
    ours = servers[0]
    for other in servers[1:]:
        if (limit := _LIMITS.get(readers, {}).get(other.name)) is not None:
            ratio = median(ours.costs[1:]) / median(other.costs[1:])
            yield at_most(limit, f"fan-out to {readers:,}, processor time a delivery", ratio, f"x {other.name}")
    if readers in _LIMITS:
        yield at_most(16, f"memory a reader that waits, {readers:,}", ours.memory_kib, "KiB")


def _servers(bench: Bench, readers: int, closing: ExitStack) -> Iterator[Server]:
    url = bench.sqlite()
    token = asyncio.run(endpoint.prepare(url))
    asyncio.run(build(url, 1, _QUIET))
    pace = {"heartbeat_s": "3600", "max_connections_per_address": str(readers + 1)}
    ours = closing.enter_context(program.liveblog(url, core=program.SERVER, **pace))
    messages: list[bytes] = []

    def post(connection: HTTPConnection, is_quiet: bool, body: str) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        path = endpoint.path_of(_QUIET if is_quiet else SLUG)
        answer = sent(connection, path, endpoint.command(body), headers)
        if not messages:  # the others send as many bytes
            messages.append(json.dumps(json.loads(answer)["events"][0], separators=(",", ":")).encode())

    yield Server(OURS, ours, f"/v1/blogs/{SLUG}/stream", post, greets=1)
    if (peer := closing.enter_context(nchan.running())) is not None:
        yield Server(NCHAN, peer, f"/new?to={SLUG}", _poster(f"/publish?to={_QUIET}", f"/publish?to={SLUG}", messages))
    if (peer := closing.enter_context(writeloop.running(readers))) is not None:
        yield Server(LOOP, peer, "/", _poster("/quiet", "/loud", messages))
    peer = closing.enter_context(program.running("benchmarks.plain", core=program.SERVER))
    yield Server(PLAIN, peer, "/stream", _poster("/quiet", "/broadcast", messages))


def _poster(quiet: str, loud: str, messages: Sequence[bytes]) -> _Post:
    def post(connection: HTTPConnection, is_quiet: bool, body: str) -> None:
        del body
        sent(connection, quiet if is_quiet else loud, messages[0], {})

    return post


def sent(connection: HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Post, and see that it was taken; returns the answer."""
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    assert answer.status in {201, 202}, (answer.status, data)
    return data
