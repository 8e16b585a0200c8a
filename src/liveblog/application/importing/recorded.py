"""Would the admin endpoint have taken what a recording holds? The first event that it would not, with its line.

A chain that fits says that nobody changed a recording since it was written, not who wrote it: anybody can chain
anything. So each event is turned back into the command that it came from, and the types that judge commands judge it.
"""

from typing import Any
from uuid import UUID

import msgspec

from liveblog.application.decoding import decode_commands, decode_start
from liveblog.application.importing.script import Fault, ImportRefused
from liveblog.application.recording import Recording
from liveblog.application.retelling import COMMANDS
from liveblog.domain import events as e
from liveblog.domain.rejection import CommandRejected
from liveblog.domain.text import Name
from liveblog.log.codec import CODEC
from liveblog.log.record import Record

_ACTOR_ID = 200
"""Characters: an actor's id is made of a name."""
_ANY_SLUG = "any"


def check(recording: Recording) -> None:
    """Look at every event of a recording that was read.

    Raises:
        ImportRefused: If one says what no command could have said; the line counts from 1, the header's.

    """
    if not _is_uuid(recording.header.blog_id):
        raise ImportRefused([Fault(1, "blog_id: expected a UUID in lower case")])
    for line, record in enumerate(recording.records, 2):
        if (words := _fault(record)) is not None:
            raise ImportRefused([Fault(line, words)])


def _fault(record: Record) -> str | None:
    assert record.payload is not None
    event, actor = CODEC.decode(record.envelope, record.payload)
    if not _is_uuid(record.envelope.event_id):
        return "event_id: expected a UUID in lower case"
    if not 1 <= len(actor.id) <= _ACTOR_ID or not actor.id.isprintable():
        return f"actor.id: expected 1 to {_ACTOR_ID} printable characters"
    try:
        msgspec.convert(actor.name, Name)
        if isinstance(event, e.BlogStarted):
            decode_start({**_fields(event), "slug": event.slug or _ANY_SLUG})
        else:
            decode_commands(_command(event))
    except msgspec.ValidationError:
        return "actor.name: expected the name of a person or program, with no control characters"
    except CommandRejected as refusal:
        return "; ".join(f"{fault.path}: {fault.message}" if fault.path else fault.message for fault in refusal.faults)
    return None


def _command(event: e.Event) -> dict[str, Any]:
    """The command that becomes this event, as the endpoint would be sent it."""
    fields = _fields(event)
    if isinstance(event, e.EntryPublished):
        del fields["published_at_estimated"]
        # A flag that is none becomes a field that is none.
        fields.update(dict.fromkeys(fields.pop("flags"), True))
    return {"type": COMMANDS[type(event)], **fields}


def _fields(event: e.Event) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event))
    return fields


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
