"""The table of words: every text that a page says is in it, in every language, and nothing else is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveblog.web.site import words
from liveblog.web.site.words import LANGUAGES, Text, direction, words_for

SITE = Path(words.__file__).parent
SOURCES = [
    path
    for path in sorted([*SITE.rglob("*.py"), *SITE.rglob("*.html"), *SITE.rglob("*.atom"), *SITE.rglob("*.js")])
    if not {"messages", "built"} & set(path.parts)
]
TABLES: dict[str, dict[str, Text]] = {
    language: json.loads((words.FOLDER / f"{language}.json").read_text()) for language in LANGUAGES
}
KEY = r"[a-z]+\.[a-z0-9_.]*[a-z0-9]"


def texts(text: Text) -> Iterator[str]:
    if isinstance(text, str):
        yield text
    else:
        yield from text.values()


def test_the_languages_have_the_same_texts_with_the_same_places_in_them() -> None:
    assert {path.stem for path in words.FOLDER.iterdir()} == set(LANGUAGES)
    first, *others = TABLES.values()
    for other in others:
        assert set(other) == set(first)
        for key, text in first.items():
            assert type(other[key]) is type(text), key
            places = {place for said in texts(text) for place in re.findall(r"\{\w+\}", said)}
            assert places == {place for said in texts(other[key]) for place in re.findall(r"\{\w+\}", said)}, key
            if not isinstance(text, str):
                assert set(text) == {"one", "other"}, key


def test_no_text_is_empty_or_holds_markup() -> None:
    for table in TABLES.values():
        for key, text in table.items():
            assert all(said.strip() == said != "" and not set(said) & set("<>&") for said in texts(text)), key


def test_every_text_that_is_asked_for_is_there() -> None:
    asked = {
        (path.relative_to(SITE).as_posix(), key)
        for path in SOURCES
        for key in re.findall(rf"""(?:\bt|\bwords|\bsay)\(\s*["'`]({KEY})["'`]""", path.read_text())
    }
    assert len(asked) > 50
    assert {(path, key) for path, key in asked if key not in TABLES["en"]} == set()


def test_every_text_is_asked_for_somewhere() -> None:
    everything = "\n".join(path.read_text() for path in SOURCES)
    # A key in quotes; or what it begins with, where the rest is put to it: "a.b_" ~ c, f"a.b_{c}", `a.b_${c}`.
    whole = set(re.findall(rf"""["'`]({KEY})["'`]""", everything))
    begun = set(re.findall(r"""["'`]([a-z]+\.(?:[a-z0-9_.]*[_.])?)(?:["'] ?~|["'] ?\+|\$?\{)""", everything))
    parts = tuple(each for each in begun if not each.endswith("."))
    # Where a block is put before what is said, the rest must be a word of the sources, or begin as some of them do.
    blocks = [each for each in begun if each.endswith(".")]
    said = set(re.findall(r"[a-z0-9_]+", everything))
    halves = tuple(re.findall(r"`([a-z]+_)\$\{", everything))

    def is_said(rest: str) -> bool:
        return rest in said or rest.startswith(halves)

    unused = {
        key
        for key in TABLES["en"]
        if key not in whole
        and not key.startswith(parts)
        and not any(key.startswith(block) and is_said(key.removeprefix(block)) for block in blocks)
    }
    assert unused == set()


def test_a_text_is_said_with_what_is_given() -> None:
    say = words_for("en-GB")
    assert say("reader.count_entries", n=1) == "1 entry"
    assert say("reader.count_entries", n=0) == "0 entries"
    assert say("reader.corrected_by", name="{name} & <b>") == "Corrected by {name} & <b>"
    assert words_for("DE-at")("reader.correction") == "Korrektur"
    assert words_for("ar")("reader.correction") == "Correction"
    for wrong in ("reader.nothing", "reader.corrected_by", "reader.count_entries"):
        with pytest.raises(KeyError):
            say(wrong)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "ltr"),
        ("de-AT", "ltr"),
        ("ar", "rtl"),
        ("fa-IR", "rtl"),
        ("he", "rtl"),
        ("ur-PK", "rtl"),
        ("ckb", "rtl"),
        ("fa-Latn", "ltr"),
        ("az-Arab-IR", "rtl"),
        ("sd-Deva", "ltr"),
        ("ar-1996", "rtl"),
    ],
)
def test_the_direction_is_that_of_the_language_or_its_script(tag: str, expected: str) -> None:
    assert direction(tag) == expected
