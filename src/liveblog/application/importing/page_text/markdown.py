r"""Plain text as Markdown that shows it as written: whatever would become a construct gets a ``\`` before it.

Paragraphs are single lines here, so that only what has meaning within a line, or at the start of one, needs care.
"""

import re

_WITHIN = re.compile(r"[\\`*_\[\]<~]|&(?=#?\w+;)")
_AT_START = re.compile(r"(?P<before>\d{1,9}(?=[.)](?:\s|$))|(?=[#>]|[-+](?:\s|$)|--))")


def paragraph(text: str) -> str:
    """Write one line of plain text as a paragraph."""
    escaped = _WITHIN.sub(r"\\\g<0>", text.strip())
    return _AT_START.sub(r"\g<before>\\", escaped, count=1) if _AT_START.match(escaped) else escaped


def items(texts: list[str]) -> str:
    """Write lines as a list, one item each."""
    return "\n".join(f"- {paragraph(text)}" for text in texts)
