"""Cursors over HTTP: what was given out is understood, and nothing else is."""

import pytest

from liveblog.application.cursors import BadCursor, read_blog, read_place, show, show_place
from liveblog.application.readmodels import Place

PLACE = Place(1_578_441_600_000, 7)
BLOG = (1_578_441_600_000, "5a3c1f0e-7d52-4d0c-9c54-0f2a8a1b6d11")


def test_what_was_given_out_is_understood() -> None:
    assert read_place(show_place("before", PLACE)) == ("before", PLACE)
    assert read_blog(show("blogs", *BLOG)) == BLOG


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ä",
        show("blogs"),
        show("blogs", "x", "y"),
        show("blogs", 1 << 51, "y"),
        show("blogs", 1, "y\0"),
        show("blogs", 1, 2, 3),
    ],
)
def test_what_was_not_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        read_blog(cursor)
    with pytest.raises(BadCursor):
        read_place(cursor)


def test_each_order_refuses_the_cursors_of_the_others() -> None:
    with pytest.raises(BadCursor, match="cursor of blogs"):
        read_blog(show_place("after", PLACE))
    with pytest.raises(BadCursor, match="cursor of entries"):
        read_place(show("blogs", 1, 2))
