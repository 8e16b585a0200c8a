"""`given(events).when(command).then(event)`: the words in which the rules are tested.

A `Scene` is a blog folded in the simplest way there is: every entry and key point in a dictionary, one event at a time.
"""

from typing import Any, Self

import msgspec
import pytest

from liveblog.domain import instant
from liveblog.domain.actor import Actor, Role
from liveblog.domain.commands import Command, StartBlog, entry_named, point_named
from liveblog.domain.decide import decide
from liveblog.domain.entry import Entry, OwnedEntry
from liveblog.domain.events import BlogStarted, EntryPublished, Event
from liveblog.domain.evolve import Stamp, evolve
from liveblog.domain.header import Header, KeyPoint, PointState
from liveblog.domain.rejection import CommandRejected
from liveblog.domain.rendering import Rendering
from liveblog.domain.state import Blog, State, initial_state

T0 = 1_578_447_000_000
"""2020-01-08T01:30:00Z, the instant of event 1; each event of a scene is a second after the one before."""

EDITOR = Actor("e1", "Edda Editor", Role.EDITOR)
AUTHOR = Actor("a1", "Artur Author", Role.AUTHOR)
OTHER_AUTHOR = Actor("a2", "Ottilie Other", Role.AUTHOR)
ADMIN = Actor("b1", "Ada Admin", Role.ADMIN)
SAID: dict[str, Any] = {"was": "twelve", "now": "twenty-two", "reason": "an early count"}


def entry_id(number: int) -> str:
    """The id of the scene's entry of that number."""
    return f"00000000-0000-4000-8000-{number:012x}"


def time_of(position: int) -> str:
    """The instant of the scene's event at a position, as documents show it."""
    return instant.show(T0 + 1000 * (position - 1))


def render(source: str) -> Rendering:
    """Stand in for the renderer: recognisable, and a function of its argument alone."""
    return Rendering(f"<p>{source}</p>", f"{source}.")


def published(number: int, **fields: object) -> EntryPublished:
    """An entry that came to stand in the blog, with a body and a headline unless `fields` say otherwise."""
    content = {"kind": "update", "published_at": time_of(1), "headline": f"Headline {number}", "body": f"Body {number}"}
    return msgspec.convert({**content, "entry_id": entry_id(number), **fields}, EntryPublished)


class Judged:
    """What a command came to."""

    def __init__(self, outcome: Event | None | CommandRejected) -> None:
        self._outcome = outcome

    def then(self, event: Event) -> None:
        """The command became this event."""
        assert self._outcome == event

    def nothing(self) -> None:
        """The command would change nothing, so there is no event."""
        assert self._outcome is None

    def refused(self, code: str, *, current: object = None) -> CommandRejected:
        """The command was refused, showing the document that helps to decide again."""
        assert isinstance(self._outcome, CommandRejected), self._outcome
        assert (self._outcome.code, self._outcome.current) == (code, current)
        assert self._outcome.message == str(self._outcome)
        assert self._outcome.message.endswith(".")
        return self._outcome


class Scene:
    """A blog and all its entries and key points, withdrawn ones too."""

    def __init__(self, slug: str = "night") -> None:
        self.blog: Blog = initial_state(slug).blog
        self.entries: dict[str, OwnedEntry] = {}
        self.points: dict[str, PointState] = {}
        self.position = 0

    @property
    def header(self) -> Header:
        return self.blog.header

    def entry(self, number: int) -> Entry:
        return self.entries[entry_id(number)].document

    def point(self, point_id: str) -> KeyPoint:
        return self.points[point_id].point

    def state_for(self, subject: object) -> State:
        """The state that a command or event is judged or folded on."""
        entry, point = getattr(subject, "entry_id", None), getattr(subject, "point_id", None)
        return State(self.blog, self.entries.get(entry or ""), self.points.get(point or ""))

    def happened(self, event: Event, by: Actor = EDITOR, at: int | None = None) -> Self:
        """Fold an event at the next position."""
        self.position += 1
        stamp = Stamp(self.position, T0 + 1000 * (self.position - 1) if at is None else at, by)
        before = self.state_for(event)
        after = evolve(before, event, stamp, render)
        self.blog = after.blog
        if after.entry is not None:
            self.entries[after.entry.document.id] = after.entry
        if after.point is not None:
            self.points[after.point.point.id] = after.point
        return self

    def when(self, command: Command | StartBlog, by: Actor = EDITOR, at: int | None = None) -> Judged:
        """Judge a command on the scene, which stays as it is; `at` is the event's instant in milliseconds."""
        now = T0 + 1000 * self.position if at is None else at
        if not isinstance(command, StartBlog):
            named = self.state_for(command)
            assert (entry_named(command) in self.entries) == (named.entry is not None)
            assert (point_named(command) in self.points) == (named.point is not None)
        try:
            return Judged(decide(command, self.state_for(command), by, now))
        except CommandRejected as refusal:
            return Judged(refusal)

    def does(self, command: Command | StartBlog, by: Actor = EDITOR) -> Event | None:
        """Judge a command and fold what it becomes.

        Raises:
            CommandRejected: If it is refused; the scene stays as it is.

        """
        event = decide(command, self.state_for(command), by, T0 + 1000 * self.position)
        if event is not None:
            self.happened(event, by)
        return event


def given(*events: Event, by: Actor = EDITOR) -> Scene:
    """A started blog to which the events happened, from position 2 on."""
    scene = Scene().happened(BlogStarted(headline="A night"))
    for event in events:
        scene.happened(event, by)
    return scene


def command(fields: object) -> Command:
    """A command as it comes from a request."""
    decoded: Command = msgspec.convert(fields, Command)
    return decoded


def refuse(fields: object) -> pytest.ExceptionInfo[msgspec.ValidationError]:
    """Assert that a request is no command."""
    with pytest.raises(msgspec.ValidationError) as caught:
        command(fields)
    return caught
