"""What holds after any commands: counts, places and flags are those that a look at the whole blog gives."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.scene import ADMIN, AUTHOR, EDITOR, OTHER_AUTHOR, Scene, entry_id
from liveblog.domain import commands as c
from liveblog.domain import events as e
from liveblog.domain.actor import Actor, may
from liveblog.domain.entry import Entry
from liveblog.domain.rejection import CommandRejected

NUMBERS = range(1, 19)
IDS = st.sampled_from(NUMBERS).map(entry_id)
POINTS = st.sampled_from(["a", "b", "c"])
WORDS = st.sampled_from(["one", "two", "three"])
REVISIONS = st.sampled_from([None, None, None, None, 1, 2])
UNSET = st.just(msgspec.UNSET)
FLAGS = st.booleans()
EDITS: dict[str, Any] = {
    "headline": UNSET | WORDS | st.none(),
    "body": UNSET | WORDS | st.none(),
    "kind": UNSET | st.sampled_from(["update", "summary"]),
    "tags": UNSET | st.none() | WORDS.map(lambda word: (word,)),
    "expected_revision": REVISIONS,
}
PUBLISHING = st.builds(
    c.PublishEntry, entry_id=IDS, headline=WORDS, breaking=FLAGS, pinned=FLAGS, key_event=FLAGS, body=st.none() | WORDS
)
COMMANDS: st.SearchStrategy[c.Command] = st.one_of(
    PUBLISHING,
    st.builds(c.ReviseEntry, entry_id=IDS, **EDITS),
    st.builds(c.CorrectEntry, entry_id=IDS, was=WORDS, now=WORDS, reason=WORDS, **EDITS),
    st.builds(c.RetractEntry, entry_id=IDS, reason=WORDS),
    *(
        st.builds(kind, entry_id=IDS, expected_revision=REVISIONS)
        for kind in (c.FlagBreaking, c.ClearBreaking, c.PinEntry, c.UnpinEntry, c.MarkKeyEvent, c.UnmarkKeyEvent)
    ),
    st.builds(c.SetKeyPoint, point_id=POINTS, text=WORDS, expected_revision=REVISIONS),
    st.builds(c.WithdrawKeyPoint, point_id=POINTS, reason=WORDS),
    st.builds(c.ChangeHeadline, headline=WORDS),
    st.sampled_from([c.EndBlog(), c.ReopenBlog(), c.ReopenBlog()]),
)
ACTORS = st.sampled_from([EDITOR, EDITOR, EDITOR, AUTHOR, OTHER_AUTHOR, ADMIN])
Asked = list[tuple[c.Command, Actor]]
History = list[tuple[e.Event, Actor]]
FLAG_SETS = st.sampled_from([(), ("pinned",), *[("breaking",)] * 4, ("breaking", "pinned", "key_event")])


def opening(flag_sets: list[tuple[str, ...]]) -> Asked:
    """An entry of each number; those without a flag are the author's."""
    return [
        (c.PublishEntry(entry_id=entry_id(number), body="b", **dict.fromkeys(flags, True)), EDITOR if flags else AUTHOR)  # type: ignore[arg-type]  # the flags are booleans
        for number, flags in zip(NUMBERS, flag_sets, strict=True)
    ]


WISHES: st.SearchStrategy[Asked] = st.tuples(
    st.lists(FLAG_SETS, min_size=len(NUMBERS), max_size=len(NUMBERS)).map(opening),
    st.lists(st.tuples(COMMANDS, ACTORS), min_size=20, max_size=50),
).map(lambda halves: [*halves[0], *halves[1]])
runs = settings(derandomize=True, deadline=None, max_examples=80)


def play(wishes: Asked) -> tuple[Scene, History]:
    """Ask for everything in turn; what is refused or changes nothing is left out of the history."""
    scene = Scene().happened(e.BlogStarted(headline="h"))
    history: History = [(e.BlogStarted(headline="h"), EDITOR)]
    for command, actor in wishes:
        try:
            event = scene.does(command, actor) if may(actor.role, command) else None
        except CommandRejected:
            continue
        if event is not None:
            history.append((event, actor))
    return scene, history


def entries_of(scene: Scene) -> list[Entry]:
    return [owned.document for owned in scene.entries.values()]


def shown_newest_first(history: History, flag: str, up: type, down: type) -> tuple[str, ...]:
    """Which entries bear a flag, from the history alone: told by when each got it last."""
    got: dict[str, int] = {}
    for number, (event, _) in enumerate(history):
        name = getattr(event, "entry_id", "")
        if isinstance(event, up) or (isinstance(event, e.EntryPublished) and flag in event.flags):
            got[name] = number
        elif isinstance(event, down | e.EntryRetracted):
            got.pop(name, None)
    return tuple(sorted(got, key=lambda name: -got[name]))


