"""From a script to the text of a coverage."""

from collections.abc import Iterator
from typing import Any

from liveblog.application.importing.coverage import fields, instants, sections, values
from liveblog.application.importing.coverage.instants import When
from liveblog.application.importing.coverage.verbs import BY_TYPE, START, Verb
from liveblog.application.importing.lines import split
from liveblog.application.importing.script import Script, Step
from liveblog.domain import instant


def dump(script: Script) -> str:
    """Write a script as a coverage, which reads back as the same script.

    Line numbers are then those of the new text; the script's notes stand in it as comments.

    Args:
        script: As a parser of this package made it: entries have labels, what is not given is absent, a list is emptied
            by an empty one and any other field by None.

    """
    comments = [f"# line {note.line}: {_one_line(note.text)}" for note in script.notes]
    parts = ["\n".join([sections.FIRST_LINE, *comments]) + "\n"]
    opening = f"{instants.write(When(script.started, script.started_estimated))} {START.word}{_by(script.started_by)}"
    blog = {name: value for name, value in script.blog.items() if (name, value) != ("slug", None)}
    parts.append(_section(opening, START, blog, published_at_estimated=False))
    parts.extend(_step(step) for step in script.steps)
    return "\n".join(parts)


def _step(step: Step) -> str:
    command = dict(step.command)
    verb = BY_TYPE[command.pop("type")]
    when = "+" if step.same_commit else instants.write(When(step.at, step.at_estimated))
    target = f" {command.pop(verb.target)}" if verb.target else ""
    by = "" if step.same_commit else _by(step.by)
    return _section(
        f"{when} {verb.word}{target}{by}", verb, command, published_at_estimated=step.published_at_estimated
    )


def _section(opening: str, verb: Verb, command: dict[str, Any], *, published_at_estimated: bool) -> str:
    body = command.get("body")
    below = isinstance(body, str) and body == sections.read_body(split(sections.write_body(body)))
    shown = {name: value for name, value in command.items() if not (below and name == "body")}
    if "published_at" in shown:
        at = instant.parse(shown["published_at"])
        shown["published_at"] = instants.write(When(at, published_at_estimated))
    lines = [f"{sections.OPENING} {opening}", *_fields(verb, shown)]
    if below and body is not None:
        lines += ["", sections.write_body(body)]
    return "\n".join(lines) + "\n"


def _fields(verb: Verb, command: dict[str, Any]) -> Iterator[str]:
    assert {field.key for field in verb.fields} >= command.keys()
    for field in verb.fields:
        if field.key not in command:
            continue
        value = command[field.key]
        if value is None or value == []:
            yield f"{field.name}:"
            continue
        for item in value if field.many else [value]:
            yield f"{field.name}: {item if field is fields.PUBLISHED_AT else field.write(item)}"


def _by(name: str | None) -> str:
    return "" if name is None else f" by {values.write(name)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
