"""The blogs that a token may edit."""

from typing import Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.cursors import read_blog, show_blog
from liveblog.application.tokens import Token
from liveblog.domain import instant
from liveblog.domain.shown import Ordinal, Timestamp
from liveblog.log.rows import BlogHead
from liveblog.web.admin import Admin, private
from liveblog.web.parameters import Parameters
from liveblog.web.public import MOST_BLOGS
from liveblog.web.services import Services


class OwnBlog(Struct, frozen=True, kw_only=True):
    """A blog that a token may edit.

    Args:
        slug: The blog's name in addresses.
        headline: Its headline; plain text.
        status: Whether the coverage goes on.
        head: The newest position.
        updated_at: The instant of its newest event.

    """

    slug: str
    headline: str
    status: Literal["live", "ended"]
    head: Ordinal
    updated_at: Timestamp


class OwnBlogs(Struct, frozen=True, kw_only=True):
    """A page of the blogs that a token may edit, the newest activity first.

    Args:
        blogs: The blogs.
        next: A cursor to those after these; null at the end.

    """

    blogs: tuple[OwnBlog, ...]
    next: str | None


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    return [Route("/v1/admin/blogs", OwnBlogList(services).blogs)]


class OwnBlogList(Admin):
    """Blogs, for those who may post to them."""

    async def blogs(self, request: Request) -> Response:
        """List the blogs that a token may edit."""
        token = await self._identify(request)
        given = Parameters(request)
        limit = given.limit(50, MOST_BLOGS)
        cursor = given.text("cursor")
        given.done()
        heads = await self._heads(token, None if cursor is None else read_blog(cursor), limit + 1)
        shown = heads[:limit]
        following = show_blog(shown[-1]) if len(heads) > limit else None
        return private(msgspec.json.encode(OwnBlogs(blogs=tuple(map(_shown, shown)), next=following)), 200)

    async def _heads(self, token: Token, before: tuple[int, str] | None, limit: int) -> list[BlogHead]:
        if token.blogs is None:
            return await self._services.readmodels.blogs(before, limit, None)
        found = [await self._services.event_log.head(slug) for slug in token.blogs]
        heads = [head for head in found if head is not None and (before is None or (head.at, head.blog_id) < before)]
        return sorted(heads, key=lambda head: (head.at, head.blog_id), reverse=True)[:limit]


def _shown(head: BlogHead) -> OwnBlog:
    header = head.blog.header
    return OwnBlog(
        slug=head.slug,
        headline=header.headline,
        status=header.status,
        head=head.position,
        updated_at=instant.show(head.at),
    )
