"""The drafts' desk: who may see a draft, change it, and take it from one state to the next.

| state | next | by whom |
|---|---|---|
| writing, refused | changed, submitted, removed | its author, and editors |
| submitted | changed, removed | its author, and editors |
| submitted | returned with a note | editors |
| writing, submitted, refused | scheduled, published | editors |
| scheduled | scheduled anew, unscheduled, published | editors |
| published | removed | editors |

What is scheduled is what an editor approved, so nobody changes it before it is unscheduled.
"""

from collections.abc import Callable

from msgspec import structs

from liveblog.application.chance import SYSTEM, Chance
from liveblog.application.desk import Answer
from liveblog.application.draft_wishes import ChangedDraft, NewDraft, ReturnDraft, ScheduleDraft, Step, encode
from liveblog.application.drafts import Draft, DraftRefused, DraftStore, Person, State, sees
from liveblog.application.publishing import Publishing, commands_of
from liveblog.domain import instant
from liveblog.domain.actor import Actor, Role
from liveblog.domain.rejection import CommandRejected, invalid
from liveblog.log.request import LogUnavailable

FARTHEST_MS = 366 * 24 * 3_600_000
"""How far ahead a draft may be scheduled."""

_OPEN = frozenset({State.WRITING, State.SUBMITTED, State.REFUSED})


