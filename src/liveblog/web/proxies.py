"""Proxies in front of the server: whose word counts for where a request came from and which address it named."""

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Proxies:
    """Middleware: takes `X-Forwarded-For`, `-Proto` and `-Host` from trusted proxies, and from nobody else.

    Args:
        app: What comes next.
        trusted: Addresses and networks.

    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._inner = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type]  # two spellings of ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put what a trusted proxy says in the place of what the socket says."""
        client = scope.get("client")
        if client is None or client[0] not in self._inner.trusted_hosts:
            await self._app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        # Of several the last was added by the proxy next to us; the others may be anybody's.
        hosts = [host.strip() for given in headers.getlist("x-forwarded-host") for host in given.split(",")]
        if hosts and hosts[-1]:
            headers["host"] = hosts[-1]
        await self._inner(scope, receive, send)  # type: ignore[arg-type]  # as above
