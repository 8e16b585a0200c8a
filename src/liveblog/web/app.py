"""The ASGI application: all routes, and what every answer has in common."""

from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from liveblog.web import (
    admin,
    drafts,
    history,
    operations,
    own_blogs,
    presence,
    preview,
    public,
    replays,
    sign_in,
    sse,
    stream,
)
from liveblog.web.contract import routes as contract
from liveblog.web.headers import Headers
from liveblog.web.origins import Origins
from liveblog.web.problems import HANDLERS
from liveblog.web.requests import Requests
from liveblog.web.services import Services
from liveblog.web.site import console, faults
from liveblog.web.site import routes as site


class Application(Starlette):
    """Routes, in layers that see every answer: also those to defects of ours, which Starlette writes last of all."""

    def __init__(self, services: Services, **given: Any) -> None:
        super().__init__(**given)
        self._services = services

    def build_middleware_stack(self) -> ASGIApp:
        """Put our layers around Starlette's; called once, for the first request."""
        services = self._services
        routes = {route.endpoint: route.path for route in self.routes}  # type: ignore[attr-defined]  # ours have both
        stack = Origins(super().build_middleware_stack(), services.allowed_origins)
        return Requests(Headers(stack, services.allowed_origins), services.tally, routes)


def build(services: Services) -> Application:
    """Wire the routes to what they stand on."""
    app = Application(
        services,
        routes=[
            # First, for readers come back in thousands.
            *stream.routes(services),
            *contract.routes(),
            *operations.routes(services),
            *admin.routes(services),
            *own_blogs.routes(services),
            *drafts.routes(services),
            *presence.routes(services),
            *preview.routes(services),
            *replays.routes(services),
            *sse.routes(services),
            *history.routes(services),
            *public.routes(services),
            *sign_in.routes(services),
            *console.routes(services),
            *site.routes(services),
        ],
        exception_handlers=faults.handlers(HANDLERS),
    )
    # An address is one address: no redirection from another spelling of it.
    app.router.redirect_slashes = False
    return app
