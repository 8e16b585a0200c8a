"""What an event does to the state. Every accepted event applies: there is nothing to refuse here."""

from collections.abc import Callable
from functools import cache, singledispatch
from typing import Any, TypeAlias

from msgspec import Struct, structs

from liveblog.domain import events as e
from liveblog.domain import instant, limits
from liveblog.domain.actor import Actor
from liveblog.domain.entry import Correction, Entry, OwnedEntry, Retraction
from liveblog.domain.header import Counts, Header, KeyPoint, PointState
from liveblog.domain.rendering import Rendering
from liveblog.domain.state import Blog, State

Render: TypeAlias = Callable[[str], Rendering]


class Stamp(Struct, frozen=True, gc=False):
    """Where an event stands: its position, its instant in milliseconds, and who acted."""

    position: int
    at: int
    actor: Actor


def evolve(state: State, event: e.Event, stamp: Stamp, render: Render) -> State:
    """Apply an event.

    Args:
        state: The state before, with the entry or key point that the event names.
        event: What happened.
        stamp: Where and when, and who did it.
        render: Makes HTML and plain text of a body's Markdown. Must be a function of its argument alone.

    Returns:
        The state after. What did not change is shared with the state before.

    """
    return _fold_of(type(event))(event, state, stamp, render)


@singledispatch
def _evolve(event: object, state: State, stamp: Stamp, render: Render) -> State:
    raise AssertionError(f"no fold for {type(event).__name__} at {stamp}, {state}, {render}")


_fold_of = cache(_evolve.dispatch)


@_evolve.register
def _(event: e.BlogStarted, state: State, stamp: Stamp, render: Render) -> State:
    del render
    # The slug is the one of this copy, which the state has from its beginning.
    fields = {name: getattr(event, name) for name in event.__struct_fields__ if name != "slug"}
    return _with_header(state, started_at=instant.show(stamp.at), header_revision=1, **fields)


@_evolve.register
def _(event: e.HeadlineChanged, state: State, stamp: Stamp, render: Render) -> State:
    del stamp, render
    changes = _set_fields(event)
    return _with_header(state, header_revision=state.blog.header.header_revision + 1, **changes)


@_evolve.register
def _(event: e.EntryPublished, state: State, stamp: Stamp, render: Render) -> State:
    entry = Entry(
        id=event.entry_id,
        revision=1,
        position=stamp.position,
        first_position=stamp.position,
        kind=event.kind,
        headline=event.headline,
        question=event.question,
        quote=event.quote,
        contributors=event.contributors,
        sources=event.sources,
        media=event.media,
        links=event.links,
        tags=event.tags,
        published_at=event.published_at,
        published_at_estimated=event.published_at_estimated,
        breaking="breaking" in event.flags,
        pinned="pinned" in event.flags,
        key_event="key_event" in event.flags,
        **_body(event.body, render),
    )
    after = State(_recount(state.blog, entries=1), OwnedEntry(stamp.actor.id, entry), state.point)
    after = _breaking(after, up=True) if entry.breaking else after
    after = _with_header(after, pinned=(entry.id, *after.blog.header.pinned)) if entry.pinned else after
    return _key_events(after, 1) if entry.key_event else after


@_evolve.register(e.EntryRevised)
@_evolve.register(e.EntryCorrected)
def _(event: e.EntryRevised, state: State, stamp: Stamp, render: Render) -> State:
    entry = _entry(state)
    changes = _set_fields(event)
    if "body" in changes:
        changes |= _body(changes.pop("body"), render)
    at = instant.show(stamp.at)
    if isinstance(event, e.EntryCorrected):
        correction = Correction(stamp.position, at, event.was, event.now, event.reason, stamp.actor.name)
        changes["corrections"] = (*entry.corrections, correction)
        state = State(_recount(state.blog, corrections=1), state.entry, state.point)
    return _with_entry(state, stamp, revision=entry.revision + 1, updated_at=at, **changes)


@_evolve.register
def _(event: e.EntryRetracted, state: State, stamp: Stamp, render: Render) -> State:
    del render
    before = _entry(state)
    if before.breaking:
        state = _breaking(state, up=False)
    if before.pinned:
        state = _with_header(state, pinned=_without(state.blog.header.pinned, before.id))
    if before.key_event:
        state = _key_events(state, -1)
    entry = Entry(
        id=before.id,
        revision=before.revision + 1,
        position=stamp.position,
        first_position=before.first_position,
        kind=before.kind,
        contributors=before.contributors,
        published_at=before.published_at,
        published_at_estimated=before.published_at_estimated,
        retracted=Retraction(instant.show(stamp.at), event.reason, stamp.actor.name),
    )
    assert state.entry is not None
    return State(_recount(state.blog, entries=-1, retracted=1), OwnedEntry(state.entry.owner, entry), state.point)


@_evolve.register
def _(event: e.BreakingFlagged, state: State, stamp: Stamp, render: Render) -> State:
    del event, render
    return _with_entry(_breaking(state, up=True), stamp, breaking=True)


