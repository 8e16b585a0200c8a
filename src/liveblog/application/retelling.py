"""A recording told again: its events turned back into the commands that made them."""

from typing import Any

import msgspec

from liveblog.application.importing.script import Script, Step
from liveblog.application.recording import Recording
from liveblog.domain import events as e
from liveblog.domain import instant
from liveblog.log.codec import CODEC
from liveblog.log.record import Record

COMMANDS: dict[type[e.Event], str] = {
    e.HeadlineChanged: "change_headline",
    e.EntryPublished: "publish_entry",
    e.EntryRevised: "revise_entry",
    e.EntryCorrected: "correct_entry",
    e.EntryRetracted: "retract_entry",
    e.BreakingFlagged: "flag_breaking",
    e.BreakingCleared: "clear_breaking",
    e.EntryPinned: "pin_entry",
    e.EntryUnpinned: "unpin_entry",
    e.KeyEventMarked: "mark_key_event",
    e.KeyEventUnmarked: "unmark_key_event",
    e.KeyPointSet: "set_key_point",
    e.KeyPointWithdrawn: "withdraw_key_point",
    e.BlogEnded: "end_blog",
    e.BlogReopened: "reopen_blog",
}
"""The command that makes each kind of event; a blog's start is none."""


def script_of(recording: Recording) -> Script:
    """Turn a recording into a script; a step's `line` is its event's in the file, its entries' labels are their ids.

    Raises:
        UnknownEvent: If a newer release wrote it.
        ValueError: If it does not begin as a blog does.

    """
    kinds = [record.envelope.event_type for record in recording.records]
    if kinds[:1] != ["blog_started"]:
        raise ValueError("the recording does not begin with the start of a blog")
    first, *rest = recording.records
    started, starter = _decode(first)
    return Script(
        blog={name: value for name, value in msgspec.to_builtins(started).items() if name != "slug"},
        started=instant.parse(first.envelope.at),
        started_by=starter,
        steps=tuple(
            _step(record, same_commit=before.envelope.commit_end >= record.envelope.position)
            for before, record in zip(recording.records, rest, strict=False)
        ),
    )


def _step(record: Record, *, same_commit: bool) -> Step:
    event, by = _decode(record)
    return Step(
        at=instant.parse(record.envelope.at),
        command=command_of(event),
        line=record.envelope.position + 1,
        by=by,
        same_commit=same_commit,
    )


def _decode(record: Record) -> tuple[e.Event, str]:
    assert record.payload is not None, "a recording holds every payload"
    event, actor = CODEC.decode(record.envelope, record.payload)
    return event, actor.name


def command_of(event: e.Event) -> dict[str, Any]:
    """The command that makes an event: the JSON object of the admin endpoint. A `BlogStarted` has none."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    if isinstance(event, e.EntryPublished):
        flags = dict.fromkeys(fields.pop("flags"), True)
        del fields["published_at_estimated"]
        fields = {name: value for name, value in fields.items() if value not in (None, (), [])} | flags
    elif isinstance(event, e.KeyPointSet):
        fields = {name: value for name, value in fields.items() if value is not None}
    return {"type": COMMANDS[type(event)], **fields}
