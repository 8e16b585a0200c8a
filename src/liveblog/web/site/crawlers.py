"""What search engines look for first: what they may read, and where the blogs are."""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from liveblog.domain import instant
from liveblog.log.rows import BlogHead
from liveblog.web.services import Services
from liveblog.web.site import representations
from liveblog.web.site.policy import origin_of
from liveblog.web.site.representations import Representations
from liveblog.web.site.templates import render
from liveblog.web.site.words import LANGUAGES, words_for

MOST_BLOGS = 5_000
"""Blogs on the map: those with the newest activity."""
_PAGE = 500
_FOR_AN_HOUR = "public, max-age=3600"
_MINUTE_MS = 60_000


class Crawlers:
    """The routes that programs ask for by convention.

    Args:
        services: Where blogs are read.
        kept: Where the map is kept, for a minute.

    """

    def __init__(self, services: Services, kept: Representations) -> None:
        self._services = services
        self._kept = kept

    async def robots(self, request: Request) -> Response:
        """Everything but the newsroom's own pages may be read."""
        lines = ["User-agent: *", "Disallow: /admin", "Disallow: /v1/admin"]
        if origin := origin_of(request):
            lines.append(f"Sitemap: {origin}/sitemap.xml")
        return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": _FOR_AN_HOUR})

    async def sitemap(self, request: Request) -> Response:
        """The blogs, the newest activity first, and when each was last touched."""
        origin = origin_of(request)
        minute = self._services.wall() // _MINUTE_MS
        representation = await self._kept.get(("sitemap", origin, minute), partial(self._read, origin))
        return representations.answer(request, representation, "application/xml")

    async def _read(self, origin: str) -> Callable[[], str]:
        found: list[BlogHead] = []
        while len(found) < MOST_BLOGS:
            before = (found[-1].at, found[-1].blog_id) if found else None
            page = await self._services.readmodels.blogs(before, _PAGE, None)
            found += page
            if len(page) < _PAGE:
                break
        blogs = [(head.slug, instant.show(head.at)) for head in found]
        language = LANGUAGES[0]
        return partial(render, "sitemap.xml", language, "UTC", words=words_for(language), origin=origin, blogs=blogs)
