"""What every command of an editor shares, from the blog's name to the printed answer."""

import functools
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct

from liveblog.cli.address import Address, parse_blog
from liveblog.cli.admin import Admin, Answer
from liveblog.cli.connection import server_option, token_option
from liveblog.cli.credentials import token
from liveblog.cli.failure import Failure
from liveblog.cli.slug import BlogArgument

_KEY_LENGTH = 200


class _Entry(Struct, frozen=True):
    id: str


class _Event(Struct, frozen=True):
    position: int


class _Accepted(Struct, frozen=True):
    position: int
    events: tuple[_Event, ...] = ()
    entry: _Entry | None = None


class Editor:
    """One command's way to one blog.

    Args:
        address: The blog's.
        admin: The line to its server.
        key: The Idempotency-Key of this invocation.
        expected_position: The position that the blog must be at, if the editor named one.
        as_json: Whether to print the answer as it came.

    """

    def __init__(
        self, address: Address, admin: Admin, *, key: str, expected_position: int | None, as_json: bool
    ) -> None:
        self.address = address
        self._admin, self._key, self._as_json = admin, key, as_json
        self._query = {} if expected_position is None else {"expected_position": expected_position}

    def command(self, kind: str, /, **fields: Any) -> None:
        """Send one command and print what came of it; a field that is None is not stated."""
        stated = {name: value for name, value in fields.items() if value is not None}
        self.send(kind, stated)

    def send(self, kind: str, /, fields: Mapping[str, Any]) -> None:
        """Send one command with exactly these fields, None being null."""
        self._print(self._admin.post(self.address.commands, {"type": kind, **fields}, self._key, self._query))

    def start(self, fields: Mapping[str, Any]) -> None:
        """Start the blog itself.

        Raises:
            UsageError: If a position is expected of it: it has none yet.

        """
        if self._query:
            raise click.UsageError("--expected-position: a blog that is not there yet has no position")
        body = {"slug": self.address.slug, **fields}
        self._print(self._admin.post(f"{self.address.server}/v1/admin/blogs", body, self._key, {}))

    def _print(self, answer: Answer) -> None:
        if self._as_json:
            sys.stdout.buffer.write(answer.body.rstrip(b"\n") + b"\n")
            return
        try:
            accepted = msgspec.json.decode(answer.body, type=_Accepted)
        except msgspec.DecodeError:
            raise Failure(f"the server's answer is none of a liveblog: is {self.address.server} right?") from None
        words = [f"position {accepted.position}"]
        if accepted.entry:
            words.append(f"entry {accepted.entry.id}")
        if answer.repeated:
            words.append("(done before, under the same key)")
        elif not accepted.events:
            words.append("(nothing changed)")
        click.echo(" ".join(words))


def editing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument BLOG and the options of every editor's command, and hand it an `Editor` first."""

    @click.argument("blog", type=BlogArgument())
    @click.option(
        "--key", help="The Idempotency-Key: the same key and command again change nothing.  [default: a new one]"
    )
    @click.option("--expected-position", type=int, help="Refuse unless the blog is at this position.")
    @click.option("--json", "as_json", is_flag=True, help="Print the server's answer as it came.")
    @server_option
    @token_option
    @functools.wraps(command)
    def run(
        *,
        blog: str,
        key: str | None,
        expected_position: int | None,
        as_json: bool,
        server: str,
        token_file: Path | None,
        **rest: Any,
    ) -> None:
        try:
            address = parse_blog(blog, server)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        key = str(uuid.uuid4()) if key is None else key
        if not 1 <= len(key) <= _KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise click.UsageError(f"--key takes 1 to {_KEY_LENGTH} printable ASCII characters")
        admin = Admin(token(token_file))
        command(Editor(address, admin, key=key, expected_position=expected_position, as_json=as_json), **rest)

    return run
