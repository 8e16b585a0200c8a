"""Durable posts through the admin endpoint of a server of its own process, with 1 and with 64 in flight."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import uvloop

from benchmarks import material, program
from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_least, at_most
from benchmarks.posting import Posted, post, request
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.application.access import digest_of, new_secret
from liveblog.application.tokens import Token
from liveblog.settings import Settings
from liveblog.storage.tokens import SqlTokenStore

_ANSWER_BYTES = 2_200
"""About what the answer to a post of this size holds: the whole message of its event, and the entry."""


def measure(bench: Bench) -> Iterator[Table]:
    """The endpoint beside a plain Starlette application, which parses the same bodies and keeps nothing."""
    sizes = bench.sizes
    url = bench.sqlite()
    secret = asyncio.run(prepare(url))
    found: dict[tuple[str, int], list[Posted]] = {}
    with program.liveblog(url) as ours, program.running("benchmarks.plain") as plain:
        for number in range(sizes.runs):
            for in_flight, count in ((1, sizes.single_posts), (material.GROUP, sizes.posts)):
                sent = [
                    request(path_of(SLUG), body, Authorization=f"Bearer {secret}") for body in _bodies(count, number)
                ]
                found.setdefault(("log", in_flight), []).append(uvloop.run(post(ours.port, sent, in_flight)))
                sent = [request("/echo", body, X_Answer=str(_ANSWER_BYTES)) for body in _bodies(count, number)]
                found.setdefault(("plain", in_flight), []).append(uvloop.run(post(plain.port, sent, in_flight)))
    rows: list[Row] = []
    for in_flight in (1, material.GROUP):
        for unit, figure in (("/s", "rate"), ("ms", "p50"), ("ms", "p99")):
            label = f"plain, {in_flight} in flight, {figure}"
            ours_then, plain_then = found["log", in_flight], found["plain", in_flight]
            rows.append(Row(f"endpoint, {in_flight} in flight, {figure}", _figures(ours_then, figure), unit, label))
            rows.append(Row(label, _figures(plain_then, figure), unit))
    goals = [
        at_least(
            2_000, f"posts, {material.GROUP} in flight", median(_figures(found["log", material.GROUP], "rate")), "/s"
        ),
        at_most(10, "posts, one in flight, p99", median(_figures(found["log", 1], "p99")), "ms"),
    ]
    yield Table("endpoint: durable posts, SQLite, synchronous=FULL", rows, "the client shares the machine", goals)


async def prepare(url: str) -> str:
    """Start a blog and make a token; returns its secret."""
    async with main.open_store(Settings(database_url=url)) as store:
        await material.append(store.event_log, [material.start(SLUG)])
        return await token(store.tokens)


async def token(tokens: SqlTokenStore) -> str:
    """Make a token; returns its secret."""
    secret = new_secret()
    made = Token(id="benchmark", actor=material.ACTOR, blogs=None, created_at=main.wall())
    await tokens.create(made, digest_of(secret))
    return secret


def path_of(slug: str) -> str:
    """Where commands for a blog are posted."""
    return f"/v1/admin/blogs/{slug}/commands"


def command(body: str) -> bytes:
    """A command that publishes an entry."""
    content: dict[str, Any] = {"type": "publish_entry", "body": body}
    return json.dumps(content).encode()


def _bodies(count: int, seed: int) -> list[bytes]:
    return [command(body) for body, _ in zip(material.bodies(seed), range(count), strict=False)]


def _figures(runs: Sequence[Posted], figure: str) -> list[float]:
    part = {"p50": 0.5, "p99": 0.99}.get(figure)
    return [run.rate if part is None else run.percentile(part) for run in runs]
