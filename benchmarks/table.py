"""A table of figures: median, lowest and highest of several runs, and the ratios to baselines of the same runs."""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from benchmarks.goals import Goal, shown


class Row(Struct, frozen=True):
    """One figure.

    Args:
        label: What was measured.
        values: One value for each run.
        unit: What they are.
        against: The label of the row that this one is compared with, or those of several.

    """

    label: str
    values: Sequence[float]
    unit: str
    against: str | tuple[str, ...] = ()

    @property
    def baselines(self) -> tuple[str, ...]:
        """The labels of `against`."""
        return (self.against,) if isinstance(self.against, str) else self.against


class Table(Struct, frozen=True):
    """Rows under a title; `note` says what a reader of the figures must know, `goals` which of them have limits."""

    title: str
    rows: Sequence[Row]
    note: str = ""
    goals: Sequence[Goal] = ()

    def __str__(self) -> str:
        """The table as text."""
        medians = {row.label: median(row.values) for row in self.rows}
        wide = max(len(row.label) for row in self.rows)
        lines = [self.title]
        for row in self.rows:
            middle, lowest, highest = (shown(each) for each in (median(row.values), min(row.values), max(row.values)))
            line = f"  {row.label:<{wide}}  {middle:>8} {row.unit:<3}  ({lowest} to {highest}, {len(row.values)} runs)"
            for label in row.baselines:
                line += f"  = {medians[row.label] / medians[label]:.2f} x {label}"
            lines.append(line)
        if self.note:
            lines.append(f"  {self.note}")
        return "\n".join(lines)
