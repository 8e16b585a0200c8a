"""The ASGI application: all routes, and what every answer has in common."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.web import admin, public, stream
from liveblog.web.headers import Headers
from liveblog.web.problems import HANDLERS
from liveblog.web.services import Services


def build(services: Services) -> Starlette:
    """Wire the routes to what they stand on."""
    app = Starlette(
        routes=[
            Route("/healthz", _alive),
            *admin.routes(services),
            *stream.routes(services),
            *public.routes(services),
        ],
        exception_handlers=dict(HANDLERS),
        middleware=[Middleware(Headers)],
    )
    # An address is one address: no redirection from another spelling of it.
    app.router.redirect_slashes = False
    return app


async def _alive(request: Request) -> Response:
    del request
    return Response(b'{"status":"alive"}', headers={"Cache-Control": "no-store"}, media_type="application/json")
