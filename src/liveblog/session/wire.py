"""Event messages: encoded once, from stored documents, and shared by everyone who is to get them."""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from liveblog.domain import instant
from liveblog.domain.events import EntryCorrected, EntryPublished, changed_fields
from liveblog.domain.header import Counts
from liveblog.log.codec import CODEC
from liveblog.log.record import Recorded
from liveblog.session.page import Item


class EventData(Struct, frozen=True, kw_only=True):
    """What the documents do not say of an event; each field where it applies."""

    entry_id: str | UnsetType = UNSET
    point_id: str | UnsetType = UNSET
    changed: tuple[str, ...] | UnsetType = UNSET
    was: str | UnsetType = UNSET
    now: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class EventMessage(Struct, frozen=True, tag_field="type", tag="event"):
    """An event as readers get it. `entry`, `header` and `included` are whole documents as of `position`."""

    position: int
    commit_end: int
    event_id: str
    event_type: str
    at: str
    at_estimated: bool
    recorded_at: str
    by: str | None
    hash: str
    data: EventData
    entry: Raw | None
    header: Raw | None
    included: tuple[Raw, ...]
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
