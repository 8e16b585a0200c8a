"""Requests: each has an id, is counted by what became of it, and, if an editor made it, leaves a line in the log.

This is the outermost layer of the application, so that it sees every answer, those to defects of ours included.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liveblog.application.tally import Tally
from liveblog.application.tokens import Token
from liveblog.session.closecodes import CloseCode
from liveblog.web import event_stream, socket
from liveblog.web.origins import is_admin

ID = b"x-request-id"
NOWHERE = "none"
"""The route of a request to an address where nothing is."""
_SANE = re.compile(rb"[A-Za-z0-9.-]{1,64}")
_STREAMS = (socket.EXTENSION, event_stream.EXTENSION)
_CODES = frozenset(CloseCode)
_WRITING = frozenset(
    {
        "/v1/admin/blogs",
        "/v1/admin/blogs/{slug}/commands",
        "/v1/admin/blogs/{slug}/drafts/{draft_id}/publish",
    }
)
_OFTEN = frozenset({"/v1/admin/blogs/{slug}/presence"})
"""Routes that every window of an editor asks each few seconds: of no interest, unless refused."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CREATED = 201
_FAILED = 400
_DEFECT = 500
_FOUND = frozenset({200, 201, 204, 409, 422})
"""Statuses that come after the blog was found, among those of the admin routes."""

log = structlog.get_logger(__name__)


class _Coded(Struct):
    """What is wanted of a problem."""

    code: str = "none"


class _Answer:
    """What is seen of an answer as it goes by."""

    __slots__ = ("code", "repeated", "status")

    def __init__(self) -> None:
        self.status = 0
        self.code: str | None = None
        self.repeated = False

    def see(self, message: Message) -> None:
        kind = message["type"].removeprefix("websocket.")
        if kind == "http.response.start":
            self.status = message["status"]
            self.repeated = any(name.lower() == b"idempotent-replay" for name, _ in message.get("headers", ()))
        elif kind == "http.response.body" and self.status >= _FAILED and self.code is None:
            try:
                self.code = msgspec.json.decode(message.get("body", b""), type=_Coded).code
            except msgspec.MsgspecError:
                self.code = "none"


class Requests:
    """Middleware: the server's own record of what it was asked.

    Args:
        app: What comes next.
        tally: Where requests are counted.
        routes: The routes by endpoint: a request counts for its route, of which there are few, not for its address.

    """

    def __init__(self, app: ASGIApp, tally: Tally, routes: Mapping[Callable[..., Any], str]) -> None:
        self._app = app
        self._tally = tally
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and watch its answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _id(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        answer = _Answer()
        for name in _STREAMS:
            if (connection := scope.get("extensions", {}).get(name)) is not None:
                connection.on_gone = partial(self._gone, request_id)

        async def watching(message: Message) -> None:
            answer.see(message)
            if message["type"].endswith("http.response.start"):
                headers = [each for each in message.get("headers", ()) if each[0].lower() != ID]
                message = {**message, "headers": [*headers, (ID, request_id.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception:
            # A defect was answered and logged where it was caught; the server need not log it once more.
            if answer.status != _DEFECT:
                raise
        finally:
            self._record(scope, answer, time.perf_counter() - began)

    def _gone(self, request_id: str, code: int) -> None:
        self._tally.closed[str(code) if code in _CODES else "other"] += 1
        log.debug("stream_closed", request_id=request_id, code=code)

    def _record(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        route = self._routes.get(scope.get("endpoint"), NOWHERE)  # type: ignore[arg-type]  # None is no route
        if answer.code is not None:
            self._tally.problems[answer.code] += 1
        if scope["type"] == "websocket":
            log.debug("stream_refused" if answer.status else "stream_opened", route=route, status=answer.status or 101)
            return
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._tally.answered(method, route, answer.status, seconds)
        if method == "POST" and route in _WRITING:
            self._tally.posts[_outcome(answer)] += 1
        told = is_admin(scope["path"]) and (route not in _OFTEN or answer.status >= _FAILED)
        say = log.info if told or answer.status == _DEFECT else log.debug
        say(
            "request",
            method=method,
            route=route,
            status=answer.status,
            ms=round(seconds * 1000, 1),
            **({} if answer.code is None else {"code": answer.code}),
            **_who(scope, answer.status),
        )


def _id(scope: Scope) -> str:
    """The id that the asker gave the request, if it is fit for a log, else a new one."""
    given = [value for name, value in scope["headers"] if name == ID]
    if len(given) == 1 and _SANE.fullmatch(given[0]):
        return bytes(given[0]).decode("ascii")
    return f"{random.getrandbits(64):016x}"


def _outcome(answer: _Answer) -> tuple[str, str]:
    if answer.code is not None or answer.status >= _FAILED:
        return "refused", answer.code or "none"
    if answer.status == _CREATED:
        return "accepted", ""
    return ("repeated" if answer.repeated else "unchanged"), ""


def _who(scope: Scope, status: int) -> dict[str, str]:
    """Who asked, by ids, and for which blog: only of those that are known, for anything may stand in an address."""
    token = scope.get("state", {}).get("token")
    if not isinstance(token, Token):
        return {}
    who = {"actor": token.actor.id, "token": token.id}
    slug = scope.get("path_params", {}).get("slug", "")
    return {**who, "blog": slug} if slug and status in _FOUND else who
