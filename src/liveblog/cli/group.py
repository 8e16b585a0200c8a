"""A group of commands that imports a command only to run it, and that ends quietly when it is interrupted.

`liveblog --help` would otherwise import the server, the database and every client before it prints a line.
"""

import errno
import importlib
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

INTERRUPTED = 130
"""128 + SIGINT: what a shell reports of a program that Ctrl-C ended."""
NO_READER = 141
"""128 + SIGPIPE: nobody reads what we print any more, as behind ``| head``."""


class Lazy(NamedTuple):
    """Where a command lives (``package.module:name``), and the line that the help says of it."""

    target: str
    summary: str

    def load(self) -> click.Command:
        """Import the command's module and return the command."""
        module, _, name = self.target.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command), f"{self.target} is no command"
        return command


class LazyGroup(click.Group):
    """The commands of a table, in the table's order.

    Args:
        lazy: The commands by name.
        options: What `click.Group` takes.

    """

    def __init__(self, *, lazy: Mapping[str, Lazy], **options: Any) -> None:
        super().__init__(**options)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names, importing nothing."""
        del ctx
        return [*self.lazy]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or return None where there is no such name."""
        del ctx
        found = self.lazy.get(cmd_name)
        return found.load() if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help's list from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.summary) for name, each in self.lazy.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        """Complete a command's name from the table alone, or an option of the group."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  (only a shell that completes needs it)

        named = [CompletionItem(name, help=each.summary) for name, each in self.lazy.items()]
        found = [item for item in named if item.value.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interrupt and a closed pipe end it without a word."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            _discard_output()
            ctx.exit(NO_READER)
        return result


def _discard_output() -> None:
    """Let what is still buffered go nowhere: the interpreter flushes once more as it exits."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  (a device, not a path of ours)
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
