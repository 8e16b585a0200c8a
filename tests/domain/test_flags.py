"""Breaking, pinned, key event: each goes up and down, shows in the header, and changes no revision."""

from typing import Any

import pytest
from msgspec import structs

from domain.scene import AUTHOR, entry_id, given, published, time_of
from liveblog.domain import commands as c
from liveblog.domain import events as e
from liveblog.domain.header import Counts

ID = entry_id(1)
FLAGS: list[tuple[str, Any, Any, Any, Any]] = [
    ("breaking", c.FlagBreaking, c.ClearBreaking, e.BreakingFlagged, e.BreakingCleared),
    ("pinned", c.PinEntry, c.UnpinEntry, e.EntryPinned, e.EntryUnpinned),
    ("key_event", c.MarkKeyEvent, c.UnmarkKeyEvent, e.KeyEventMarked, e.KeyEventUnmarked),
]
every_flag = pytest.mark.parametrize(("flag", "raising", "lowering", "raised", "lowered"), FLAGS)
RAISED_BY: dict[Any, Any] = {raising: raised for _, raising, _, raised, _ in FLAGS}
LOWERED_BY: dict[Any, Any] = {lowering: lowered for _, _, lowering, _, lowered in FLAGS}
every_command = pytest.mark.parametrize("command", [*RAISED_BY, *LOWERED_BY])


@every_flag
def test_a_flag_goes_up_and_down(flag: str, raising: Any, lowering: Any, raised: Any, lowered: Any) -> None:
    down = given(published(1))
    down.when(raising(entry_id=ID)).then(raised(ID))
    down.when(lowering(entry_id=ID)).nothing()
    up = given(published(1, flags=(flag,)))
    up.when(raising(entry_id=ID)).nothing()
    up.when(lowering(entry_id=ID)).then(lowered(ID))


@every_flag
def test_the_document_shows_it_and_no_revision(
    flag: str, raising: Any, lowering: Any, raised: Any, lowered: Any
) -> None:
    scene = given(published(1), e.EntryRevised(entry_id=ID, body="two"))
    before = scene.entry(1)
    assert scene.happened(raised(ID)).entry(1) == structs.replace(before, position=4, **{flag: True})
    assert scene.happened(lowered(ID)).entry(1) == structs.replace(before, position=5, **{flag: False})
    assert scene.entry(1).updated_at == time_of(3)


@every_flag
def test_going_up_and_down_leaves_header_and_counts_as_they_were(
    flag: str, raising: Any, lowering: Any, raised: Any, lowered: Any
) -> None:
    scene = given(published(2, flags=("breaking", "key_event", "pinned")), published(1))
    before = scene.blog
    scene.happened(raised(ID))
    assert scene.blog != before
    assert scene.happened(lowered(ID)).blog == before


@every_command
def test_an_entry_that_is_not_there_has_no_flags(command: Any) -> None:
    given(published(1)).when(command(entry_id=entry_id(2))).refused("no_such_entry")


@every_command
def test_an_expected_revision_must_be_the_entrys(command: Any) -> None:
    scene = given(published(1))
    scene.when(command(entry_id=ID, expected_revision=2)).refused("wrong_revision", current=scene.entry(1))
    judged = scene.when(command(entry_id=ID, expected_revision=1))
    if command in LOWERED_BY:
        judged.nothing()
    else:
        judged.then(RAISED_BY[command](ID))


@every_command
def test_in_an_ended_blog_only_a_breaking_flag_is_refused(command: Any) -> None:
    flags = ("breaking", "key_event", "pinned") if command in LOWERED_BY else ()
    scene = given(published(1, flags=flags), e.BlogEnded())
    judged = scene.when(command(entry_id=ID))
    if command is c.FlagBreaking:
        judged.refused("blog_ended", current=scene.header)
    else:
        judged.then((RAISED_BY | LOWERED_BY)[command](ID))


def test_a_breaking_flag_in_an_ended_blog_is_refused_in_the_order_of_the_contract() -> None:
    scene = given(published(1), published(2), e.BlogEnded(), e.EntryRetracted(entry_id=ID, reason="r"))
    scene.when(c.FlagBreaking(entry_id=entry_id(9))).refused("no_such_entry")
    scene.when(c.FlagBreaking(entry_id=ID)).refused("blog_ended", current=scene.header)
    scene.when(c.FlagBreaking(entry_id=entry_id(2), expected_revision=9)).refused("blog_ended", current=scene.header)
    scene.when(c.FlagBreaking(entry_id=entry_id(2)), by=AUTHOR).refused("forbidden")


