"""What ends a command with exit code 1: one line on standard error that says why."""

from typing import IO, Any

import click

from liveblog.cli.printable import printable


class Failure(click.ClickException):
    """The command could not do what it was asked to do.

    Args:
        message: Why, in one line: what to do about it comes last.

    """

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the one line."""
        click.echo(f"liveblog: {printable(self.message)}", file=file, err=file is None)
