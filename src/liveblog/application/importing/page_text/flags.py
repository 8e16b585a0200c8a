"""Words that a page glues to the front of a headline, and that are no part of it: "Breaking", "WATCH:"."""

import re

from liveblog.application.importing.page_text.typography import DASHES, DOUBLE, SINGLE

_QUOTE = SINGLE + DOUBLE
_BREAKING = re.compile(r"breaking(?P<news>\s*news)?", re.IGNORECASE)
_DIVIDER = re.compile(rf"\s*[:|!{DASHES[:-1]}]\s*|\s+-\s+")
_WATCH = re.compile(r"(?:watch(?:\s+(?:live|again))?|video)\s*[:|]\s*", re.IGNORECASE)


def without_breaking(text: str) -> str | None:
    """The headline after its "Breaking" flag, or None where it carries none.

    The flag is divided from the headline by punctuation, or by nothing ("BreakingPentagon: …"); where only a space
    divides them it must stand out in another way, in capitals or as "Breaking news" before a capital. So "Breaking the
    deadlock" and "Breakingviews" are headlines.
    """
    match = _BREAKING.match(text)
    if match is None or not text[0].isupper():
        return None
    flag, rest = match[0], text[match.end() :]
    divider = _DIVIDER.match(rest)
    if divider:
        return rest[divider.end() :].strip() or None
    bare = rest.lstrip()
    if not bare or not (bare[0].isupper() or bare[0].isdigit() or bare[0] in _QUOTE):
        return None
    glued = bare == rest
    shouted = flag.isupper() and not bare.isupper()
    if not flag.isupper() and glued and not match["news"] and _looks_like_a_name(bare):
        return None
    return bare if shouted or (glued and not flag.isupper()) or (match["news"] and not flag.isupper()) else None


def _looks_like_a_name(rest: str) -> bool:
    """Tell "BreakingViews", one word with nothing after it, from a headline."""
    return rest.isalpha()


def without_watch(text: str) -> str | None:
    """The headline after a "WATCH:", or None where there is none: the entry is about a video."""
    match = _WATCH.match(text)
    return text[match.end() :].strip() or None if match else None
