"""`liveblog watch`: a reader in the terminal."""

import asyncio
import random
import sys
from contextlib import nullcontext

import click
from rich.console import Console

from liveblog.cli.address import Address, parse_blog
from liveblog.cli.connection import server_option
from liveblog.cli.rate import Rate
from liveblog.cli.slug import BlogArgument
from liveblog.cli.watching.following import Following
from liveblog.cli.watching.keyboard import keyboard
from liveblog.cli.watching.output import Json, Lines
from liveblog.cli.watching.screen import Screen
from liveblog.cli.watching.watcher import Watcher

_TERMINATED = 143
"""128 + SIGTERM."""
_KEYS = """\b
Keys:
  space        pause, and go on
  + and -      faster and slower
  left, right  back and forward by 30 seconds of your time
               (at rate 60: 30 minutes of the blog's)
  s            one event, while paused
  l            go live
  q            quit
"""
"""Behind a backspace, which tells click to leave the lines as they are."""


@click.command(epilog=_KEYS)
@click.argument("blog", type=BlogArgument())
@click.option("--from", "start", metavar="WHERE", help="live, start, a position, or a time.  [default: live]")
@click.option("--rate", type=Rate(), help="instant, or timeline seconds per second: 0.1 to 1000.  [default: instant]")
@click.option("--max-gap", metavar="SECONDS", help="Shorten longer silences of the timeline to this.")
@click.option("--at-end", type=click.Choice(["follow", "end"]), help="What to do at the head.  [default: follow]")
@click.option("--session", metavar="NAME", help="Join the shared replay of that name, at its present moment.")
@click.option("--json", "as_json", is_flag=True, help="Print each message of the server as it came, one a line.")
@server_option
def watch(
    *,
    blog: str,
    start: str | None,
    rate: str | None,
    max_gap: str | None,
    at_end: str | None,
    session: str | None,
    server: str,
    as_json: bool,
) -> None:
    """Follow a blog: live, or replayed at any speed.

    BLOG is a slug, or a URL of the blog or of its stream; the options win over what the URL asks for.

    A lost connection is made again from where it broke: nothing is missed, and nothing shown twice. Piped, it prints a
    line for each event. In a terminal keys steer it.
    """
    try:
        address = parse_blog(blog, server)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    asked = {"from": start, "rate": rate, "max_gap": max_gap, "at_end": at_end, "session": session}
    query = {**address.query, **{name: value for name, value in asked.items() if value is not None}}
    following = Following(query, random.random)
    if as_json:
        asyncio.run(Watcher(address, following, Json(sys.stdout.buffer, sys.stderr)).run())
    elif not sys.stdout.isatty():
        asyncio.run(Watcher(address, following, Lines(sys.stdout, sys.stderr)).run())
    else:
        try:
            asyncio.run(_in_terminal(address, following))
        except asyncio.CancelledError:
            sys.exit(_TERMINATED)


async def _in_terminal(address: Address, following: Following) -> None:
    keys = sys.stdin.isatty()
    with Screen(Console(highlight=False), keys=keys) as screen:
        watcher = Watcher(address, following, screen)
        with keyboard(sys.stdin.fileno(), watcher.press) if keys else nullcontext():
            await watcher.run()
