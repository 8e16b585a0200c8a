"""Every word that a page says, by key: one table a language, the same for the server and for its scripts."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

import msgspec

Text: TypeAlias = str | dict[str, str]
"""A text, or one for each plural category (`one`, `other`)."""

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = ("en", "de")
"""The first one is for blogs in any other language."""

_PLACE = re.compile(r"\{(\w+)\}")
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "samr", "syrc", "thaa"})
_SCRIPT = 4
"""Letters in a tag's part that names a script (RFC 5646, section 2.2.3)."""


class Words:
    """The table of a language.

    Args:
        language: One of `LANGUAGES`.
        table: The texts by key.

    """

    def __init__(self, language: str, table: Mapping[str, Text]) -> None:
        self.language = language
        self._table = table

    def __call__(self, key: str, **given: object) -> str:
        """Say something.

        Args:
            key: Which text.
            given: What stands in its braces; `n` chooses between one and many.

        Raises:
            KeyError: If there is no such text, or it needs what was not given: a defect of ours.

        """
        text = self._table[key]
        if not isinstance(text, str):
            text = text["one" if given["n"] == 1 else "other"]
        return _PLACE.sub(lambda place: str(given[place[1]]), text)

    def of_readers(self) -> str:
        """The texts that scripts on readers' pages may need, as JSON: not the newsroom's, nor those of other pages."""
        unneeded = ("console.", "home.", "time.", "reader.fault_")
        needed = {key: text for key, text in self._table.items() if not key.startswith(unneeded)}
        return msgspec.json.encode(needed).decode()

    def __contains__(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._table


def words_for(tag: str) -> Words:
    """The words for a page in a language.

    Args:
        tag: The language (BCP 47), such as `de-AT`.

    """
    language = tag.lower().split("-")[0]
    return _words(language if language in LANGUAGES else LANGUAGES[0])


@cache
def _words(language: str) -> Words:
    read = (FOLDER / f"{language}.json").read_bytes()
    return Words(language, msgspec.json.decode(read, type=dict[str, Text]))


def direction(tag: str) -> str:
    """Which way a language is written: `ltr` or `rtl`. A script in the tag says more than the language does."""
    language, *rest = tag.lower().split("-")
    script = next((part for part in rest if len(part) == _SCRIPT and part.isalpha()), None)
    right_to_left = language in _RIGHT_TO_LEFT if script is None else script in _RIGHT_TO_LEFT_SCRIPTS
    return "rtl" if right_to_left else "ltr"
