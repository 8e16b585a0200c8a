"""The options that say which server to speak to, and as whom."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click

from liveblog.cli.address import DEFAULT_SERVER, parse_server

P = ParamSpec("P")


def server_option(command: Callable[P, None]) -> Callable[P, None]:
    """Add ``--server``."""
    return click.option(
        "--server",
        envvar="LIVEBLOG_SERVER",
        default=DEFAULT_SERVER,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="The server of a blog that is named by its slug.",
    )(command)


def token_option(command: Callable[P, None]) -> Callable[P, None]:
    """Add ``--token-file``."""
    return click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        help="A file that holds your token, instead of LIVEBLOG_TOKEN. (No option takes the token itself: other users"
        " of the machine could read it.)",
    )(command)


def server_address(text: str) -> str:
    """Read ``--server`` as `parse_server` does; a wrong one is wrong usage."""
    try:
        return parse_server(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
