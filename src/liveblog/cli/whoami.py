"""Who the server takes the holder of a token for."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from liveblog.cli.admin import Admin
from liveblog.cli.connection import server_address, server_option, token_option
from liveblog.cli.credentials import token
from liveblog.cli.failure import Failure
from liveblog.cli.printable import printable


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer as it came.")
@server_option
@token_option
def whoami(server: str, token_file: Path | None, as_json: bool) -> None:
    """Say whose token this is, and what it may do.

    One line for each fact: actor, role, blogs (all, where the token names none).
    """
    base = server_address(server)
    answer = Admin(token(token_file)).get(f"{base}/v1/admin/whoami")
    if as_json:
        sys.stdout.buffer.write(answer.body.rstrip(b"\n") + b"\n")
        return
    try:
        facts = msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.DecodeError:
        raise Failure(f"the server's answer is none of a liveblog: is {base} right?") from None
    for name, value in facts.items():
        click.echo(f"{name}: {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return printable(" ".join(f"{each}" for each in value.values()))
    if isinstance(value, list):
        return printable(", ".join(f"{each}" for each in value))
    return "all" if value is None else printable(str(value))
