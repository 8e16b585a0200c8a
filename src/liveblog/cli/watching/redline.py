"""A redline: what was taken out of a text and what was put in, word by word, with a little of what stands around it.

Words are what stands between blanks, punctuation included, so that a line of them reads as the text did.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from liveblog.cli.watching.line import Line, Role, line

_AROUND = 4
"""Words that are shown on each side of a change."""
_MOST = 2_000
"""Words beyond which comparing takes too long for a screen that is watched: the texts are not compared."""


def redline(before: str, now: str) -> Line:
    """Compare two texts, and tell what changed."""
    old, new = before.split(), now.split()
    if len(old) + len(new) > _MOST:
        return line(("a long text, much changed", "dim"))
    pieces: list[tuple[str, Role]] = []
    for op, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append((_shortened(old[i:j], after=i > 0 or k > 0, before=j < len(old) or m < len(new)), "plain"))
        else:
            pieces += [(" ".join(old[i:j]), "struck"), (" ".join(new[k:m]), "new")]
    return line(*pieces)


def _shortened(words: Sequence[str], *, after: bool, before: bool) -> str:
    """Leave out what is far from a change that this comes after, and from one that it comes before."""
    head, tail = words[:_AROUND] if after else (), words[-_AROUND:] if before else ()
    if len(words) <= len(head) + len(tail):
        return " ".join(words)
    return " ".join([*head, "…", *tail])
