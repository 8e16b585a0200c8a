"""The coverage format: what its document says, and what it refuses."""

import re
from pathlib import Path
from typing import Any

import pytest

from liveblog.application.importing import ImportRefused, Script, coverage
from liveblog.domain import instant

ROOT = Path(__file__).parents[3]
START = "liveblog coverage 1\n@ 2020-01-08 00:00 start\nheadline: One\n"


def example() -> str:
    found = re.search(
        r"```coverage\n(.*?)```", (ROOT / "docs/coverage-format.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    return found[1]


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ImportRefused) as caught:
        coverage.parse(text)
    return [(fault.line, fault.text) for fault in caught.value.faults]


def one(section: str) -> dict[str, Any]:
    """The command of a section that follows a coverage's start and an entry e."""
    return coverage.parse(f"{START}@ 2020-01-08 00:01 publish e\nheadline: E\n{section}").steps[-1].command


def when(text: str, time_zone: str = "UTC") -> str:
    script = coverage.parse(f"liveblog coverage 1\n@ {text} start\nheadline: One\ntime_zone: {time_zone}\n")
    return ("~" if script.started_estimated else "") + instant.show(script.started)


def test_the_example_of_the_document_has_every_verb_and_every_field() -> None:
    text = example()
    script = coverage.parse(text)
    types = {step.command["type"] for step in script.steps}
    assert len(types) == 15
    fields = {name for step in script.steps for name in step.command} | set(script.blog)
    assert fields == {
        *(
            "type",
            "entry_id",
            "point_id",
            "slug",
            "headline",
            "standfirst",
            "contributors",
            "links",
            "media",
            "language",
        ),
        *("time_zone", "kind", "body", "question", "quote", "sources", "tags", "published_at", "breaking", "pinned"),
        *("key_event", "was", "now", "reason", "text", "expected_revision"),
    }
    assert script.notes == ()


def test_the_example_starts_as_it_says() -> None:
    script = coverage.parse(example())
    assert (instant.show(script.started), script.started_estimated) == ("2021-11-02T23:20:00.000Z", False)
    assert (script.started_by, script.line) == ("Ada Norrby", 5)
    assert script.blog == {
        "slug": "aurora-aground",
        "headline": "Ferry runs aground off Lindholm",
        "standfirst": "The Aurora had 212 people on board. Follow the rescue here, hour by hour.",
        "contributors": [
            {"name": "Ada Norrby", "role": "Night editor", "outlet": None},
            {"name": "Tomas Brandt", "role": "Reporter", "outlet": "Harbour Radio"},
        ],
        "links": [
            {"title": "A guide to the strait", "url": "https://example.org/strait"},
            {"title": "What passengers say", "url": None},
        ],
        "media": [
            {
                "type": "image",
                "url": "https://example.org/aurora.jpg",
                "alt": "A ferry lists to port, its lights on",
                "caption": "The Aurora before dawn",
                "credit": "Lindholm Coastguard",
                "width": 1280,
                "height": 720,
            }
        ],
        "language": "en-GB",
        "time_zone": "Europe/Stockholm",
    }


def test_the_example_goes_on_as_it_says() -> None:
    aground, pin, point, captain, *_ = steps = coverage.parse(example()).steps
    assert aground.command == {
        "type": "publish_entry",
        "entry_id": "aground",
        "headline": "The Aurora is on a sandbank",
        "sources": [{"name": "Coastguard", "url": "https://example.org/coastguard"}],
        "tags": ["Aurora", "shipping"],
        "breaking": True,
        "body": "The ferry *Aurora* ran aground shortly after midnight, **two miles** from Lindholm.\n\n"
        "A line of text that starts with an at sign is written with a backslash:\n\n"
        "@coastguard was the first to say so.",
    }
    assert [(s.same_commit, s.by, s.at) for s in (pin, point)] == [(True, "Ada Norrby", aground.at)] * 2
    assert (captain.at_estimated, captain.published_at_estimated, captain.by) == (True, True, "Tomas Brandt")
    assert captain.command["published_at"] == "2021-11-02T23:45:00.000Z"
    assert captain.command["quote"] == {"speaker": "Elin Falk", "role": "Captain of the Aurora"}
    revised = next(step.command for step in steps if step.command["type"] == "revise_entry")
    assert revised == {
        "type": "revise_entry",
        "entry_id": "aground",
        "headline": "The Aurora lies on a sandbank",
        "sources": [],
        "tags": ["Aurora"],
    }
    changed = next(step.command for step in steps if step.command["type"] == "change_headline")
    assert changed["standfirst"] is None
    assert (
        next(s.command for s in steps if s.command["type"] == "clear_breaking" and "expected_revision" in s.command)[
            "expected_revision"
        ]
        == 1
    )
    assert [example().splitlines()[step.line - 1][:3] for step in steps] == ["@ 2", "@ +", "@ +", "@ ~"] + ["@ 2"] * 19


def test_the_document_names_every_verb_and_field() -> None:
    said = (ROOT / "docs/coverage-format.md").read_text(encoding="utf-8").split("## Lines")[1]
    for verb in coverage.verbs.VERBS.values():
        assert f"`{verb.word}`" in said
        assert [field.name for field in verb.fields if f"`{field.name}`" not in said and field.name != "body"] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2020-01-08 01:30", "2020-01-08T01:30:00.000Z"),
        ("2020-01-08T01:30:05", "2020-01-08T01:30:05.000Z"),
        ("~2020-01-08 01:30:05.25", "~2020-01-08T01:30:05.250Z"),
        ("~ 2020-01-08 01:30Z", "~2020-01-08T01:30:00.000Z"),
        ("2020-01-08 01:30+03:00", "2020-01-07T22:30:00.000Z"),
        ("2020-01-08 01:30 -05:00", "2020-01-08T06:30:00.000Z"),
    ],
)
def test_a_time_may_be_short_long_estimated_or_have_an_offset(text: str, shown: str) -> None:
    assert when(text) == shown


