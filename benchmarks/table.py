"""A table of figures: median, lowest and highest of several runs, and the ratio to a baseline of the same runs."""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct


class Row(Struct, frozen=True):
    """One figure.

    Args:
        label: What was measured.
        values: One value for each run.
        unit: What they are.
        against: The label of the row that this one is compared with, if any.

    """

    label: str
    values: Sequence[float]
    unit: str
    against: str | None = None


class Table(Struct, frozen=True):
    """Rows under a title; `note` says what a reader of the figures must know."""

    title: str
    rows: Sequence[Row]
    note: str = ""

    def __str__(self) -> str:
        """The table as text."""
        medians = {row.label: median(row.values) for row in self.rows}
        wide = max(len(row.label) for row in self.rows)
        lines = [self.title]
        for row in self.rows:
            middle, lowest, highest = (_shown(each) for each in (median(row.values), min(row.values), max(row.values)))
            line = f"  {row.label:<{wide}}  {middle:>8} {row.unit:<2}  ({lowest} to {highest}, {len(row.values)} runs)"
            if row.against is not None:
                line += f"  = {medians[row.label] / medians[row.against]:.2f} x {row.against}"
            lines.append(line)
        if self.note:
            lines.append(f"  {self.note}")
        return "\n".join(lines)


def _shown(value: float) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
