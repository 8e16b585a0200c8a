"""Word diffs: the runs of a diff are both texts, whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from liveblog.application.diff import Run, diff

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
