"""Canonical JSON (RFC 8785), for values without floats: the bytes that are hashed and stored.

The same bytes come from `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()`, so
that anyone can check a log without this code.
"""

from typing import Any

import msgspec

_encode = msgspec.json.Encoder(order="sorted").encode


def canonical(value: Any) -> bytes:
    """Encode a value of dicts, lists, strings, integers, booleans and None, or structs of such.

    Raises:
        UnicodeEncodeError: If a string holds a lone surrogate.

    """
    return _encode(value)