@_evolve.register
def _(event: e.BreakingCleared, state: State, stamp: Stamp, render: Render) -> State:
    del event, render
    return _with_entry(_breaking(state, up=False), stamp, breaking=False)


@_evolve.register
def _(event: e.EntryPinned, state: State, stamp: Stamp, render: Render) -> State:
    del render
    pinned = (event.entry_id, *state.blog.header.pinned)
    return _with_entry(_with_header(state, pinned=pinned), stamp, pinned=True)


@_evolve.register
def _(event: e.EntryUnpinned, state: State, stamp: Stamp, render: Render) -> State:
    del render
    pinned = _without(state.blog.header.pinned, event.entry_id)
    return _with_entry(_with_header(state, pinned=pinned), stamp, pinned=False)


@_evolve.register
def _(event: e.KeyEventMarked, state: State, stamp: Stamp, render: Render) -> State:
    del event, render
    return _with_entry(_key_events(state, 1), stamp, key_event=True)


@_evolve.register
def _(event: e.KeyEventUnmarked, state: State, stamp: Stamp, render: Render) -> State:
    del event, render
    return _with_entry(_key_events(state, -1), stamp, key_event=False)


@_evolve.register
def _(event: e.KeyPointSet, state: State, stamp: Stamp, render: Render) -> State:
    del render
    held = state.point
    at = instant.show(stamp.at)
    point = KeyPoint(
        id=event.point_id,
        text=event.text,
        sources=event.sources,
        revision=1 if held is None else held.point.revision + 1,
        position=stamp.position,
        set_at=at if held is None else held.point.set_at,
        updated_at=None if held is None else at,
    )
    shown = state.blog.header.key_points
    if any(other.id == point.id for other in shown):
        points = tuple(point if other.id == point.id else other for other in shown)
    else:
        points = (*shown, point)
    after = _with_header(state, key_points=points)
    return State(after.blog, after.entry, PointState(point))


@_evolve.register
def _(event: e.KeyPointWithdrawn, state: State, stamp: Stamp, render: Render) -> State:
    del render
    assert state.point is not None
    before = state.point.point
    point = structs.replace(
        before, revision=before.revision + 1, position=stamp.position, updated_at=instant.show(stamp.at)
    )
    shown = tuple(other for other in state.blog.header.key_points if other.id != event.point_id)
    after = _with_header(state, key_points=shown)
    return State(after.blog, after.entry, PointState(point, withdrawn=True))


@_evolve.register
def _(event: e.BlogEnded, state: State, stamp: Stamp, render: Render) -> State:
    del event, render
    return _with_header(state, status="ended", ended_at=instant.show(stamp.at))


@_evolve.register
def _(event: e.BlogReopened, state: State, stamp: Stamp, render: Render) -> State:
    del event, stamp, render
    return _with_header(state, status="live", ended_at=None)


def _set_fields(event: e.EntryRevised | e.HeadlineChanged) -> dict[str, Any]:
    return {name: getattr(event, name) for name in e.changed_fields(event) or ()}


def _body(source: object, render: Render) -> dict[str, Any]:
    assert source is None or isinstance(source, str)
    if source is None:
        return {"body_markdown": None, "body_html": None, "body_text": None}
    rendering = render(source)
    return {"body_markdown": source, "body_html": rendering.html, "body_text": rendering.text}


def _entry(state: State) -> Entry:
    assert state.entry is not None
    return state.entry.document


def _with_entry(state: State, stamp: Stamp, **changes: Any) -> State:
    assert state.entry is not None
    document = structs.replace(state.entry.document, position=stamp.position, **changes)
    return State(state.blog, OwnedEntry(state.entry.owner, document), state.point)


def _with_header(state: State, **changes: Any) -> State:
    blog = state.blog
    header: Header = structs.replace(blog.header, **changes)
    return State(Blog(header, blog.counts, blog.flagged), state.entry, state.point)


def _recount(
    blog: Blog, *, entries: int = 0, retracted: int = 0, corrections: int = 0, key_events: int = 0, breaking: int = 0
) -> Blog:
    before = blog.counts
    counts = Counts(
        before.entries + entries,
        before.retracted + retracted,
        before.corrections + corrections,
        before.key_events + key_events,
        before.breaking + breaking,
    )
    return Blog(blog.header, counts, blog.flagged)


def _key_events(state: State, step: int) -> State:
    return State(_recount(state.blog, key_events=step), state.entry, state.point)


def _breaking(state: State, *, up: bool) -> State:
    """Put the state's entry first among the breaking ones, or take it out; the header names the newest."""
    entry_id = _entry(state).id
    blog = _recount(state.blog, breaking=1 if up else -1)
    flagged = (entry_id, *blog.flagged) if up else _without(blog.flagged, entry_id)
    header = structs.replace(blog.header, breaking=flagged[: limits.BREAKING])
    return State(Blog(header, blog.counts, flagged), state.entry, state.point)


def _without(ids: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(each for each in ids if each != gone)
