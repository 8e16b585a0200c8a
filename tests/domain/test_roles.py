"""Roles: what a token may ask for at all, and whose entries an author may touch."""

import pytest

from domain.scene import ADMIN, AUTHOR, EDITOR, OTHER_AUTHOR, SAID, command, entry_id, given, published
from liveblog.domain import commands as c
from liveblog.domain.actor import Actor, Role, may
from liveblog.domain.events import EntryCorrected, EntryRetracted, EntryRevised

ID = entry_id(1)
AUTHORS: list[c.Command] = [
    c.PublishEntry(body="b"),
    c.ReviseEntry(entry_id=ID),
    c.CorrectEntry(entry_id=ID, **SAID),
    c.RetractEntry(entry_id=ID, reason="r"),
]
EDITORS: list[c.Command] = [
    c.PublishEntry(body="b", breaking=True),
    c.PublishEntry(body="b", pinned=True),
    c.PublishEntry(body="b", key_event=True),
    c.FlagBreaking(entry_id=ID),
    c.ClearBreaking(entry_id=ID),
    c.PinEntry(entry_id=ID),
    c.UnpinEntry(entry_id=ID),
    c.MarkKeyEvent(entry_id=ID),
    c.UnmarkKeyEvent(entry_id=ID),
    c.SetKeyPoint(point_id="p", text="t"),
    c.WithdrawKeyPoint(point_id="p", reason="r"),
    c.ChangeHeadline(),
    c.EndBlog(),
    c.ReopenBlog(),
]


def test_the_two_lists_hold_every_command() -> None:
    assert {type(each) for each in AUTHORS + EDITORS} == set(c.Command.__args__)


def test_an_author_publishes_without_flags_and_edits() -> None:
    assert [each for each in AUTHORS if not may(Role.AUTHOR, each)] == []
    assert [each for each in EDITORS if may(Role.AUTHOR, each)] == []


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_editors_and_admins_may_ask_for_everything(role: Role) -> None:
    assert [each for each in AUTHORS + EDITORS if not may(role, each)] == []


EDITS = [
    (c.ReviseEntry(entry_id=ID, body="x"), EntryRevised(entry_id=ID, body="x")),
    (c.CorrectEntry(entry_id=ID, body="x", **SAID), EntryCorrected(entry_id=ID, body="x", **SAID)),
    (c.RetractEntry(entry_id=ID, reason="r"), EntryRetracted(entry_id=ID, reason="r")),
]


@pytest.mark.parametrize(("edit", "event"), EDITS)
def test_own_entries_are_those_of_ones_actor(edit: c.EntryCommand, event: EntryRevised) -> None:
    scene = given(published(1), by=AUTHOR)
    scene.when(edit, by=AUTHOR).then(event)
    scene.when(edit, by=Actor(AUTHOR.id, "under a new name", Role.AUTHOR)).then(event)
    scene.when(edit, by=OTHER_AUTHOR).refused("forbidden")
    scene.when(edit, by=Actor("a3", AUTHOR.name, Role.AUTHOR)).refused("forbidden")
    scene.when(edit, by=EDITOR).then(event)
    scene.when(edit, by=ADMIN).then(event)


def test_an_editors_edit_does_not_make_the_entry_the_editors() -> None:
    scene = given(published(1), by=AUTHOR).happened(EntryRevised(entry_id=ID, body="y"), by=EDITOR)
    scene.when(c.ReviseEntry(entry_id=ID, body="x"), by=AUTHOR).then(EntryRevised(entry_id=ID, body="x"))


def test_whose_entry_it_is_comes_after_whether_it_is_and_before_what_became_of_it() -> None:
    scene = given(published(1), by=EDITOR)
    scene.when(c.ReviseEntry(entry_id=entry_id(2), body="x"), by=AUTHOR).refused("no_such_entry")
    scene.happened(EntryRetracted(entry_id=ID, reason="r"))
    scene.when(c.ReviseEntry(entry_id=ID, body="x", expected_revision=9), by=AUTHOR).refused("forbidden")


def test_a_role_is_called_by_its_name_in_the_contract() -> None:
    assert [str(role) for role in Role] == ["author", "editor", "admin"]
    assert Actor("x", "X").role is Role.EDITOR
    assert may(Role.AUTHOR, command({"type": "publish_entry", "body": "b", "breaking": False}))
