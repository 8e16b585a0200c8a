"""A body from wherever the editor has it: an argument, a file, standard input."""

import sys
from pathlib import Path

import click

STANDARD_INPUT = "-"


def body(argument: str | None, file: str | None) -> str | None:
    """Find the body; every CRLF in it becomes LF, nothing else changes.

    Args:
        argument: The text itself; ``@PATH`` for a file's; ``@@...`` for a text that begins with ``@``; ``-`` for
            standard input.
        file: A path, or ``-``.

    Raises:
        UsageError: If both are given, or what they name cannot be read as UTF-8.

    """
    if argument is not None and file is not None:
        raise click.UsageError("the body comes from BODY or from --file, not from both")
    if argument is not None and argument.startswith("@@"):
        text = argument[1:]
    elif argument is not None and argument != STANDARD_INPUT and not argument.startswith("@"):
        text = argument
    elif argument is None and file is None:
        return None
    else:
        text = _read(file if argument is None else argument.removeprefix("@"))
    return text.replace("\r\n", "\n")


def _read(path: str | None) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path or "").read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"cannot read the body from {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise click.UsageError(f"the body in {path} is not UTF-8: byte {error.start} is not") from None
