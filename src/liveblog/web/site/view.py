"""What a page of a blog is of: which moment, and which of its entries."""

from msgspec import Struct

from liveblog.application.cursors import read_place
from liveblog.application.readmodels import EntryQuery
from liveblog.domain import instant
from liveblog.log.rows import BlogHead
from liveblog.web.problems import Problem
from liveblog.web.services import Services
from liveblog.web.site.addresses import Addresses
from liveblog.web.site.asked import Asked

MOST_ENTRIES = 50


class View(Struct, frozen=True, kw_only=True):
    """A page of a blog.

    Args:
        head: The blog as it is now.
        position: The moment shown.
        past: Whether a moment was asked for.
        time: The instant asked for, in milliseconds, if it was asked for by time.
        cursor: Where the page begins or ends, if not with the newest entry.
        entry_id: The entry that the page is about, if it is about one.

    """

    head: BlogHead
    position: int
    past: bool = False
    time: int | None = None
    cursor: str | None = None
    entry_id: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """All that the page is made from, its texts' language aside, which is the blog's."""
        head = self.head
        copy = (head.blog_id, head.slug, head.epoch, head.edition, head.generation)
        return (*copy, self.position, self.past, self.time, self.cursor, self.entry_id)

    @property
    def query(self) -> EntryQuery:
        """The entries to read.

        Raises:
            BadCursor: If the cursor is none of ours.

        """
        if self.entry_id is not None:
            return EntryQuery(limit=MOST_ENTRIES, around=self.entry_id)
        if self.cursor is None:
            return EntryQuery(limit=MOST_ENTRIES)
        direction, place = read_place(self.cursor)
        if direction == "after":
            return EntryQuery(limit=MOST_ENTRIES, after=place)
        return EntryQuery(limit=MOST_ENTRIES, before=place)

    @property
    def address(self) -> Addresses:
        """The addresses of the blog's pages at this moment, within the server."""
        if not self.past:
            return Addresses(self.head.slug)
        then = f"position={self.position}" if self.time is None else f"time={instant.show(self.time)}"
        return Addresses(self.head.slug, then)


async def view_of(services: Services, slug: str, asked: Asked, entry_id: str | None = None) -> View:
    """Find out what a page is of.

    Args:
        services: Where blogs are read.
        slug: The blog.
        asked: What the address asks for.
        entry_id: The entry that it names.

    Raises:
        Problem: If there is no such blog, or it never was at that moment.

    """
    head = await services.event_log.head(slug)
    if head is None:
        raise Problem("no_such_blog", f"There is no blog {slug[:80]}.")
    position = asked.position
    if asked.time is not None:
        if asked.time > services.wall():
            raise Problem("time_in_future", f"{instant.show(asked.time)} has not come yet.")
        position = await services.readmodels.position_at(slug, asked.time)
    if position == 0:
        raise Problem("before_start", "The blog had not begun then: its first position is 1.")
    if position is not None and position > head.position:
        raise Problem("position_beyond_head", f"The blog's positions are 1 to {head.position}.")
    return View(
        head=head,
        position=head.position if position is None else position,
        past=position is not None,
        time=asked.time,
        cursor=None if entry_id is not None else asked.cursor,
        entry_id=entry_id,
    )
