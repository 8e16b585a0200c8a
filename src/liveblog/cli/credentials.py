"""The token of the client commands: from the environment or a file, never from an argument.

Every user of a machine can read the arguments of its processes, and a shell remembers them.
"""

from pathlib import Path

import click

from liveblog import settings

VARIABLE = "LIVEBLOG_TOKEN"


def token(file: Path | None) -> str:
    """Find the editor's token.

    Args:
        file: Holds the token alone; without it, the environment's LIVEBLOG_TOKEN counts.

    Raises:
        UsageError: If there is none, the file cannot be read, or what it holds is no token.

    """
    if file is None:
        found = (settings.token() or "").strip()
        if not found:
            raise click.UsageError(f"no token: set {VARIABLE}, or name a file with --token-file")
    else:
        try:
            found = file.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise click.UsageError(f"cannot read the token file {file}: {reason}") from None
    if not found or not found.isascii() or not found.isprintable() or " " in found:
        raise click.UsageError(f"{file or VARIABLE} holds no token: expected one word of ASCII characters")
    return found
