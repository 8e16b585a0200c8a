"""The preview: a body as readers will see it, before anybody does."""

import asyncio

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.decoding import decode_wish, parse_json
from liveblog.application.draft_wishes import Preview
from liveblog.web.admin import Admin, private
from liveblog.web.parameters import Parameters
from liveblog.web.services import Services


class Previewed(Struct, frozen=True, kw_only=True):
    """A body as it would be published.

    Args:
        body_html: Safe HTML.
        body_text: Plain text.

    """

    body_html: str
    body_text: str


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    return [Route("/v1/admin/preview", Previews(services).preview, methods=["POST"])]


class Previews(Admin):
    """Bodies rendered for whoever may post somewhere."""

    async def preview(self, request: Request) -> Response:
        """Render a body."""
        token = await self._identify(request)
        body = await self._body(request, token)
        Parameters(request).done()
        wish = decode_wish(parse_json(body), Preview)
        # On a thread: while one types, a body is rendered again and again, and the loop is the readers'.
        rendering = await asyncio.to_thread(self._services.renderer.render, wish.body)
        return private(msgspec.json.encode(Previewed(body_html=rendering.html, body_text=rendering.text)), 200)
