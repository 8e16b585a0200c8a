"""What must hold of every history in a log, looked at from outside, whatever was appended before."""

import json

import msgspec

from domain.scene import Scene
from liveblog.domain import instant
from liveblog.domain.events import Event
from liveblog.domain.header import Header
from liveblog.log.codec import CODEC
from liveblog.log.port import EventLog
from liveblog.log.record import Effect, Recorded
from log.build import pages
from log.stranger import canonical, first_fault

_encode = msgspec.json.encode


async def assert_whole(log: EventLog, slug: str) -> list[Recorded]:
    """Check positions, times, bytes, chain, effects and head of a blog against a naive fold; give its history."""
    head = await log.head(slug)
    assert head is not None
    history = await pages(log, head.blog_id)
    assert len(history) == head.position > 0
    scene = Scene(slug)
    last_at = instant.EARLIEST
    for position, recorded in enumerate(history, 1):
        record = recorded.record
        envelope = record.envelope
        assert (envelope.position, envelope.blog_id) == (position, head.blog_id)
        assert record.payload is not None
        assert record.envelope_bytes == canonical(json.loads(record.envelope_bytes))
        assert record.payload == canonical(json.loads(record.payload))
        assert msgspec.to_builtins(envelope) == json.loads(record.envelope_bytes) | {"flags": envelope.flags}
        at = instant.parse(envelope.at)
        assert at >= last_at
        last_at = at
        end = history[envelope.commit_end - 1].record.envelope
        assert envelope.commit_end >= position
        assert (end.commit_end, end.at) == (envelope.commit_end, envelope.at)
        event, actor = CODEC.decode(envelope, record.payload)
        before = scene.header
        scene.happened(event, actor, at)
        assert recorded.effect == effect_of(scene, event, before)
    rows = [
        (each.record.envelope_bytes, each.record.payload or b"", each.record.salt or b"", each.record.hash)
        for each in history
    ]
    assert first_fault(head.blog_id, rows) is None
    assert (head.slug, head.hash, head.at) == (slug, history[-1].record.hash, last_at)
    assert head.blog == scene.blog
    return history


def effect_of(scene: Scene, event: Event, before: Header) -> Effect:
    """What an event made of the scene, where everything fits into one message."""
    own = getattr(event, "entry_id", None)
    changed = scene.header != before
    named = scene.header.entries_named() if changed else ()
    return Effect(
        None if own is None else _encode(scene.entries[own].document),
        _encode(scene.header) if changed else None,
        tuple(_encode(scene.entries[name].document) for name in named if name != own),
        scene.blog.counts,
    )
