"""The one transaction that appends: lock, look up, decide in memory, write.

Positions come from the locked rows, so that their order is the order of commits and a rollback leaves no gap. Every
transaction takes its locks in one order, the log head's and then the blogs' by id: any other deadlocks as soon as two
batches hold two blogs.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

import msgspec
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy import Connection

from liveblog.domain.evolve import Render
from liveblog.domain.rendering import Rendering
from liveblog.log.batch import Batch
from liveblog.log.request import Accepted, Adopt, Outcome, Request
from liveblog.storage import heads, lookups, projected, tables
from liveblog.storage.bulk import Change, Writes
from liveblog.storage.heads import StoredHead
from liveblog.storage.records import Instants, row_of

_LOCK = sa.select(tables.log_head.c.log_position).with_for_update()
_MOVE = Change(tables.log_head, ("log_position",), ("one",))


def append(
    connection: Connection,
    requests: Sequence[Request],
    clock: Callable[[], int],
    render: Render,
    renderer: int,
    *,
    together: bool = False,
) -> list[Outcome]:
    """Decide requests in order, and write what they become.

    Args:
        connection: In a transaction that writes and has done nothing yet.
        requests: In order of arrival.
        clock: The wall clock in milliseconds; read once, under the lock.
        render: Makes the rendering of bodies that came without one.
        renderer: The number under which renderings are kept.
        together: Whether the requests stand or fall together.

    Raises:
        RefusedTogether: If one of requests that stand or fall together is refused.
        LogUnavailable: If the clock is not to be believed.

    """
    log_position = connection.execute(_LOCK).scalar_one()
    rendered: dict[str, Rendering] = {}

    def remembering(source: str) -> Rendering:
        rendered[source] = found = render(source)
        return found

    batch = Batch(requests, clock(), log_position, remembering)
    stored = heads.lock(connection, *batch.heads_wanted())
    wanted = batch.lookups([each.head for each in stored])
    outcomes = batch.run(lookups.find(connection, wanted), together=together)
    writes = Writes()
    _write(writes, batch, stored)
    _keep_renderings(writes, zip(requests, outcomes, strict=True), rendered, renderer)
    writes.run(connection)
    _audit(connection, zip(requests, outcomes, strict=True), batch.now)
    return outcomes


def _write(writes: Writes, batch: Batch, stored: Iterable[StoredHead]) -> None:
    rows = batch.rows
    at, recorded_at = Instants(), Instants()
    writes.insert(tables.idempotency_keys, list(map(structs.astuple, rows.keys)))
    if not rows.records:
        return
    latest = {each.head.blog_id: each.latest for each in stored}
    writes.insert(tables.events, [row_of(record, at, recorded_at) for record in rows.records])
    projected.write(writes, rows, latest)
    heads.save(writes, batch.touched.values(), batch.started, latest)
    writes.update(_MOVE, [(batch.log_position, 1)])


def _keep_renderings(
    writes: Writes,
    decided: Iterable[tuple[Request, Outcome]],
    rendered: dict[str, Rendering],
    renderer: int,
) -> None:
    """Keep what the bodies of accepted requests look like, so that a rebuild need not render them again."""
    fresh: dict[str, Rendering] = {}
    for request, outcome in decided:
        if not isinstance(outcome, Accepted):
            continue
        if isinstance(request, Adopt):  # names no bodies; comes alone
            fresh |= rendered
            continue
        for commit in request.commits:
            for proposal in commit.proposals:
                source = getattr(proposal.command, "body", None)
                if source and (rendering := proposal.rendering or rendered.get(source)):
                    fresh[source] = rendering
    writes.insert_missing(
        tables.renderings,
        [(renderer, sha256(source.encode()).digest(), made.html, made.text) for source, made in fresh.items()],
    )


def _audit(connection: Connection, decided: Iterable[tuple[Request, Outcome]], now: int) -> None:
    taken = [
        {
            "at": now,
            "what": "recording_taken_over",
            "blog_id": outcome.blog_id,
            "position": outcome.position,
            "detail": msgspec.json.encode({"events": len(outcome.recorded)}).decode(),
        }
        for request, outcome in decided
        if isinstance(request, Adopt) and isinstance(outcome, Accepted) and outcome.recorded
    ]
    if taken:
        connection.execute(tables.audit.insert(), taken)
