"""The rules: may this command happen now, and which event is it?"""

from functools import cache, singledispatch
from typing import Any

from msgspec import UNSET, structs

from liveblog.domain import commands as c
from liveblog.domain import events as e
from liveblog.domain import instant, limits
from liveblog.domain.actor import Actor, Role
from liveblog.domain.entry import Entry, is_blank
from liveblog.domain.rejection import CommandRejected, invalid
from liveblog.domain.state import State

_DOCUMENT_FIELD = {"body": "body_markdown"}
_EMPTY_LISTS = frozenset({"contributors", "sources", "media", "links", "tags"})


def decide(command: c.Command | c.StartBlog, state: State, actor: Actor, at: int) -> e.Event | None:
    """Judge a command.

    Args:
        command: What is asked. A `PublishEntry` has its `entry_id` by now.
        state: The blog, and the entry or key point that the command names.
        actor: Who asks.
        at: The instant of the event, in milliseconds.

    Returns:
        The event that the command becomes, or None where it would change nothing.

    Raises:
        CommandRejected: If a rule refuses it; nothing changed.

    """
    return _rule_for(type(command))(command, state, actor, at)


@singledispatch
def _decide(command: object, state: State, actor: Actor, at: int) -> e.Event | None:
    raise AssertionError(f"no rule for {type(command).__name__}, {state}, {actor}, {at}")


_rule_for = cache(_decide.dispatch)


@_decide.register
def _(command: c.StartBlog, state: State, actor: Actor, at: int) -> e.Event:
    del actor, at
    assert state.blog.header.started_at is None
    return e.BlogStarted(
        slug=command.slug,
        headline=command.headline,
        standfirst=command.standfirst or None,
        contributors=command.contributors or (),
        links=command.links or (),
        media=command.media or (),
        language=command.language,
        time_zone=command.time_zone,
    )


@_decide.register
def _(command: c.PublishEntry, state: State, actor: Actor, at: int) -> e.Event:
    del actor
    assert command.entry_id is not None
    published_at = at if command.published_at is None else instant.parse(command.published_at)
    if published_at > at + limits.AHEAD_MS:
        raise invalid(
            "published_at", "An entry cannot be published in the future: leave published_at out, or correct it."
        )
    if state.entry is not None:
        raise CommandRejected(
            "entry_exists",
            "This blog has an entry of that id already: revise it, or publish under another id.",
            current=state.entry.document,
        )
    _refuse_in_ended_blog(state)
    if command.pinned:
        _refuse_another_pin(state)
    flags = {"breaking": command.breaking, "key_event": command.key_event, "pinned": command.pinned}
    return e.EntryPublished(
        entry_id=command.entry_id,
        kind=command.kind,
        published_at=instant.show(published_at),
        flags=tuple(name for name, up in flags.items() if up),
        headline=command.headline,
        body=command.body or None,
        question=command.question,
        quote=command.quote,
        contributors=command.contributors or (),
        sources=command.sources or (),
        media=command.media or (),
        links=command.links or (),
        tags=command.tags or (),
    )


