"""Nothing that an editor can write makes a reader's page do anything, or takes the server long."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.allow_list import Reader, check, read
from liveblog.application.rendering import Renderer
from liveblog.domain import limits

ATTACKS = json.loads((Path(__file__).parent / "markdown_attacks.json").read_text())
PATTERNS = json.loads((Path(__file__).parent / "markdown_patterns.json").read_text())
pieces = st.sampled_from(PATTERNS["pieces"])
each_attack = pytest.mark.parametrize(
    "source", [one["source"] for one in ATTACKS], ids=[one["name"] for one in ATTACKS]
)
renderer = Renderer(remembered_bytes=0)


@each_attack
def test_an_attack_comes_out_harmless(source: str) -> None:
    check(renderer, source)


@each_attack
def test_the_dialect_alone_lets_no_attack_through(source: str) -> None:
    """Before it is sanitised, only titles, classes and alignments are more than is allowed."""
    raw = renderer._markdown.html(renderer._markdown.tokens(source))
    read(re.sub(r' (?:title="[^"]*"|class="language-[^"]*"|style="text-align:[a-z]+")', "", raw)
         .replace("<a ", '<a rel="noopener noreferrer nofollow ugc" '))  # fmt: skip


@each_attack
def test_the_sanitiser_alone_lets_no_attack_through(source: str) -> None:
    """Even if all of it were taken for HTML."""
    for html in (source, f"<p>{source}</p>", f"<table><tr><td>{source}", f"<svg><title>{source}", f"<pre>{source}"):
        Reader().feed(renderer._cleaner.clean(html))


def test_there_are_enough_attacks_and_no_two_are_the_same() -> None:
    assert len({one["source"] for one in ATTACKS}) == len({one["name"] for one in ATTACKS}) == len(ATTACKS) >= 60


def test_characters_that_turn_the_direction_stay_text() -> None:
    turned = "a \u202eb\u202c \u2066c\u2069 \u200fd"
    made = renderer.render(turned)
    assert made.text == turned
    assert made.html == f"<p>{turned}</p>"


@given(st.text(max_size=400))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_any_text_comes_out_harmless(source: str) -> None:
    check(renderer, source)


@given(st.lists(pieces, max_size=40).map("".join))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_any_markdown_comes_out_harmless(source: str) -> None:
    check(renderer, source)


@given(
    st.lists(
        st.tuples(st.lists(pieces, min_size=1, max_size=4).map("".join), st.integers(1, 3)), min_size=1, max_size=3
    )
)
@settings(derandomize=True, deadline=None, max_examples=25)
def test_any_pattern_repeated_to_the_limit_stays_bounded(parts: list[tuple[str, int]]) -> None:
    whole = sum(share for _, share in parts)
    source = "".join(unit * (limits.BODY * share // whole // len(unit)) for unit, share in parts)
    check(renderer, source)


SHAPED = {
    "brackets opened and closed": "[" * 10_000 + "]" * 10_000,
    "links in links": "[" * 5_000 + "a" + "](http://b)" * 1_300,
    "quotes ten thousand deep": ">" * 10_000 + "a" * 10_000,
    "quotes deeper by the line": "\n".join("> " * depth + "a" for depth in range(139)),
    "lists deeper by the line": "\n".join("  " * depth + "- a" for depth in range(138)),
    "back ticks of every length": "".join("`" * length + " " for length in range(1, 198)),
    "a wide table of short rows": "|a" * 3_000 + "\n" + "|-" * 3_000 + "\n" + "a\n" * 1_000,
    "a narrow table of many rows": "|a|b\n|-|-\n" + "a\n" * 9_990,
    "tables one after another": "|a|b|c\n|-|-|-\na\na\na\na\n\n" * 800,
    "a long address used often": "[x]: http://a/" + "b" * 2_000 + "\n\n" + "[x]" * 5_990,
    "a long picture used often": "[x]: http://a/" + "b" * 2_000 + "\n\n" + "![][x]" * 2_990,
    "a short address used often": "[x]: http://a\n\n" + "[x]" * 6_600,
    "a long title used often": "[x]: http://a '" + "b" * 8_000 + "'\n\n" + "[x]" * 3_990,
    "many references": "".join(f"[x{number}]: http://b\n" for number in range(900)) + "[x1]" * 900,
    "many references in reach": "[a]: http://b\n\n" + "[" * 10_000 + "a" + "]" * 9_900,
}


@pytest.mark.parametrize(
    "source",
    [(one * limits.BODY)[: limits.BODY] for one in PATTERNS["repeated"]] + list(SHAPED.values()),
    ids=[repr(one) for one in PATTERNS["repeated"]] + list(SHAPED),
)
def test_no_source_takes_a_second_or_grows_without_bound(source: str) -> None:
    assert len(source) <= limits.BODY
    begun = time.thread_time()
    renderer.render(source)
    assert time.thread_time() - begun < 1.0
    check(renderer, source)
