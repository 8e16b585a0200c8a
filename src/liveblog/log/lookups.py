"""What a batch must know of the store before it decides: keys, newest revisions, hashes.

All of it is found by key, whatever the length of the blog: what a command names, and, where the header may change, the
entries that it may name then.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from liveblog.domain import limits
from liveblog.domain.commands import (
    ClearBreaking,
    CorrectEntry,
    MarkKeyEvent,
    PublishEntry,
    RetractEntry,
    ReviseEntry,
    StartBlog,
    UnmarkKeyEvent,
    entry_named,
    point_named,
)
from liveblog.domain.events import KeyPointSet, KeyPointWithdrawn
from liveblog.log.codec import CODEC
from liveblog.log.held import Held
from liveblog.log.request import Adopt, Proposal, Request
from liveblog.log.rows import BlogHead, KeyRow

_CLEARING = (ClearBreaking, RetractEntry)
_LEAVE_HEADER = (ReviseEntry, CorrectEntry, MarkKeyEvent, UnmarkKeyEvent)


class Lookups(Struct, frozen=True):
    """What the batch needs to know of the store.

    `keys`: (blog id, actor id, key). `entries` and `points`: (blog id, generation, id), whose newest revision is
    wanted. `hashes`: ids of blogs whose whole chain an `Adopt` must be compared with. `events`: ids that an `Adopt`
    brings, which no event of any blog may have.
    """

    keys: set[tuple[str, str, str]] = msgspec.field(default_factory=set)
    entries: set[tuple[str, int, str]] = msgspec.field(default_factory=set)
    points: set[tuple[str, int, str]] = msgspec.field(default_factory=set)
    hashes: set[str] = msgspec.field(default_factory=set)
    events: set[str] = msgspec.field(default_factory=set)


class Found(Struct, frozen=True):
    """What the store found of the lookups.

    Revisions that are still valid, keys, hashes by position from 1, and the ids of events that stand somewhere.
    """

    keys: dict[tuple[str, str, str], KeyRow]
    entries: dict[tuple[str, str], Held]
    points: dict[tuple[str, str], Held]
    hashes: dict[str, list[bytes]]
    events: set[str] = msgspec.field(default_factory=set)


def wanted(requests: Sequence[Request], heads: Sequence[BlogHead]) -> Lookups:
    """Say what is needed to decide the requests, given the heads of their blogs that exist."""
    by_slug = {head.slug: head for head in heads}
    by_id = {head.blog_id: head for head in heads}
    lookups = Lookups()
    clearing = sum(map(_may_clear, requests))
    for request in requests:
        if isinstance(request, Adopt):
            head = by_id.get(request.start.blog_id)
            fresh = request.records[0 if head is None else head.position :]
            lookups.events.update(record.envelope.event_id for record in fresh)
            if head is not None:
                _look_up_adopted(request, head, clearing, lookups)
        elif (head := by_slug.get(request.slug)) is not None:
            if request.key is not None:
                lookups.keys.add((head.blog_id, request.actor.id, request.key.key))
            for commit in request.commits:
                for proposal in commit.proposals:
                    _look_up(proposal, head, clearing, lookups)
    return lookups


def _may_clear(request: Request) -> int:
    """How many breaking flags the request may take away, at most."""
    if isinstance(request, Adopt):
        return sum(record.envelope.event_type in {"breaking_cleared", "entry_retracted"} for record in request.records)
    count = 0
    for commit in request.commits:
        for proposal in commit.proposals:
            count += isinstance(proposal.command, _CLEARING)
    return count


def _named_by_header(head: BlogHead, clearing: int) -> set[tuple[str, int, str]]:
    # For each breaking flag that is cleared, one entry more may move up into the header.
    named = {*head.blog.header.pinned, *head.blog.flagged[: limits.BREAKING + clearing]}
    return {(head.blog_id, head.generation, name) for name in named}


def _look_up(proposal: Proposal, head: BlogHead, clearing: int, lookups: Lookups) -> None:
    command = proposal.command
    if isinstance(command, StartBlog):
        return
    if not proposal.fresh_entry and (entry_id := entry_named(command)) is not None:
        lookups.entries.add((head.blog_id, head.generation, entry_id))
    if (point_id := point_named(command)) is not None:
        lookups.points.add((head.blog_id, head.generation, point_id))
    if not _leaves_header(command):
        lookups.entries.update(_named_by_header(head, clearing))


def _look_up_adopted(request: Adopt, head: BlogHead, clearing: int, lookups: Lookups) -> None:
    lookups.hashes.add(head.blog_id)
    lookups.entries.update(_named_by_header(head, clearing))
    for record in request.records[head.position :]:
        assert record.payload is not None
        event, _ = CODEC.decode(record.envelope, record.payload)
        if record.envelope.entry_id is not None:
            lookups.entries.add((head.blog_id, head.generation, record.envelope.entry_id))
        if isinstance(event, KeyPointSet | KeyPointWithdrawn):
            lookups.points.add((head.blog_id, head.generation, event.point_id))


def _leaves_header(command: object) -> bool:
    """Whether the command can be told, without deciding it, to leave the header alone."""
    if isinstance(command, PublishEntry):
        return not (command.breaking or command.pinned)
    return isinstance(command, _LEAVE_HEADER)
