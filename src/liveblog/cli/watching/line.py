"""A line for a person: pieces of text, each with the role that it plays, so that a screen may colour it."""

from typing import Literal, TypeAlias

from liveblog.cli.printable import printable

Role: TypeAlias = Literal["plain", "dim", "title", "breaking", "mark", "struck", "new", "reason", "warning"]
Line: TypeAlias = tuple[tuple[str, Role], ...]
"""Pieces are printable; one blank stands between two."""

_ASIDE = {"struck": ("[-", "-]"), "new": ("{+", "+}")}
"""Without colours a redline is written as wdiff writes it."""


def line(*pieces: tuple[str | None, Role]) -> Line:
    """Make a line of the pieces that have something to show."""
    cleaned = ((printable(text or ""), role) for text, role in pieces)
    return tuple((text, role) for text, role in cleaned if text)


def plain(pieces: Line) -> str:
    """Write a line without colours."""
    return " ".join(_marked(text, role) for text, role in pieces)


def _marked(text: str, role: Role) -> str:
    before, after = _ASIDE.get(role, ("", ""))
    return f"{before}{text}{after}"
