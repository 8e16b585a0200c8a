"""Routes to the contracts."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.web.answers import answer
from liveblog.web.contract import asyncapi, openapi
from liveblog.web.parameters import Parameters


def routes() -> list[Route]:
    """The routes of this page."""
    return [
        Route("/openapi.json", Contract(openapi.document).show),
        Route("/asyncapi.json", Contract(asyncapi.document).show),
    ]


class Contract:
    """One document.

    Args:
        document: Makes it, once: nobody waits for it at the start.

    """

    def __init__(self, document: Callable[[], bytes]) -> None:
        self._document = document

    async def show(self, request: Request) -> Response:
        """The contract of what runs."""
        Parameters(request).done()
        return answer(request, self._document())
