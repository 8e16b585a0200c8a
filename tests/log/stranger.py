"""A history, checked with nothing but its bytes, the standard library and the paragraph that defines it."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

Row = tuple[bytes, bytes, bytes, bytes]
"""Envelope, payload, salt and hash of an event."""


def first_fault(blog_id: str, rows: Sequence[Row]) -> int | None:
    """The first position that does not fit, or None if the history is whole."""
    before = sha256(b"liveblog/1" + blog_id.encode()).digest()
    for position, (envelope, payload, salt, claimed) in enumerate(rows, 1):
        commitment = sha256(salt + payload).digest()
        before = sha256(before + sha256(envelope).digest() + commitment).digest()
        if before != claimed:
            return position
        said = json.loads(envelope)
        if (said["blog_id"], said["position"]) != (blog_id, position):
            return position
    return None


def canonical(value: Any) -> bytes:
    """RFC 8785 for values without floats whose names are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
