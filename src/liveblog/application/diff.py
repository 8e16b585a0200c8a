"""Word-level differences between two texts, as data."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

from msgspec import Struct

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_MOST_TOKENS = 2_000


class Run(Struct, frozen=True):
    """A stretch of text.

    Args:
        op: Whether both texts have it, or only the newer (`insert`), or only the older (`delete`).
        text: The stretch.

    """

    op: Literal["equal", "insert", "delete"]
    text: str


def diff(before: str, after: str) -> tuple[Run, ...]:
    """Compare two texts by words; by lines where they are very long, since the cost grows with the square.

    The `equal` and `delete` runs together are `before`, the `equal` and `insert` runs `after`.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > _MOST_TOKENS:
        old, new = _LINE.findall(before), _LINE.findall(after)
    runs: list[Run] = []
    for op, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            _add(runs, "equal", old[i:j])
            continue
        _add(runs, "delete", old[i:j])
        _add(runs, "insert", new[k:m])
    return tuple(runs)


def _add(runs: list[Run], op: Literal["equal", "insert", "delete"], tokens: Sequence[str]) -> None:
    if tokens:
        runs.append(Run(op, "".join(tokens)))
