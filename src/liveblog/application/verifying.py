"""Verifying: a blog's stored history against its chain, row by row, as nobody believes it.

What the read paths take for granted is looked at here: that no event is missing, that the columns that queries use say
what the envelopes say, that the chain leads to the head, and that the head is the end. The rows come as the database
holds them, since a damaged one could not be read as a record.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from msgspec import Struct

from liveblog.domain import instant
from liveblog.log.proof import Proof, Unfit, read_envelope
from liveblog.log.record import Envelope, Record

PAGE = 250
"""Events that are held at once."""


class StoredBlog(Struct, frozen=True, kw_only=True):
    """A blog as its row says it is, and what its events must lie within, all of one snapshot.

    `last` is the highest position of its events, 0 if it has none; `log_position` the newest over all blogs.
    """

    blog_id: str
    slug: str
    epoch: str
    position: Any
    hash: Any
    at: Any
    last: Any
    log_position: Any


class StoredEvent(Struct, frozen=True, kw_only=True):
    """A row of the log, each column as the database gives it."""

    log_position: Any
    blog_id: Any
    position: Any
    event_id: Any
    event_type: Any
    schema_version: Any
    at: Any
    recorded_at: Any
    commit_end: Any
    entry_id: Any
    envelope: Any
    payload: Any
    salt: Any
    commitment: Any
    hash: Any


_BYTES = ("envelope", "payload", "salt", "commitment", "hash")
_REPEATED = ("blog_id", "position", "event_id", "event_type", "schema_version", "commit_end", "entry_id")
_INSTANTS = ("at", "recorded_at")


class Evidence(Protocol):
    """A store that shows its rows."""

    async def blog(self, slug: str) -> StoredBlog | None:
        """The blog's row, or None if there is no such blog.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """

    async def events(self, blog_id: str, after: int, until: int) -> Sequence[StoredEvent]:
        """The rows of a blog's events after one position up to another, in order.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """


async def verified(evidence: Evidence, blog: StoredBlog) -> AsyncIterator[Record]:
    """Walk a blog's history up to the head that its row names; what is appended meanwhile is left alone.

    Args:
        evidence: Where the rows are.
        blog: The blog's row, read just now.

    Yields:
        Each record, once it is known to fit.

    Raises:
        Unfit: At the first position that does not fit.
        LogUnavailable: If the log cannot be read now.

    """
    proof, log_position = Proof(blog.blog_id), 0
    end = next((each for each in (blog.last, blog.position) if isinstance(each, int)), 0)
    while proof.position < end:
        rows = await evidence.events(blog.blog_id, proof.position, min(proof.position + PAGE, end))
        for row in rows:
            here = proof.position + 1
            if row.position != here:
                break
            record = _record(here, row)
            proof.take(record)
            _compare(row, record.envelope)
            if not log_position < row.log_position <= blog.log_position:
                raise Unfit(here, f"column log_position says {row.log_position}: not its place in the order of commits")
            log_position = row.log_position
            yield record
        if not rows or row.position != proof.position:
            raise Unfit(proof.position + 1, "missing")
    _compare_head(blog, proof)
    proof.finish()


def _record(position: int, row: StoredEvent) -> Record:
    for name in _BYTES:
        if not isinstance(getattr(row, name), bytes):
            raise Unfit(position, f"column {name} holds no bytes")
    return Record(
        log_position=row.log_position,
        envelope=read_envelope(position, row.envelope),
        envelope_bytes=row.envelope,
        payload=row.payload,
        salt=row.salt,
        commitment=row.commitment,
        hash=row.hash,
    )


def _compare(row: StoredEvent, envelope: Envelope) -> None:
    for name in (*_REPEATED, *_INSTANTS):
        column, signed = getattr(row, name), getattr(envelope, name)
        if name in _INSTANTS:
            signed = instant.parse(signed)
        if column != signed or type(column) is not type(signed):
            raise Unfit(envelope.position, f"column {name} says {column!r}, the envelope {signed!r}")
    if not isinstance(row.log_position, int):
        raise Unfit(envelope.position, "column log_position holds no number")


def _compare_head(blog: StoredBlog, proof: Proof) -> None:
    """Compare the end of the history with what the blog's row says of it."""
    if not isinstance(blog.position, int) or not 0 <= blog.position <= proof.position:
        raise Unfit(proof.position + 1, f"missing: the blog's row says that its head is {blog.position}")
    if blog.position < proof.position:
        raise Unfit(blog.position + 1, f"stands after the head, which is {blog.position} as the blog's row says")
    if blog.hash != proof.hash:
        raise Unfit(proof.position, "its hash is not the one that the blog's row holds")
    if blog.at != proof.at:
        raise Unfit(proof.position, "its instant is not the one that the blog's row holds")
