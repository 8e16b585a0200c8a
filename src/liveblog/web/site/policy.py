"""What a page may do in a browser: only what is ours runs, and nothing that a text brings along."""

import re

from starlette.requests import Request

from liveblog.web.origins import own_origin

_SANE_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)


def host_of(request: Request) -> str:
    """The host that was asked, if it can stand in a header or an address; else nothing."""
    host = request.headers.get("host", "").lower()
    return host if _SANE_HOST.fullmatch(host) else ""


def origin_of(request: Request) -> str:
    """The server's own origin, for addresses that must be absolute; empty where the host that was asked is none."""
    return own_origin(request.scope) if host_of(request) else ""


def page_headers(request: Request, *, framed: bool) -> dict[str, str]:
    """The headers of every page.

    Args:
        request: The request.
        framed: Whether pages of others may show it in a frame.

    """
    host = host_of(request)
    # Browsers differ in whether 'self' means the page's own host over a WebSocket too.
    sockets = f" ws://{host} wss://{host}" if host else ""
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src * data:",
        "media-src *",
        "font-src 'self'",
        f"connect-src 'self'{sockets}",
        "form-action 'self'",
        "base-uri 'none'",
        # Texts become markup in one place of the scripts, which takes what the server's sanitiser let through.
        "require-trusted-types-for 'script'",
        "trusted-types live-blog",
        "frame-ancestors *" if framed else "frame-ancestors 'none'",
    )
    return {"Content-Security-Policy": "; ".join(rules), "Referrer-Policy": "strict-origin-when-cross-origin"}
