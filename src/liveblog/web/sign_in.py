"""Signing in and out: the console's cookie holds the token itself, where no script can read it.

The form is a plain one and works without scripts; the console's pages send the same when a token stops to hold.
"""

from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.web.admin import Admin
from liveblog.web.credentials import COOKIE
from liveblog.web.origins import ADMIN, CONSOLE, is_console
from liveblog.web.problems import Problem
from liveblog.web.services import Services
from liveblog.web.site.console import sign_in_form

PLACES = (CONSOLE, ADMIN)
"""Where the cookie goes: to the newsroom's pages and routes, and never to a public address."""
LARGEST = 8 * 1024
"""Bytes of the form, at most."""
_FORM = "application/x-www-form-urlencoded"


def routes(services: Services) -> list[Route]:
    """The routes of this page."""
    door = Door(services)
    return [
        Route("/admin/sign-in", door.sign_in, methods=["POST"]),
        Route("/admin/sign-out", door.sign_out, methods=["POST"]),
    ]


class Door(Admin):
    """Lets editors in, and out. That the form stood on a page of ours, `Origins` has judged by then."""

    async def sign_in(self, request: Request) -> Response:
        """Have the browser keep a token that is valid, or ask once more."""
        given = await _read(request)
        secret, following = given.get("token", "").strip(), given.get("next", "")
        if not is_console(following) or not following.isascii() or not following.isprintable() or "\\" in following:
            following = CONSOLE
        if not secret.isascii() or await self._services.access.find(secret) is None:
            return sign_in_form(request, error=True, following=following, status=401)
        return _leading_to(following, request, secret)

    async def sign_out(self, request: Request) -> Response:
        """Have the browser forget the token, which stays valid elsewhere."""
        return _leading_to(CONSOLE, request, None)


def _leading_to(address: str, request: Request, secret: str | None) -> Response:
    """Lead on to another page, the cookie set or taken away."""
    answer = Response(status_code=303, headers={"Location": address, "Cache-Control": "no-store"})
    for place in PLACES:
        answer.set_cookie(
            COOKIE,
            secret or "",
            max_age=None if secret else 0,
            path=place,
            secure=request.scope["scheme"] == "https",
            httponly=True,
            samesite="strict",
        )
    return answer


async def _read(request: Request) -> dict[str, str]:
    """Read a form's fields.

    Raises:
        Problem: If it is too large, or no form.

    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise Problem("unsupported_media_type", f"Send the form as {_FORM}.")
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise Problem("too_large", f"The form is at most {LARGEST} bytes.", headers={"Connection": "close"})
    except ClientDisconnect:
        raise Problem("bad_request", "The form was cut off.") from None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
