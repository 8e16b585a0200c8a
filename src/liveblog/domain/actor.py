"""Who acts, and what a role may do."""

from enum import StrEnum

from msgspec import Struct

from liveblog.domain.commands import Command, CorrectEntry, PublishEntry, RetractEntry, ReviseEntry


class Role(StrEnum):
    """What a token lets its actor do."""

    AUTHOR = "author"
    EDITOR = "editor"
    ADMIN = "admin"


class Actor(Struct, frozen=True):
    """A person or program with a public name; events keep `id` and `name`."""

    id: str
    name: str
    role: Role = Role.EDITOR


def may(role: Role, command: Command) -> bool:
    """Tell whether the role may ask for this at all; whose entry it is, `decide` judges."""
    if role is not Role.AUTHOR:
        return True
    if isinstance(command, PublishEntry):
        return not (command.breaking or command.pinned or command.key_event)
    return isinstance(command, ReviseEntry | CorrectEntry | RetractEntry)
