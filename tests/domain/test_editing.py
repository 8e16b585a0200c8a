"""`revise_entry` and `correct_entry`: absent stays, null empties, a list is replaced whole."""

from typing import Any

import pytest
from msgspec import structs

from domain.scene import AUTHOR, EDITOR, SAID, T0, entry_id, given, published, render, time_of
from liveblog.domain.commands import CorrectEntry, ReviseEntry
from liveblog.domain.content import Contributor, Link, Media, Quote, Source
from liveblog.domain.entry import Correction
from liveblog.domain.events import BlogEnded, EntryCorrected, EntryRetracted, EntryRevised, Event, changed_fields
from liveblog.domain.header import Counts

ID = entry_id(1)
RICH = published(
    1,
    kind="quote",
    question="Q?",
    quote={"speaker": "S", "role": None},
    contributors=[{"name": "C"}],
    sources=[{"name": "S"}],
    media=[{"type": "image"}],
    links=[{"title": "L"}],
    tags=["t"],
    flags=("breaking", "key_event", "pinned"),
    published_at_estimated=True,
)
NEW: dict[str, Any] = {
    "kind": "summary",
    "headline": "new",
    "body": "new",
    "question": "new?",
    "quote": Quote("new"),
    "contributors": (Contributor("C"), Contributor("new")),
    "sources": (Source("new"),),
    "media": (Media("video"),),
    "links": (Link("new"),),
    "tags": ("new", "t"),
}
EMPTY: dict[str, Any] = dict.fromkeys(("headline", "body", "question", "quote")) | dict.fromkeys(
    ("contributors", "sources", "media", "links", "tags"), ()
)


def edit(correcting: bool, **fields: Any) -> ReviseEntry | CorrectEntry:
    return CorrectEntry(entry_id=ID, **SAID, **fields) if correcting else ReviseEntry(entry_id=ID, **fields)


def edited(correcting: bool, **fields: Any) -> Event:
    return EntryCorrected(entry_id=ID, **SAID, **fields) if correcting else EntryRevised(entry_id=ID, **fields)


@pytest.mark.parametrize("correcting", [False, True])
@pytest.mark.parametrize("field", NEW)
def test_one_field_changes_and_the_rest_stays(field: str, correcting: bool) -> None:
    scene = given(RICH)
    before = scene.entry(1)
    scene.when(edit(correcting, **{field: NEW[field]})).then(edited(correcting, **{field: NEW[field]}))
    after = scene.happened(edited(correcting, **{field: NEW[field]})).entry(1)
    changes = {field: NEW[field]}
    if field == "body":
        changes = {"body_markdown": "new", "body_html": render("new").html, "body_text": render("new").text}
    ledger = (Correction(3, time_of(3), **SAID, by=EDITOR.name),) if correcting else ()
    assert after == structs.replace(
        before, revision=2, position=3, updated_at=time_of(3), corrections=ledger, **changes
    )


@pytest.mark.parametrize("correcting", [False, True])
@pytest.mark.parametrize("field", EMPTY)
def test_null_empties_a_field(field: str, correcting: bool) -> None:
    scene = given(RICH)
    scene.when(edit(correcting, **{field: None})).then(edited(correcting, **{field: EMPTY[field]}))
    after = scene.happened(edited(correcting, **{field: EMPTY[field]})).entry(1)
    if field == "body":
        assert (after.body_markdown, after.body_html, after.body_text) == (None, None, None)
    else:
        assert getattr(after, field) == EMPTY[field]


@pytest.mark.parametrize("correcting", [False, True])
def test_an_empty_text_or_list_empties_as_null_does(correcting: bool) -> None:
    scene = given(RICH)
    scene.when(edit(correcting, body="", tags=())).then(edited(correcting, body=None, tags=()))


@pytest.mark.parametrize("correcting", [False, True])
def test_only_what_differs_goes_into_the_event(correcting: bool) -> None:
    same = {"headline": "Headline 1", "tags": ("t",), "kind": "quote", "quote": Quote("S")}
    given(RICH).when(edit(correcting, **same, body="other")).then(edited(correcting, body="other"))


def test_a_revision_that_changes_nothing_is_no_event() -> None:
    scene = given(RICH)
    scene.when(edit(correcting=False)).nothing()
    scene.when(edit(correcting=False, headline="Headline 1", body="Body 1", tags=("t",))).nothing()
    given(published(1)).when(edit(correcting=False, question=None, tags=None, media=())).nothing()


