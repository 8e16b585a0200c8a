"""Captions: the words under a picture, and whose picture it is."""

import re
from typing import Any

from liveblog.application.importing.page_text.typography import DASHES, SINGLE

_THING = r"(?:image|photo(?:graph)?|picture|pic|media|video)"
_AGENCIES = r"(?:reuters|afp|ap|epa|pa|ap photo|getty(?: images)?|pa media|pa wire|shutterstock|alamy|anadolu|xinhua)"
_CREDITED = (
    re.compile(rf"(?P<caption>\S.*?)\s+[|{DASHES}]\s+(?P<credit>via\s+\S.*)", re.IGNORECASE),
    re.compile(
        rf"(?P<caption>\S.*?)\s+[|{DASHES}]\s+(?P<credit>{_AGENCIES}(?:\s?/\s?[\w .&{SINGLE}-]+)*)", re.IGNORECASE
    ),
    re.compile(
        rf"(?P<caption>.*?)\s*[(\[](?:{_THING}s?|(?:{_THING} )?credit)(?:\s*:\s*|\s+(?=by\s|via\s|courtesy\s))"
        r"(?P<credit>[^)\]]+)[)\]]\.?",
        re.IGNORECASE,
    ),
)
_SOURCE = re.compile(
    rf"(?:{_THING}\s+(?:source|copyright|credit)|credit)(?:\s*[:,]\s*|\s+)(?P<credit>\S.*)", re.IGNORECASE
)
_CAPTION = re.compile(rf"{_THING}\s+caption(?:\s*[:,{DASHES}]\s*|\s+)(?P<caption>\S.*)", re.IGNORECASE)
_LABELLED = re.compile(rf"{_THING}s?\s*:\s*(?P<said>\S.*)", re.IGNORECASE)
_LABEL = re.compile(rf"{_THING}\s+caption\s*:?", re.IGNORECASE)
_LONGEST = 600
_CREDIT_WORDS = 6


def read(text: str) -> dict[str, Any] | None:
    """The picture that a caption or credit line is about, or None where the line is neither.

    Returns:
        An image with its `caption`, its `credit`, or both.

    """
    if len(text) > _LONGEST:
        return None
    for shape in _CREDITED:
        match = shape.fullmatch(text)
        if match:
            return _image(match["caption"], match["credit"])
    match = _SOURCE.fullmatch(text)
    if match:
        return _image(None, match["credit"])
    match = _CAPTION.fullmatch(text)
    if match:
        return _image(match["caption"], None)
    match = _LABELLED.fullmatch(text)
    if match and not text.lower().startswith(("video:", "media:")):
        said = match["said"]
        is_credit = len(said.split()) <= _CREDIT_WORDS and not said.endswith((".", "!", "?"))
        return _image(None, said) if is_credit else _image(said, None)
    return None


def announces(text: str) -> bool:
    """Tell whether the line only says that the next one is a caption."""
    return _LABEL.fullmatch(text) is not None


def _image(caption: str | None, credit: str | None) -> dict[str, Any]:
    image: dict[str, Any] = {"type": "image", "url": None}
    if caption:
        image["caption"] = caption.strip()
    if credit:
        image["credit"] = credit.strip()
    return image


def together(media: list[dict[str, Any]], image: dict[str, Any]) -> list[dict[str, Any]]:
    """Add a picture to those of an entry; a caption and a credit that stand side by side are one picture's."""
    last = media[-1] if media else None
    if last is not None and last["type"] == "image":
        parts = {"caption", "credit"}
        if not (parts & last.keys() & image.keys()):
            return [*media[:-1], last | image]
    return [*media, image]
