"""A blog's newest entries as an Atom feed (RFC 4287)."""

import re
from collections.abc import Callable
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from liveblog.application.readmodels import EntryPage
from liveblog.domain import instant
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header
from liveblog.web.problems import Problem
from liveblog.web.services import Services
from liveblog.web.site import representations
from liveblog.web.site.addresses import Addresses
from liveblog.web.site.asked import Asked
from liveblog.web.site.policy import origin_of
from liveblog.web.site.representations import Representations
from liveblog.web.site.templates import render
from liveblog.web.site.titles import title_of
from liveblog.web.site.view import View, view_of
from liveblog.web.site.words import words_for

_entry = msgspec.json.Decoder(Entry).decode
_header = msgspec.json.Decoder(Header).decode
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no document of XML 1.0 may hold, not even escaped."""


class Feed:
    """The route of a blog's feed.

    Args:
        services: Where blogs are read.
        kept: Where feeds are kept.

    """

    def __init__(self, services: Services, kept: Representations) -> None:
        self._services = services
        self._kept = kept

    async def atom(self, request: Request) -> Response:
        """The newest entries, each under its permanent address; withdrawn ones say so and nothing else."""
        view = await view_of(self._services, request.path_params["slug"], Asked())
        origin = origin_of(request)
        representation = await self._kept.get(("atom", origin, view.key), partial(self._read, view, origin))
        return representations.answer(request, representation, "application/atom+xml")

    async def _read(self, view: View, origin: str) -> Callable[[], str]:
        page = await self._services.readmodels.entries(view.head.slug, view.position, view.query)
        if page is None:
            raise Problem("no_such_blog", f"There is no blog {view.head.slug}.")
        return partial(_write, view, origin, page)


def _write(view: View, origin: str, page: EntryPage) -> str:
    header = _header(page.moment.header)
    words = words_for(header.language)
    feed = render(
        "feed.atom",
        header.language,
        header.time_zone,
        words=words,
        address=Addresses(view.head.slug, origin=origin),
        blog_id=view.head.blog_id,
        header=header,
        updated=instant.show(page.moment.at),
        entries=[_entry(placed.document) for placed in page.entries],
        title_of=lambda entry: title_of(entry, words),
    )
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", feed)
