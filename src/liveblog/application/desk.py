"""The desk: commands in, durable events out, each answered with the very messages that readers get."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct, structs

from liveblog.application.chance import SYSTEM, Chance
from liveblog.application.readmodels import ReadModels
from liveblog.application.rendering import Renderer
from liveblog.application.sequencer import Sequencer
from liveblog.domain.actor import Actor
from liveblog.domain.commands import Command, PublishEntry, StartBlog
from liveblog.domain.rendering import Rendering
from liveblog.log.port import EventLog
from liveblog.log.request import Accepted, Append, Commit, Key, NewBlog, Outcome, Proposal, Repeated
from liveblog.session.page import Item
from liveblog.session.wire import encode_event

_LONG = 2_000
"""Characters of Markdown that are rendered on the spot; longer bodies would hold up the loop."""
_KNOWN = 10_000
"""Blogs that are remembered to be there."""


class Answer(Struct, frozen=True, kw_only=True):
    """What became of a request: the messages of its events, and the entry that its last command named.

    `repeated`: the request had been accepted before; these are the same events.
    """

    slug: str
    epoch: str
    edition: str
    position: int
    events: tuple[Item, ...]
    entry: bytes | None
    repeated: bool = False


Settled: TypeAlias = Outcome | Answer


def edition_of(renderer: Renderer) -> str:
    """The edition of what the renderer makes."""
    return f"r{renderer.number}"


def new_blog(edition: str, chance: Chance = SYSTEM) -> NewBlog:
    """A fresh identity for a blog."""
    return NewBlog(blog_id=chance.id(), epoch=new_epoch(chance), edition=edition)


def new_epoch(chance: Chance = SYSTEM) -> str:
    """A name for a copy of a log, which no other copy has."""
    return chance.id().replace("-", "")


def proposal(command: Command | StartBlog, rendering: Rendering | None = None, chance: Chance = SYSTEM) -> Proposal:
    """A command with fresh randomness, and an id for the entry that it may publish."""
    fresh = isinstance(command, PublishEntry) and command.entry_id is None
    if fresh:
        command = structs.replace(command, entry_id=chance.id())
    return Proposal(
        command=command,
        event_id=chance.event_id(),
        salt=chance.salt(),
        rendering=rendering,
        fresh_entry=fresh,
    )


class Desk:
    """Takes commands for the log.

    Args:
        log: Where events are kept.
        readmodels: Where an entry is looked up for the answer to a repeated request.
        renderer: Renders bodies before the lock is taken.
        publish: Called with a blog's id and new messages, in the order of the log, when they are durable.

    """

    def __init__(
        self,
        log: EventLog,
        readmodels: ReadModels,
        renderer: Renderer,
        publish: Callable[[str, tuple[Item, ...]], None],
    ) -> None:
        self._log = log
        self._readmodels = readmodels
        self._renderer = renderer
        self._publish = publish
        self.sequencer: Sequencer[Settled] = Sequencer(log, self._settle)
        self._blogs: set[str] = set()

    async def knows(self, slug: str) -> bool:
        """Tell whether there is such a blog. No blog ever goes, so the log is asked once for each.

        Raises:
            LogUnavailable: If the log cannot be read now.

        """
        if slug in self._blogs:
            return True
        if await self._log.head(slug) is None:
            return False
        if len(self._blogs) >= _KNOWN:
            self._blogs.clear()
        self._blogs.add(slug)
        return True

    async def start(self, command: StartBlog, actor: Actor, key: Key | None) -> Answer:
        """Start a blog.

        Raises:
            CommandRejected: If the slug is taken, or the key stands for another request.
            LogUnavailable: If nothing can be written now.

        """
        commit = Commit(proposals=(proposal(command),))
        start = new_blog(edition_of(self._renderer))
        return await self._submit(Append(slug=command.slug, actor=actor, commits=(commit,), key=key, start=start))

    async def handle(
        self,
        slug: str,
        commands: Sequence[Command],
        actor: Actor,
        *,
        key: Key | None = None,
        expected_position: int | None = None,
        keeper: Actor | None = None,
    ) -> Answer:
        """Decide commands and append what they become, all or nothing, as one commit.

        Args:
            slug: The blog.
            commands: What is asked for.
            actor: Who asks.
            key: Under which the same request is answered again.
            expected_position: Where the blog must stand.
            keeper: Whose key it is, where it is not the actor's: whoever asks then is answered from it.

        Raises:
            CommandRejected: If a rule refuses one of them; nothing happened.
            WrongExpectedPosition: If the blog is at another position than expected.
            LogUnavailable: If nothing can be written now.

        """
        proposals = tuple([proposal(command, await self._render(command)) for command in commands])
        if keeper is not None:
            proposals = tuple(structs.replace(each, actor=actor) for each in proposals)
        commit = Commit(proposals=proposals)
        return await self._submit(
            Append(slug=slug, actor=keeper or actor, commits=(commit,), key=key, expected_position=expected_position)
        )

    async def _render(self, command: Command) -> Rendering | None:
        body = getattr(command, "body", None)
        if not isinstance(body, str) or not body:
            return None
        if len(body) > _LONG:
            return await asyncio.to_thread(self._renderer.render, body)
        return self._renderer.render(body)

    async def _submit(self, request: Append) -> Answer:
        settled = await self.sequencer.submit(request)
        if isinstance(settled, Answer):
            return settled
        if isinstance(settled, Repeated):
            return await self._repeat(settled)
        assert isinstance(settled, Exception)
        raise settled

    def _settle(self, outcome: Outcome) -> Settled:
        """Encode accepted events once, for the answer and for every reader."""
        if not isinstance(outcome, Accepted):
            return outcome
        events = tuple(map(encode_event, outcome.recorded))
        if events:
            self._publish(outcome.blog_id, events)
        return Answer(
            slug=outcome.slug,
            epoch=outcome.epoch,
            edition=outcome.edition,
            position=outcome.position,
            events=events,
            entry=outcome.entry,
        )

    async def _repeat(self, repeated: Repeated) -> Answer:
        recorded = await self._log.read(repeated.blog_id, repeated.first - 1, repeated.count) if repeated.count else []
        entry = None
        if repeated.entry_id is not None:
            mine = (each for each in reversed(recorded) if each.record.envelope.entry_id == repeated.entry_id)
            if (last := next(mine, None)) is not None:
                entry = last.effect.entry
            elif (history := await self._readmodels.history(repeated.slug, repeated.entry_id)) is not None:
                entry = history.document
        return Answer(
            slug=repeated.slug,
            epoch=repeated.epoch,
            edition=repeated.edition,
            position=repeated.first + repeated.count - 1,
            events=tuple(map(encode_event, recorded)),
            entry=entry,
            repeated=True,
        )