def test_a_correction_that_changes_no_field_is_refused() -> None:
    scene = given(RICH)
    scene.when(edit(correcting=True)).refused("nothing_corrected", current=scene.entry(1))
    scene.when(edit(correcting=True, headline="Headline 1")).refused("nothing_corrected", current=scene.entry(1))


@pytest.mark.parametrize("correcting", [False, True])
def test_an_entry_cannot_be_emptied_of_everything(correcting: bool) -> None:
    scene = given(published(1, tags=["t"], sources=[{"name": "S"}]))
    scene.when(edit(correcting, headline=None)).then(edited(correcting, headline=None))
    refusal = scene.when(edit(correcting, headline=None, body=None)).refused("invalid_command")
    assert [fault.path for fault in refusal.faults] == ["body"]


@pytest.mark.parametrize("left", ["headline", "body", "question", "quote", "media", "links"])
def test_any_one_thing_to_read_is_enough(left: str) -> None:
    emptied = {name: None for name in EMPTY if name not in {left, "contributors", "sources", "tags"}}
    expected = {name: EMPTY[name] for name in emptied}
    given(RICH).when(edit(correcting=False, **emptied)).then(edited(correcting=False, **expected))


def test_each_correction_joins_the_ledger_and_the_count() -> None:
    scene = given(published(1))
    scene.happened(edited(correcting=True, body="one"))
    scene.happened(edited(correcting=True, body="two"), by=AUTHOR)
    assert scene.entry(1).corrections == (
        Correction(3, time_of(3), **SAID, by=EDITOR.name),
        Correction(4, time_of(4), **SAID, by=AUTHOR.name),
    )
    assert (scene.entry(1).revision, scene.entry(1).position, scene.entry(1).first_position) == (3, 4, 2)
    assert scene.blog.counts == Counts(entries=1, corrections=2)


def test_a_revision_is_no_correction() -> None:
    scene = given(published(1), edited(correcting=False, body="one"))
    assert scene.entry(1).corrections == ()
    assert scene.blog.counts == Counts(entries=1)


def test_an_edit_leaves_header_flags_owner_and_place_alone() -> None:
    before = given(RICH)
    after = given(RICH, edited(correcting=False, body="new", headline="new"))
    assert after.header == before.header
    assert after.blog.flagged == before.blog.flagged
    assert after.entries[ID].owner == before.entries[ID].owner
    assert after.entry(1).published_at == before.entry(1).published_at


@pytest.mark.parametrize("correcting", [False, True])
def test_an_entry_that_is_not_there_cannot_be_edited(correcting: bool) -> None:
    given().when(edit(correcting, body="x")).refused("no_such_entry")


@pytest.mark.parametrize("correcting", [False, True])
def test_a_retracted_entry_cannot_be_edited(correcting: bool) -> None:
    scene = given(RICH, EntryRetracted(entry_id=ID, reason="r"))
    scene.when(edit(correcting, body="x")).refused("entry_retracted", current=scene.entry(1))
    scene.when(edit(correcting, body="x", expected_revision=1)).refused("entry_retracted", current=scene.entry(1))


@pytest.mark.parametrize("correcting", [False, True])
def test_an_expected_revision_must_be_the_entrys(correcting: bool) -> None:
    scene = given(published(1), edited(correcting=False, headline="two"))
    scene.when(edit(correcting, body="x", expected_revision=2)).then(edited(correcting, body="x"))
    for wrong in (0, 1, 3):
        scene.when(edit(correcting, body="x", expected_revision=wrong)).refused(
            "wrong_revision", current=scene.entry(1)
        )


def test_an_expected_revision_is_looked_at_before_the_change() -> None:
    scene = given(published(1))
    scene.when(edit(correcting=False, expected_revision=7)).refused("wrong_revision", current=scene.entry(1))
    scene.when(edit(correcting=True, expected_revision=7)).refused("wrong_revision", current=scene.entry(1))


@pytest.mark.parametrize("correcting", [False, True])
def test_an_ended_blog_is_still_edited(correcting: bool) -> None:
    given(RICH, BlogEnded()).when(edit(correcting, body="x"), at=T0).then(edited(correcting, body="x"))


def test_the_changed_fields_are_named_in_the_order_of_the_documents() -> None:
    everything = edited(correcting=True, **dict(reversed(NEW.items())))
    assert changed_fields(everything) == tuple(NEW)
    assert changed_fields(edited(correcting=False, tags=(), headline=None)) == ("headline", "tags")
    assert changed_fields(EntryRetracted(entry_id=ID, reason="r")) is None
    assert changed_fields(RICH) is None
