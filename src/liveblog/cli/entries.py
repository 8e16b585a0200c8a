"""Commands on entries: publish, revise, correct, retract."""

from typing import Any

import click

from liveblog.cli.content import emptied_option, entry_options
from liveblog.cli.editor import Editor, editing

_EMPTIED = ("headline", "body", "question", "quote", "contributors", "sources", "media", "links", "tags")
_revision = click.option("--expected-revision", type=int, help="Refuse unless the entry is at this revision.")


@click.command()
@editing
@entry_options
@click.option("--published-at", metavar="TIME", help="RFC 3339 with an offset. [default: now]")
@click.option("--entry-id", metavar="UUID", help="An id of your own making (UUID version 4).")
@click.option("--breaking", is_flag=True, help="As breaking news.")
@click.option("--pinned", is_flag=True, help="At the top.")
@click.option("--key-event", is_flag=True, help="As one of the moments to jump between.")
def post(editor: Editor, fields: dict[str, Any], **more: Any) -> None:
    """Publish an entry.

    BLOG is a slug or a URL. BODY is Markdown: the text itself, @PATH for a file, - for standard input (@@ stands for
    an @ at the beginning). Without --kind, an entry with a question is a question, and one with a speaker a quote.

    Prints the blog's position and the entry's id.
    """
    implied = "question" if fields.get("question") else "quote" if fields.get("quote") else None
    fields = {"kind": implied, **fields} if implied else fields
    editor.command("publish_entry", **fields, **{name: value for name, value in more.items() if value})


def _naming_entry(
    editor: Editor, kind: str, entry_id: str, expected_revision: int | None, fields: dict[str, Any]
) -> None:
    expectation = {} if expected_revision is None else {"expected_revision": expected_revision}
    editor.send(kind, {"entry_id": entry_id, **fields, **expectation})


@click.command()
@editing
@click.argument("entry_id")
@entry_options
@emptied_option(*_EMPTIED)
@_revision
def revise(editor: Editor, entry_id: str, fields: dict[str, Any], expected_revision: int | None) -> None:
    """Edit an entry in which nothing was wrong.

    A typo, an added detail. What is not given stays as it is; a list that is given replaces the whole list.
    """
    _naming_entry(editor, "revise_entry", entry_id, expected_revision, fields)


@click.command()
@editing
@click.argument("entry_id")
@entry_options
@emptied_option(*_EMPTIED)
@click.option("--was", required=True, help="What was wrong, in words for readers.")
@click.option("--now", required=True, help="What is right.")
@click.option("--reason", required=True, help="Why it was wrong.")
@_revision
def correct(
    editor: Editor,
    entry_id: str,
    *,
    fields: dict[str, Any],
    was: str,
    now: str,
    reason: str,
    expected_revision: int | None,
) -> None:
    """Put an error right, in public.

    The correction stays beside the entry: what was wrong, what is right, and why. BODY and the other fields are what
    the entry says from now on; what is not given stays as it is.
    """
    told = {"was": was, "now": now, "reason": reason}
    _naming_entry(editor, "correct_entry", entry_id, expected_revision, {**fields, **told})


@click.command()
@editing
@click.argument("entry_id")
@click.option("--reason", required=True, help="Why, in words for readers.")
@_revision
def retract(editor: Editor, entry_id: str, reason: str, expected_revision: int | None) -> None:
    """Withdraw an entry for good, saying why.

    Its place and the reason stay for everyone to see.
    """
    _naming_entry(editor, "retract_entry", entry_id, expected_revision, {"reason": reason})
