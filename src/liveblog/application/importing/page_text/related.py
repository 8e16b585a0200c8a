"""Lines of related links, of which a saved page has kept the words and rarely the addresses."""

import re
from typing import Any

from liveblog.application.importing.page_text.typography import DASHES

_HERE = re.compile(
    r"(?:(?:and|or|also)\s+)?(?:(?:read|see|watch|find|follow)\s+)?(?P<title>\S.*?),?\s+here", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:related(?:\s+(?:links|stories|coverage|articles))?|read(?:\s+(?:more|also|next))|more on this(?:\s+story)?"
    r"|see also|further reading|more)\s*[:|]\s*(?P<titles>\S.*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[(<\[]?(?P<url>https?://[^\s<>\"()\[\]]+)[)>\]]?", re.IGNORECASE)
_DIVIDER = re.compile(r"\s*[;|\u2022\u00b7]\s*")
_LONGEST_TITLE = 120


def read_here(text: str) -> list[dict[str, Any]] | None:
    """Links in a sentence whose every part points "here", or None where the line is no such sentence."""
    parts = [part for part in _DIVIDER.split(text.strip().rstrip(".")) if part]
    found = [_HERE.fullmatch(part) for part in parts]
    if not parts or not all(match and len(match["title"]) <= _LONGEST_TITLE for match in found):
        return None
    return [_link(match["title"]) for match in found if match]


def read_label(text: str) -> list[dict[str, Any]] | None:
    """Links after a word such as "Related:", or None where the line has none."""
    match = _LABEL.fullmatch(text)
    if match is None:
        return None
    return [_link(part) for part in _DIVIDER.split(match["titles"]) if part]


def _link(words: str) -> dict[str, Any]:
    address = _ADDRESS.search(words)
    if address is None:
        return {"title": words, "url": None}
    title = (words[: address.start()] + words[address.end() :]).strip(f" :{DASHES}")
    return {"title": title or address["url"], "url": address["url"]}
