"""Headers of every HTTP answer: who may read it across origins, and that nobody guesses its type."""

from collections.abc import Collection

from starlette import datastructures
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liveblog.web.origins import is_admin

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}
_ADMIN_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Request-Id",
    "Access-Control-Max-Age": "600",
}


class Headers:
    """Middleware: public answers are for every origin, admin answers for the server's own and those that are listed.

    Args:
        app: What comes next.
        allowed: Origins whose pages may use the admin routes, lower case.

    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        public = not is_admin(scope["path"])
        origin = datastructures.Headers(scope=scope).get("origin", "")
        listed = not public and origin.lower() in self._allowed

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if public:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                elif self._allowed:
                    headers.add_vary_header("Origin")
                if listed:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Allow-Credentials"] = "true"
                if public or listed:
                    headers["Access-Control-Expose-Headers"] = "ETag, Idempotent-Replay, Retry-After, X-Request-Id"
            await send(message)

        if (public or listed) and scope["method"] == "OPTIONS":
            preflight = _PREFLIGHT if public else _ADMIN_PREFLIGHT
            headers = [(name.lower().encode(), value.encode()) for name, value in preflight.items()]
            await send_with_headers({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send_with_headers)
