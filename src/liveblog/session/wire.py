"""Event messages: encoded once, from stored documents, and shared by everyone who is to get them."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from liveblog.domain import instant
from liveblog.domain.events import EntryCorrected, EntryPublished, changed_fields
from liveblog.domain.header import Counts
from liveblog.domain.shown import Digest, Ordinal, Timestamp, Uuid
from liveblog.log.codec import CODEC, NAMES
from liveblog.log.record import Recorded
from liveblog.session.embedded import EntryDocument, HeaderDocument
from liveblog.session.page import Item

EventType = Annotated[str, Meta(extra_json_schema={"enum": list(NAMES)})]


class EventData(Struct, frozen=True, kw_only=True):
    """What the documents do not say of an event; each field where it applies.

    Args:
        entry_id: The entry that the event is about.
        point_id: The key point that the event is about.
        changed: The fields that an edit set.
        was: What had been wrong, of a correction.
        now: What is right, of a correction.
        reason: Why it was done.

    """

    entry_id: Uuid | UnsetType = UNSET
    point_id: str | UnsetType = UNSET
    changed: tuple[str, ...] | UnsetType = UNSET
    was: str | UnsetType = UNSET
    now: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class EventMessage(Struct, frozen=True, tag_field="type", tag="event"):
    """An event as readers get it, with whole documents as of its position.

    No client needs to know an event type: it takes `position`, `entry`, `header`, `included` and `counts` as they are.

    Args:
        position: The event's number in its blog: 1, 2, 3 and so on, without a gap.
        commit_end: The last position of the commit that the event belongs to; what it changed is shown with that one.
        event_id: The event's own id, the same in every copy of the log.
        event_type: What happened.
        at: When, on the blog's timeline; never earlier than the event before.
        at_estimated: Whether that instant is a guess, made when old coverage was imported.
        recorded_at: When a server first stored the event.
        by: Who did it, by public name; null where that was redacted.
        hash: The chain's hash at this position.
        data: What the documents do not say.
        entry: The entry that the event changed, or null.
        header: The header, if the event changed it, else null.
        included: Further entries that a changed header names.
        counts: The blog's counts.

    """

    position: Ordinal
    commit_end: Ordinal
    event_id: Uuid
    event_type: EventType
    at: Timestamp
    at_estimated: bool
    recorded_at: Timestamp
    by: str | None
    hash: Digest
    data: EventData
    entry: EntryDocument | None
    header: HeaderDocument | None
    included: tuple[EntryDocument, ...]
    counts: Counts


def encode_event(recorded: Recorded) -> Item:
    """Encode a stored event and its effect as the message that every reader gets."""
    record, effect = recorded.record, recorded.effect
    envelope = record.envelope
    by, data = None, EventData(entry_id=envelope.entry_id or UNSET)
    if record.payload is not None:
        event, actor = CODEC.decode(envelope, record.payload)
        by, data = actor.name, _data(event)
    message = EventMessage(
        position=envelope.position,
        commit_end=envelope.commit_end,
        event_id=envelope.event_id,
        event_type=envelope.event_type,
        at=envelope.at,
        at_estimated=envelope.at_estimated,
        recorded_at=envelope.recorded_at,
        by=by,
        hash=record.hash.hex(),
        data=data,
        entry=None if effect.entry is None else Raw(effect.entry),
        header=None if effect.header is None else Raw(effect.header),
        included=tuple(map(Raw, effect.included)),
        counts=effect.counts,
    )
    return Item(envelope.position, instant.parse(envelope.at), envelope.commit_end, msgspec.json.encode(message))


def _data(event: Any) -> EventData:
    changed = changed_fields(event)
    published = isinstance(event, EntryPublished)
    corrected = isinstance(event, EntryCorrected)
    return EventData(
        entry_id=getattr(event, "entry_id", UNSET),
        point_id=getattr(event, "point_id", UNSET),
        changed=UNSET if changed is None or published else changed,
        was=event.was if corrected else UNSET,
        now=event.now if corrected else UNSET,
        reason=getattr(event, "reason", None) or UNSET,
    )
