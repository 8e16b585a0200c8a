"""The newsroom's pages: the door, the list of blogs, and the desk of each, which a script then fills.

What a desk shows is read by its script, through the same routes that any program has; the page says who is signed in,
in which words, and how long each field may be. No page of these is kept anywhere.
"""

import typing

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from liveblog.application.access import reaches
from liveblog.application.tokens import Token
from liveblog.domain import limits
from liveblog.domain.actor import Role
from liveblog.domain.content import Kind
from liveblog.domain.header import Header
from liveblog.web.credentials import secret_in_cookie
from liveblog.web.problems import Problem
from liveblog.web.public import no_such_blog
from liveblog.web.services import Services
from liveblog.web.site.policy import page_headers
from liveblog.web.site.templates import render
from liveblog.web.site.words import LANGUAGES, words_for

KINDS = typing.get_args(Kind)
TABS = ("coverage", "drafts", "points", "header", "log")
AUTHORS_TABS = ("coverage", "drafts", "log")
MARKDOWN = (
    ("**bold**", "bold"),
    ("*italic*", "italic"),
    ("[words](https://example.org)", "link"),
    ("> quoted", "quote"),
    ("- item", "list"),
    ("1. item", "numbered"),
    ("# heading", "heading"),
    ("~~struck~~", "struck"),
    ("`code`", "code"),
)
"""What the help under the body shows: Markdown, and what it is for."""

_header = msgspec.json.Decoder(Header).decode


def routes(services: Services) -> list[Route]:
    """The pages of the newsroom; before those of blogs, whose names they look like."""
    console = Console(services)
    return [
        Route("/admin", console.blogs),
        Route("/admin/sign-in", console.door),
        Route("/admin/{slug}", console.desk),
    ]


class Console:
    """The routes of the newsroom's pages."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def door(self, request: Request) -> Response:
        """Ask for a token."""
        return sign_in_form(request, error=False, following=request.query_params.get("next", "/admin"), status=200)

    async def blogs(self, request: Request) -> Response:
        """The blogs that somebody may edit."""
        token = await self._signed_in(request)
        if token is None:
            return sign_in_form(request, error=False, following="/admin", status=200)
        may_start = token.actor.role is Role.ADMIN or (token.actor.role is Role.EDITOR and token.blogs is None)
        return _page(request, "console/blogs.html", preferred(request), actor=token.actor, may_start=may_start)

    async def desk(self, request: Request) -> Response:
        """The desk of a blog."""
        slug: str = request.path_params["slug"]
        token = await self._signed_in(request)
        if token is None:
            return sign_in_form(request, error=False, following=request.url.path, status=200)
        moment = await self._services.readmodels.moment(slug, None)
        if moment is None:
            raise no_such_blog(slug)
        if not reaches(token, slug):
            raise Problem("forbidden", f"This token does not hold for {slug}.")
        header = _header(moment.header)
        editor = token.actor.role is not Role.AUTHOR
        return _page(
            request,
            "console/desk.html",
            header.language,
            slug=slug,
            headline=header.headline,
            actor=token.actor,
            editor=editor,
            tabs=TABS if editor else AUTHORS_TABS,
            kinds=KINDS,
            markdown=MARKDOWN,
        )

    async def _signed_in(self, request: Request) -> Token | None:
        secret = secret_in_cookie(request)
        return None if secret is None else await self._services.access.find(secret)


def sign_in_form(request: Request, *, error: bool, following: str, status: int) -> Response:
    """Ask for a token.

    Args:
        request: The request.
        error: Whether the one that was given is wrong.
        following: The address to go to then.
        status: The HTTP status.

    """
    return _page(request, "sign_in.html", preferred(request), status, error=error, next=following)


def preferred(request: Request) -> str:
    """The language that a browser asks for first, of those that there are words in (RFC 9110, section 12.5.4)."""
    asked = (each.partition(";")[0].strip().lower() for each in request.headers.get("accept-language", "").split(","))
    return next((each for each in asked if each.partition("-")[0] in LANGUAGES), LANGUAGES[0])


def _page(request: Request, template: str, language: str, status: int = 200, **given: object) -> Response:
    words = words_for(language)
    # The page is in the language of its words, which may be another than the coverage's.
    body = render(template, words.language, "UTC", words=words, limits=limits, **given)
    headers = {**page_headers(request, framed=False), "Cache-Control": "no-store"}
    return HTMLResponse(body, status, headers)
