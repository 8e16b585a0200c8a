"""Where a target is, and what the blog looked like there: answers to a session's questions."""

from liveblog.application.documents import blog_document
from liveblog.application.readmodels import EntryQuery, NoSuchMoment, ReadModels
from liveblog.session.page import Place
from liveblog.session.target import Live, Moment, Position

SNAPSHOT_ENTRIES = 50


async def find_place(readmodels: ReadModels, slug: str, to: Position | Moment | Live, *, with_document: bool) -> Place:
    """Look up a target, clamped to the blog.

    Raises:
        LogUnavailable: If the store cannot be read now.

    """
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
