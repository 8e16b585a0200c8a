"""What is known so far, as a page shows it: each point with its earlier versions, as of a moment."""

import msgspec
from msgspec import Struct, structs

from liveblog.application.points_history import PointChange, points_document
from liveblog.application.readmodels import PointsHistory
from liveblog.domain.header import KeyPoint


class _Past(Struct):
    """Of a point in the history, what is wanted here."""

    id: str
    history: tuple[PointChange, ...]


class _Document(Struct):
    key_points: tuple[_Past, ...]


class ShownPoint(KeyPoint, frozen=True, kw_only=True):
    """A point that stands.

    Args:
        reason: Why it was said anew, if somebody told.
        earlier: What it said before, the newest first.

    """

    reason: str | None
    earlier: tuple[PointChange, ...]


class Points(Struct, frozen=True, kw_only=True):
    """The points of a moment.

    Args:
        shown: Those that stand, in their order.
        withdrawn: Withdrawals of those that do not, the newest first.

    """

    shown: tuple[ShownPoint, ...]
    withdrawn: tuple[PointChange, ...]


def points_at(points: tuple[KeyPoint, ...], history: PointsHistory | None, position: int) -> Points:
    """Put points and their past together.

    Args:
        points: The points that stood.
        history: The past of all points, if it could be read.
        position: The moment: nothing that came later is shown.

    """
    pasts: dict[str, list[PointChange]] = {}
    if history is not None:
        for past in msgspec.json.decode(points_document(history), type=_Document).key_points:
            pasts[past.id] = [change for change in past.history if change.position <= position]
    standing = {point.id for point in points}
    gone = [past[-1] for name, past in pasts.items() if past and name not in standing]
    return Points(
        shown=tuple(_shown(point, pasts.get(point.id, [])) for point in points),
        withdrawn=tuple(sorted(gone, key=lambda change: -change.position)),
    )


def _shown(point: KeyPoint, past: list[PointChange]) -> ShownPoint:
    now = next((change for change in past if change.position == point.position), None)
    earlier = tuple(change for change in reversed(past) if change.position < point.position)
    return ShownPoint(
        **structs.asdict(point),
        reason=None if now is None else now.reason,
        # A point withdrawn and set again said the same words twice: its withdrawal tells them too.
        earlier=tuple(change for change in earlier if change.kind != "withdrawal" or change.reason),
    )
