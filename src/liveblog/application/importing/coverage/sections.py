r"""Sections: the lines of a coverage, taken apart before anything is understood.

A section opens with a line that starts with ``@``. Its fields follow, one a line, an indented line going on where the
line above it ended; after a blank line a verb that takes a body has it, up to the next section. In a body a line that
starts with ``@`` is written ``\@``.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from liveblog.application.importing.coverage.values import BLANK
from liveblog.application.importing.lines import Line, split
from liveblog.application.importing.script import Fault

FIRST_LINE = "liveblog coverage 1"
OPENING = "@"
_MAGIC = re.compile(r"liveblog coverage\b.*")
_FIELD = re.compile(r"([a-z_]+):(?:[ \t](.*))?")
_COMMENT = "#"
_AT = re.compile(r"\\*@")
_HIDDEN_AT = re.compile(r"\\+@")


class FieldLine(Struct, frozen=True):
    """One field as written, its continuations joined to it by a space; `line` is where it begins, from 1."""

    line: int
    name: str
    value: str


class Section(Struct, frozen=True):
    """One opening line without its ``@``, and the lines below it; `line` counts from 1."""

    line: int
    opening: str
    lines: tuple[Line, ...]


def claims(first_line: str) -> bool:
    """Tell whether a text that begins so means to be a coverage, of whatever version."""
    return _MAGIC.fullmatch(first_line.strip(BLANK)) is not None


def divide(text: str, faults: list[Fault]) -> tuple[Section, ...]:
    """Divide a text into its sections; what stands where nothing may stand becomes a fault."""
    lines = split(text)
    if lines[0].text.strip(BLANK) != FIRST_LINE:
        faults.append(Fault(1, f"expected {FIRST_LINE!r} as the first line, which names the format and its version"))
    starts = [place for place, line in enumerate(lines) if line.text.startswith(OPENING)]
    faults.extend(
        Fault(line.number, "expected a line that starts with @ before anything else")
        for line in lines[1 : starts[0] if starts else None]
        if line.text.strip(BLANK) and not line.text.startswith(_COMMENT)
    )
    return tuple(
        Section(lines[start].number, lines[start].text.removeprefix(OPENING).strip(BLANK), lines[start + 1 : end])
        for start, end in pairwise([*starts, len(lines)])
    )


def head(section: Section, *, body: bool) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Part a section's lines into those of its fields and those of its body."""
    if not body:
        return section.lines, ()
    blank = next((place for place, line in enumerate(section.lines) if not line.text.strip(BLANK)), len(section.lines))
    return section.lines[:blank], section.lines[blank:]


def field_lines(lines: Iterable[Line], faults: list[Fault]) -> Iterator[FieldLine]:
    """Read field lines, skipping comments and blank lines; what is none becomes a fault."""
    found: list[FieldLine] = []
    for line in lines:
        if not line.text.strip(BLANK) or line.text.startswith(_COMMENT):
            continue
        match = _FIELD.fullmatch(line.text)
        if match:
            found.append(FieldLine(line.number, match[1], (match[2] or "").strip(BLANK)))
        elif line.text[0] in BLANK and found:
            last = found[-1]
            found[-1] = FieldLine(last.line, last.name, f"{last.value} {line.text.strip(BLANK)}".strip(BLANK))
        else:
            faults.append(Fault(line.number, "expected a field, such as 'headline: …', or an indented line"))
    return iter(found)


def read_body(lines: Iterable[Line]) -> str | None:
    """Read a body; blank lines before and after it are not part of it."""
    texts = [line.text[1:] if _HIDDEN_AT.match(line.text) else line.text for line in lines]
    said = [place for place, text in enumerate(texts) if text.strip(BLANK)]
    return "\n".join(texts[said[0] : said[-1] + 1]) if said else None


def write_body(body: str) -> str:
    r"""Write a body's lines, those that look like an opening with a ``\`` before them."""
    return "\n".join(f"\\{line}" if _AT.match(line) else line for line in body.split("\n"))
