"""Presence: who has a blog's desk open, in which window, and what they are editing there."""

from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from liveblog.application.drafts import Person
from liveblog.domain.text import SAID, Tab

LASTING_MS = 20_000
"""How long a window is believed to be open after it last said so."""
MOST = 200
"""Windows of a blog's desk that are remembered, those that spoke last."""

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=SAID)]


class Editing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody is editing.

    Args:
        kind: What sort of thing; `correction` of an entry that is corrected, `entry` of one that is revised.
        id: Which one of them; null for the blog's header, its list of key points, or what has no id yet.

    """

    kind: Literal["new", "entry", "correction", "draft", "header", "points"]
    id: Name | None = None


class AtDesk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window that says that it is open.

    Args:
        tab: The window's own name for itself.
        editing: What is edited in it; null for nothing.

    """

    tab: Tab
    editing: Editing | None = None


class Leaving(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window that closes.

    Args:
        tab: The window's own name for itself.

    """

    tab: Tab


class Presence(Struct, frozen=True, kw_only=True):
    """A window as it is kept. `since`: when its actor began to edit this, in milliseconds."""

    actor: Person
    tab: str
    editing: Editing | None
    since: int


class PresenceStore(Protocol):
    """Where it is kept who is there, for every node to see."""

    async def enter(self, slug: str, actor: Person, wish: AtDesk, now: int) -> list[Presence]:
        """Note that a window is open; returns all that are, those first that have been at it longest."""

    async def leave(self, slug: str, actor_id: str, tab: str) -> None:
        """Note that a window was closed."""
