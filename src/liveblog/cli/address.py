"""Where a blog is: what people write (a slug, a page, a stream's URL) turned into the addresses of the protocol."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

DEFAULT_SERVER = "http://127.0.0.1:8000"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}", re.ASCII)
_PATH = re.compile(
    rf"(?P<prefix>.*?)/(?:v1/blogs/(?P<slug>{_SLUG.pattern})(?:/(?:stream|sse))?|(?P<page>{_SLUG.pattern}))/?", re.ASCII
)
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


class Address(NamedTuple):
    """One blog on one server.

    Args:
        server: ``http`` or ``https``, host and perhaps a path in front of ``/v1``, without a slash at the end.
        slug: The blog's.
        query: What the URL asked of the stream, in its order.

    """

    server: str
    slug: str
    query: Mapping[str, str]

    @property
    def blog(self) -> str:
        """Where the blog is read over HTTP."""
        return f"{self.server}/v1/blogs/{self.slug}"

    @property
    def commands(self) -> str:
        """Where its editors post."""
        return f"{self.server}/v1/admin/blogs/{self.slug}/commands"

    def stream(self, query: Mapping[str, str]) -> str:
        """Where it is followed, with what is asked of the stream."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"ws{self.blog.removeprefix('http')}/stream{asked}"


def parse_server(text: str) -> str:
    """Read a server's address.

    Raises:
        ValueError: If it is no http, https, ws or wss URL with a host, or if it carries a user name, a password, a
            query or a fragment.

    """
    parts = urlsplit(text.strip())
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"expected an address such as {DEFAULT_SERVER}, not {text!r}")
    if parts.username is not None:
        raise ValueError("a URL carries no secret: put the token into LIVEBLOG_TOKEN or a file")
    if parts.query or parts.fragment:
        raise ValueError(f"expected an address without ? and #, such as {DEFAULT_SERVER}, not {text!r}")
    _ = parts.port  # which is where a port that is no number is found out
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{parts.path.rstrip('/')}"


def parse_blog(text: str, server: str) -> Address:
    """Read what names a blog.

    Args:
        text: A slug; or a URL of the blog: its page, ``…/v1/blogs/SLUG`` or its stream, query included.
        server: The server of a bare slug, as `parse_server` takes it.

    Raises:
        ValueError: If it is none of these.

    """
    if "://" not in text:
        if not _SLUG.fullmatch(text):
            raise ValueError(f"expected a slug of small letters, digits and hyphens, or a URL, not {text!r}")
        return Address(parse_server(server), text, {})
    parts = urlsplit(text.strip())
    path = _PATH.fullmatch(parts.path)
    if path is None:
        raise ValueError(f"the URL names no blog: expected one such as {DEFAULT_SERVER}/SLUG, not {text!r}")
    base = parse_server(f"{parts.scheme}://{parts.netloc}{path['prefix']}")
    return Address(base, path["slug"] or path["page"], dict(parse_qsl(parts.query, keep_blank_values=True)))
