"""Requests to a log, said tersely: ids and salts come from seeded dice, the time from a clock that is set by hand."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any
from uuid import UUID

from domain.scene import EDITOR, T0, render
from liveblog.domain.actor import Actor
from liveblog.domain.commands import Command, PublishEntry, StartBlog
from liveblog.domain.rejection import CommandRejected
from liveblog.domain.rendering import Rendering
from liveblog.log.memory import MemoryLog
from liveblog.log.port import EventLog
from liveblog.log.record import Record, Recorded
from liveblog.log.request import Accepted, Adopt, Append, Commit, Key, NewBlog, Outcome, Proposal, Repeated, Request

__all__ = ["EDITOR", "T0", "Build", "FakeClock", "accept", "memory_log", "pages", "refuse", "render", "repeat"]


class FakeClock:
    """A wall clock that stands where it is set: `now` in milliseconds. With `error`, asking the time fails."""

    def __init__(self, now: int = T0) -> None:
        self.now = now
        self.error: Exception | None = None

    def __call__(self) -> int:
        if self.error is not None:
            raise self.error
        return self.now


def memory_log(clock: FakeClock | None = None) -> MemoryLog:
    """A log in memory, with the renderer that every log under the contract is built with."""
    return MemoryLog(clock or FakeClock(), render)


class Build:
    """Makes requests. Two builders with different seeds share no id."""

    def __init__(self, seed: int = 1) -> None:
        self.dice = Random(seed)

    def id(self) -> str:
        """A UUIDv4 from the dice."""
        return str(UUID(bytes=self.dice.randbytes(16), version=4))

    def entry(self, **fields: Any) -> PublishEntry:
        """A new entry with an id of its own, and a body unless `fields` say otherwise."""
        return PublishEntry(**{"entry_id": self.id(), "body": f"Body {self.dice.randrange(10**6)}", **fields})

    def proposal(
        self,
        command: Command | StartBlog,
        *,
        rendering: Rendering | None = None,
        by: Actor | None = None,
        **fields: Any,
    ) -> Proposal:
        """A command with its event's id and salt."""
        made = {"event_id": self.id(), "salt": self.dice.randbytes(32), **fields}
        return Proposal(command=command, rendering=rendering, actor=by, **made)

    def commit(self, *commands: Command | StartBlog, at: int | None = None, at_estimated: bool = False) -> Commit:
        """Commands that share an instant: `at` in milliseconds, or now."""
        return Commit(proposals=tuple(map(self.proposal, commands)), at=at, at_estimated=at_estimated)

    def append(
        self,
        slug: str,
        *content: Command | Commit,
        by: Actor = EDITOR,
        expected: int | None = None,
        key: str | None = None,
        fingerprint: bytes = b"fingerprint",
    ) -> Append:
        """One commit of the commands, or the commits given."""
        commits = tuple(each for each in content if isinstance(each, Commit))
        commands = [each for each in content if not isinstance(each, Commit)]
        if commands:
            commits = (*commits, self.commit(*commands))
        return Append(
            slug=slug,
            actor=by,
            commits=commits,
            expected_position=expected,
            key=None if key is None else Key(key, fingerprint.ljust(32, b".")),
        )

    def start(
        self,
        slug: str,
        *commands: Command,
        by: Actor = EDITOR,
        at: int | None = None,
        key: str | None = None,
        fingerprint: bytes = b"fingerprint",
        **fields: Any,
    ) -> Append:
        """The start of a blog, with the commands in the same commit."""
        command = StartBlog(slug=slug, **{"headline": f"Blog {slug}", **fields})
        return Append(
            slug=slug,
            actor=by,
            commits=(self.commit(command, *commands, at=at),),
            key=None if key is None else Key(key, fingerprint.ljust(32, b".")),
            start=NewBlog(blog_id=self.id(), epoch=self.id(), edition="1"),
        )

    def adopt(self, records: Sequence[Record], slug: str) -> Adopt:
        """Take over another log's records, under an epoch of its own."""
        start = NewBlog(blog_id=records[0].envelope.blog_id, epoch=self.id(), edition="2")
        return Adopt(slug=slug, start=start, records=tuple(records))


async def accept(log: EventLog, *requests: Request) -> list[Accepted]:
    """Append requests in one batch; each must be accepted."""
    outcomes = await log.append(requests)
    assert len(outcomes) == len(requests)
    for outcome in outcomes:
        assert isinstance(outcome, Accepted), outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Accepted)]


async def repeat(log: EventLog, request: Request) -> Repeated:
    """Append a request that was accepted before."""
    (outcome,) = await log.append([request])
    assert isinstance(outcome, Repeated), outcome
    return outcome


async def refuse(log: EventLog, request: Request) -> CommandRejected:
    """Append a request that the rules refuse."""
    (outcome,) = await log.append([request])
    return rejection(outcome)


def rejection(outcome: Outcome) -> CommandRejected:
    """The outcome as a refusal by the rules."""
    assert isinstance(outcome, CommandRejected), outcome
    return outcome


async def pages(log: EventLog, blog_id: str, limit: int = 1000) -> list[Recorded]:
    """A blog's whole history, read page by page."""
    found: list[Recorded] = []
    while page := await log.read(blog_id, len(found), limit):
        assert len(page) <= limit
        found += page
    return found


def records_of(history: Iterable[Recorded]) -> list[Record]:
    """The stored events without their effects."""
    return [recorded.record for recorded in history]
