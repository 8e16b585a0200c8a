"""Word-level differences between two texts, as data.

What two texts have in common is searched for by comparing places, and there can be as many pairs of equal words as the
product of the texts' lengths, looked at once for every stretch found: minutes for two pages that say different things.
So each comparison has an allowance of pairs. Where that is spent, what was not searched yet counts as rewritten.
"""

import re
from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Literal

from msgspec import Struct

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_MOST_TOKENS = 2_000
MOST_PAIRS = 2_000_000
"""Pairs of equal tokens that one comparison looks at: about a fifth of a second."""


class Run(Struct, frozen=True):
    """A stretch of text.

    Args:
        op: Whether both texts have it, or only the newer (`insert`), or only the older (`delete`).
        text: The stretch.

    """

    op: Literal["equal", "insert", "delete"]
    text: str


class Allowance(Struct):
    """How many pairs of equal tokens may still be looked at; what is looked at is taken off."""

    pairs: int


def diff(before: str, after: str, allowance: Allowance | None = None) -> tuple[Run, ...]:
    """Compare two texts by words; by lines where they are very long, since the cost grows with the square.

    The `equal` and `delete` runs together are `before`, the `equal` and `insert` runs `after`.

    Args:
        before: The older text.
        after: The newer one.
        allowance: What this comparison and others may cost together. One alone costs `MOST_PAIRS` at most.

    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > _MOST_TOKENS:
        old, new = _LINE.findall(before), _LINE.findall(after)
    # Most edits leave both ends alone: those cost nothing.
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    first, last = old[:head], old[len(old) - tail :]
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    runs: list[Run] = []
    _add(runs, "equal", first)
    for op, i, j, k, m in _Frugal(old, new, allowance or Allowance(MOST_PAIRS)).get_opcodes():
        if op == "equal":
            _add(runs, "equal", old[i:j])
            continue
        _add(runs, "delete", old[i:j])
        _add(runs, "insert", new[k:m])
    _add(runs, "equal", last)
    return tuple(runs)


class _Frugal(SequenceMatcher[str]):
    """Searches for what two sequences have in common while the allowance lasts."""

    a: Sequence[str]
    b2j: dict[str, list[int]]
    """Where each token of the newer sequence stands."""

    def __init__(self, old: Sequence[str], new: Sequence[str], allowance: Allowance) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._allowance = allowance
        self._left = min(allowance.pairs, MOST_PAIRS)
        # A search goes through all places of each of the older tokens in the whole of the newer text.
        places = (1 + len(self.b2j.get(token, ())) for token in old)
        self._pairs = list(accumulate(places, initial=0))

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        end = len(self.a) if ahi is None else ahi
        pairs = self._pairs[end] - self._pairs[alo]
        if pairs > self._left:
            return Match(alo, blo, 0)
        self._left -= pairs
        self._allowance.pairs -= pairs
        return super().find_longest_match(alo, ahi, blo, bhi)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many tokens both begin with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _add(runs: list[Run], op: Literal["equal", "insert", "delete"], tokens: Sequence[str]) -> None:
    if not tokens:
        return
    if runs and runs[-1].op == op:
        runs[-1] = Run(op, runs[-1].text + "".join(tokens))
    else:
        runs.append(Run(op, "".join(tokens)))
