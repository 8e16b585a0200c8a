"""Goals: the figures that this project holds itself to, beside what was measured."""

from collections.abc import Iterable, Iterator

from msgspec import Struct


class Goal(Struct, frozen=True):
    """A figure, and the limit that it should keep.

    Args:
        what: Was measured.
        measured: The figure.
        limit: It should not exceed, or should reach.
        unit: Of both.
        is_floor: Whether it should reach the limit.

    """

    what: str
    measured: float
    limit: float
    unit: str
    is_floor: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the figure keeps the limit. A cost below nothing, as from too small a run, tells nothing."""
        return self.measured >= self.limit if self.is_floor else 0 <= self.measured <= self.limit


def at_most(limit: float, what: str, measured: float, unit: str) -> Goal:
    """A goal that is reached at or below its limit."""
    return Goal(what, measured, limit, unit)


def at_least(limit: float, what: str, measured: float, unit: str) -> Goal:
    """A goal that is reached at or above its limit."""
    return Goal(what, measured, limit, unit, is_floor=True)


def table(goals: Iterable[Goal]) -> Iterator[str]:
    """All goals as lines of text, those that were missed marked."""
    given = list(goals)
    if not given:
        yield "none for what was measured, at these sizes and beside what is installed here"
        return
    wide = max(len(goal.what) for goal in given)
    yield f"{'':{wide}}  {'measured':>9}  {'goal':>10}  {'part of it':>10}"
    for goal in given:
        limit = f"{'>=' if goal.is_floor else '<='} {shown(goal.limit)}"
        part = f"{goal.measured / goal.limit:.2f}" if goal.limit else ""
        mark = "" if goal.is_reached else "  MISSED"
        yield f"{goal.what:<{wide}}  {shown(goal.measured):>9}  {limit:>10}  {part:>10}  {goal.unit}{mark}".rstrip()


def shown(value: float) -> str:
    """A number with about three digits that count."""
    return f"{value:,.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"
