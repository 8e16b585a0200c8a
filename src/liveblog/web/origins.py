"""Origins: a cookie goes with every request that a browser makes, so with one the page behind it must be known.

A bearer token is sent on purpose and needs no such check; public routes read neither. The console's forms carry nothing
but what is typed into them, and a strange page could make a browser sign in as somebody else: they are checked always.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from liveblog.web.problems import Problem, response

ADMIN = "/v1/admin"
CONSOLE = "/admin"
_SAFE = frozenset({"GET", "HEAD"})


def is_admin(path: str) -> bool:
    """Tell whether an address is the newsroom's."""
    return _is_in(path, ADMIN) or is_console(path)


def is_console(path: str) -> bool:
    """Tell whether an address is one of the console's pages."""
    return _is_in(path, CONSOLE)


def _is_in(path: str, place: str) -> bool:
    return path == place or path.startswith(place + "/")


def own_origin(scope: Scope) -> str:
    """The origin of the server itself, as the browser that sent the request wrote it (RFC 6454, section 6.2)."""
    secure = scope["scheme"] in {"https", "wss"}
    host = Headers(scope=scope).get("host", "").lower()
    return f"https://{host.removesuffix(':443')}" if secure else f"http://{host.removesuffix(':80')}"


class Origins:
    """Middleware: refuses what a strange page makes an editor's browser do.

    Args:
        app: What comes next.
        allowed: Origins beside the server's own, lower case.

    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it before anything else is judged."""
        if scope["type"] in {"http", "websocket"} and is_admin(scope["path"]) and not self._may(scope):
            detail = "With a cookie or a form, the page must be this server's own or one of LIVEBLOG_ALLOWED_ORIGINS."
            await response(Problem("forbidden_origin", detail))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if scope["type"] == "http" and scope["method"] in _SAFE:
            return True
        if "cookie" not in headers and not is_console(scope["path"]):
            return True
        origins = [origin.lower() for origin in headers.getlist("origin")]
        return len(origins) == 1 and (origins[0] in self._allowed or origins[0] == own_origin(scope))