@runs
@given(WISHES)
def test_the_blog_is_what_its_entries_and_its_history_say(wishes: Asked) -> None:
    scene, history = play(wishes)
    counts_are_those_of_the_entries(scene, history)
    the_header_names_the_flagged_newest_first(scene, history)
    the_key_points_are_those_said_and_not_withdrawn(scene, history)
    changes = sum(isinstance(event, e.BlogStarted | e.HeadlineChanged) for event, _ in history)
    assert scene.header.header_revision == changes
    again = Scene()
    for event, actor in history:
        again.happened(event, actor)
    assert (again.blog, again.entries, again.points) == (scene.blog, scene.entries, scene.points)


def counts_are_those_of_the_entries(scene: Scene, history: History) -> None:
    entries, counts = entries_of(scene), scene.blog.counts
    assert counts.entries == sum(entry.retracted is None for entry in entries)
    assert counts.retracted == sum(entry.retracted is not None for entry in entries)
    assert counts.key_events == sum(entry.key_event for entry in entries)
    assert counts.breaking == sum(entry.breaking for entry in entries)
    assert counts.corrections == sum(isinstance(event, e.EntryCorrected) for event, _ in history)


def the_header_names_the_flagged_newest_first(scene: Scene, history: History) -> None:
    breaking = shown_newest_first(history, "breaking", e.BreakingFlagged, e.BreakingCleared)
    pinned = shown_newest_first(history, "pinned", e.EntryPinned, e.EntryUnpinned)
    assert scene.blog.flagged == breaking
    assert scene.header.breaking == breaking[:10]
    assert scene.header.pinned == pinned
    assert len(pinned) <= 10
    entries = entries_of(scene)
    assert {entry.id for entry in entries if entry.breaking} == set(breaking)
    assert {entry.id for entry in entries if entry.pinned} == set(pinned)


def the_key_points_are_those_said_and_not_withdrawn(scene: Scene, history: History) -> None:
    standing: dict[str, str] = {}
    touched: dict[str, int] = {}
    for event, _ in history:
        if isinstance(event, e.KeyPointSet):
            standing[event.point_id] = event.text
        elif isinstance(event, e.KeyPointWithdrawn):
            del standing[event.point_id]
        if isinstance(event, e.KeyPointSet | e.KeyPointWithdrawn):
            touched[event.point_id] = touched.get(event.point_id, 0) + 1
    assert [(point.id, point.text) for point in scene.header.key_points] == list(standing.items())
    assert {name: state.point.revision for name, state in scene.points.items()} == touched
    assert {name for name, state in scene.points.items() if not state.withdrawn} == standing.keys()


@runs
@given(WISHES)
def test_an_event_touches_one_entry_and_moves_it_forward(wishes: Asked) -> None:
    _, history = play(wishes)
    replay = Scene()
    for event, actor in history:
        before, blog = dict(replay.entries), replay.blog
        replay.happened(event, actor)
        touched = [name for name, owned in replay.entries.items() if owned is not before.get(name)]
        assert touched == ([event.entry_id] if hasattr(event, "entry_id") else [])
        for name in touched:
            after = replay.entries[name]
            assert after.document.position == replay.position
            if name in before:
                edits = isinstance(event, e.EntryRevised | e.EntryRetracted)
                was = before[name]
                assert after.document.revision == was.document.revision + edits
                assert after.owner == was.owner
                assert (after.document.published_at, after.document.first_position) == (
                    was.document.published_at,
                    was.document.first_position,
                )
            else:
                assert (after.document.revision, after.document.first_position) == (1, replay.position)
                assert after.owner == actor.id
        if isinstance(event, e.EntryRevised):
            assert replay.header is blog.header
            assert replay.blog.flagged is blog.flagged


@runs
@given(WISHES)
def test_no_event_says_what_was_so_already(wishes: Asked) -> None:
    """Each event changes the blog or the document that it names, beyond their positions."""
    _, history = play(wishes)
    replay = Scene()
    for event, actor in history:
        before = replay.state_for(event)
        replay.happened(event, actor)
        after = replay.state_for(event)
        said = [
            None if state.entry is None else replace(state.entry.document, position=0, revision=0, updated_at=None)
            for state in (before, after)
        ]
        assert before.blog != after.blog or said[0] != said[1]
