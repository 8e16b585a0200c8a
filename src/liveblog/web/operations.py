"""Routes for operators: whether the server lives, whether it can serve, and its numbers."""

import asyncio
from importlib import import_module
from typing import Any, Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.web.parameters import Parameters
from liveblog.web.problems import Problem
from liveblog.web.readiness import NotReady
from liveblog.web.services import Services

_NOT_KEPT = {"Cache-Control": "no-store"}


class Alive(Struct, frozen=True, kw_only=True):
    """The process runs and answers.

    Args:
        status: Always `alive`.

    """

    status: Literal["alive"] = "alive"


class Ready(Struct, frozen=True, kw_only=True):
    """The server can serve: the database answers, and its schema is this release's.

    Args:
        status: Always `ready`.

    """

    status: Literal["ready"] = "ready"


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    operations = Operations(services)
    return [
        Route("/healthz", operations.alive),
        Route("/readyz", operations.ready),
        Route("/metrics", operations.metrics),
    ]


class Operations:
    """Answers for machines that watch over this one."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._exposition: Any = None

    async def alive(self, request: Request) -> Response:
        """Whether the process runs: if this does not answer, start it anew."""
        Parameters(request).done()
        return _status(Alive())

    async def ready(self, request: Request) -> Response:
        """Whether readers can be sent here."""
        Parameters(request).done()
        try:
            await self._services.readiness.check()
        except NotReady as refusal:
            raise Problem("unavailable", f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.") from None
        return _status(Ready())

    async def metrics(self, request: Request) -> Response:
        """The server's numbers, in Prometheus's text format."""
        Parameters(request).done()
        # What writes them is imported for the first who asks, and beside the loop: it takes a tenth of a second.
        made = await asyncio.to_thread(import_module, "liveblog.web.exposition")
        if self._exposition is None:
            services = self._services
            self._exposition = made.Exposition(services.tally, services.census, services.gauges)
        return Response(self._exposition.render(), headers={**_NOT_KEPT, "Content-Type": made.CONTENT_TYPE})


def _status(status: Alive | Ready) -> Response:
    return Response(msgspec.json.encode(status), headers=_NOT_KEPT, media_type="application/json")
