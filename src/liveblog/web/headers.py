"""Headers of every HTTP answer: who may read it across origins, and that nobody guesses its type."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ADMIN = "/v1/admin"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}


class Headers:
    """Middleware: public answers are for every origin, admin answers for none but the server's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        public = not scope["path"].startswith(_ADMIN)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if public:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        if public and scope["method"] == "OPTIONS":
            headers = [(name.lower().encode(), value.encode()) for name, value in _PREFLIGHT.items()]
            await send_with_headers({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send_with_headers)
