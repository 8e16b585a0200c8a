"""Chance: where new ids and salts come from, an argument like the time, so that what was made can be made again."""

import os
from typing import Protocol
from uuid import uuid4

from uuid_utils.compat import uuid7

from liveblog.log.chain import SALT_BYTES


class Chance(Protocol):
    """A source of ids and salts."""

    def id(self) -> str:
        """An id that says nothing, for blogs and entries: a UUIDv4."""

    def event_id(self) -> str:
        """An id for an event: a UUIDv7, which sorts roughly by time."""

    def salt(self) -> bytes:
        """Bytes that keep a payload from being guessed: `SALT_BYTES` of them."""


class SystemChance:
    """Ids and salts that nobody can foresee."""

    def id(self) -> str:
        """See `Chance.id`."""
        return str(uuid4())

    def event_id(self) -> str:
        """See `Chance.event_id`."""
        return str(uuid7())

    def salt(self) -> bytes:
        """See `Chance.salt`."""
        return os.urandom(SALT_BYTES)


SYSTEM = SystemChance()
