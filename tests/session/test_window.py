"""The pages at hand in front of a cursor."""

from __future__ import annotations

import pytest

from liveblog.session.output import ReadPage
from liveblog.session.page import Item, Page
from liveblog.session.window import Window, item_of


def page(after: int, *positions: int, commit_end: int = 0, size: int = 10) -> Page:
    return Page(after, tuple(Item(n, n * 1000, commit_end or n, b"x" * size) for n in positions), 99)


def window(*pages: Page, cursor: int = 0) -> Window:
    found = Window()
    for given in pages:
        assert found.offer(given, cursor, 0.0)
    return found


def next_after(held: Window, cursor: int) -> int | None:
    item = held.peek(cursor)
    return None if item is None else item.position


def asking(after: int, head: int = 99) -> Window:
    found = Window()
    assert found.want(after, head, 1, 0.0) == ReadPage(after, 128, 1)
    return found


def test_the_next_event_is_the_one_after_the_cursor() -> None:
    held = window(page(0, 1, 2, 3), page(3, 4, 5))
    assert [next_after(held, cursor) for cursor in range(6)] == [1, 2, 3, 4, 5, None]


def test_nothing_at_hand_is_nothing() -> None:
    assert Window().peek(0) is None
    assert Window().end(7) == 7
    assert Window().find(8) is None
    assert Window().weight(9) == (0, 0)


def test_a_hole_empties_the_window() -> None:
    held = window(page(0, 1, 3))
    assert held.peek(1) is None
    assert held.end(1) == 1
    assert held.want(1, 99, 1, 0.0) == ReadPage(1, 128, 1)


def test_two_pages_are_held_and_a_third_is_let_go() -> None:
    held = window(page(0, 1, 2), page(2, 3, 4), page(4, 5))
    assert held.end(0) == 4
    assert held.want(0, 99, 1, 0.0) is None


def test_the_end_is_that_of_the_page_ahead() -> None:
    assert window(page(0, 1, 2)).end(0) == 2
    assert window(page(0, 1, 2), page(2, 3, 4)).end(0) == 4
    assert window(page(0, 1, 2)).end(6) == 6


@pytest.mark.parametrize("unfit", [page(1, 2, 3), page(5, 6), page(0)])
def test_a_page_that_does_not_go_on_at_the_cursor_is_let_go(unfit: Page) -> None:
    assert window(unfit).end(0) == 0


@pytest.mark.parametrize("unfit", [page(3, 4), page(0, 1, 2), page(4, 5, 6)])
def test_a_page_that_does_not_go_on_at_the_end_is_let_go(unfit: Page) -> None:
    assert window(page(0, 1, 2), unfit).end(0) == 2


def test_a_page_may_overlap() -> None:
    held = window(page(2, 3, 4, 5), page(3, 4, 5, 6, 7), cursor=3)
    assert [next_after(held, cursor) for cursor in range(3, 8)] == [4, 5, 6, 7, None]


def test_events_are_found_in_either_page() -> None:
    held = window(page(0, 1, 2), page(2, 3, 4))
    assert [(found := held.find(n)) and found.position for n in range(6)] == [None, 1, 2, 3, 4, None]


def test_an_event_behind_a_hole_is_not_taken_for_another() -> None:
    assert item_of(page(0, 1, 3), 2) is None
    assert item_of(page(0, 1, 3), 3) is None
    assert item_of(page(4, 5), 4) is None


def test_a_commit_is_held_when_its_last_event_is() -> None:
    torn = page(0, 1, 2, commit_end=3)
    held = window(torn)
    assert not held.holds_commit(torn.items[0], 0)
    assert held.offer(page(2, 3), 0, 0.0)
    assert held.holds_commit(torn.items[0], 0)


def test_a_commit_larger_than_two_pages_counts_as_held() -> None:
    torn = page(0, 1, 2, commit_end=9)
    assert window(torn, page(2, 3, 4, commit_end=9)).holds_commit(torn.items[0], 0)


def test_a_commit_weighs_what_is_left_of_it() -> None:
    held = window(page(0, 1, 2, 3, size=10), page(3, 4, 5, size=100))
    assert held.peek(1) is not None
    assert held.weight(1) == (0, 0)
    assert held.weight(2) == (1, 10)
    assert held.weight(4) == (3, 120)
    assert held.weight(9) == (4, 220)


class TestReading:
    def test_is_asked_for_once(self) -> None:
        held = asking(4)
        assert held.want(4, 99, 1, 0.0) is None
        assert held.retry is None

    def test_is_not_needed_at_the_head(self) -> None:
        assert Window().want(4, 4, 1, 0.0) is None
        assert window(page(0, 1, 2)).want(0, 2, 1, 0.0) is None

    def test_goes_on_ahead_of_what_is_at_hand(self) -> None:
        assert window(page(0, 1, 2)).want(0, 3, 1, 0.0) == ReadPage(2, 128, 1)

    def test_is_answered_by_any_page_that_has_the_event(self) -> None:
        held = asking(4)
        assert held.offer(page(2, 3, 4, 5), 4, 0.0)
        assert held.want(4, 99, 1, 0.0) == ReadPage(5, 128, 1)

    def test_is_answered_even_if_the_cursor_has_overtaken_it(self) -> None:
        held = asking(4)
        assert held.offer(page(4, 5, 6), 6, 0.0)
        assert held.want(6, 99, 1, 0.0) == ReadPage(6, 128, 1)

    def test_is_not_answered_by_a_page_from_elsewhere(self) -> None:
        held = asking(4)
        assert held.offer(page(0, 1, 2), 4, 0.0)
        assert held.offer(page(6, 7), 4, 0.0)
        assert held.want(4, 99, 1, 9.0) is None
        assert held.retry is None

    def test_answered_with_nothing_of_use_is_tried_again_later(self) -> None:
        held = asking(4)
        assert held.offer(page(4), 4, 10.0)
        assert held.retry == 10.25
        assert held.want(4, 99, 1, 10.2) is None
        assert held.want(4, 99, 1, 10.25) == ReadPage(4, 128, 1)

    def test_answered_with_a_hole_at_its_start_is_tried_again_later(self) -> None:
        held = asking(4)
        assert held.offer(page(4, 6, 7), 4, 10.0)
        assert held.retry == 10.25

    def test_that_failed_is_given_up_the_sixth_time(self) -> None:
        held = asking(4)
        assert [held.failed(ReadPage(4, 128, 1), 0.0) for _ in range(6)] == [True] * 5 + [False]

    def test_is_not_failed_by_news_of_another(self) -> None:
        held = asking(4)
        assert all(held.failed(ReadPage(5, 128, 1), 0.0) for _ in range(9))
        assert held.retry is None
        assert Window().failed(ReadPage(5, 128, 1), 0.0)
