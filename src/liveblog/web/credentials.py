"""Credentials: the token of a request, from its Authorization header or from the console's cookie."""

from starlette.requests import Request

COOKIE = "liveblog_token"


def secret_of(request: Request) -> str | None:
    """The token that a request carries; the header wins. None if there is none, or nobody can tell which one.

    Of two tokens nobody knows whose word it is, and a proxy in between may have judged by the other one.
    """
    given = request.headers.getlist("authorization")
    if given:
        scheme, _, secret = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        return (secret.strip() or None) if scheme.lower() == "bearer" else None
    return secret_in_cookie(request)


def secret_in_cookie(request: Request) -> str | None:
    """The token that the console's cookie holds (RFC 6265, section 5.4)."""
    pairs = (pair.partition("=") for header in request.headers.getlist("cookie") for pair in header.split(";"))
    found = {value.strip() for name, _, value in pairs if name.strip() == COOKIE}
    return (found.pop() or None) if len(found) == 1 else None
