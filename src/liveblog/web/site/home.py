"""The front page: what is live, what ended, and each blog's last words."""

from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from liveblog.application.cursors import read_blog, show_blog
from liveblog.application.readmodels import EntryQuery
from liveblog.domain import instant
from liveblog.domain.entry import Entry
from liveblog.domain.header import Counts
from liveblog.log.rows import BlogHead
from liveblog.web.services import Services
from liveblog.web.site import representations
from liveblog.web.site.policy import origin_of, page_headers
from liveblog.web.site.representations import Representations
from liveblog.web.site.templates import render
from liveblog.web.site.times import Times
from liveblog.web.site.titles import title_of
from liveblog.web.site.words import LANGUAGES, direction, words_for

MOST_LIVE = 50
MOST_ENDED = 30
_entry = msgspec.json.Decoder(Entry).decode


class Item(Struct, frozen=True, kw_only=True):
    """A blog in the list, in its own language and zone.

    Args:
        slug: Its name in addresses.
        headline: Its headline.
        standfirst: What stands under it.
        language: Its language (BCP 47).
        direction: Which way that is written.
        status: Whether it goes on.
        started_at: When it began.
        touched_at: When it ended, or else was last touched.
        counts: How many there are of what.
        last_words: What its newest entry is called, if it has any.
        last_at: When that entry was published.
        times: How its times are written.

    """

    slug: str
    headline: str
    standfirst: str | None
    language: str
    direction: str
    status: str
    started_at: str | None
    touched_at: str
    counts: Counts
    last_words: str | None
    last_at: str | None
    times: Times


class Home:
    """The route of the front page.

    Args:
        services: Where blogs are read.
        kept: Where pages are kept.

    """

    def __init__(self, services: Services, kept: Representations) -> None:
        self._readmodels = services.readmodels
        self._kept = kept

    async def page(self, request: Request) -> Response:
        """The blogs that are live, and a page of those that ended."""
        cursor = request.query_params.get("cursor")
        before = None if cursor is None else read_blog(cursor)
        live = [] if before else await self._readmodels.blogs(None, MOST_LIVE, "live")
        ended = await self._readmodels.blogs(before, MOST_ENDED + 1, "ended")
        origin = origin_of(request)
        known = tuple((head.blog_id, head.epoch, head.edition, head.position) for head in (*live, *ended))
        representation = await self._kept.get(
            ("home", origin, cursor, known), partial(self._read, origin, cursor, live, ended)
        )
        return representations.answer(request, representation, "text/html", page_headers(request, framed=True))

    async def _read(
        self, origin: str, cursor: str | None, live: list[BlogHead], ended: list[BlogHead]
    ) -> Callable[[], str]:
        shown = ended[:MOST_ENDED]
        following = show_blog(shown[-1]) if len(ended) > MOST_ENDED else None
        newest = {head.slug: await self._newest(head) for head in (*live, *shown)}
        language = LANGUAGES[0]
        return partial(
            render,
            "home.html",
            language,
            "UTC",
            words=words_for(language),
            canonical=f"{origin}/" + (f"?cursor={cursor}" if cursor else ""),
            live=[_item(head, newest[head.slug]) for head in live],
            ended=[_item(head, newest[head.slug]) for head in shown],
            first=cursor is None,
            following=following,
        )

    async def _newest(self, head: BlogHead) -> Entry | None:
        page = await self._readmodels.entries(head.slug, head.position, EntryQuery(limit=1))
        return _entry(page.entries[0].document) if page is not None and page.entries else None


def _item(head: BlogHead, newest: Entry | None) -> Item:
    header = head.blog.header
    words = words_for(header.language)
    return Item(
        slug=head.slug,
        headline=header.headline,
        standfirst=header.standfirst,
        language=header.language,
        direction=direction(header.language),
        status=header.status,
        started_at=header.started_at,
        touched_at=header.ended_at or instant.show(head.at),
        counts=head.blog.counts,
        last_words=None if newest is None else title_of(newest, words),
        last_at=None if newest is None else newest.published_at,
        times=Times(header.time_zone, words),
    )
