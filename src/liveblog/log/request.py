"""What writers ask of a log, and what it answers."""

from typing import TypeAlias

from msgspec import Struct

from liveblog.domain.actor import Actor
from liveblog.domain.commands import Command, StartBlog
from liveblog.domain.header import Header
from liveblog.domain.rejection import CommandRejected
from liveblog.domain.rendering import Rendering
from liveblog.log.record import Record, Recorded


class Proposal(Struct, frozen=True, kw_only=True):
    """A command with all the randomness that its event may need. A `PublishEntry` has its id by now.

    `rendering` is that of the command's body, made before the lock. A body without one is rendered under it.
    """

    command: Command | StartBlog
    event_id: str
    salt: bytes
    rendering: Rendering | None = None
    actor: Actor | None = None
    """Who acts, where it is not the request's actor (imports)."""
    published_at_estimated: bool = False
    fresh_entry: bool = False
    """The entry's id was made just now: there can be no entry of that id to look up."""


class Commit(Struct, frozen=True, kw_only=True):
    """Proposals that are applied together and share an instant: `at` in milliseconds, or None for now."""

    proposals: tuple[Proposal, ...]
    at: int | None = None
    at_estimated: bool = False


class Key(Struct, frozen=True):
    """An idempotency key with the fingerprint of the request it stands for; it belongs to blog and actor."""

    key: str
    fingerprint: bytes


class NewBlog(Struct, frozen=True):
    """The identity of a blog that a request starts: its id for ever, and the epoch of this copy."""

    blog_id: str
    epoch: str
    edition: str


class Append(Struct, frozen=True, kw_only=True):
    """Decide commands and append what they become, all or nothing.

    With `start`, the first command is the `StartBlog` of a new blog.
    """

    slug: str
    actor: Actor
    commits: tuple[Commit, ...]
    expected_position: int | None = None
    key: Key | None = None
    start: NewBlog | None = None


class Adopt(Struct, frozen=True, kw_only=True):
    """Take over the records of another copy of a blog, as they are; they were verified before.

    Over a blog with the same id whose history is a prefix of the records, the rest is added.
    """

    slug: str
    start: NewBlog
    records: tuple[Record, ...]


Request: TypeAlias = Append | Adopt


class Accepted(Struct, frozen=True, kw_only=True):
    """The request stands in the log: `recorded` from position `first` on, or nothing if it changed nothing.

    `entry` is the document of the entry that the last command to name one named, as of the request's last position.
    `position` is the blog's head after the request.
    """

    blog_id: str
    slug: str
    epoch: str
    edition: str
    position: int
    recorded: tuple[Recorded, ...]
    entry: bytes | None


class Repeated(Struct, frozen=True, kw_only=True):
    """The request was accepted before, under its key: `count` events from position `first`."""

    blog_id: str
    slug: str
    epoch: str
    edition: str
    first: int
    count: int
    entry_id: str | None


class WrongExpectedPosition(Exception):
    """A race: the blog is at another position than the asker expected. `header` is its header as it is now."""

    def __init__(self, position: int, header: Header) -> None:
        super().__init__(f"the blog is at position {position}")
        self.position = position
        self.header = header


class HistoryDiffers(Exception):
    """A recording that is another history than the blog's: they differ at `position`."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the recording and the blog differ at position {position}")
        self.position = position


class RefusedTogether(Exception):
    """One of several requests that stand or fall together was refused, and so were all: which one, and why."""

    def __init__(self, index: int, refusal: Exception) -> None:
        super().__init__(str(refusal))
        self.index = index
        self.refusal = refusal


class LogUnavailable(Exception):
    """Ours: the log cannot take or give anything now; the same request may be sent again."""


Outcome: TypeAlias = Accepted | Repeated | CommandRejected | WrongExpectedPosition | HistoryDiffers
