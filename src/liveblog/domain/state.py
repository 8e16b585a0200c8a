"""What a decision needs to know: the blog without its entries, and the one entry or key point it is about.

One event changes at most one entry and the header, so neither `decide` nor `evolve` ever looks at the other entries:
a command costs the same in a blog of ten entries and of fifty thousand.
"""

from msgspec import Struct

from liveblog.domain.entry import OwnedEntry
from liveblog.domain.header import Counts, Header, PointState


class Blog(Struct, frozen=True, gc=False):
    """The blog without its entries.

    `flagged` holds every breaking entry, the newest flag first; the header names only the first few of them.
    """

    header: Header
    counts: Counts = Counts()
    flagged: tuple[str, ...] = ()


class State(Struct, frozen=True, gc=False):
    """The blog, and the entry or key point that the command or event names, where there is one."""

    blog: Blog
    entry: OwnedEntry | None = None
    point: PointState | None = None


def initial_state(slug: str) -> State:
    """The state at position 0: nothing has happened."""
    return State(Blog(Header(slug=slug)))
