"""The argument that names a blog, completed from what the server has."""

import json
from urllib.request import urlopen

import click
from click.shell_completion import CompletionItem

from liveblog.cli.address import DEFAULT_SERVER, parse_server

_PATIENCE_S = 1.0
"""Whoever presses Tab does not wait longer."""
_MOST = 100


class BlogArgument(click.ParamType[str]):
    """A slug or a URL. It is judged later; here it is completed."""

    name = "blog"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the slugs of the server's newest blogs that begin so; nothing where it does not answer."""
        del param
        given = ctx.params.get("server") or DEFAULT_SERVER
        try:
            address = f"{parse_server(given)}/v1/blogs?limit={_MOST}"
            with urlopen(address, timeout=_PATIENCE_S) as answer:  # noqa: S310  (http or https, as parse_server saw to)
                blogs = json.load(answer)["blogs"]
            found = [(str(each["slug"]), str(each["headline"])) for each in blogs]
        except (OSError, ValueError, LookupError, TypeError):
            return []
        return [CompletionItem(slug, help=headline) for slug, headline in found if slug.startswith(incomplete)]
