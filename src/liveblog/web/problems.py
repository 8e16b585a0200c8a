"""Problems: every refusal as `application/problem+json` (RFC 9457), and the one table from fault to status."""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from msgspec import UNSET, Struct, UnsetType
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.application.cursors import BadCursor
from liveblog.application.decoding import InvalidJson
from liveblog.application.drafts import DraftRefused
from liveblog.application.readmodels import NoSuchMoment
from liveblog.domain.entry import Entry
from liveblog.domain.header import Header, KeyPoint
from liveblog.domain.rejection import CommandRejected, Fault
from liveblog.domain.shown import Number
from liveblog.log.request import HistoryDiffers, LogUnavailable, WrongExpectedPosition
from liveblog.web.draft import ShownDraft, show

RETRY_S = "1"

STATUS: Mapping[str, int] = {
    "unauthenticated": 401,
    "too_many_requests": 429,
    "too_large": 413,
    "unsupported_media_type": 415,
    "no_such_blog": 404,
    "no_such_entry": 404,
    "no_such_point": 404,
    "no_such_replay": 404,
    "no_such_draft": 404,
    "forbidden": 403,
    "forbidden_origin": 403,
    "invalid_json": 400,
    "bad_query": 400,
    "invalid_command": 422,
    "invalid_key": 422,
    "idempotency_key_reused": 422,
    "nothing_corrected": 422,
    "wrong_position": 409,
    "entry_exists": 409,
    "slug_taken": 409,
    "replay_exists": 409,
    "too_many_replays": 409,
    "draft_exists": 409,
    "wrong_state": 409,
    "too_many_drafts": 409,
    "blog_ended": 409,
    "entry_retracted": 409,
    "wrong_revision": 409,
    "too_many_pinned": 409,
    "too_many_key_points": 409,
    "before_start": 404,
    "position_beyond_head": 404,
    "time_in_future": 404,
    "epoch_changed": 410,
    "edition_changed": 410,
    "unavailable": 503,
    "not_found": 404,
    "method_not_allowed": 405,
    "upgrade_required": 426,
    "bad_request": 400,
    "request_timeout": 408,
    "headers_too_large": 431,
    "internal": 500,
}

log = structlog.get_logger(__name__)


class ProblemDocument(Struct, frozen=True, kw_only=True):
    """A refusal (RFC 9457). It changed nothing.

    Args:
        type: Always `about:blank`: the code says more.
        title: The code in words.
        status: The HTTP status.
        code: What is wrong, as a stable word. Clients must take codes that they do not know.
        detail: What to do about it.
        index: Which command of a list was refused, counted from 0.
        errors: All that is wrong with a body, query or header.
        position: Where the blog stands.
        head: The newest position.
        entry: The entry as it is now.
        point: The key point as it is now.
        header: The header as it is now.
        draft: The draft as it is now.
        epoch: The copy of the blog's log that there is now.
        edition: The edition that there is now.

    """

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    index: Number | UnsetType = UNSET
    errors: tuple[Fault, ...] | UnsetType = UNSET
    position: Number | UnsetType = UNSET
    head: Number | UnsetType = UNSET
    entry: Entry | UnsetType = UNSET
    point: KeyPoint | UnsetType = UNSET
    header: Header | UnsetType = UNSET
    draft: ShownDraft | UnsetType = UNSET
    epoch: str | UnsetType = UNSET
    edition: str | UnsetType = UNSET


class Problem(Exception):  # a refusal of the web's own
    """A request that is refused before any use case sees it; `members` are further ones of `ProblemDocument`."""

    def __init__(self, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers
        self.members = members


def bad_query(*faults: Fault) -> Problem:
    """Refuse a request for its query parameters."""
    return Problem("bad_query", "The query has faults: mend each one listed in errors.", errors=faults)


def response(problem: Problem) -> Response:
    """Write a problem."""
    status = STATUS[problem.code]
    body = ProblemDocument(
        title=problem.code.replace("_", " ").capitalize(),
        status=status,
        code=problem.code,
        detail=problem.detail,
        **problem.members,
    )
    headers = {"Cache-Control": "no-store", **(problem.headers or {})}
    if status == STATUS["unavailable"]:
        headers.setdefault("Retry-After", RETRY_S)
    return Response(msgspec.json.encode(body), status, headers, media_type="application/problem+json")


def of(error: Exception) -> Problem:
    """Say what an error of the floors below is to the web.

    Raises:
        AssertionError: If it is none that a request can cause.

    """
    match error:
        case Problem():
            return error
        case CommandRejected():
            return _rejected(error)
        case DraftRefused():
            return Problem(error.code, str(error), draft=UNSET if error.draft is None else show(error.draft))
        case WrongExpectedPosition():
            detail = f"The blog is at position {error.position}: read what came since, and decide again."
            return Problem("wrong_position", detail, position=error.position, header=error.header)
        case InvalidJson():
            return Problem("invalid_json", str(error))
        case BadCursor():
            return bad_query(Fault("cursor", str(error)))
        case NoSuchMoment():
            return Problem(error.code, f"The blog's positions are 1 to {error.head}.", head=error.head)
        case LogUnavailable():
            return Problem("unavailable", f"{str(error).capitalize()}.")
        case HistoryDiffers():
            return Problem("wrong_position", str(error))
        case _:
            raise AssertionError(f"no problem for {type(error).__name__}") from error


def _rejected(error: CommandRejected) -> Problem:
    members: dict[str, Any] = {}
    if error.index is not None:
        members["index"] = error.index
    if error.faults:
        members["errors"] = error.faults
    if STATUS[error.code] == STATUS["wrong_position"] and error.position is not None:
        members["position"] = error.position
    names = {Entry: "entry", KeyPoint: "point", Header: "header"}
    if error.current is not None:
        members[names[type(error.current)]] = error.current
    return Problem(error.code, error.message, **members)


async def handle(request: Request, error: Exception) -> Response:
    """Answer a request that a use case refused."""
    del request
    return response(of(error))


async def handle_http(request: Request, error: Exception) -> Response:
    """Answer what the router refused."""
    assert isinstance(error, HTTPException)
    if error.status_code == STATUS["method_not_allowed"]:
        detail = f"{request.method} is not for this address."
        return response(Problem("method_not_allowed", detail, headers={"Allow": ", ".join(_methods(request))}))
    if error.status_code == STATUS["not_found"]:
        return response(Problem("not_found", "There is nothing at this address."))
    return response(Problem("invalid_json", "The request could not be read."))


def _methods(request: Request) -> list[str]:
    """What may be asked at an address: its routes, one for each method or two, each know their own only."""
    path = request.scope["path"]
    routes = (route for route in request.app.routes if isinstance(route, Route) and route.path_regex.match(path))
    return sorted({method for route in routes for method in route.methods or ()})


async def handle_defect(request: Request, error: Exception) -> Response:
    """Answer when the fault is ours: the reason goes to the log, never to the asker."""
    log.error("request_failed", method=request.method, exc_info=error)  # no address: it may hold a secret
    return response(Problem("internal", "The server failed at this; the failure was logged."))


HANDLERS: Mapping[Any, Any] = {
    Problem: handle,
    CommandRejected: handle,
    DraftRefused: handle,
    WrongExpectedPosition: handle,
    InvalidJson: handle,
    BadCursor: handle,
    NoSuchMoment: handle,
    LogUnavailable: handle,
    HTTPException: handle_http,
    Exception: handle_defect,
}