class DraftDesk:
    """Takes wishes about drafts.

    Args:
        store: Where they are kept.
        publishing: Brings them into the log.
        clock: The wall clock in milliseconds. It may raise `LogUnavailable`.
        rescheduled: Called when the next time to publish may be another.
        chance: Where ids come from.

    """

    def __init__(
        self,
        store: DraftStore,
        publishing: Publishing,
        clock: Callable[[], int],
        rescheduled: Callable[[], None],
        chance: Chance = SYSTEM,
    ) -> None:
        self._store = store
        self._publishing = publishing
        self._clock = clock
        self._rescheduled = rescheduled
        self._chance = chance

    async def board(self, slug: str, actor: Actor) -> tuple[int, list[Draft]]:
        """The board's revision, and the drafts that somebody sees, the one that was changed last first."""
        revision, drafts = await self._store.board(slug)
        return revision, [draft for draft in drafts if sees(actor, draft)]

    async def revision(self, slug: str) -> int:
        """The revision of a blog's board."""
        return await self._store.revision(slug)

    async def find(self, slug: str, draft_id: str, actor: Actor) -> Draft:
        """A draft.

        Raises:
            DraftRefused: With ``no_such_draft``, if there is none for this actor.

        """
        draft = await self._store.find(slug, draft_id)
        if draft is None or not sees(actor, draft):
            raise DraftRefused("no_such_draft", "There is no such draft: it was removed, or is another author's.")
        return draft

    async def write(self, slug: str, wish: NewDraft, actor: Actor) -> tuple[Draft, bool]:
        """Begin a draft; of the same id there is one at most. Returns it, and whether it is new.

        Raises:
            DraftRefused: If there is another one of that id, or no room.

        """
        now, who = self._clock(), Person(actor.id, actor.name)
        draft = Draft(
            id=wish.id or self._chance.id(),
            slug=slug,
            revision=1,
            state=State.WRITING,
            command=encode(wish.command),
            author=who,
            edited_by=who,
            created_at=now,
            updated_at=now,
        )
        kept = await self._store.add(draft)
        if (kept.slug, kept.author.id) != (slug, actor.id):
            raise DraftRefused("draft_exists", "There is another draft of this id: make a new id.")
        return kept, kept is draft

    async def rewrite(self, slug: str, draft_id: str, wish: ChangedDraft, actor: Actor) -> Draft:
        """Change what a draft says; what it says already changes nothing, so that a repeat is no conflict.

        Raises:
            DraftRefused: If somebody else was quicker, or it is scheduled or published.

        """
        draft, command = await self.find(slug, draft_id, actor), encode(wish.command)
        if draft.command == command:
            return draft
        self._judge(draft, wish, _OPEN)
        state = State.SUBMITTED if draft.state is State.SUBMITTED else State.WRITING
        return await self._change(draft, actor, command=command, state=state, problem=None, publish_at=None)

    async def remove(self, slug: str, draft_id: str, revision: int | None, actor: Actor) -> None:
        """Throw a draft away.

        Raises:
            DraftRefused: If it is scheduled; if it is another's or another revision by now.

        """
        draft = await self.find(slug, draft_id, actor)
        by_editors = {State.PUBLISHED} if actor.role is not Role.AUTHOR else set[State]()
        self._judge(draft, Step(revision=revision or draft.revision), _OPEN | by_editors)
        if not await self._store.remove(draft):
            await self._refuse_stale(draft, actor)

    async def submit(self, slug: str, draft_id: str, wish: Step, actor: Actor) -> Draft:
        """Hand a draft in for review.

        Raises:
            CommandRejected: If it is not finished.
            DraftRefused: If it is in no state for it, or another revision by now.

        """
        draft = await self.find(slug, draft_id, actor)
        if _is_done(draft, wish, State.SUBMITTED, actor):
            return draft
        self._judge(draft, wish, {State.WRITING, State.REFUSED})
        commands_of(draft, self._clock())
        return await self._change(draft, actor, state=State.SUBMITTED, note=None, problem=None, publish_at=None)

    async def hand_back(self, slug: str, draft_id: str, wish: ReturnDraft, actor: Actor) -> Draft:
        """Give a draft back to its author.

        Raises:
            CommandRejected: If the actor is no editor.
            DraftRefused: If it was not submitted, or is another revision by now.

        """
        draft = await self._find_as_editor(slug, draft_id, actor)
        if _is_done(draft, wish, State.WRITING, actor) and draft.note == wish.note:
            return draft
        self._judge(draft, wish, {State.SUBMITTED})
        return await self._change(draft, actor, state=State.WRITING, note=wish.note)

    async def schedule(self, slug: str, draft_id: str, wish: ScheduleDraft, actor: Actor) -> Draft:
        """Publish a draft when its time comes, as this actor.

        Raises:
            CommandRejected: If the actor is no editor, the draft is not finished, or the time is past or too far.
            DraftRefused: If it is published, or another revision by now.

        """
        draft, publish_at = await self._find_as_editor(slug, draft_id, actor), instant.parse(wish.publish_at)
        if _is_done(draft, wish, State.SCHEDULED, actor) and draft.publish_at == publish_at:
            return draft
        self._judge(draft, wish, _OPEN | {State.SCHEDULED})
        now = self._clock()
        if publish_at <= now:
            raise invalid("publish_at", "That time is past: publish the draft, or name a time to come.")
        if publish_at > now + FARTHEST_MS:
            raise invalid("publish_at", "That is more than a year ahead.")
        commands_of(draft, publish_at)
        changed = await self._change(draft, actor, state=State.SCHEDULED, publish_at=publish_at, problem=None)
        self._rescheduled()
        return changed

    async def unschedule(self, slug: str, draft_id: str, wish: Step, actor: Actor) -> Draft:
        """Take a draft off the schedule.

        Raises:
            CommandRejected: If the actor is no editor.
            DraftRefused: If it is not scheduled, or another revision by now.

        """
        draft = await self._find_as_editor(slug, draft_id, actor)
        if _is_done(draft, wish, State.WRITING, actor) and draft.publish_at is None:
            return draft
        self._judge(draft, wish, {State.SCHEDULED})
        return await self._change(draft, actor, state=State.WRITING, publish_at=None)

    async def publish(self, slug: str, draft_id: str, wish: Step, actor: Actor) -> Answer:
        """Publish a draft; asked again, it is answered again.

        Raises:
            CommandRejected: If the actor is no editor, or the command is refused; the draft is as it was.
            DraftRefused: If it is another revision by now.
            LogUnavailable: If nothing can be written now: ask again.

        """
        while True:  # until nobody else is quicker
            draft, now = await self._find_as_editor(slug, draft_id, actor), self._clock()
            if draft.state is State.PUBLISHED and wish.revision in {draft.revision - 1, draft.revision}:
                return await self._publishing.repeat(draft, actor, now)
            self._judge(draft, wish, _OPEN | {State.SCHEDULED})
            answer = await self._publishing.publish(draft, actor, now)
            if answer is not None:
                return answer

    async def _find_as_editor(self, slug: str, draft_id: str, actor: Actor) -> Draft:
        if actor.role is Role.AUTHOR:
            raise CommandRejected("forbidden", "This is an editor's to do: submit the draft for review.")
        return await self.find(slug, draft_id, actor)

    def _judge(self, draft: Draft, wish: Step | ChangedDraft, states: frozenset[State] | set[State]) -> None:
        if draft.sent_at is not None:
            raise LogUnavailable("the draft is being published at this moment")
        if draft.revision != wish.revision:
            raise _stale(draft)
        if draft.state not in states:
            what = "unschedule it first" if draft.state is State.SCHEDULED else "begin a new one"
            if draft.state in _OPEN:
                what = "look at what became of it"
            raise DraftRefused("wrong_state", f"The draft is {draft.state.value}: {what}.", draft)

    async def _change(self, draft: Draft, actor: Actor, **changes: object) -> Draft:
        changed = structs.replace(
            draft,
            revision=draft.revision + 1,
            edited_by=Person(actor.id, actor.name),
            updated_at=self._clock(),
            **changes,
        )
        if not await self._store.change(changed, draft):
            await self._refuse_stale(draft, actor)
        return changed

    async def _refuse_stale(self, draft: Draft, actor: Actor) -> None:
        raise _stale(await self.find(draft.slug, draft.id, actor))


def _stale(draft: Draft) -> DraftRefused:
    return DraftRefused(
        "wrong_revision", f"The draft is at revision {draft.revision}: look at it, decide again.", draft
    )


def _is_done(draft: Draft, wish: Step, state: State, actor: Actor) -> bool:
    """Whether this very step was taken before, and its answer was lost."""
    return draft.revision == wish.revision + 1 and draft.state is state and draft.edited_by.id == actor.id
