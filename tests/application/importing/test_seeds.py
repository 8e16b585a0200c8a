"""The coverages in seeds/: each can happen as it is written, and together they have everything a reader meets."""

import uuid
from pathlib import Path

import msgspec
import pytest

from liveblog.application.importing import Script, coverage
from liveblog.domain.actor import Actor
from liveblog.domain.commands import Command, StartBlog, entry_named, point_named
from liveblog.domain.decide import decide
from liveblog.domain.entry import Entry, OwnedEntry
from liveblog.domain.evolve import Stamp, evolve
from liveblog.domain.header import Header, PointState
from liveblog.domain.rendering import Rendering
from liveblog.domain.state import State, initial_state

ROOT = Path(__file__).parents[3]
NIGHT, QUESTIONS = "night-of-the-missiles", "five-questions-after-the-missiles"
EDITOR = Actor("a1", "Editor")


def script(name: str) -> Script:
    return coverage.parse((ROOT / "seeds" / f"{name}.txt").read_text(encoding="utf-8"))


class Performance:
    """A script carried out by the domain's own rules, every step of which must make an event."""

    def __init__(self, script: Script) -> None:
        self.entries: dict[str, OwnedEntry] = {}
        self.points: dict[str, PointState] = {}
        self.position = 0
        self.blog = initial_state(str(script.blog["slug"])).blog
        self._do(msgspec.convert(script.blog, StartBlog), script.started)
        for step in script.steps:
            label = step.command.get("entry_id")
            known = {"entry_id": self.id(label)} if label else {}
            self._do(msgspec.convert(step.command | known, Command), step.at)

    def id(self, label: str) -> str:
        return str(uuid.UUID(bytes=label.encode().ljust(16, b"-")[:16], version=4))

    def entry(self, label: str) -> Entry:
        return self.entries[self.id(label)].document

    @property
    def header(self) -> Header:
        return self.blog.header

    def _do(self, command: Command | StartBlog, at: int) -> None:
        entry = None if isinstance(command, StartBlog) else entry_named(command)
        point = None if isinstance(command, StartBlog) else point_named(command)
        state = State(self.blog, self.entries.get(entry or ""), self.points.get(point or ""))
        event = decide(command, state, EDITOR, at)
        assert event is not None, command
        self.position += 1
        state = evolve(state, event, Stamp(self.position, at, EDITOR), lambda source: Rendering(source, source))
        self.blog = state.blog
        if entry and state.entry:
            self.entries[entry] = state.entry
        if point and state.point:
            self.points[point] = state.point


@pytest.mark.parametrize("path", sorted((ROOT / "seeds").glob("*.txt")), ids=lambda path: path.stem)
def test_every_coverage_can_happen_as_it_is_written(path: Path) -> None:
    read = script(path.stem)
    assert read.blog["slug"] == path.stem
    assert Performance(read).position == 1 + len(read.steps)


def test_the_example_of_the_format_can_happen_too() -> None:
    text = (ROOT / "docs/coverage-format.md").read_text(encoding="utf-8").split("```coverage\n")[1].split("```")[0]
    read = coverage.parse(text)
    assert Performance(read).position == 1 + len(read.steps)


def test_the_night_uses_everything_that_can_happen_to_a_blog() -> None:
    types = {step.command["type"] for step in script(NIGHT).steps}
    assert types >= {
        *(
            "publish_entry",
            "revise_entry",
            "correct_entry",
            "retract_entry",
            "clear_breaking",
            "pin_entry",
            "unpin_entry",
        ),
        *("mark_key_event", "unmark_key_event", "set_key_point", "withdraw_key_point", "change_headline", "end_blog"),
    }
    published = [step.command for step in script(NIGHT).steps if step.command["type"] == "publish_entry"]
    assert 18 <= len(published) <= 30
    assert {entry.get("kind", "update") for entry in published} == {"update", "summary", "question", "quote", "media"}
    assert {media["type"] for entry in published for media in entry.get("media", ())} == {"image", "video"}
    assert {flag for entry in published for flag in ("breaking", "pinned", "key_event") if entry.get(flag)} == {
        *("breaking", "pinned", "key_event"),
    }
    assert len({step.by for step in script(NIGHT).steps}) == 4
    sources = {source["name"] for entry in published for source in entry.get("sources", ())}
    assert sources >= {"The Pentagon", "CBS", "AP", "IRNA", "Iranian state TV"}


def test_the_night_ends_with_its_facts_put_right() -> None:
    night = Performance(script(NIGHT))
    assert night.header.status == "ended"
    assert len(night.header.links) == 4
    assert len(night.header.contributors) == 3
    assert {point.id: point.text for point in night.header.key_points} == {
        "missiles": "22 missiles were fired: 17 at al-Asad, five at Irbil.",
        "casualties": "No casualties are reported by the US, Iraq or Britain.",
        "who": "Iran's Revolutionary Guard says it fired them, in revenge for General Soleimani.",
    }
    assert night.points["missiles"].point.revision == 3
    assert night.header.breaking == ()
    assert night.header.pinned == (night.id("none-hurt"),)
    assert night.entry("video-again").retracted is not None
    assert [label for label in ("bases", "twenty-two", "welcome") if len(night.entry(label).corrections) == 1] == [
        *("bases", "twenty-two", "welcome"),
    ]
    assert "al-Assad" not in str(night.entry("pentagon").body_markdown)
    assert "on Friday" in str(night.entry("welcome").body_markdown)


def test_the_night_is_corrected_after_its_end() -> None:
    types = [step.command["type"] for step in script(NIGHT).steps]
    assert types[-2:] == ["end_blog", "correct_entry"]


def test_only_the_time_of_the_launch_is_no_guess() -> None:
    night = script(NIGHT)
    assert night.started_estimated
    assert all(step.at_estimated for step in night.steps)
    sure = [s.command for s in night.steps if s.command["type"] == "publish_entry" and not s.published_at_estimated]
    assert [(command["entry_id"], command["published_at"]) for command in sure] == [
        ("launch", "2020-01-07T22:30:00.000Z")
    ]


def test_the_explainer_has_five_questions_with_answers_and_a_picture() -> None:
    explainer = Performance(script(QUESTIONS))
    entries = [owned.document for owned in explainer.entries.values()]
    assert [entry.kind for entry in entries] == ["question"] * 5
    assert all(entry.question and entry.question.endswith("?") and entry.body_markdown for entry in entries)
    (picture,) = explainer.header.media
    assert picture.alt
    assert picture.caption
    assert picture.credit
    assert len(explainer.entry("what").corrections) == 1
    assert "17 were meant for al-Asad" in str(explainer.entry("what").body_markdown)