def test_a_time_without_offset_is_in_the_time_zone_of_the_coverage() -> None:
    assert when("2020-01-08 01:30", "Asia/Tehran") == "2020-01-07T22:00:00.000Z"
    assert when("2020-07-08 01:30", "Europe/London") == "2020-07-08T00:30:00.000Z"
    assert when("2020-07-08 01:30Z", "Europe/London") == "2020-07-08T01:30:00.000Z"
    later = coverage.parse(
        f"{START}@ 2020-01-08 01:00 change-headline\ntime_zone: Asia/Tehran\n@ 2020-01-08 02:00 end\n"
    )
    assert instant.show(later.steps[-1].at) == "2020-01-08T02:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "fate"),
    [("2020-10-25 01:30", "twice"), ("2020-03-29 01:30", "never"), ("~2020-03-29 01:00", "never")],
)
def test_a_time_that_the_clock_showed_twice_or_never_needs_an_offset(text: str, fate: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        when(text, "Europe/London")
    assert caught.value.faults[0].line == 2
    assert fate in str(caught.value)
    assert "add an offset" in str(caught.value)
    assert when(f"{text}+01:00", "Europe/London").endswith(":00.000Z")


@pytest.mark.parametrize(
    "text",
    ["2020-01-08", "01:30", "2020-02-30 01:30", "2020-01-08 25:00", "2020-01-08 01:30:05.1234", "2020-1-8 01:30"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert faults(f"liveblog coverage 1\n@ {text} start\nheadline: One\n")[0][0] in {1, 2}


def test_times_at_the_ends_of_the_calendar_are_refused_not_raised() -> None:
    for text, zone in (("0001-01-01 00:00", "Asia/Tokyo"), ("9999-12-31 23:59", "America/New_York")):
        assert faults(f"liveblog coverage 1\n@ {text} start\nheadline: One\ntime_zone: {zone}\n")[0][0] == 2


def test_a_text_ends_at_the_next_section_and_keeps_its_own_lines() -> None:
    body = one(
        "@ 2020-01-08 00:02 publish f\n\n\n# Not a comment\n\n  two  \nheadline: no field\n\\@x\n\\\\@y\n\\z\n\n\n"
    )["body"]
    assert body == "# Not a comment\n\n  two  \nheadline: no field\n@x\n\\@y\n\\z"


def test_comments_may_stand_among_fields() -> None:
    assert (
        one("@ 2020-01-08 00:02 retract e\n# why: see the log\nreason: Twice.\n# and so\n\n# on")["reason"] == "Twice."
    )


def test_values_have_escapes_and_continuations() -> None:
    command = one(
        "@ 2020-01-08 00:02 correct e\nwas: a\\nb\\t\\\\\n"
        "now: \\sone\n   two\n\tthree\\s\nreason: a | b \\| c\nheadline: F"
    )
    assert (command["was"], command["now"], command["reason"]) == ("a\nb\t\\", " one two three ", "a | b | c")
    assert one("@ 2020-01-08 00:02 revise e\nsource: a \\| b | https://example.org/")["sources"] == [
        {"name": "a | b", "url": "https://example.org/"}
    ]
    assert one("@ 2020-01-08 00:02 revise e\ncontributor: Ada | | Radio")["contributors"] == [
        {"name": "Ada", "role": None, "outlet": "Radio"}
    ]


def test_any_line_ends_and_a_byte_order_mark_are_taken() -> None:
    plain = coverage.parse(example())
    assert coverage.parse("\ufeff" + example().replace("\n", "\r\n")) == plain


@pytest.mark.parametrize(
    ("section", "line", "said"),
    [
        ("@ 2020-01-08 00:02 pin x", 6, "no entry named x"),
        ("@ 2020-01-08 00:02 withdraw-key-point x\nreason: y", 6, "no key point named x"),
        ("@ 2020-01-08 00:02 publish e\nheadline: F", 6, "published above"),
        ("@ 2020-01-08 00:00 pin e", 6, "earlier than 2020-01-08 00:01Z"),
        ("@ 2020-01-08 00:02 pin", 6, "needs a name"),
        ("@ 2020-01-08 00:02 pin e me", 6, "not understood"),
        ("@ 2020-01-08 00:02 glue e", 6, "no verb"),
        ("@ soon pin e", 6, "@ TIME VERB"),
        ("@ + pin e by Ada", 6, "one person's"),
        ("@ 2020-01-08 00:02 start\nheadline: F", 6, "starts once"),
        ("@ 2020-01-08 00:02 retract e", 6, "needs 'reason"),
        ("@ 2020-01-08 00:02 retract e\nreason:", 7, "no value"),
        ("@ 2020-01-08 00:02 retract e\nreason: a\nreason: b", 8, "twice"),
        ("@ 2020-01-08 00:02 retract e\nreason: a\nheadline: b", 8, "no such field"),
        ("@ 2020-01-08 00:02 retract e\nreason: a\n\nmore", 9, "expected a field"),
        ("@ 2020-01-08 00:02 revise e\nheadline: a\\b", 7, "means nothing"),
        ("@ 2020-01-08 00:02 revise e\nsource: a | b | c", 7, "at most name | url"),
        ("@ 2020-01-08 00:02 revise e\nsource: | https://example.org/", 7, "expected a name first"),
        ("@ 2020-01-08 00:02 revise e\nsource: a\nsource:", 8, "empties the list"),
        ("@ 2020-01-08 00:02 revise e\nmedia: image | size: 3", 7, "expected one of"),
        ("@ 2020-01-08 00:02 revise e\nmedia: image | alt: a | alt: b", 7, "twice"),
        ("@ 2020-01-08 00:02 revise e\nmedia: image | width: wide", 7, "whole number"),
        ("@ 2020-01-08 00:02 revise e\nmedia: image | width: 1000000000", 7, "whole number"),
        ("@ 2020-01-08 00:02 revise e\nmedia: film", 6, "media"),
        ("@ 2020-01-08 00:02 revise e\nexpected_revision: -1", 7, "whole number"),
        ("@ 2020-01-08 00:02 revise e\nbody: a\n\nb", 6, "twice"),
        ("@ 2020-01-08 00:02 publish f\nbreaking: maybe", 7, "yes or no"),
        ("@ 2020-01-08 00:02 publish f\npublished_at: noon", 7, "is no time"),
        ("@ 2020-01-08 00:02 publish f\nkind: poem", 6, "kind"),
        ("@ 2020-01-08 00:02 revise e\nlink: a | b", 6, "http"),
        ("@ 2020-01-08 00:02 revise e\nheadline: " + "x" * 301, 6, "at most 300 characters"),
        ("@ 2020-01-08 00:02 revise e\n" + "tag: x\n" * 21, 6, "at most 20 items"),
        ("@ 2020-01-08 00:02 revise e\n\n" + "x" * 20_001, 6, "at most 20,000 characters"),
        ("@ 2020-01-08 00:02 revise e\nheadline: a\x07b", 6, "control characters"),
        ("@ 2020-01-08 00:02 set-key-point P\ntext: a", 6, "lower-case"),
        (f"@ 2020-01-08 00:02 pin e by {'x' * 201}", 6, "at most 200 characters"),
        ("@ 2020-01-08 00:02 end\n" + "@ + reopen\n" * 100, 106, "at most 100 commands"),
        ("@ 2020-01-08 00:02 change-headline\ntime_zone: a b", 6, "time zone"),
    ],
)
def test_a_fault_is_named_with_its_line(section: str, line: int, said: str) -> None:
    found = faults(f"{START}@ 2020-01-08 00:01 publish e\nheadline: E\n{section}\n")
    assert [number for number, _ in found] == [line]
    assert said in found[0][1]


def test_every_fault_is_listed_in_the_order_of_lines() -> None:
    text = (
        "liveblog coverage 1\nstray\n@ 2020-01-08 00:10 start\nheadline: One\ncolour: red\n@ 2020-01-08 00:05 pin x\n"
        "@ yesterday end\n@ 2020-01-08 00:11 publish e\nkind: poem\nheadline: E\n"
    )
    assert [line for line, _ in faults(text)] == [2, 5, 6, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("liveblog coverage 2\n@ 2020-01-08 00:00 start\nheadline: One\n", 1),
        ("liveblog coverage 1\n", 1),
        ("liveblog coverage 1\n@ 2020-01-08 00:00 end\n", 2),
        ("liveblog coverage 1\n@ + start\nheadline: One\n", 2),
        (f"liveblog coverage 1\n@ 2020-01-08 00:00 start by {'x' * 201}\nheadline: One\n", 2),
        ("liveblog coverage 1\n@ 2020-01-08 00:00 start\n", 2),
        ("liveblog coverage 1\n@ 2020-01-08 00:00 start\nheadline: One\nslug: No Slug\n", 2),
        ("liveblog coverage 1\n@ 2020-01-08 00:00 start\nheadline: One\ntime_zone: Atlantis/City\n", 4),
    ],
)
def test_a_coverage_starts_with_its_name_and_a_start(text: str, line: int) -> None:
    assert line in [number for number, _ in faults(text)]


def test_a_script_is_written_as_people_would_write_it() -> None:
    text = (
        "liveblog coverage 1\n# line 3: a guess\n\n@ ~2020-01-08 00:00Z start by Ada\nheadline: One\n\n"
        "@ 2020-01-08 00:01:05.500Z publish e by Ada\nheadline: E\ncontributor: Ada\nmedia: image\n  | url: https://example.org/\n"
        "  | alt: a \\| b\npublished_at: ~2020-01-07 23:59Z\n\nText.\n\n\\@end\n\\\\@twice\n\n@ + pin e\n\n"
        "@ 2020-01-08 00:02Z revise e\nheadline:\ntag:\nbody:\n"
    )
    script = coverage.parse(text)
    assert script.steps[0].published_at_estimated
    assert not script.steps[0].at_estimated
    noted = Script(
        blog=script.blog, started=script.started, started_estimated=True, started_by="Ada", steps=script.steps
    )
    assert coverage.dump(noted) == text.replace("# line 3: a guess\n", "")
