"""Where a target is, and what the blog looked like there: answers to a session's questions.

Who comes back asks where its last event is. That stands on the page that it is about to read, which it shares with all
others who come back. What the blog looked like is read for each who asks, but where many begin at the same position,
as those who join a shared replay or come with a void id, once for them.
"""

import msgspec
from msgspec import Struct

from liveblog.application.audience import Audience
from liveblog.application.documents import blog_document
from liveblog.application.readmodels import EntryQuery, NoSuchMoment, ReadModels
from liveblog.session.output import ReadPage, ReadPlace
from liveblog.session.page import Item, Page, Place
from liveblog.session.target import Live, Moment, Position

SNAPSHOT_ENTRIES = 50


class _Chained(Struct):
    """Of a message, what tells one history from another."""

    hash: str


def hash_of(item: Item) -> str:
    """The chain's hash at an event, in hexadecimal."""
    return msgspec.json.decode(item.payload, type=_Chained).hash


def page_with(request: ReadPlace) -> ReadPage | None:
    """The page that begins with the event asked for; None where that would not tell everything that is asked for."""
    if request.with_document or not isinstance(request.to, Position) or request.to.number == 0:
        return None
    return ReadPage(request.to.number - 1, 1, request.generation)


def place_on(page: Page) -> Place:
    """The place of a page's first event."""
    item = page.items[0]
    return Place(position=item.position, at=item.at, time=item.at, head=page.head, hash=hash_of(item))


async def find_place(audience: Audience, readmodels: ReadModels, request: ReadPlace) -> Place:
    """Look up a target, clamped to the blog, and to what the audience may know of it.

    Raises:
        LogUnavailable: If the store cannot be read now.

    """
    if (wanted := page_with(request)) is not None:
        page = await audience.page(wanted.after, wanted.limit)
        if page.items:
            return place_on(page)
    async with audience.turns.looking_up:
        place = audience.shown if request.with_document else None
        if place is None or request.to != Position(place.position):
            place = await _found(readmodels, audience.slug, request.to, with_document=request.with_document)
        if request.with_document:
            audience.shown = place
        return audience.seen(place)


async def _found(readmodels: ReadModels, slug: str, to: Position | Moment | Live, *, with_document: bool) -> Place:
    position = None
    if isinstance(to, Position):
        position = to.number
    elif isinstance(to, Moment):
        position = await readmodels.position_at(slug, to.ms)
    try:
        return await _place(readmodels, slug, position, to, with_document=with_document)
    except NoSuchMoment:
        return await _place(readmodels, slug, None, to, with_document=with_document)


async def _place(
    readmodels: ReadModels, slug: str, position: int | None, to: Position | Moment | Live, *, with_document: bool
) -> Place:
    document = None
    if with_document:
        page = await readmodels.entries(slug, position, EntryQuery(limit=SNAPSHOT_ENTRIES))
        assert page is not None
        moment = page.moment
    else:
        found = await readmodels.moment(slug, position)
        assert found is not None
        moment, page = found, None
    # Before the first event and after the last, the blog's own instants stand for the one asked for.
    inside = isinstance(to, Moment) and 0 < moment.position < moment.head.position
    time = to.ms if isinstance(to, Moment) and inside else moment.at
    if page is not None:
        document = blog_document(page, time)
    return Place(
        position=moment.position,
        at=moment.at,
        time=time,
        head=moment.head.position,
        hash=moment.hash.hex(),
        document=document,
    )
