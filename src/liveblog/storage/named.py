"""Which entries a stored header names, without reading the rest of it."""

import msgspec
from msgspec import Struct


class _Named(Struct):
    pinned: tuple[str, ...]
    breaking: tuple[str, ...]


_decode = msgspec.json.Decoder(_Named).decode


def entries_named(header: bytes) -> tuple[str, ...]:
    """The ids of the entries that a header's document names, each once, in its order."""
    named = _decode(header)
    return tuple(dict.fromkeys(named.pinned + named.breaking))
