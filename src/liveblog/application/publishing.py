"""Publishing a draft: once, whoever asks how often, and whatever dies in between.

The log and the drafts are not written in one transaction. So a draft is marked as being sent before its command goes to
the log, under a key that is the draft's own and no actor's; who finds the mark later sends it again, and the key makes
one event of it. Between mark and end nobody may change the draft, so that what it says is what was published.
"""

from contextlib import suppress
from hashlib import sha256

import msgspec
from msgspec import structs

from liveblog.application.decoding import decode_commands
from liveblog.application.desk import Answer, Desk
from liveblog.application.drafts import Draft, DraftStore, Person, Refusal, State
from liveblog.domain.actor import Actor
from liveblog.domain.commands import Command
from liveblog.domain.rejection import CommandRejected
from liveblog.log.port import EventLog
from liveblog.log.request import Key, LogUnavailable

KEEPER = Actor(":drafts", "Drafts")
"""Whose keys the drafts' are. No token has an actor of this id."""


def key_of(draft: Draft) -> Key:
    """The key of a draft's publication, bound to what the draft says."""
    return Key(f"draft {draft.id}", sha256(draft.command).digest())


def commands_of(draft: Draft, now: int) -> tuple[Command, ...]:
    """The command of a draft that is finished.

    Args:
        draft: The draft.
        now: When it will be published, in milliseconds: it cannot say that it was after that.

    Raises:
        CommandRejected: With code ``invalid_command`` and every fault, if it is not.

    """
    return decode_commands(msgspec.json.decode(draft.command), now)


class Publishing:
    """Brings drafts into the log.

    Args:
        store: Where drafts are kept.
        desk: Where commands go.
        log: Knows which keys are bound.

    """

    def __init__(self, store: DraftStore, desk: Desk, log: EventLog) -> None:
        self._store = store
        self._desk = desk
        self._log = log

    async def repeat(self, draft: Draft, actor: Actor, now: int) -> Answer:
        """What became of a draft that was published, answered again.

        Raises:
            LogUnavailable: If the log cannot be asked now.

        """
        return await self._send(draft, commands_of(draft, now), actor)

    async def publish(self, draft: Draft, actor: Actor, now: int) -> Answer | None:
        """Publish a draft for somebody who waits for it; what is refused leaves it as it was.

        Returns:
            What readers get; None if the draft is something else by now.

        Raises:
            CommandRejected: If its command is refused.
            LogUnavailable: If nothing can be written now, or nobody knows whether it was.

        """
        commands = commands_of(draft, now)
        sending = await self.begin(draft, Person(actor.id, actor.name), now)
        if sending is None:
            return None
        try:
            answer = await self._send(sending, commands, actor)
        except CommandRejected:
            await self.withdraw(sending, draft)
            raise
        except LogUnavailable:
            if not await self.is_said(sending):
                await self.withdraw(sending, draft)
                raise
            # The connection broke at the commit: nobody may change the draft now, so it is asked for again.
            answer = await self._send(sending, commands, actor)
        with suppress(LogUnavailable):  # it is published; the schedule will find the mark and end what was begun
            await self.end(sending, answer, now)
        return answer

    async def settle(self, sending: Draft, actor: Actor, now: int) -> None:
        """Publish a draft that is marked as being sent, for nobody who waits; what is refused is noted on it.

        Raises:
            LogUnavailable: If nothing can be written now.

        """
        try:
            answer = await self._send(sending, commands_of(sending, now), actor)
        except CommandRejected as refusal:
            await self.refuse(sending, refusal, now)
        else:
            await self.end(sending, answer, now)

    async def begin(self, draft: Draft, sender: Person, now: int) -> Draft | None:
        """Mark a draft as being sent; None if it is something else by now."""
        sending = structs.replace(draft, sender=sender, sent_at=now)
        return sending if await self._store.change(sending, draft) else None

    async def withdraw(self, sending: Draft, draft: Draft) -> None:
        """Take the mark away again, if the database lets us; if not, the schedule sends the draft once more."""
        with suppress(LogUnavailable):
            await self._store.change(draft, sending)

    async def end(self, sending: Draft, answer: Answer, now: int) -> None:
        """Note that a draft was published."""
        await self._over(sending, now, state=State.PUBLISHED, position=answer.position, problem=None)

    async def refuse(self, sending: Draft, refusal: CommandRejected, now: int) -> None:
        """Note that a draft was refused, and why."""
        problem = Refusal(code=refusal.code, detail=refusal.message, errors=refusal.faults)
        await self._over(sending, now, state=State.REFUSED, problem=problem)

    async def is_said(self, sending: Draft) -> bool:
        """Tell whether a draft that was being sent reached the log."""
        return await self._log.is_bound(sending.slug, KEEPER.id, key_of(sending).key)

    async def _send(self, draft: Draft, commands: tuple[Command, ...], actor: Actor) -> Answer:
        return await self._desk.handle(draft.slug, commands, actor, key=key_of(draft), keeper=KEEPER)

    async def _over(self, sending: Draft, now: int, **changes: object) -> None:
        assert sending.sender is not None
        done = structs.replace(
            sending,
            revision=sending.revision + 1,
            edited_by=sending.sender,
            updated_at=now,
            sender=None,
            sent_at=None,
            **changes,
        )
        await self._store.change(done, sending)  # if not, another has noted it
