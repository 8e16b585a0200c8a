r"""Values on a line: what a backslash stands for, and how a value is divided by bars.

``\n`` is a line break, ``\t`` a tab, ``\s`` a space (needed only where a value begins or ends with one), ``\|`` a bar
that divides nothing, ``\\`` a backslash.
"""

import re

BLANK = " \t"
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_BAR = re.compile(r"((?:[^\\|]|\\.?)*)(\||$)")
_MEANING = {"n": "\n", "t": "\t", "s": " ", "|": "|", "\\": "\\"}
_SPELLING = {"\n": r"\n", "\t": r"\t", "\\": r"\\"}


def read(text: str) -> str:
    """Read a value.

    Raises:
        ValueError: If a backslash is followed by something it has no meaning with.

    """

    def meaning(match: re.Match[str]) -> str:
        try:
            return _MEANING[match[1]]
        except KeyError:
            raise ValueError(rf"{match[0]!r} means nothing here: write \\ for a backslash") from None

    return _ESCAPED.sub(meaning, text.strip(BLANK))


def write(text: str) -> str:
    """Write a value so that `read` gives it back."""
    spelt = "".join(_SPELLING.get(char, char) for char in text)
    if spelt.startswith(" "):
        spelt = r"\s" + spelt[1:]
    return spelt[:-1] + r"\s" if spelt.endswith(" ") else spelt


def divide(text: str) -> list[str]:
    """Divide a value at its bars, without reading the parts."""
    found = []
    place = 0
    while True:
        match = _BAR.match(text, place)
        assert match is not None
        found.append(match[1])
        place = match.end()
        if not match[2]:
            return found


def parts(text: str) -> list[str | None]:
    """Divide a value at its bars and read the parts; an empty part is None.

    Raises:
        ValueError: If a backslash is followed by something it has no meaning with.

    """
    return [read(part) or None for part in divide(text)]


def write_part(text: str) -> str:
    """Write one part of a value so that `parts` gives it back."""
    return write(text).replace("|", r"\|")


def join(texts: list[str | None]) -> str:
    """Put parts together so that `parts` gives them back, without the empty ones at the end."""
    while len(texts) > 1 and texts[-1] is None:
        texts = texts[:-1]
    return " | ".join(write_part(text or "") for text in texts)
