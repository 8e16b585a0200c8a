"""Routes for readers: blogs, their entries and their events. No token, no cookie; the same bytes for everybody."""

import msgspec
from msgspec import UNSET, Raw
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.cursors import read_blog, read_place, show_blog, show_place
from liveblog.application.documents import blog_document
from liveblog.application.entry_histories import EntryHistories
from liveblog.application.readmodels import EntryPage, EntryQuery, NoSuchMoment
from liveblog.domain import instant, limits
from liveblog.log.rows import BlogHead, Mark
from liveblog.web.answers import answer
from liveblog.web.copies import Copy
from liveblog.web.freshness import at_least
from liveblog.web.pages import Blogs, EntriesPage, EventsPage, ListedBlog
from liveblog.web.parameters import Parameters
from liveblog.web.problems import Problem
from liveblog.web.services import Services

MOST_ENTRIES = 200
MOST_EVENTS = 1_000
MOST_BLOGS = 200
MARKS = {"key": Mark.KEY_EVENT, "breaking": Mark.BREAKING, "pinned": Mark.PINNED, "corrected": Mark.CORRECTED}
_MARGIN = 16 * 1024


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    public = Public(services)
    return [
        Route("/v1/blogs", public.blogs),
        Route("/v1/blogs/{slug}", public.blog),
        Route("/v1/blogs/{slug}/entries", public.entries),
        Route("/v1/blogs/{slug}/entries/{entry_id}", public.entry),
        Route("/v1/blogs/{slug}/events", public.events),
    ]


def no_such_blog(slug: str) -> Problem:
    """Refuse a slug that names no blog."""
    return Problem("no_such_blog", f"There is no blog {slug[:80]}.")


