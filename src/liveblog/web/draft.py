"""A draft as editors are shown it."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from liveblog.application.drafts import Draft, Person, Refusal
from liveblog.domain import instant
from liveblog.domain.shown import Ordinal, Timestamp, Uuid

CommandObject = Annotated[Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": True})]


class ShownDraft(Struct, frozen=True, kw_only=True):
    """A draft: a command that may be unfinished, and how far it has come.

    Args:
        id: The draft's id; no entry's.
        revision: It rises with each change; every change names the one that it was made on.
        state: How far it has come.
        command: What it says.
        note: What an editor wants done about it; null if nothing.
        author: Who began it.
        edited_by: Who changed it last, and, when it is scheduled, as whom it will be published.
        created_at: When it was begun.
        updated_at: When it was changed last.
        publish_at: When it is or was to be published; null for no set time.
        position: The blog's position when it was published; null while it is not.
        problem: Why it was refused when its time came; null if it was not.

    """

    id: Uuid
    revision: Ordinal
    state: Literal["writing", "submitted", "scheduled", "published", "refused"]
    command: CommandObject
    note: str | None
    author: Person
    edited_by: Person
    created_at: Timestamp
    updated_at: Timestamp
    publish_at: Timestamp | None
    position: Ordinal | None
    problem: Refusal | None


def show(draft: Draft) -> ShownDraft:
    """Show a draft. One that is on its way to the log is still what it was before."""
    return ShownDraft(
        id=draft.id,
        revision=draft.revision,
        state=draft.state.value,
        command=Raw(draft.command),
        note=draft.note,
        author=draft.author,
        edited_by=draft.edited_by,
        created_at=instant.show(draft.created_at),
        updated_at=instant.show(draft.updated_at),
        publish_at=None if draft.publish_at is None else instant.show(draft.publish_at),
        position=draft.position,
        problem=draft.problem,
    )
