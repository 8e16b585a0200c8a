"""Refusals as pages: what a program gets as a problem document, a person gets in words, with a way on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from liveblog.web.site.policy import page_headers
from liveblog.web.site.templates import render
from liveblog.web.site.words import LANGUAGES, Words, words_for

Handler: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]

_FOR_PROGRAMS = ("/v1/", "/static/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json")
_KEPT = ("retry-after", "allow")
_DEFECT = 500
_WITHIN_A_BLOG = frozenset({"no_such_entry", "position_beyond_head", "before_start", "time_in_future"})
"""Refusals after which the blog itself can still be read."""


class _Coded(msgspec.Struct):
    """What is wanted of a problem document."""

    code: str


def handlers(given: Mapping[Any, Handler]) -> dict[Any, Handler]:
    """Handlers of errors that answer people in pages, and programs as those given do."""
    return {error: _for_both(handler) for error, handler in given.items()}


def wants_page(request: Request) -> bool:
    """Whether a person asked: who takes HTML, at an address that is not the API's."""
    if request.url.path.startswith(_FOR_PROGRAMS):
        return False
    return "text/html" in request.headers.get("accept", "")


def _for_both(handler: Handler) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        problem = await handler(request, error)
        return _page(request, problem) if wants_page(request) else problem

    return answer


def _key(code: str, status: int, words: Words) -> str:
    if (key := f"reader.fault_{code}") in words:
        return key
    return "reader.fault_internal" if status >= _DEFECT else "reader.fault_refused"


def _page(request: Request, problem: Response) -> Response:
    code = msgspec.json.decode(problem.body, type=_Coded).code
    words = words_for(LANGUAGES[0])
    body = render(
        "fault.html",
        words.language,
        "UTC",
        words=words,
        said=words(_key(code, problem.status_code, words)),
        status=problem.status_code,
        slug=request.path_params.get("slug") if code in _WITHIN_A_BLOG else None,
    )
    headers = {name: problem.headers[name] for name in _KEPT if name in problem.headers}
    headers |= {"Cache-Control": "no-store", **page_headers(request, framed=False)}
    return Response(body, problem.status_code, headers, media_type="text/html")
