"""Events to stored bytes and back: stable names, `schema_version`, and upcasters for the shapes of earlier days.

Stored bytes are never rewritten. When an event's shape changes, its version rises here and an upcaster turns the old
payload into the new one on every read. Gaps in the chain of upcasters are errors at start.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, structs

from liveblog.domain import events as e
from liveblog.domain.actor import Actor
from liveblog.log.canonical import canonical
from liveblog.log.record import Envelope

Upcaster: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a payload of one version, gives the payload of the next."""

ENVELOPE_FIELDS = frozenset({"entry_id", "kind", "published_at", "published_at_estimated", "flags"})

NAMES: Mapping[str, type[e.Event]] = {
    "blog_started": e.BlogStarted,
    "headline_changed": e.HeadlineChanged,
    "entry_published": e.EntryPublished,
    "entry_revised": e.EntryRevised,
    "entry_corrected": e.EntryCorrected,
    "entry_retracted": e.EntryRetracted,
    "breaking_flagged": e.BreakingFlagged,
    "breaking_cleared": e.BreakingCleared,
    "entry_pinned": e.EntryPinned,
    "entry_unpinned": e.EntryUnpinned,
    "key_event_marked": e.KeyEventMarked,
    "key_event_unmarked": e.KeyEventUnmarked,
    "key_point_set": e.KeyPointSet,
    "key_point_withdrawn": e.KeyPointWithdrawn,
    "blog_ended": e.BlogEnded,
    "blog_reopened": e.BlogReopened,
}


_read = msgspec.json.Decoder(dict[str, Any]).decode


class UnknownEvent(Exception):
    """A stored event whose type or version this release does not know: a newer one wrote it."""


class _Signature(Struct, frozen=True, gc=False):
    id: str
    name: str


class Codec:
    """Turns events into stored parts and back.

    Args:
        names: The stable stored name of each event class.
        versions: The current `schema_version` of each name; 1 where it is not listed.
        upcasters: For (name, version), what turns that version's payload into the next one's.

    Raises:
        ValueError: If an upcaster is missing between version 1 and the current one, or leads nowhere.

    """

    def __init__(
        self,
        names: Mapping[str, type[e.Event]],
        versions: Mapping[str, int] | None = None,
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        self._types = dict(names)
        self._names = {kind: name for name, kind in names.items()}
        self._outer = {
            kind: tuple(field for field in kind.__struct_fields__ if field in ENVELOPE_FIELDS)
            for kind in names.values()
        }
        self._versions = {name: (versions or {}).get(name, 1) for name in names}
        self._upcasters = dict(upcasters or {})
        if len(self._names) != len(self._types):
            raise ValueError("an event class has two stored names")
        needed = {(name, version) for name, last in self._versions.items() for version in range(1, last)}
        if missing := needed - self._upcasters.keys():
            raise ValueError(f"no upcaster from {sorted(missing)}")
        if stray := self._upcasters.keys() - needed:
            raise ValueError(f"upcasters that lead to no known version: {sorted(stray)}")

    def name_of(self, event: e.Event) -> tuple[str, int]:
        """The stored name of an event, and the version in which it is written today."""
        name = self._names[type(event)]
        return name, self._versions[name]

    def envelope_parts(self, event: e.Event) -> dict[str, Any]:
        """The fields of the event that belong to its envelope."""
        fields = self._outer[type(event)]
        return {field: value for field in fields if (value := getattr(event, field)) is not msgspec.UNSET}

    def payload(self, event: e.Event, actor: Actor) -> bytes:
        """The canonical bytes of everything that is not in the envelope: texts, names, URLs, reasons, the actor."""
        content = structs.asdict(event)
        for field in self._outer[type(event)]:
            del content[field]
        if msgspec.UNSET in content.values():
            content = {field: value for field, value in content.items() if value is not msgspec.UNSET}
        content["actor"] = _Signature(actor.id, actor.name)
        return canonical(content)

    def decode(self, envelope: Envelope, payload: bytes) -> tuple[e.Event, Actor]:
        """Read an event as it would be written today.

        Raises:
            UnknownEvent: If the type or version is not known.
            msgspec.ValidationError: If the payload does not have the shape of its version.

        """
        kind = self._types.get(envelope.event_type)
        current = self._versions.get(envelope.event_type, 0)
        if kind is None or not 1 <= envelope.schema_version <= current:
            raise UnknownEvent(f"{envelope.event_type}, version {envelope.schema_version}: written by a newer release")
        content = _read(payload)
        for version in range(envelope.schema_version, current):
            content = self._upcasters[envelope.event_type, version](content)
        signature = msgspec.convert(content.pop("actor"), _Signature)
        for field in self._outer[kind]:
            if (value := getattr(envelope, field)) is not None:
                content[field] = value
        return msgspec.convert(content, kind), Actor(signature.id, signature.name)


def _slug_not_kept(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 of `blog_started` did not say where the blog was started."""
    return {**payload, "slug": None}


CODEC = Codec(NAMES, versions={"blog_started": 2}, upcasters={("blog_started", 1): _slug_not_kept})
