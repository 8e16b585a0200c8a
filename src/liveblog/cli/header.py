"""Commands on the blog itself: start it, change its header, end it, reopen it."""

from typing import Any

import click

from liveblog.cli.content import around_options, emptied_option
from liveblog.cli.editor import Editor, editing

_standfirst = click.option("--standfirst", help="The sentences under the headline.")
_language = click.option("--language", help="A language tag, such as en.")
_time_zone = click.option("--time-zone", help="The coverage's zone, such as Asia/Baghdad.")


@click.command()
@editing
@click.argument("headline")
@_standfirst
@around_options
@_language
@_time_zone
def start(editor: Editor, headline: str, fields: dict[str, Any], **more: str | None) -> None:
    """Start a blog.

    BLOG is its slug-to-be, or the URL that it is to have.
    """
    editor.start({"headline": headline, **fields, **_stated(more)})


@click.command("headline")
@editing
@click.argument("headline", required=False)
@_standfirst
@around_options
@emptied_option("standfirst", "contributors", "links", "media")
@_language
@_time_zone
@click.option("--expected-revision", type=int, help="Refuse unless the header is at this revision.")
def headline(editor: Editor, fields: dict[str, Any], **more: str | int | None) -> None:
    """Change the blog's headline and what stands around it.

    What is not given stays as it is; a list that is given replaces the whole list.
    """
    stated = _stated(more)
    both = [name for name, value in fields.items() if value is None and name in stated]
    if both:
        raise click.UsageError(f"{both[0]} is emptied and given at once")
    editor.send("change_headline", {**fields, **stated})


@click.command()
@editing
def end(editor: Editor) -> None:
    """Say that the coverage is over.

    Nothing new may be published from then on; corrections may.
    """
    editor.command("end_blog")


@click.command()
@editing
def reopen(editor: Editor) -> None:
    """Go on after all."""
    editor.command("reopen_blog")


def _stated(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
