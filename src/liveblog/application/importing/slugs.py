"""A slug made of a headline: a suggestion, for a person may name a better one."""

import re
import unicodedata

import msgspec

from liveblog.domain.text import Slug

_LONGEST = 60
_OTHER = re.compile(r"[^a-z0-9]+")


def suggest(headline: str, otherwise: str) -> str:
    """Make a slug of a headline's first words, or give `otherwise` where it has no letters or digits that fit one."""
    plain = unicodedata.normalize("NFKD", re.sub(r"['\u2018\u2019]", "", headline)).encode("ascii", "ignore").decode()
    words = _OTHER.sub("-", plain.lower()).strip("-")
    if len(words) > _LONGEST:
        words = words[: _LONGEST + 1].rpartition("-")[0] or words[:_LONGEST]
    if not words:
        return otherwise
    return words if _is_allowed(words) else f"{words}-live"


def _is_allowed(slug: str) -> bool:
    try:
        msgspec.convert(slug, Slug)
    except msgspec.ValidationError:
        return False
    return True