class Public:
    """Reads for everybody."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._histories = EntryHistories()

    async def blogs(self, request: Request) -> Response:
        """List the blogs, newest activity first."""
        given = Parameters(request)
        limit = given.limit(50, MOST_BLOGS)
        cursor = given.text("cursor")
        status = given.one_of("status", "live", "ended")
        given.done()
        before = None if cursor is None else read_blog(cursor)
        heads = await self._services.readmodels.blogs(before, limit + 1, status)  # type: ignore[arg-type] # one_of
        shown = heads[:limit]
        following = show_blog(shown[-1]) if len(heads) > limit else None
        return answer(request, msgspec.json.encode(Blogs(blogs=tuple(map(_listed, shown)), next=following)))

    async def blog(self, request: Request) -> Response:
        """The blog with its newest entries, now or as it stood."""
        given = Parameters(request)
        limit = given.limit(50, MOST_ENTRIES)
        view = _View(given)
        given.done()
        page = await view.read(request, self._services, EntryQuery(limit=limit))
        return answer(request, blog_document(page, view.time), immutable=view.is_immutable(page))

    async def entries(self, request: Request) -> Response:
        """A page of entries, now or as the blog stood."""
        given = Parameters(request)
        limit = given.limit(50, MOST_ENTRIES)
        view = _View(given)
        order = given.one_of("order", "newest", "oldest") or "newest"
        only = given.words("only", *MARKS)
        cursor, around = given.text("cursor"), given.text("around")
        given.exclude("cursor", "around")
        given.done()
        bounds = {}
        if cursor is not None:
            direction, place = read_place(cursor)
            bounds = {direction: place}
        query = EntryQuery(
            order="oldest" if order == "oldest" else "newest",
            limit=limit,
            around=around,
            only=Mark(sum({MARKS[word] for word in only})) if only else None,
            after=bounds.get("after"),
            before=bounds.get("before"),
        )
        try:
            page = await view.read(request, self._services, query)
        except NoSuchMoment:
            raise
        except LookupError as error:
            raise Problem("no_such_entry", "The blog has no such entry at that position.") from error
        return answer(request, _entries_document(page, query), immutable=view.is_immutable(page))

    async def entry(self, request: Request) -> Response:
        """An entry with its history."""
        given = Parameters(request)
        given.done()
        slug, entry_id = request.path_params["slug"], request.path_params["entry_id"]
        history = await self._services.readmodels.history(slug, entry_id)
        if history is None:
            if await self._services.readmodels.moment(slug, None) is None:
                raise no_such_blog(slug)
            raise Problem("no_such_entry", f"This blog has no entry {entry_id[:80]}.")
        return answer(request, await self._histories.document(history))

    async def events(self, request: Request) -> Response:
        """Event messages as on the stream."""
        given = Parameters(request)
        after = given.number("after", least=0) or 0
        limit = given.limit(100, MOST_EVENTS)
        copy = Copy(given)
        given.done()
        slug = request.path_params["slug"]
        feed = await self._services.hub.feed(slug, copy.epoch, copy.edition)
        if feed is None:
            raise no_such_blog(slug)
        copy.check(feed.epoch, feed.edition)
        if after > feed.head:
            # Another server may have let the reader come further than this one has seen.
            head_now = await self._services.event_log.head(slug)
            if head_now is None or after > head_now.position:
                raise NoSuchMoment("position_beyond_head", feed.head)
            feed.advance(head_now.position)
        room = limits.MESSAGE_BYTES - _MARGIN
        items: list[bytes] = []
        position = after
        complete = False
        while not complete and len(items) < limit:
            page = await feed.page(position, limit - len(items))
            for item in page.items:
                room -= len(item.payload) + 1
                if room < 0:
                    complete = True
                    break
                items.append(item.payload)
                position = item.position
            complete = complete or not page.items
        # What another process appended may be read before this one hears of it.
        head = max(feed.head, position)
        final = bool(items) and position < head
        body = EventsPage(
            blog=feed.slug,
            epoch=feed.epoch,
            edition=feed.edition,
            after=after,
            events=tuple(map(Raw, items)),
            next_after=position,
            final=final,
            head=UNSET if final else head,
        )
        return answer(request, msgspec.json.encode(body), immutable=final and copy.is_named)


class _View:
    """Which moment of a blog is asked for: now, a position or a time."""

    def __init__(self, given: Parameters) -> None:
        self._position = given.number("position", least=0)
        self.time = given.time("time")
        self._at_least = given.number("at_least", least=0)
        self._copy = Copy(given)
        given.exclude("position", "time", "at_least")

    async def read(self, request: Request, services: Services, query: EntryQuery) -> EntryPage:
        slug = request.path_params["slug"]
        position = self._position
        if self.time is not None:
            if self.time > services.wall():
                raise Problem("time_in_future", f"{instant.show(self.time)} has not come yet.")
            position = await services.readmodels.position_at(slug, self.time)
        elif self._at_least is not None:
            await at_least(services, slug, self._at_least)
        try:
            page = await services.readmodels.entries(slug, position, query)
        except NoSuchMoment as error:
            # A position of another copy may well be none of this one: that it is another says more.
            if (now := await services.readmodels.moment(slug, None)) is not None:
                self._copy.check(now.head.epoch, now.head.edition)
            raise error from None
        if page is None:
            raise no_such_blog(slug)
        self._copy.check(page.moment.head.epoch, page.moment.head.edition)
        if page.moment.position == 0:
            raise Problem("before_start", "The blog had not begun then: its first position is 1.")
        return page

    def is_immutable(self, page: EntryPage) -> bool:
        return self._copy.is_named and self._position == page.moment.position


def _entries_document(page: EntryPage, query: EntryQuery) -> bytes:
    room = limits.MESSAGE_BYTES - _MARGIN
    placed = list(page.entries)
    # A page that ends at its cursor is shortened at its beginning, so that none is left out between two pages.
    backwards = query.before is not None
    kept = []
    for each in reversed(placed) if backwards else placed:
        room -= len(each.document) + 1
        if room <= 0:
            break
        kept.append(each)
    cut = len(kept) < len(placed)
    if backwards:
        kept.reverse()
    more_after = page.more_after or (cut and not backwards)
    more_before = page.more_before or (cut and backwards)
    moment = page.moment
    body = EntriesPage(
        blog=moment.head.slug,
        epoch=moment.head.epoch,
        edition=moment.head.edition,
        position=moment.position,
        entries=tuple(Raw(each.document) for each in kept),
        next=show_place("after", kept[-1].place) if kept and more_after else None,
        previous=show_place("before", kept[0].place) if kept and more_before else None,
    )
    return msgspec.json.encode(body)


def _listed(head: BlogHead) -> ListedBlog:
    header = head.blog.header
    return ListedBlog(
        slug=head.slug,
        headline=header.headline,
        status=header.status,
        head=head.position,
        counts=head.blog.counts,
        started_at=header.started_at,
        updated_at=instant.show(head.at),
    )
