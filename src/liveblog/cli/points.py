"""Commands on key points: what is known so far."""

import click

from liveblog.cli.content import source
from liveblog.cli.editor import Editor, editing
from liveblog.cli.texts import body

_revision = click.option("--expected-revision", type=int, help="Refuse unless the key point is at this revision.")


@click.group()
def point() -> None:
    """Say what is known so far: set and withdraw key points."""


@point.command("set")
@editing
@click.argument("point_id")
@click.argument("text")
@click.option("--source", "sources", multiple=True, metavar="NAME=URL", help="Whose word it is. May be repeated.")
@click.option("--reason", help="Why it changed.")
@_revision
def set_point(
    editor: Editor,
    point_id: str,
    text: str,
    *,
    sources: tuple[str, ...],
    reason: str | None,
    expected_revision: int | None,
) -> None:
    """Say one thing that is known, or say it anew.

    POINT_ID is a short name of your choice, such as missiles. TEXT may be @PATH or -.
    """
    told = {"text": body(text, None), "sources": [source(each) for each in sources] or None, "reason": reason}
    editor.command("set_key_point", point_id=point_id, **told, expected_revision=expected_revision)


@point.command()
@editing
@click.argument("point_id")
@click.option("--reason", required=True, help="Why, in words for readers.")
@_revision
def withdraw(editor: Editor, point_id: str, reason: str, expected_revision: int | None) -> None:
    """Take a key point off the list, saying why."""
    editor.command("withdraw_key_point", point_id=point_id, reason=reason, expected_revision=expected_revision)
