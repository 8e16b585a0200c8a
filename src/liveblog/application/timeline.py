"""A blog's timeline, for whoever draws a scrubber: how many events lie where, and which of them stand out.

Everything is laid on the timeline that a replay with the same `max_gap` runs on, by the very functions that its clock
uses, so that a mark on the scrubber and the moment in the replay are one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from liveblog.application.readmodels import Turn
from liveblog.domain import instant
from liveblog.domain.shown import Number, Ordinal, Timestamp, Uuid
from liveblog.log.rows import BlogHead, Mark
from liveblog.session.timeline import Segment, offsets

MOST_MARKERS = 1_000
_LABEL = 80
"""Characters: with the numbers of markers and buckets it keeps the document under the limit of a message."""

Kind = Literal["start", "reopen", "breaking", "key_event", "summary", "correction", "retraction", "end"]
_KINDS: dict[str, Kind] = {
    "blog_reopened": "reopen",
    "breaking_flagged": "breaking",
    "key_event_marked": "key_event",
    "entry_corrected": "correction",
    "entry_retracted": "retraction",
    "blog_ended": "end",
}
_BORN: dict[Mark, Kind] = {Mark.BREAKING: "breaking", Mark.KEY_EVENT: "key_event", Mark.SUMMARY: "summary"}


class Bucket(Struct, frozen=True, rename={"since": "from"}):
    """One of the slices, equally long in a replay, that the timeline is cut into.

    Args:
        since: Where it begins (`from`).
        to: Where it ends, which belongs to the next one; only the last holds its own end.
        position: The newest event before it: seek there, and the events of the slice are the next to come.
        events: How many there are in it.

    """

    since: Timestamp
    to: Timestamp
    position: Number
    events: Number


class Marker(Struct, frozen=True, kw_only=True):
    """An event that stands out. One event may have several, each of another kind.

    Args:
        position: The event.
        time: When it happened.
        offset_s: Seconds from the beginning of a replay until then.
        kind: What it is. `breaking`, `key_event` and `summary` say what an entry became or was published as, also
            where that was taken back later.
        entry_id: The entry that it was about; null for `start`, `end` and `reopen`.
        label: How that entry began then, in a line; of a retraction, how it had read. Null if it had no text.

    """

    position: Ordinal
    time: Timestamp
    offset_s: float
    kind: Kind
    entry_id: Uuid | None
    label: str | None


class Timeline(Struct, frozen=True, kw_only=True):
    """A blog's course from its first event to its newest.

    Args:
        blog: The blog's slug.
        epoch: The copy of its log.
        edition: The edition of its documents.
        start: When event 1 happened.
        end: When the newest event happened.
        head: The position of the newest event.
        duration_s: Seconds that a replay of it all takes at rate 1.
        buckets: Slices of the timeline, in order, without gaps; one alone where all happened at one instant.
        markers: What stands out, in order.
        complete: False where there are more than 1,000 markers: the newest are here, and `start`.

    """

    blog: str
    epoch: str
    edition: str
    start: Timestamp
    end: Timestamp
    head: Ordinal
    duration_s: float
    buckets: tuple[Bucket, ...]
    markers: tuple[Marker, ...]
    complete: bool


class _Text(Struct):
    headline: str | None = None
    question: str | None = None
    body_text: str | None = None


_text = msgspec.json.Decoder(_Text).decode


def timeline_document(
    head: BlogHead,
    instants: Sequence[int],
    turns: Sequence[Turn],
    buckets: int,
    max_gap: float | None,
    *,
    complete: bool,
) -> bytes:
    """Write a blog's timeline.

    Args:
        head: The blog as of its newest event.
        instants: The `at` of all its events, in milliseconds.
        turns: The events that may be marked, in order.
        buckets: How many slices to cut.
        max_gap: Seconds to which longer silences are shortened, or None.
        complete: Whether `turns` are all there are.

    """
    gap = None if max_gap is None else max_gap * 1000
    lies = offsets(instants, gap)
    markers = list(_markers(instants, lies, turns))
    kept = markers[-(MOST_MARKERS - 1) :]
    return msgspec.json.encode(
        Timeline(
            blog=head.slug,
            epoch=head.epoch,
            edition=head.edition,
            start=instant.show(instants[0]),
            end=instant.show(instants[-1]),
            head=head.position,
            duration_s=_seconds(lies[-1]),
            buckets=tuple(_buckets(instants, lies, buckets, gap)),
            markers=(_marker(instants, lies, 1, "start"), *kept),
            complete=complete and len(kept) == len(markers),
        )
    )


def _buckets(instants: Sequence[int], lies: Sequence[float], count: int, gap: float | None) -> Iterator[Bucket]:
    if lies[-1] == 0:
        yield Bucket(instant.show(instants[0]), instant.show(instants[-1]), 0, len(instants))
        return
    bounds = [_instant_at(lies[-1] * number / count, instants, lies, gap) for number in range(count)]
    firsts = [*(bisect_left(instants, bound) for bound in bounds), len(instants)]
    for since, to, first, beyond in zip(bounds, [*bounds[1:], instants[-1]], firsts, firsts[1:], strict=False):
        yield Bucket(instant.show(since), instant.show(to), first, beyond - first)


def _instant_at(mark: float, instants: Sequence[int], lies: Sequence[float], gap: float | None) -> int:
    """The original instant at a place of the timeline before its end."""
    index = bisect_right(lies, mark) - 1
    at = instants[index]
    return Segment.towards(instants[index + 1], at=at, time=at, mark=lies[index], max_gap=gap).expand(mark)


def _seconds(mark: float) -> float:
    """A place of the timeline, to the microsecond: what lies behind it is noise of the sum."""
    return round(mark / 1000, 6)


def _markers(instants: Sequence[int], lies: Sequence[float], turns: Sequence[Turn]) -> Iterator[Marker]:
    for turn in turns:
        if turn.event_type in _KINDS:
            yield _marker(instants, lies, turn.position, _KINDS[turn.event_type], turn)
        for mark, kind in _BORN.items():
            if mark in turn.born:
                yield _marker(instants, lies, turn.position, kind, turn)


def _marker(
    instants: Sequence[int], lies: Sequence[float], position: int, kind: Kind, turn: Turn | None = None
) -> Marker:
    return Marker(
        position=position,
        time=instant.show(instants[position - 1]),
        offset_s=_seconds(lies[position - 1]),
        kind=kind,
        entry_id=None if turn is None else turn.entry_id,
        label=None if turn is None or turn.document is None else _label(turn.document),
    )


def _label(document: bytes) -> str | None:
    text = _text(document)
    line = " ".join((text.headline or text.question or text.body_text or "").split())
    return (line if len(line) <= _LABEL else line[: _LABEL - 1].rstrip() + "…") or None
