"""Are a script's fields what the admin endpoint would take? Every fault, with its line, in words that say what to do.

The types of the domain decide; this module only gives their refusals a line and plain words. Whether a command may
happen at that moment (an entry retracted, a blog ended) is not asked here.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from liveblog.application.importing.script import Fault, Script
from liveblog.domain.commands import Command, StartBlog
from liveblog.domain.text import Name

_ANY_ID = "00000000-0000-4000-8000-000000000000"
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_TOO_LONG = re.compile(r"Expected `(str|array)` of length <= (\d+)")
_ADVICE = {
    "slug": "expected lower-case letters, digits and hyphens, at most 80, and none of the reserved names",
    "url": "expected an absolute http or https address",
    "poster": "expected an absolute http or https address",
    "language": "expected a language tag such as en or pt-BR",
    "time_zone": "expected a time zone such as Europe/London",
    "point_id": "expected 1 to 64 lower-case letters, digits and hyphens",
}


class _Named(Struct):
    by: Name


def faults(script: Script) -> Iterator[Fault]:
    """Find what the types of the domain refuse in a script: at most one fault for each command."""
    blog = {name: value for name, value in script.blog.items() if (name, value) != ("slug", None)}
    yield from _refusal({"slug": "any"} | blog, StartBlog, script.line)
    yield from _name(script.started_by, script.line)
    for step in script.steps:
        command = step.command | ({"entry_id": _ANY_ID} if "entry_id" in step.command else {})
        yield from _refusal(command, Command, step.line)
        if not step.same_commit:
            yield from _name(step.by, step.line)


def _name(by: str | None, line: int) -> Iterator[Fault]:
    if by is not None:
        yield from _refusal({"by": by}, _Named, line)


def _refusal(value: dict[str, Any], type_: Any, line: int) -> Iterator[Fault]:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        yield Fault(line, _in_words(str(error)))


def _in_words(refusal: str) -> str:
    place = _PLACE.search(refusal)
    path = place[1] if place else ""
    said = f"{path}: " if path else ""
    too_long = _TOO_LONG.match(refusal)
    if too_long:
        return f"{said}at most {int(too_long[2]):,} {'characters' if too_long[1] == 'str' else 'items'}, so shorten it"
    if "matching regex" in refusal:
        field = path.rpartition(".")[2].removesuffix("[...]")
        return said + _ADVICE.get(field, "expected text that says something and holds no control characters")
    return said + _PLACE.sub("", refusal)