def test_pins_show_the_newest_first_whatever_way_they_came() -> None:
    scene = given(published(1), published(2, flags=("pinned",)), published(3), e.EntryPinned(entry_id(1)))
    scene.happened(e.EntryPinned(entry_id(3)))
    assert scene.header.pinned == (entry_id(3), entry_id(1), entry_id(2))
    assert scene.happened(e.EntryUnpinned(entry_id(1))).header.pinned == (entry_id(3), entry_id(2))
    assert scene.happened(e.EntryPinned(entry_id(1))).header.pinned == (entry_id(1), entry_id(3), entry_id(2))
    assert scene.blog.counts == Counts(entries=3)


def test_ten_entries_are_pinned_and_no_eleventh() -> None:
    scene = given(*(published(n, flags=("pinned",)) for n in range(1, 10)), published(10), published(11))
    scene.when(c.PinEntry(entry_id=entry_id(10))).then(e.EntryPinned(entry_id(10)))
    scene.happened(e.EntryPinned(entry_id(10)))
    scene.when(c.PinEntry(entry_id=entry_id(11))).refused("too_many_pinned", current=scene.header)
    scene.when(c.PinEntry(entry_id=entry_id(10))).nothing()
    wrong = c.PinEntry(entry_id=entry_id(11), expected_revision=5)
    scene.when(wrong).refused("wrong_revision", current=scene.entry(11))
    scene.happened(e.EntryUnpinned(entry_id(4)))
    scene.when(c.PinEntry(entry_id=entry_id(11))).then(e.EntryPinned(entry_id(11)))


def test_the_header_names_the_ten_newest_breaking_flags() -> None:
    scene = given(*(published(n, flags=("breaking",)) for n in range(1, 12)), published(12))
    assert scene.header.breaking == tuple(map(entry_id, range(11, 1, -1)))
    assert scene.blog.flagged == tuple(map(entry_id, range(11, 0, -1)))
    scene.happened(e.BreakingFlagged(entry_id(12)))
    assert scene.header.breaking == tuple(map(entry_id, range(12, 2, -1)))
    assert scene.blog.counts == Counts(entries=12, breaking=12)
    assert all(scene.entry(n).breaking for n in range(1, 13))


def test_the_eleventh_comes_back_when_one_of_the_ten_goes() -> None:
    scene = given(*(published(n, flags=("breaking",)) for n in range(1, 13)))
    scene.happened(e.BreakingCleared(entry_id(7)))
    assert scene.header.breaking == tuple(map(entry_id, [12, 11, 10, 9, 8, 6, 5, 4, 3, 2]))
    scene.happened(e.EntryRetracted(entry_id=entry_id(12), reason="r"))
    assert scene.header.breaking == tuple(map(entry_id, [11, 10, 9, 8, 6, 5, 4, 3, 2, 1]))
    assert scene.blog.counts == Counts(entries=11, retracted=1, breaking=10)


def test_clearing_a_flag_that_the_header_does_not_name_leaves_the_header_alone() -> None:
    scene = given(*(published(n, flags=("breaking",)) for n in range(1, 12)))
    header = scene.header
    assert scene.happened(e.BreakingCleared(entry_id(1))).header == header
    assert scene.blog.counts.breaking == 10


def test_a_flag_cleared_and_set_again_is_the_newest() -> None:
    scene = given(*(published(n, flags=("breaking",)) for n in range(1, 4)))
    scene.happened(e.BreakingCleared(entry_id(1))).happened(e.BreakingFlagged(entry_id(1)))
    assert scene.header.breaking == (entry_id(1), entry_id(3), entry_id(2))


def test_the_header_names_each_entry_once() -> None:
    scene = given(published(1, flags=("breaking", "pinned")), published(2, flags=("pinned",)), published(3))
    scene.happened(e.BreakingFlagged(entry_id(3)))
    assert scene.header.entries_named() == (entry_id(2), entry_id(1), entry_id(3))
