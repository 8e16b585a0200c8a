"""Drafts: what is written but not yet said, kept beside the log and outside its chain.

A draft is a command that may be unfinished. It may be changed, handed from author to editor, scheduled and thrown
away, and leaves no trace in the blog's history; once published it is an event like any other.
"""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from liveblog.domain.actor import Actor, Role
from liveblog.domain.rejection import Fault

MOST = 200
"""Drafts of a blog that are not published yet."""
PUBLISHED = 50
"""Published drafts of a blog that are kept, the newest, so that windows still open see what became of them."""
BYTES = 256 * 1024
"""A draft's command as JSON."""
ALL_BYTES = 4 * 1024 * 1024
"""The commands of a blog's drafts together."""


class State(StrEnum):
    """How far a draft has come."""

    WRITING = "writing"
    SUBMITTED = "submitted"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    REFUSED = "refused"


class Person(Struct, frozen=True):
    """Who wrote a draft, or changed it last.

    Args:
        id: The actor's id, the same for all its tokens.
        name: The actor's public name.

    """

    id: str
    name: str


class Refusal(Struct, frozen=True, kw_only=True):
    """Why a scheduled draft was refused when its time came.

    Args:
        code: The code of the problem, as for commands.
        detail: What to do about it.
        errors: All that was wrong with the command.

    """

    code: str
    detail: str
    errors: tuple[Fault, ...] = ()


class Draft(Struct, frozen=True, kw_only=True):
    """A draft as it is kept. Instants are in milliseconds.

    Args:
        command: JSON, an object.
        sender: Who publishes it right now: between this and its end nobody may change it.
        sent_at: Since when.

    """

    id: str
    slug: str
    revision: int
    state: State
    command: bytes
    note: str | None = None
    author: Person
    edited_by: Person
    created_at: int
    updated_at: int
    publish_at: int | None = None
    position: int | None = None
    problem: Refusal | None = None
    sender: Person | None = None
    sent_at: int | None = None


class DraftRefused(Exception):
    """What cannot be done with drafts: the asker's fault, or a race; `draft` is the draft as it is now."""

    def __init__(self, code: str, message: str, draft: Draft | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.draft = draft


class DraftStore(Protocol):
    """Where drafts are kept. Every change raises the board's revision of its blog, so that others see there is news."""

    async def board(self, slug: str) -> tuple[int, list[Draft]]:
        """A blog's board: its revision, and its drafts, the one that was changed last first."""

    async def revision(self, slug: str) -> int:
        """The revision of a blog's board; 0 while there never was a draft."""

    async def find(self, slug: str, draft_id: str) -> Draft | None:
        """A draft of a blog."""

    async def add(self, draft: Draft) -> Draft:
        """Keep a new draft; where there is one of its id, return that.

        Raises:
            DraftRefused: With ``too_many_drafts``, if the blog's board is full.

        """

    async def change(self, draft: Draft, before: Draft) -> bool:
        """Put a draft in the place of what it was; False if it is something else by now.

        Raises:
            DraftRefused: As `add`.

        """

    async def remove(self, draft: Draft) -> bool:
        """Throw a draft away; False if it is something else by now."""

    async def due(self, now: int, sent_before: int) -> list[Draft]:
        """Scheduled drafts whose time has come, the earliest first, and those that were being sent at some instant."""

    async def next_due(self) -> int | None:
        """When the next scheduled draft is due, in milliseconds."""


def sees(actor: Actor, draft: Draft) -> bool:
    """Tell whether a draft exists for somebody: authors have their own, editors all of their blogs."""
    return actor.role is not Role.AUTHOR or draft.author.id == actor.id
