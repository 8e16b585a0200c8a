"""What holds for any page: no word is lost, nothing but a refusal is raised, Markdown shows the text as written."""

import html
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from liveblog.application.importing import ImportRefused, Script, page_text, sniff
from liveblog.application.importing.page_text import markdown

MARKS = {"breaking", "watch", "by", "and", "image", "photo", "caption", "source", "14", "32", "16", "05"}
"""Words that mark what a line is, and go where a field says the same."""

_TEMPLATES = [
    "{}",
    "{}.",
    "{}?",
    "'{}'",
    '"{}."',
    "- {}",
    "\u2022{}",
    "Breaking: {}",
    "Breaking'{}'",
    "WATCH: {}",
    "14:32 {}",
    "By {}",
    "{} - VIA EPA",
    "(Photo: {})",
    "Image source: {}",
    "Related: {}; Golf",
    "Read {} here; and kilo here.",
    "\u00a9 {}",
    "Image caption",
    "16:05",
    "",
    "  ",
    "By Ada Norrby and Lee Okafor",
    "This is known:",
]
_words = st.lists(
    st.sampled_from(["alpha", "Bravo", "charlie", "Delta's", "echo", "Foxtrot", "7", "Where", "*hotel", "#1", "<i>"]),
    min_size=1,
    max_size=7,
)
_lines = st.lists(st.tuples(st.sampled_from(_TEMPLATES), _words), max_size=14)
_first = st.sampled_from([" date 2020-02-29 Live", "2020-02-29", "Saturday 29 February 2020 Live: India", "Juliett"])


def _page(first: str, lines: list[tuple[str, list[str]]]) -> list[str]:
    """The lines of a page; every word ends with its line's letter, so that no line can vouch for another."""
    filled = [
        template.format(" ".join(word + chr(97 + n) for word in words)) for n, (template, words) in enumerate(lines)
    ]
    return [first, *filled, "The end", "This was the end."]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_said(item) for item in value.values())
    if isinstance(value, list):
        return " ".join(_said(item) for item in value)
    return str(value).replace("\\", "")


def _everything(script: Script) -> str:
    commands = [_said(step.command) for step in script.steps]
    return " ".join([_said(script.blog), *commands, *(note.text for note in script.notes)])


def _counted(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@settings(derandomize=True, deadline=None, max_examples=300)
@given(_first, _lines, st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_every_word_of_a_page_is_in_the_script_or_in_its_notes(
    first: str, lines: list[tuple[str, list[str]]], end: str
) -> None:
    page = _page(first, lines)
    script = page_text.parse(end.join(page), interval_ms=1, start=0 if first == "Juliett" else None)
    kept = set(_counted(_everything(script)))
    assert [word for word in _counted(" ".join(page)) if word not in kept | MARKS] == []


@settings(derandomize=True, deadline=None, max_examples=200)
@given(_first, _lines)
def test_steps_never_run_backwards_and_every_entry_has_a_name(first: str, lines: list[tuple[str, list[str]]]) -> None:
    script = page_text.parse("\n".join(_page(first, lines)), interval_ms=60_000, start=10**12)
    instants = [script.started, *(step.at for step in script.steps)]
    assert instants == sorted(instants)
    assert [step.command["entry_id"] for step in script.steps] == [f"e{n}" for n in range(1, len(script.steps) + 1)]
    assert all({"headline", "question", "body", "media", "links"} & step.command.keys() for step in script.steps)


def _refusals(text: str, start: int | None) -> list[ImportRefused]:
    """What the readers say to a text, if they refuse it; any other exception is a defect."""
    found = []
    for read in (lambda: page_text.parse(text, interval_ms=1, start=start), lambda: sniff(text)):
        try:
            read()
        except ImportRefused as refused:
            found.append(refused)
    return found


@settings(derandomize=True, deadline=None, max_examples=250)
@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")), st.none() | st.integers())
def test_garbage_ends_in_a_script_or_a_refusal_with_reasons(text: str, start: int | None) -> None:
    for attempt in (text, f"2020-02-29 Live\n{text}", text * 50):
        assert all(refused.faults and str(refused) for refused in _refusals(attempt, start))


@pytest.mark.parametrize(
    "line", ["x" * 3_000_000, "Read " * 400_000, "By A, " * 300_000, "(" * 10**6, "14:32 " * 400_000]
)
def test_a_huge_line_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        page_text.parse(f"2020-02-29 Live\nHeadline\nOne\n{line}", interval_ms=1)
    assert caught.value.faults[0].line in {3, 4}


_READERS = [
    MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]),
    MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False}),
]
_SIGNS = [*"ab1 *_`[]()<>&#+-.!|~=:;\\\"'/@$^{}\t", "&amp;", "1. ", "---", "```", "~~", "\u00e9", "http://", "www."]
_tricky = st.lists(st.sampled_from(_SIGNS), min_size=1, max_size=24).map("".join).filter(str.strip)


def _plain(rendered: str) -> list[str]:
    return [html.unescape(shown) for shown in re.findall(r"<(?:p|li)>([^<]*)</(?:p|li)>", rendered)]


@settings(derandomize=True, deadline=None, max_examples=800)
@given(st.lists(_tricky, min_size=1, max_size=3))
def test_markdown_shows_paragraphs_and_items_as_they_were_written(texts: list[str]) -> None:
    said = [text.strip() for text in texts]
    for reader in _READERS:
        assert _plain(reader.render("\n\n".join(markdown.paragraph(text) for text in texts))) == said
        assert _plain(reader.render(f"Known:\n\n{markdown.items(texts)}"))[1:] == said


@pytest.mark.parametrize(
    "text",
    [
        *(
            "<http://example.org/>",
            "[a](http://example.org/)",
            "![a](b)",
            "**a** __b__ ~~c~~",
            "`a`",
            "# a",
            "> a",
            "+ a",
        ),
        *(
            "1. a",
            "12) a",
            "---",
            "- - -",
            "-- | --",
            "&copy; &#169;",
            "a\\",
            "\\*a*",
            "<b>a</b>",
            "~~~",
            "[a]: http://b/",
        ),
    ],
)
def test_what_would_be_markdown_is_shown_as_written(text: str) -> None:
    for reader in _READERS:
        assert _plain(reader.render(markdown.paragraph(text))) == [text]


def test_ordinary_prose_is_left_alone() -> None:
    prose = "Mr. Falk & co. said: \"We're 1-0 up - at 14.32!\" (It wasn't #1; 2 > 1 + 0.)"
    assert markdown.paragraph(prose) == prose
