"""Readers' pages of a blog, complete without any script: the newest entries, older ones, one entry among its like."""

from collections.abc import Callable
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from liveblog.application.cursors import show_place
from liveblog.application.readmodels import EntryPage, EntryQuery, PointsHistory
from liveblog.domain import instant
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header
from liveblog.log.rows import Mark
from liveblog.web.problems import Problem
from liveblog.web.services import Services
from liveblog.web.site import representations
from liveblog.web.site.addresses import Addresses
from liveblog.web.site.asked import read
from liveblog.web.site.fitting import fitting
from liveblog.web.site.linked import live_blog_posting
from liveblog.web.site.playing import plays
from liveblog.web.site.points import points_at
from liveblog.web.site.policy import origin_of, page_headers
from liveblog.web.site.representations import Representations
from liveblog.web.site.templates import render
from liveblog.web.site.titles import description_of, title_of
from liveblog.web.site.view import View, view_of
from liveblog.web.site.words import words_for

MOST_TURNS = 100
"""Key events in the list to jump between: the newest."""
MOST_REVISIONS = 500
"""Earlier versions of key points."""
MOST_BREAKING = 3
"""Entries in the banner."""

_entry = msgspec.json.Decoder(Entry).decode
_header = msgspec.json.Decoder(Header).decode


class Reader:
    """The routes of a blog's pages.

    Args:
        services: Where blogs are read.
        kept: Where pages are kept.

    """

    def __init__(self, services: Services, kept: Representations) -> None:
        self._services = services
        self._kept = kept

    async def page(self, request: Request) -> Response:
        """The blog, now or as it stood; a page of its older entries."""
        return await self._answer(request, None)

    async def entry(self, request: Request) -> Response:
        """An entry's permanent address: the page that it is on, wherever that is by now."""
        return await self._answer(request, request.path_params["entry_id"])

    async def _answer(self, request: Request, entry_id: str | None) -> Response:
        view = await view_of(self._services, request.path_params["slug"], read(request), entry_id)
        origin = origin_of(request)
        representation = await self._kept.get((origin, view.key), partial(self._read, view, origin))
        return representations.answer(request, representation, "text/html", page_headers(request, framed=True))

    async def _read(self, view: View, origin: str) -> Callable[[], str]:
        readmodels, slug = self._services.readmodels, view.head.slug
        try:
            page = await readmodels.entries(slug, view.position, view.query)
        except LookupError as error:
            if view.entry_id is None:
                raise
            raise Problem("no_such_entry", "The blog has no such entry at that position.") from error
        turns = await readmodels.entries(slug, view.position, EntryQuery(limit=MOST_TURNS, only=Mark.KEY_EVENT))
        points = await readmodels.points(slug, MOST_REVISIONS)
        if page is None or turns is None:
            raise Problem("no_such_blog", f"There is no blog {slug[:80]}.")
        return partial(_write, view, origin, page, turns, points)


def _write(view: View, origin: str, page: EntryPage, turns: EntryPage, points: PointsHistory | None) -> str:
    header = _header(page.moment.header)
    words = words_for(header.language)
    address, absolute = view.address, Addresses(view.head.slug, origin=origin)
    found = tuple(_entry(placed.document) for placed in page.entries)
    named = {entry.id: entry for entry in (*found, *map(_entry, page.included))}
    marked = named.get(view.entry_id) if view.entry_id else None
    shown = fitting([len(placed.document) for placed in page.entries], _anchor(view, found))
    entries, placed = found[shown], page.entries[shown]
    more_before, more_after = page.more_before or shown.start > 0, page.more_after or shown.stop < len(found)
    previous = show_place("before", placed[0].place) if placed and more_before else None
    following = show_place("after", placed[-1].place) if placed and more_after else None
    at = instant.show(page.moment.at)
    return render(
        "reader.html",
        header.language,
        header.time_zone,
        words=words,
        view=view,
        address=address,
        header=header,
        canonical=_canonical(view, absolute),
        title=title_of(marked, words) if marked else header.headline,
        title_of=lambda entry: title_of(entry, words),
        description=(description_of(marked) if marked else header.standfirst) or _first_words(entries),
        picture=_picture(marked, header, entries),
        linked=live_blog_posting(header, entries, at, absolute, words),
        indexed=not view.past and (marked is None or marked.retracted is None),
        at=at,
        then=instant.show(page.moment.at if view.time is None else view.time),
        marked=marked,
        counted=_counted(page),
        points=points_at(header.key_points, points, view.position),
        turns=tuple(_entry(placed.document) for placed in turns.entries),
        breaking=_named(named, header.breaking)[:MOST_BREAKING],
        pinned=_named(named, header.pinned),
        entries=entries,
        previous=previous,
        following=following,
        newer=address.page(previous) if previous else None,
        older=address.page(following) if following else None,
    )


def _anchor(view: View, found: tuple[Entry, ...]) -> int:
    """The entry that must be on the page: the one it is about, or the one beside its cursor."""
    if view.entry_id is not None:
        return next(index for index, entry in enumerate(found) if entry.id == view.entry_id)
    return max(0, len(found) - 1) if view.query.before is not None else 0


def _canonical(view: View, address: Addresses) -> str:
    if view.entry_id is not None:
        return address.permanent(view.entry_id)
    return address.now() if view.past else address.page(view.cursor)


def _named(known: dict[str, Entry], names: tuple[str, ...]) -> list[Entry]:
    return [known[name] for name in names if name in known]


def _first_words(entries: tuple[Entry, ...]) -> str:
    return next((words for entry in entries if (words := description_of(entry))), "")


def _picture(marked: Entry | None, header: Header, entries: tuple[Entry, ...]) -> str | None:
    """What stands for the page where it is shared: the entry's own picture, the blog's, or the newest."""
    media = [*(marked.media if marked else ()), *header.media, *(each for entry in entries for each in entry.media)]
    for each in media:
        if each.type == "image" and each.url:
            return each.url
        if each.poster and (plays(each) or each.url):
            return each.poster
    return None


def _counted(page: EntryPage) -> list[tuple[str, int]]:
    counts = page.moment.counts
    further = (("corrections", counts.corrections), ("retracted", counts.retracted))
    return [("entries", counts.entries), *((name, n) for name, n in further if n)]
