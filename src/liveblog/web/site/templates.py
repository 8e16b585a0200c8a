"""The templates of pages: everything is escaped but the sanitised bodies, and a name that is not given is an error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from liveblog.domain.entry import Entry
from liveblog.web.site.assets import asset
from liveblog.web.site.playing import plays
from liveblog.web.site.times import Times
from liveblog.web.site.words import Words, direction

FOLDER = Path(__file__).parent / "templates"


def classes(entry: Entry) -> str:
    """The classes of an entry's element."""
    marks = {
        "breaking": entry.breaking,
        "pinned": entry.pinned,
        "key-event": entry.key_event,
        "corrected": bool(entry.corrections),
        "retracted": entry.retracted is not None,
        "redacted": entry.redacted is not None,
    }
    return " ".join(["entry", f"kind-{entry.kind}", *(name for name, holds in marks.items() if holds)])


def revised(entry: Entry) -> bool:
    """Whether the entry was touched after its last correction, or without any, so that "updated" says something new."""
    if entry.updated_at is None or entry.retracted is not None:
        return False
    return not entry.corrections or entry.updated_at > entry.corrections[-1].at


def render(name: str, language: str, zone: str, **given: Any) -> str:
    """Write a page.

    Args:
        name: The template.
        language: The language of the page (BCP 47).
        zone: The zone of its times, by its IANA name.
        given: What the template is about.

    """
    words = given.pop("words")
    return _environment.get_template(name).render(
        t=words, times=Times(zone, words), lang=language, dir=direction(language), **given
    )


def _markup(sanitised: str) -> Markup:
    return Markup(sanitised)  # noqa: S704  (made by the renderer, which lets nothing through but an allow-list)


def _environment_of(given: Mapping[str, Any]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False
    )
    environment.filters["markup"] = _markup
    environment.globals |= given
    return environment


_environment = _environment_of({"asset": asset, "plays": plays, "classes": classes, "revised": revised})

__all__ = ["Words", "classes", "render", "revised"]
