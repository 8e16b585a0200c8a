"""Markup: any body comes out harmless."""

import json
from typing import Any

from application.allow_list import check
from fuzz import samples
from fuzz.target import Target
from liveblog.application.rendering import Renderer
from liveblog.domain import limits

_renderer = Renderer(remembered_bytes=0)


async def take(data: bytes) -> bool:
    """Render a body."""
    source = data.decode("utf-8", "replace")[: limits.BODY]
    check(_renderer, source)
    return True


def _attacks() -> tuple[bytes, ...]:
    found: list[dict[str, Any]] = json.loads(samples.files("tests/application", "markdown_attacks.json")[0])
    return tuple(each["source"].encode() for each in found)


def _pieces() -> tuple[bytes, ...]:
    found: dict[str, list[str]] = json.loads(samples.files("tests/application", "markdown_patterns.json")[0])
    return tuple(each.encode() for each in found["pieces"])


TARGETS = (Target("markup", _attacks(), _pieces(), take),)
