"""`retract_entry`: the place, the kind and the byline stay, everything else goes, for good."""

import pytest

from domain.scene import AUTHOR, SAID, entry_id, given, published, time_of
from liveblog.domain import commands as c
from liveblog.domain.content import Contributor
from liveblog.domain.entry import Entry, Retraction
from liveblog.domain.events import BlogEnded, EntryCorrected, EntryRetracted
from liveblog.domain.header import Counts

ID = entry_id(1)
RICH = published(
    1,
    kind="media",
    question="Q?",
    quote={"speaker": "S"},
    contributors=[{"name": "C"}],
    sources=[{"name": "S"}],
    media=[{"type": "image"}],
    links=[{"title": "L"}],
    tags=["t"],
    flags=("breaking", "key_event", "pinned"),
    published_at="2020-01-08T01:00:00.000Z",
    published_at_estimated=True,
)
GONE = EntryRetracted(entry_id=ID, reason="twice")


def test_a_retraction_says_why() -> None:
    given(RICH).when(c.RetractEntry(entry_id=ID, reason="twice")).then(GONE)


def test_a_retracted_entry_keeps_its_place_and_nothing_else() -> None:
    scene = given(RICH, EntryCorrected(entry_id=ID, body="other", **SAID))
    assert scene.happened(GONE, by=AUTHOR).entry(1) == Entry(
        id=ID,
        revision=3,
        position=4,
        first_position=2,
        kind="media",
        contributors=(Contributor("C"),),
        published_at="2020-01-08T01:00:00.000Z",
        published_at_estimated=True,
        retracted=Retraction(time_of(4), "twice", AUTHOR.name),
    )


def test_a_retraction_clears_flags_and_header_in_the_same_event() -> None:
    scene = given(published(2, flags=("breaking", "key_event", "pinned")), RICH, GONE)
    assert scene.header.pinned == scene.header.breaking == scene.blog.flagged == (entry_id(2),)
    assert scene.blog.counts == Counts(entries=1, retracted=1, key_events=1, breaking=1)


@pytest.mark.parametrize("flag", ["breaking", "key_event", "pinned"])
def test_a_retraction_clears_the_one_flag_that_was_up(flag: str) -> None:
    before = given(published(2, flags=("breaking", "key_event", "pinned"))).blog
    scene = given(published(2, flags=("breaking", "key_event", "pinned")), published(1, flags=(flag,)), GONE)
    assert (scene.header, scene.blog.flagged) == (before.header, before.flagged)
    assert scene.blog.counts == Counts(entries=1, retracted=1, key_events=1, breaking=1)


def test_the_header_stays_as_it_is_when_a_plain_entry_goes() -> None:
    before = given(published(2, flags=("breaking", "key_event", "pinned")), published(1))
    header = before.header
    assert before.happened(GONE).header == header
    assert before.blog.counts == Counts(entries=1, retracted=1, key_events=1, breaking=1)


def test_corrections_made_stay_counted() -> None:
    scene = given(RICH, EntryCorrected(entry_id=ID, body="other", **SAID), GONE)
    assert scene.blog.counts == Counts(retracted=1, corrections=1)


def test_the_entry_stays_its_actors() -> None:
    assert given(published(1), by=AUTHOR).happened(GONE).entries[ID].owner == AUTHOR.id


@pytest.mark.parametrize(
    "command",
    [
        c.ReviseEntry(entry_id=ID, body="x"),
        c.CorrectEntry(entry_id=ID, body="x", **SAID),
        c.RetractEntry(entry_id=ID, reason="again"),
        c.FlagBreaking(entry_id=ID),
        c.ClearBreaking(entry_id=ID),
        c.PinEntry(entry_id=ID),
        c.UnpinEntry(entry_id=ID),
        c.MarkKeyEvent(entry_id=ID),
        c.UnmarkKeyEvent(entry_id=ID),
    ],
    ids=lambda each: type(each).__name__,
)
def test_retraction_is_final(command: c.EntryCommand) -> None:
    scene = given(RICH, GONE)
    scene.when(command).refused("entry_retracted", current=scene.entry(1))


def test_what_is_not_there_or_not_at_that_revision_is_not_retracted() -> None:
    scene = given(published(1))
    scene.when(c.RetractEntry(entry_id=entry_id(9), reason="r")).refused("no_such_entry")
    wrong = c.RetractEntry(entry_id=ID, reason="r", expected_revision=2)
    scene.when(wrong).refused("wrong_revision", current=scene.entry(1))
    scene.when(c.RetractEntry(entry_id=ID, reason="twice", expected_revision=1)).then(GONE)


def test_an_ended_blog_still_retracts() -> None:
    given(RICH, BlogEnded()).when(c.RetractEntry(entry_id=ID, reason="twice")).then(GONE)
