"""Reads that fail or bring nothing: asked for again with growing patience, then given up with the socket."""

from __future__ import annotations

import pytest

from liveblog.session.output import ReadPage, ReadPlace
from liveblog.session.page import Page
from liveblog.session.target import Position
from session.world import Log, World


def test_a_page_is_asked_for_again_after_a_while() -> None:
    world = World(Log(0, 1), "from=start", patient=False).open().fail()
    assert not world.reads
    assert world.session.deadline == 100.25
    world.wait(0.25)
    assert world.reads == [ReadPage(0, 128, 1)]
    world.answer()
    assert world.types() == ["subscribed", "1", "2", "caught_up"]


def test_each_wait_is_twice_as_long_and_the_sixth_failure_closes() -> None:
    world = World(Log(0, 1), "from=start", patient=False).open()
    waits = []
    while world.close is None:
        world.fail()
        if world.session.deadline is not None:
            waits.append(world.session.deadline - world.now)
            world.until(world.session.deadline)
    assert waits == [0.25, 0.5, 1, 2, 4]
    assert world.close.code == 1013


def test_a_place_is_asked_for_again_too() -> None:
    world = World(Log(0, 1), "from=start&rate=1", patient=False).open()
    request = world.reads[0]
    assert isinstance(request, ReadPlace)
    for _ in range(5):
        world.fail().settle()
    world.answer()
    assert world.types() == ["subscribed"]


def test_a_place_that_cannot_be_had_closes() -> None:
    world = World(Log(0, 1), "from=start&rate=1", patient=False).open()
    for _ in range(6):
        world.fail().settle()
    assert world.close is not None
    assert world.close.code == 1013


def test_a_step_that_cannot_be_looked_up_closes() -> None:
    world = World(Log(*range(300)), "from=start&rate=1").open()
    world.say("pause")
    world.say("seek", to=100, paused=True)
    world.patient = False
    world.say("step", count=5)
    assert world.reads == [ReadPage(104, 1, 2)]
    for _ in range(6):
        world.fail().settle()
    assert world.close is not None


def test_an_empty_answer_counts_as_a_failure() -> None:
    world = World(Log(0, 1), "from=start", patient=False).open()
    world.reads.clear()
    world.session.page_read(Page(0, (), 2), 1, world.now)
    world.pump()
    assert not world.reads
    assert world.session.deadline == 100.25


def test_an_empty_answer_to_a_step_counts_as_a_failure() -> None:
    world = World(Log(0, 1, 2), "from=1&rate=1").open()
    world.say("seek", to=1, paused=True)
    world.patient = False
    world.say("step", count=2)
    world.reads.clear()
    world.session.page_read(Page(2, (), 3), 2, world.now)
    world.pump()
    assert world.session.deadline == 100.25
    world.wait(1).answer().answer()
    assert world.types()[-3:] == ["playback", "2", "3"]


def test_news_of_a_failure_that_is_no_longer_waited_for_changes_nothing() -> None:
    world = World(Log(0, 1), "from=start").open()
    for _ in range(20):
        world.session.read_failed(ReadPage(0, 128, 1), world.now)
        world.session.read_failed(ReadPlace(Position(0), True, 1), world.now)
    world.pump()
    assert world.close is None


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_page_with_a_hole_is_read_again_from_the_hole(missing: int) -> None:
    log = Log(0, 1, 2, 3)
    world = World(log, "from=start", patient=False).open()
    read = world.reads.pop()
    assert isinstance(read, ReadPage)
    items = (*log.items[:missing], *log.items[missing + 1 :])
    world.deliver(read, Page(0, items, 4))
    world.settle()
    assert world.reads == [ReadPage(missing, 128, 1)]
    world.answer()
    assert world.types() == ["subscribed", "1", "2", "3", "4", "caught_up"]


def test_pages_that_come_twice_overlap_or_start_earlier_are_sent_once() -> None:
    log = Log(*range(10))
    world = World(log, "from=4", patient=False).open()
    world.session.page_read(Page(0, tuple(log.items[:7]), 10), 1, world.now)
    world.session.page_read(Page(0, tuple(log.items[:7]), 10), 1, world.now)
    world.session.page_read(Page(5, tuple(log.items[5:9]), 10), 1, world.now)
    world.pump()
    world.reads.clear()
    world.deliver(ReadPage(9, 128, 1))
    assert world.types() == ["subscribed", *map(str, range(5, 11)), "caught_up"]


def test_a_log_that_cannot_be_read_closes_even_a_socket_that_takes_nothing() -> None:
    world = World(Log(0, 1), "", patient=False).open().block().say("seek", to=1)
    for _ in range(6):
        world.fail().settle()
    assert world.close is not None


def test_empty_answers_to_a_page_are_given_up() -> None:
    world = World(Log(0, 1), "from=start", patient=False).open()
    for _ in range(6):
        read = world.reads.pop()
        assert isinstance(read, ReadPage)
        world.deliver(read, Page(read.after, (), 2))
        world.settle()
    assert world.close is not None
    assert world.close.code == 1013


def test_empty_answers_to_a_step_are_given_up() -> None:
    world = World(Log(0, 1, 2), "from=1&rate=1").open()
    world.say("seek", to=1, paused=True)
    world.patient = False
    world.say("step", count=2)
    for _ in range(6):
        read = world.reads.pop()
        assert isinstance(read, ReadPage)
        world.deliver(read, Page(read.after, (), 3))
        world.settle()
    assert world.close is not None
    assert world.close.code == 1013