@_decide.register(c.ReviseEntry)
@_decide.register(c.CorrectEntry)
def _(command: c.EntryChange, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    entry = _standing_entry(command, state, actor)
    changes = _changes(command, entry)
    changed = structs.replace(entry, **{_DOCUMENT_FIELD.get(name, name): value for name, value in changes.items()})
    if isinstance(command, c.CorrectEntry):
        if not changes:
            raise CommandRejected(
                "nothing_corrected",
                "A correction must change a field of the entry: send the corrected field.",
                current=entry,
            )
        event: e.Event = e.EntryCorrected(
            entry_id=entry.id, was=command.was, now=command.now, reason=command.reason, **changes
        )
    elif not changes:
        return None
    else:
        event = e.EntryRevised(entry_id=entry.id, **changes)
    if is_blank(changed):
        raise invalid("body", "This would leave nothing to read: retract the entry instead, with a reason.")
    return event


@_decide.register
def _(command: c.RetractEntry, state: State, actor: Actor, at: int) -> e.Event:
    del at
    entry = _standing_entry(command, state, actor)
    return e.EntryRetracted(entry_id=entry.id, reason=command.reason)


@_decide.register
def _(command: c.FlagBreaking, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    _entry(command, state, actor)
    _refuse_in_ended_blog(state)
    entry = _standing_entry(command, state, actor)
    return None if entry.breaking else e.BreakingFlagged(entry.id)


@_decide.register
def _(command: c.ClearBreaking, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    entry = _standing_entry(command, state, actor)
    return e.BreakingCleared(entry.id) if entry.breaking else None


@_decide.register
def _(command: c.PinEntry, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    entry = _standing_entry(command, state, actor)
    if entry.pinned:
        return None
    _refuse_another_pin(state)
    return e.EntryPinned(entry.id)


@_decide.register
def _(command: c.UnpinEntry, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    entry = _standing_entry(command, state, actor)
    return e.EntryUnpinned(entry.id) if entry.pinned else None


@_decide.register
def _(command: c.MarkKeyEvent, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    entry = _standing_entry(command, state, actor)
    return None if entry.key_event else e.KeyEventMarked(entry.id)


@_decide.register
def _(command: c.UnmarkKeyEvent, state: State, actor: Actor, at: int) -> e.Event | None:
    del at
    entry = _standing_entry(command, state, actor)
    return e.KeyEventUnmarked(entry.id) if entry.key_event else None


@_decide.register
def _(command: c.SetKeyPoint, state: State, actor: Actor, at: int) -> e.Event | None:
    del actor, at
    held = state.point
    _expect_point(command, state)
    sources = command.sources or ()
    if held is not None and not held.withdrawn and (held.point.text, held.point.sources) == (command.text, sources):
        return None
    points = state.blog.header.key_points
    if (held is None or held.withdrawn) and len(points) >= limits.KEY_POINTS:
        raise CommandRejected(
            "too_many_key_points",
            f"A blog shows at most {limits.KEY_POINTS} key points: withdraw one first.",
            current=state.blog.header,
        )
    return e.KeyPointSet(point_id=command.point_id, text=command.text, sources=sources, reason=command.reason)


@_decide.register
def _(command: c.WithdrawKeyPoint, state: State, actor: Actor, at: int) -> e.Event | None:
    del actor, at
    if state.point is None:
        raise CommandRejected("no_such_point", f"This blog has no key point {command.point_id}.")
    _expect_point(command, state)
    if state.point.withdrawn:
        return None
    return e.KeyPointWithdrawn(point_id=command.point_id, reason=command.reason)


@_decide.register
def _(command: c.ChangeHeadline, state: State, actor: Actor, at: int) -> e.Event | None:
    del actor, at
    header = state.blog.header
    if command.expected_revision not in {None, header.header_revision}:
        raise CommandRejected(
            "wrong_revision",
            f"The header is at revision {header.header_revision}: read it, and decide again.",
            current=header,
        )
    changes = _changes(command, header)
    return e.HeadlineChanged(**changes) if changes else None


@_decide.register
def _(command: c.EndBlog, state: State, actor: Actor, at: int) -> e.Event | None:
    del command, actor, at
    return e.BlogEnded() if state.blog.header.status == "live" else None


@_decide.register
def _(command: c.ReopenBlog, state: State, actor: Actor, at: int) -> e.Event | None:
    del command, actor, at
    return e.BlogReopened() if state.blog.header.status == "ended" else None


def _entry(command: c.EntryCommand, state: State, actor: Actor) -> Entry:
    """The entry named, if it exists and is the actor's to change."""
    if state.entry is None:
        raise CommandRejected("no_such_entry", f"This blog has no entry {command.entry_id}.")
    if actor.role is Role.AUTHOR and state.entry.owner != actor.id:
        raise CommandRejected("forbidden", "This entry is another actor's: ask an editor.")
    return state.entry.document


def _standing_entry(command: c.EntryCommand, state: State, actor: Actor) -> Entry:
    """The entry named, if it stands unretracted and at the revision that the asker knows."""
    entry = _entry(command, state, actor)
    if entry.retracted is not None:
        raise CommandRejected(
            "entry_retracted", "This entry was retracted, which is final: publish a new one.", current=entry
        )
    if command.expected_revision not in {None, entry.revision}:
        raise CommandRejected(
            "wrong_revision",
            f"The entry is at revision {entry.revision}: read it, and decide again.",
            current=entry,
        )
    return entry


def _expect_point(command: c.PointCommand, state: State) -> None:
    held = state.point
    revision = 0 if held is None else held.point.revision
    if command.expected_revision not in {None, revision}:
        raise CommandRejected(
            "wrong_revision",
            f"The key point is at revision {revision}: read it, and decide again.",
            current=None if held is None else held.point,
        )


def _refuse_in_ended_blog(state: State) -> None:
    if state.blog.header.status == "ended":
        raise CommandRejected("blog_ended", "The blog has ended: reopen it to publish.", current=state.blog.header)


def _refuse_another_pin(state: State) -> None:
    if len(state.blog.header.pinned) >= limits.PINS:
        raise CommandRejected(
            "too_many_pinned", f"At most {limits.PINS} entries are pinned: unpin one first.", current=state.blog.header
        )


def _changes(command: c.EntryChange | c.ChangeHeadline, document: object) -> dict[str, Any]:
    """The fields of the command that differ from the document; null empties, blank text is none."""
    changes = {}
    for name in command.__struct_fields__:
        field = _DOCUMENT_FIELD.get(name, name)
        if name in {"entry_id", "expected_revision", "was", "now", "reason"}:
            continue
        value = getattr(command, name)
        if value is UNSET:
            continue
        if value is None and name in _EMPTY_LISTS:
            value = ()
        value = None if value == "" else value
        if value != getattr(document, field):
            changes[name] = value
    return changes
