"""The wish for a shared replay, as an editor posts it."""

from typing import Annotated

from msgspec import Meta, Struct, field

from liveblog.domain.text import ReplayName
from liveblog.session.query import FASTEST, SLOWEST, Query
from liveblog.session.target import PlaceName, Position, Target, from_text


class StartReplay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to start a shared replay.

    Args:
        name: Under which readers join it.
        origin: Where it begins, `from` in JSON: `start`, a position, or a time; `live` shows what comes.
        rate: Timeline seconds per second.
        max_gap: Seconds of the timeline to which longer silences are shortened, if they are.

    """

    name: ReplayName
    origin: Annotated[int, Meta(ge=0)] | PlaceName = field(default="start", name="from")
    rate: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] = 1.0
    max_gap: Annotated[float, Meta(gt=0)] | None = None

    def __post_init__(self) -> None:
        """Refuse what names no place."""
        self.target()

    def target(self) -> Target:
        """Return the place that it begins at."""
        if isinstance(self.origin, int):
            return Position(self.origin)
        try:
            return from_text(self.origin)
        except ValueError:
            raise ValueError("from: expected start, live, a position or an RFC 3339 time with an offset") from None

    def query(self) -> Query:
        """Return it as the clock's reader asks for it."""
        return Query(origin=self.target(), rate=self.rate, max_gap=self.max_gap)
