"""Word diffs: the runs of a diff are both texts, whole."""

from difflib import Match, SequenceMatcher
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.application.diff import MOST_PAIRS, Allowance, Run, diff

WORDS = st.lists(
    st.sampled_from(["missiles", "22", "at", "two", "bases", ",", "\n", "  ", "é", "🚀"]), max_size=60
).map(" ".join)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(WORDS | st.text(max_size=200), WORDS | st.text(max_size=200))
def test_the_runs_give_back_both_texts(before: str, after: str) -> None:
    runs = diff(before, after)
    assert "".join(run.text for run in runs if run.op != "insert") == before
    assert "".join(run.text for run in runs if run.op != "delete") == after
    assert all(run.text for run in runs)


def test_what_did_not_change_is_one_run() -> None:
    assert diff("22 missiles, two bases", "22 missiles, two bases") == (Run("equal", "22 missiles, two bases"),)


def test_a_changed_word_is_a_word_taken_out_and_one_put_in() -> None:
    assert diff("dozens of missiles", "22 missiles") == (
        Run("delete", "dozens of"),
        Run("insert", "22"),
        Run("equal", " missiles"),
    )


def test_very_long_texts_are_compared_by_lines() -> None:
    before = "\n".join(f"line {number} of many words" for number in range(400))
    after = before.replace("line 7 of", "line seven of")
    runs = diff(before, after)
    assert [run for run in runs if run.op != "equal"] == [
        Run("delete", "line 7 of many words\n"),
        Run("insert", "line seven of many words\n"),
    ]


UNLIKE = {
    "words": (" ".join(f"a{n}" for n in range(450)), " ".join(f"b{n}" for n in range(450))),
    "one word over and over": ("a " * 500, "b a " * 240),
    "lines": ("x\n\n" * 6_600, "\n" * 20_000),
    "lines that say different things": (
        "\n\n".join(f"old {n}" for n in range(2_000)),
        "\n\n".join(f"new {n}" for n in range(2_000)),
    ),
    "letters": ("a," * 10_000, ",b" * 10_000),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_long_texts_that_are_unlike_cost_no_more_than_the_allowance(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted by what is asked of the standard library's search, which goes through those pairs and no more."""
    searched = []
    search = SequenceMatcher.find_longest_match

    def counting(matcher: Any, alo: int, ahi: int, blo: int, bhi: int) -> Match:
        searched.append(sum(1 + len(matcher.b2j.get(token, ())) for token in matcher.a[alo:ahi]))
        return search(matcher, alo, ahi, blo, bhi)

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", counting)
    before, after = UNLIKE[name]
    allowance = Allowance(10 * MOST_PAIRS)
    runs = diff(before, after, allowance)
    assert sum(searched) == 10 * MOST_PAIRS - allowance.pairs <= MOST_PAIRS
    assert "".join(run.text for run in runs if run.op != "insert") == before
    assert "".join(run.text for run in runs if run.op != "delete") == after


def test_where_the_allowance_is_spent_the_rest_is_rewritten() -> None:
    before, after = "same a same b same", "same c same d same"
    assert len(diff(before, after)) == 7
    assert diff(before, after, Allowance(0)) == (
        Run("equal", "same "),
        Run("delete", "a same b"),
        Run("insert", "c same d"),
        Run("equal", " same"),
    )
