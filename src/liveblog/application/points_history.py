"""Key points with their earlier texts, those that were withdrawn among them."""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import Struct

from liveblog.application.readmodels import PointRevision, PointsHistory
from liveblog.application.said import said
from liveblog.domain import instant, limits
from liveblog.domain.content import Source
from liveblog.domain.header import KeyPoint
from liveblog.domain.shown import Ordinal, Timestamp

_MARGIN = 16 * 1024


class PointChange(Struct, frozen=True, kw_only=True):
    """One revision of a key point.

    Args:
        position: The event that made it.
        at: When.
        by: Who did it.
        kind: Whether the point came onto the list, was said anew, or left the list.
        revision: Its number.
        reason: Why; a withdrawal always says.
        text: What the point said from then on; of a withdrawal, what it said until then.
        sources: Whose word that was.

    """

    position: Ordinal
    at: Timestamp
    by: str | None
    kind: Literal["setting", "change", "withdrawal"]
    revision: Ordinal
    reason: str | None
    text: str
    sources: tuple[Source, ...]


class PointWithdrawal(Struct, frozen=True, kw_only=True):
    """That a key point is off the list.

    Args:
        at: Since when.
        reason: Why.
        by: Who took it off.

    """

    at: Timestamp
    reason: str | None
    by: str | None


class KeyPointWithHistory(KeyPoint, frozen=True, kw_only=True):
    """A key point, shown or withdrawn.

    Args:
        withdrawn: That it is off the list; null while it stands.
        history: Its revisions, the oldest first.

    """

    withdrawn: PointWithdrawal | None
    history: tuple[PointChange, ...]


class KeyPoints(Struct, frozen=True, kw_only=True):
    """All key points of a blog.

    Args:
        blog: The blog's slug.
        epoch: The copy of its log.
        edition: The edition of its documents.
        position: The blog's newest event when this was read.
        key_points: Those on the list, in its order; then the withdrawn ones, the last withdrawn first.
        complete: False where there is more history than fits: what is left out is the oldest.

    """

    blog: str
    epoch: str
    edition: str
    position: Ordinal
    key_points: tuple[KeyPointWithHistory, ...]
    complete: bool


_decode = msgspec.json.Decoder(KeyPoint).decode


class _Read(Struct, frozen=True):
    """A revision with its document read."""

    withdrawn: bool
    point: KeyPoint
    change: PointChange


def points_document(history: PointsHistory) -> bytes:
    """Write all key points, under the limit of a message."""
    head = history.head
    shown = head.blog.header.key_points
    room = limits.MESSAGE_BYTES - _MARGIN - 2 * len(msgspec.json.encode(shown))
    found: dict[str, list[_Read]] = {}
    complete = not history.more
    for revision in history.revisions:
        read = _read(revision)
        # The newest of each is there twice, once as the point itself.
        room -= len(msgspec.json.encode(read.change)) * (1 if read.point.id in found else 2) + 128
        if room < 0:
            complete = False
            break
        found.setdefault(read.point.id, []).append(read)
    listed = {point.id for point in shown}
    return msgspec.json.encode(
        KeyPoints(
            blog=head.slug,
            epoch=head.epoch,
            edition=head.edition,
            position=head.position,
            key_points=(
                *(_with_history(point, found.get(point.id, [])) for point in shown),
                *(_with_history(reads[0].point, reads) for name, reads in found.items() if name not in listed),
            ),
            complete=complete,
        )
    )


def _read(given: PointRevision) -> _Read:
    revision = given.revision
    point = _decode(revision.document)
    words = said(revision.payload)
    change = PointChange(
        position=revision.position,
        at=instant.show(revision.at),
        by=words.by,
        kind="withdrawal" if given.withdrawn else "change",
        revision=point.revision,
        reason=words.reason,
        text=point.text,
        sources=point.sources,
    )
    return _Read(given.withdrawn, point, change)


def _with_history(point: KeyPoint, newest_first: list[_Read]) -> KeyPointWithHistory:
    withdrawn = None
    if newest_first and newest_first[0].withdrawn:
        last = newest_first[0].change
        withdrawn = PointWithdrawal(at=last.at, reason=last.reason, by=last.by)
    return KeyPointWithHistory(
        **msgspec.structs.asdict(point), withdrawn=withdrawn, history=tuple(_changes(newest_first[::-1]))
    )


def _changes(oldest_first: list[_Read]) -> Iterator[PointChange]:
    """The changes; what came onto the list, for the first time or again, is told from what changed there."""
    off = oldest_first[:1] != [] and oldest_first[0].change.revision == 1
    for read in oldest_first:
        yield msgspec.structs.replace(read.change, kind="setting") if off and not read.withdrawn else read.change
        off = read.withdrawn
