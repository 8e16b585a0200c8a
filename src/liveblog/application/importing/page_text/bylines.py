"""Bylines: "By A, B and C", with roles and outlets where they are named."""

import re
from typing import Any

_BY = re.compile(r"(?:by|words by|reporting by)[:\s]\s*(?P<names>\S.*)", re.IGNORECASE)
_AND = re.compile(r"\s*,\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+|\s*;\s*|\s+\|\s+", re.IGNORECASE)
_WHERE = re.compile(r"\s+(?=(?:in|at|reporting from)\s+[^\W\d_])")
_PARTICLES = frozenset(
    ["al", "bin", "da", "de", "del", "der", "di", "dos", "du", "el", "ibn", "la", "le", "van", "von"]
)
_ROLES = frozenset(
    [
        "analyst",
        "chief",
        "columnist",
        "correspondent",
        "desk",
        "editor",
        "journalist",
        "photographer",
        "producer",
        "reporter",
        "staff",
        "writer",
    ]
)
_OUTLETS = frozenset(
    [
        "agency",
        "daily",
        "gazette",
        "herald",
        "journal",
        "network",
        "news",
        "post",
        "press",
        "radio",
        "times",
        "tribune",
        "tv",
    ]
)
_MOST = 200


def read(text: str) -> list[dict[str, Any]] | None:
    """The contributors that a byline names, or None where the line is none."""
    match = _BY.fullmatch(text)
    if match is None or len(text) > _MOST or text.endswith((":", "?", "!")):
        return None
    found: list[dict[str, Any]] = []
    for part in _AND.split(match["names"].removesuffix(".")):
        name, *where = _WHERE.split(part, maxsplit=1)
        words = {word.lower() for word in name.split()}
        key = "role" if words & _ROLES else "outlet" if words & _OUTLETS or _initials(name) else None
        if found and key and found[-1][key] is None:
            found[-1][key] = part
        elif _is_name(name) or (not found and key):
            found.append({"name": name, "role": " ".join(where) or None, "outlet": None})
        else:
            return None
    return found


def _is_name(text: str) -> bool:
    words = text.split()
    return bool(words) and all(word[0].isupper() or word.split("-")[0].lower() in _PARTICLES for word in words)


def _initials(text: str) -> bool:
    """Tell an outlet such as "AFP" from the names around it."""
    return text.isupper() and text.isalpha() and len(text) in range(2, 5)
