"""The schedule: publishes drafts when their time comes, also those whose time came while no server ran.

One timer waits for the next draft. Whoever schedules one wakes it; a look every few seconds finds what other nodes
scheduled, and what they were sending when they died. Nothing is published before its time.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from liveblog.application.access import reaches
from liveblog.application.drafts import Draft, DraftStore, Person
from liveblog.application.publishing import Publishing
from liveblog.application.tokens import TokensHeld
from liveblog.domain.actor import Actor, Role
from liveblog.domain.rejection import CommandRejected
from liveblog.log.request import LogUnavailable

LOOK_MS = 5_000
"""How often other nodes' doings are looked for."""
GRACE_MS = 30_000
"""How long a draft may be on its way to the log before another node sends it too."""

log = structlog.get_logger(__name__)


class Schedule:
    """Publishes what is due.

    Args:
        store: Where drafts are kept.
        publishing: Brings them into the log.
        tokens: Say whether who scheduled a draft is still an editor.
        clock: The wall clock in milliseconds. It may raise `LogUnavailable`: then nothing is published.

    """

    def __init__(self, store: DraftStore, publishing: Publishing, tokens: TokensHeld, clock: Callable[[], int]) -> None:
        self._store = store
        self._publishing = publishing
        self._tokens = tokens
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Have the timer set anew."""
        self._woken.set()

    async def run(self) -> None:
        """Publish what is due, until cancelled. What was on its way when a server died goes first."""
        begun = False
        while True:
            self._woken.clear()
            wait_ms = LOOK_MS
            try:
                now = self._clock()
                if await self.publish_due(now, now - GRACE_MS if begun else now):
                    wait_ms = await self._wait_ms()
                begun = True
            except LogUnavailable as error:
                log.warning("schedule_waits", reason=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_ms / 1000):
                    await self._woken.wait()

    async def publish_due(self, now: int, sent_before: int) -> bool:
        """Publish the drafts whose time has come.

        Args:
            now: The present instant, in milliseconds.
            sent_before: Send those too that were on their way before this.

        Returns:
            False if a defect of ours kept one of them back.

        Raises:
            LogUnavailable: If nothing can be read or written now.

        """
        due = await self._store.due(now, sent_before)
        well = True
        for draft in due:
            try:
                await self._settle(draft, now)
            except LogUnavailable:
                raise
            except Exception:
                # One that fails must not keep the others waiting.
                log.exception("schedule_failed", draft=draft.id)
                well = False
        return well

    async def _settle(self, draft: Draft, now: int) -> None:
        sender = draft.sender or draft.edited_by
        sending = draft if draft.sent_at is not None else await self._publishing.begin(draft, sender, now)
        if sending is None:
            return  # it was changed, or another node was quicker
        actor = await self._entitled(sender, draft.slug)
        if actor is None and not await self._publishing.is_said(sending):
            words = f"{sender.name}, who scheduled this, is no editor of the blog any more: publish it anew."
            await self._publishing.refuse(sending, CommandRejected("forbidden", words), now)
            return
        try:
            await self._publishing.settle(sending, actor or Actor(sender.id, sender.name), now)
        except LogUnavailable:
            if draft.sent_at is None and not await self._publishing.is_said(sending):
                await self._publishing.withdraw(sending, draft)
            raise
        log.info(
            "draft_settled", draft=draft.id, blog=draft.slug, actor=sender.id, late_ms=now - (draft.publish_at or now)
        )

    async def _entitled(self, sender: Person, slug: str) -> Actor | None:
        """Who scheduled a draft, with a role that a valid token gives for its blog."""
        for token in await self._tokens.held_by(sender.id):
            if reaches(token, slug) and token.actor.role is not Role.AUTHOR:
                return token.actor
        return None

    async def _wait_ms(self) -> int:
        """How long until the next draft is due, or until the next look."""
        due = await self._store.next_due()
        return LOOK_MS if due is None else max(0, min(LOOK_MS, due - self._clock()))
