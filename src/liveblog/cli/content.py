"""The options that describe content, and the fields of a command that they become."""

import functools
from collections.abc import Callable
from typing import Any, get_args

import click
import msgspec

from liveblog.cli.texts import body as find_body
from liveblog.domain.content import Kind

Command = Callable[..., None]
_CONTRIBUTOR_PARTS = 3
_IMAGE = ("alt", "caption", "credit")


def contributor(text: str) -> dict[str, str]:
    """Read ``Name;role;outlet``, of which only the name is needed.

    Raises:
        UsageError: If there are more parts than three, or no name.

    """
    parts = [part.strip() for part in text.split(";")]
    if len(parts) > _CONTRIBUTOR_PARTS or not parts[0]:
        raise click.UsageError(f"--contributor takes NAME;ROLE;OUTLET, not {text!r}")
    return {name: part for name, part in zip(("name", "role", "outlet"), parts, strict=False) if part}


def source(text: str) -> dict[str, str]:
    """Read ``Name=URL``, or a name alone.

    Raises:
        UsageError: If it begins with a URL, or has no name.

    """
    return _named("--source", "name", text)


def link(text: str) -> dict[str, str]:
    """Read ``Title=URL``, or a title alone.

    Raises:
        UsageError: If it begins with a URL, or has no title.

    """
    return _named("--link", "title", text)


def _named(option: str, label: str, text: str) -> dict[str, str]:
    name, equals, url = (part.strip() for part in text.partition("="))
    if not name or name.startswith(("http://", "https://")):
        raise click.UsageError(f"{option} takes {label.upper()}=URL, not {text!r}")
    return {label: name, "url": url} if equals else {label: name}


def media(texts: tuple[str, ...], image: str | None, described: dict[str, str | None]) -> list[Any]:
    """Read ``--media`` objects, and put the picture of ``--image`` before them.

    Raises:
        UsageError: If one is no JSON object, or a picture is described that is not there.

    """
    found: list[Any] = []
    stated = {name: value for name, value in described.items() if value is not None}
    if image is not None:
        found.append({"type": "image", "url": image, **stated})
    elif stated:
        raise click.UsageError(f"--{next(iter(stated))} describes the picture of --image URL")
    for text in texts:
        try:
            found.append(msgspec.json.decode(text, type=dict[str, Any]))
        except (msgspec.DecodeError, UnicodeEncodeError):
            raise click.UsageError(f"--media takes a JSON object, not {text!r}") from None
    return found


def _stated(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not given; a list that nobody filled was not."""
    return {name: value for name, value in fields.items() if value not in (None, [])}


def around_options(command: Command) -> Command:
    """Add what headers and entries share: contributors, links and media, handed over as `fields`."""

    @click.option("--contributor", "contributors", multiple=True, metavar="NAME;ROLE;OUTLET", help="May be repeated.")
    @click.option("--link", "links", multiple=True, metavar="TITLE=URL", help="May be repeated.")
    @click.option("--media", "media_texts", multiple=True, metavar="JSON", help="A media object. May be repeated.")
    @click.option("--image", metavar="URL", help="A picture.")
    @click.option("--alt", help="The picture in words, for whoever cannot see it.")
    @click.option("--caption", help="The line under the picture.")
    @click.option("--credit", help="Whose picture it is.")
    @functools.wraps(command)
    def run(
        *args: Any,
        contributors: tuple[str, ...],
        links: tuple[str, ...],
        media_texts: tuple[str, ...],
        image: str | None,
        **rest: Any,
    ) -> None:
        described = {name: rest.pop(name) for name in _IMAGE}
        fields = {
            "contributors": [contributor(each) for each in contributors],
            "links": [link(each) for each in links],
            "media": media(media_texts, image, described),
        }
        command(*args, fields=_stated(fields), **rest)

    return run


def entry_options(command: Command) -> Command:
    """Add the argument BODY and every option of an entry's content, handed over as `fields`."""

    @click.argument("body", required=False)
    @click.option("--file", help="Read the body from a file; - is standard input.")
    @click.option("--headline")
    @click.option("--kind", type=click.Choice(get_args(Kind)), help="What sort of entry it is.")
    @click.option("--question", help="The question that the body answers.")
    @click.option("--speaker", help="Who says what the body quotes.")
    @click.option("--speaker-role")
    @click.option("--source", "sources", multiple=True, metavar="NAME=URL", help="Whose word it is. May be repeated.")
    @click.option("--tag", "tags", multiple=True, help="May be repeated.")
    @functools.wraps(command)
    def run(
        *args: Any,
        fields: dict[str, Any],
        body: str | None,
        file: str | None,
        speaker: str | None,
        speaker_role: str | None,
        sources: tuple[str, ...],
        tags: tuple[str, ...],
        **rest: Any,
    ) -> None:
        if speaker_role and not speaker:
            raise click.UsageError("--speaker-role belongs to --speaker")
        own = {name: rest.pop(name) for name in ("headline", "kind", "question")}
        own["body"] = find_body(body, file)
        own["quote"] = {"speaker": speaker, "role": speaker_role} if speaker else None
        own["sources"] = [source(each) for each in sources]
        own["tags"] = [*tags]
        command(*args, fields=fields | _stated(own), **rest)

    return around_options(run)


def emptied_option(*names: str) -> Callable[[Command], Command]:
    """Add ``--empty FIELD``, which puts a null into `fields`: the field is emptied, where an absent one stays.

    Args:
        names: The fields that may be emptied.

    """

    def add(command: Command) -> Command:
        @click.option(
            "--empty", "emptied", multiple=True, type=click.Choice(names), help="Empty this field. May be repeated."
        )
        @functools.wraps(command)
        def run(*args: Any, emptied: tuple[str, ...], fields: dict[str, Any], **rest: Any) -> None:
            both = [name for name in emptied if name in fields]
            if both:
                raise click.UsageError(f"{both[0]} is emptied and given at once")
            command(*args, fields=fields | dict.fromkeys(emptied), **rest)

        return run

    return add
