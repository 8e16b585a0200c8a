"""What a stored event says beside what it changed: who acted, and the words of a correction."""

import msgspec
from msgspec import Struct


class _Actor(Struct, frozen=True):
    name: str


class _Payload(Struct, frozen=True):
    actor: _Actor
    was: str | None = None
    now: str | None = None
    reason: str | None = None


class Said(Struct, frozen=True):
    """Who acted, what had been wrong, what is right, and why; None where it was not said or was redacted."""

    by: str | None = None
    was: str | None = None
    now: str | None = None
    reason: str | None = None


_decode = msgspec.json.Decoder(_Payload).decode


def said(payload: bytes | None) -> Said:
    """Read the words of an event; None stands for a payload that was redacted."""
    if payload is None:
        return Said()
    found = _decode(payload)
    return Said(found.actor.name, found.was, found.now, found.reason)
